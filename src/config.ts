// Owns every setting: the only reader of the environment. One table of variables (default, unit, bound, words), from which
// the frozen config and the README's table are made.

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ADDRESS } from './directory/schema/formats.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** One row of the README's table. `default` and `bound` are words for people. */
export interface ConfigRow {
  variable: string;
  default: string;
  unit: string;
  bound: string;
  doc: string;
}

interface Variable<T> extends Omit<ConfigRow, 'variable'> {
  schema: z.ZodType<T, string | undefined>;
}

/** The environment can't be used. The message has one readable line per variable and never a secret's value. */
export class ConfigError extends Error {
  constructor(lines: string[]) {
    super(`The configuration can't be used:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** The folder that holds package.json, whether this runs from src/ or from dist/src/. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

function findPackageRoot(start: string): string {
  let folder = start;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function number(
  doc: string,
  unit: string,
  byDefault: number,
  min: number,
  max: number,
  whole = true,
): Variable<number> {
  const kind = whole ? 'a whole number' : 'a number';
  const schema = z
    .string()
    .default(String(byDefault))
    .transform((text) => (/^\d{1,15}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN))
    .refine((value) => value >= min && value <= max && (!whole || Number.isInteger(value)), {
      message: `must be ${kind} from ${min} to ${max}`,
    });
  return { schema, default: String(byDefault), unit, bound: `${min}–${max}`, doc };
}

function text(doc: string, byDefault: string, pattern: RegExp, bound: string): Variable<string> {
  const schema = z
    .string()
    .default(byDefault)
    .refine((value) => pattern.test(value), { message: `must be ${bound}` });
  return { schema, default: byDefault, unit: '', bound, doc };
}

function optional(doc: string, shownDefault: string, pattern: RegExp, bound: string): Variable<string | undefined> {
  const schema = z
    .string()
    .optional()
    .refine((value) => value === undefined || pattern.test(value), { message: `must be ${bound}` });
  return { schema, default: shownDefault, unit: '', bound, doc };
}

function choice<const T extends readonly [string, ...string[]]>(
  doc: string,
  byDefault: T[number],
  of: T,
): Variable<T[number]> {
  const schema = z
    .string()
    .default(byDefault)
    .pipe(z.enum(of, { error: `must be one of ${of.join(', ')}` }));
  return { schema: schema as Variable<T[number]>['schema'], default: byDefault, unit: '', bound: of.join(', '), doc };
}

const MIB = 1024 * 1024;

const VARIABLES = {
  PORT: number('Where the server listens. 0 takes a free port.', 'TCP port', 3000, 0, 65_535),
  HOST: text(
    'The address to listen on. All addresses by default, so that it works in a container.',
    '0.0.0.0',
    /^[0-9A-Za-z.:-]{1,253}$/,
    'a host name or an IP address',
  ),
  PUBLIC_URL: optional(
    'What clients call this server: the start of every location it gives out.',
    'http://localhost:PORT',
    /^https?:\/\/[^\s?#@]{1,2000}$/,
    'an http or https URL without query and fragment',
  ),
  MONGODB_URI: optional(
    'The MongoDB replica set to use. Without it the server starts a mongod of its own.',
    'its own mongod',
    /^mongodb(?:\+srv)?:\/\/\S{1,4000}$/,
    'mongodb://… or mongodb+srv://…',
  ),
  MONGODB_DATABASE: text(
    'The name of the database.',
    'mobietrain',
    /^[A-Za-z0-9_-]{1,63}$/,
    'at most 63 letters, digits, - and _',
  ),
  DATA_DIR: text(
    "The folder of the server's own mongod: its data, its log, its port. Relative to the working folder; by default beside package.json.",
    './data',
    /^[^\0]{1,1000}$/,
    'a path',
  ),
  MONGOD_BINARY: optional(
    'The mongod to run. Otherwise one is looked for on the PATH and in the cache, then fetched.',
    'found or fetched',
    /^[^\0]{1,1000}$/,
    'a path',
  ),
  MONGOD_CACHE_DIR: optional(
    'Where a fetched mongod is kept.',
    '~/.cache/mobietrain-provisioning',
    /^[^\0]{1,1000}$/,
    'a path',
  ),
  MONGOD_CACHE_GB: number("The memory that the server's own mongod uses as its cache.", 'GB', 0.5, 0.25, 1024, false),
  BOOTSTRAP_TOKEN: optional(
    'A bearer token that the demo account accepts too, for automated set-ups.',
    'none',
    /^(?=.{32,512}$)[A-Za-z0-9._~+/-]+={0,4}$/,
    '32–512 characters out of A–Z a–z 0–9 . _ ~ + / -',
  ),
  ADMIN_EMAIL: text(
    'The e-mail of the first System Administrator, made at the first start.',
    'admin@mobietrain.local',
    ADDRESS,
    'an e-mail address',
  ),
  ADMIN_PASSWORD: optional(
    'The password of the first System Administrator. Otherwise one is made and shown once.',
    'made',
    /^.{12,200}$/,
    '12–200 characters',
  ),
  SESSION_LIFETIME_MINUTES: number('How long a signed-in administrator stays so.', 'minutes', 720, 5, 43_200),
  OIDC_ISSUER: optional(
    'The OpenID provider that administrators may sign in over: its issuer. With OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.',
    'none',
    /^https?:\/\/[^\s?#@]{1,2000}$/,
    'an http or https URL',
  ),
  OIDC_CLIENT_ID: optional('The client id at the OpenID provider.', 'none', /^\S{1,500}$/, '1–500 characters'),
  OIDC_CLIENT_SECRET: optional('The client secret at the OpenID provider.', 'none', /^\S{1,500}$/, '1–500 characters'),
  WEB_CONCURRENCY: number(
    'How many processes serve on the port; one per core is the most that pays.',
    'processes',
    1,
    1,
    64,
  ),
  LOG_LEVEL: choice('How much is logged.', 'info', ['error', 'warn', 'info', 'debug']),
  NODE_ENV: choice('The kind of installation.', 'development', ['development', 'test', 'production']),
  BODY_BYTES_MAX: number('The largest request body, inflated.', 'bytes', MIB, 1024, 64 * MIB),
  BULK_BODY_BYTES_MAX: number(
    'The largest body of a bulk request, inflated (`maxPayloadSize`).',
    'bytes',
    8 * MIB,
    1024,
    64 * MIB,
  ),
  BULK_OPERATIONS_MAX: number(
    'The most operations in a bulk request (`maxOperations`).',
    'operations',
    1000,
    1,
    10_000,
  ),
  PAGE_SIZE_DEFAULT: number('The resources on a page when the client names no count.', 'resources', 100, 1, 1000),
  PAGE_SIZE_MAX: number('The most resources on a page, whatever count the client names.', 'resources', 1000, 1, 10_000),
  CURSOR_LIFETIME_SECONDS: number('How long a page cursor can be used.', 'seconds', 3600, 60, 86_400),
  EVENT_RETENTION_DAYS: number('How long events (who did what) are kept.', 'days', 30, 1, 3650),
  RUN_RETENTION_DAYS: number(
    'How long runs of files, what became of their rows, and kept files are kept.',
    'days',
    90,
    1,
    3650,
  ),
  BATCH_DIR: optional(
    'The root of the XML batch: ACCOUNT/incoming/FILESET and ACCOUNT/complete/FILESET below it. Instances share it.',
    'batch in DATA_DIR',
    /^[^\0]{1,1000}$/,
    'a path',
  ),
  BATCH_SETTLE_SECONDS: number(
    'How long a file in a fileset must be unchanged until it counts as complete.',
    'seconds',
    10,
    0.1,
    3600,
    false,
  ),
  BATCH_POLL_SECONDS: number('How often the filesets are looked at.', 'seconds', 5, 0.1, 3600, false),
  BATCH_FILE_BYTES_MAX: number('The largest XML batch file.', 'bytes', 512 * MIB, 1024, 16 * 1024 * MIB),
  IMPORT_DIR: optional(
    'The root of the watched folders: ACCOUNT/incoming and ACCOUNT/processed below it. Without it no folder is watched. Instances share it.',
    'none',
    /^[^\0]{1,1000}$/,
    'a path',
  ),
  IMPORT_FILE_BYTES_MAX: number('The largest CSV file.', 'bytes', 256 * MIB, 1024, 4096 * MIB),
  SMTP_URL: optional(
    'The mail server. Without it mails wait in the outbox.',
    'none',
    /^smtps?:\/\/\S{1,2000}$/,
    'smtp://… or smtps://…',
  ),
  MAIL_FROM: text('The address that mails come from.', 'no-reply@localhost.localdomain', ADDRESS, 'one e-mail address'),
  MONGO_POOL_SIZE_MAX: number('The most connections to MongoDB.', 'connections', 50, 2, 1000),
  MONGO_TIMEOUT_MS: number(
    'How long an operation may wait for MongoDB; then the answer is 503.',
    'milliseconds',
    4000,
    500,
    60_000,
  ),
  SHUTDOWN_GRACE_MS: number(
    'How long requests under way may take after SIGTERM.',
    'milliseconds',
    10_000,
    100,
    120_000,
  ),
} as const satisfies Record<string, Variable<unknown>>;

type Values = { [K in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[K]['schema']> };

/** Every setting, typed and checked; sizes and times in the unit that the name ends with. */
export type Config = Readonly<ReturnType<typeof toConfig>>;

/**
 * Reads the settings out of the environment; an empty variable counts as not set.
 * @throws ConfigError with one line for each variable that can't be used.
 */
export function loadConfig(env: Environment = process.env): Config {
  const values = new Map<string, unknown>();
  const complaints: string[] = [];
  for (const [name, variable] of Object.entries<Variable<unknown>>(VARIABLES)) {
    const given = env[name]?.trim();
    const parsed = variable.schema.safeParse(given === '' ? undefined : given);
    if (parsed.success) values.set(name, parsed.data);
    else complaints.push(`${name} ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
  }
  if (complaints.length > 0) throw new ConfigError(complaints);
  const config = toConfig(Object.fromEntries(values) as Values, env);
  const oidc = [config.oidcIssuer, config.oidcClientId, config.oidcClientSecret];
  if (oidc.some((value) => value !== undefined) && oidc.some((value) => value === undefined)) {
    throw new ConfigError(['OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are needed together']);
  }
  if (config.pageSizeDefault > config.pageSizeMax) {
    throw new ConfigError([`PAGE_SIZE_DEFAULT must not be more than PAGE_SIZE_MAX (${config.pageSizeMax})`]);
  }
  return Object.freeze(config);
}

/** The table of all variables in the README's order. */
export function describeConfig(): ConfigRow[] {
  return Object.entries<Variable<unknown>>(VARIABLES).map(([variable, { default: byDefault, unit, bound, doc }]) => ({
    variable,
    default: byDefault,
    unit,
    bound,
    doc,
  }));
}

function toConfig(values: Values, env: Environment) {
  const dataDir = env.DATA_DIR?.trim() ? resolve(values.DATA_DIR) : join(packageRoot, 'data');
  return {
    port: values.PORT,
    host: values.HOST,
    publicUrl: (values.PUBLIC_URL ?? `http://localhost:${values.PORT}`).replace(/\/{1,10}$/, ''),
    /** Whether PUBLIC_URL was given; if not and the port is 0, the real port is only known after listening. */
    publicUrlGiven: values.PUBLIC_URL !== undefined,
    mongodbUri: values.MONGODB_URI,
    mongodbDatabase: values.MONGODB_DATABASE,
    dataDir,
    mongodBinary: values.MONGOD_BINARY,
    mongodCacheDir: resolve(values.MONGOD_CACHE_DIR ?? join(userCacheFolder(env), 'mobietrain-provisioning')),
    mongodCacheGb: values.MONGOD_CACHE_GB,
    bootstrapToken: values.BOOTSTRAP_TOKEN,
    adminEmail: values.ADMIN_EMAIL,
    adminPassword: values.ADMIN_PASSWORD,
    sessionLifetimeMinutes: values.SESSION_LIFETIME_MINUTES,
    oidcIssuer: values.OIDC_ISSUER,
    oidcClientId: values.OIDC_CLIENT_ID,
    oidcClientSecret: values.OIDC_CLIENT_SECRET,
    processes: values.WEB_CONCURRENCY,
    logLevel: values.LOG_LEVEL,
    environment: values.NODE_ENV,
    bodyBytesMax: values.BODY_BYTES_MAX,
    bulkBodyBytesMax: values.BULK_BODY_BYTES_MAX,
    bulkOperationsMax: values.BULK_OPERATIONS_MAX,
    pageSizeDefault: values.PAGE_SIZE_DEFAULT,
    pageSizeMax: values.PAGE_SIZE_MAX,
    cursorLifetimeSeconds: values.CURSOR_LIFETIME_SECONDS,
    eventRetentionDays: values.EVENT_RETENTION_DAYS,
    runRetentionDays: values.RUN_RETENTION_DAYS,
    batchDir: values.BATCH_DIR === undefined ? join(dataDir, 'batch') : resolve(values.BATCH_DIR),
    batchSettleMs: values.BATCH_SETTLE_SECONDS * 1000,
    batchPollMs: values.BATCH_POLL_SECONDS * 1000,
    batchFileBytesMax: values.BATCH_FILE_BYTES_MAX,
    importDir: values.IMPORT_DIR === undefined ? undefined : resolve(values.IMPORT_DIR),
    importFileBytesMax: values.IMPORT_FILE_BYTES_MAX,
    smtpUrl: values.SMTP_URL,
    mailFrom: values.MAIL_FROM,
    mongoPoolSizeMax: values.MONGO_POOL_SIZE_MAX,
    mongoTimeoutMs: values.MONGO_TIMEOUT_MS,
    shutdownGraceMs: values.SHUTDOWN_GRACE_MS,
  };
}

/** The XDG rule: a relative XDG_CACHE_HOME is to be ignored. */
function userCacheFolder(env: Environment): string {
  const named = env.XDG_CACHE_HOME;
  return named !== undefined && isAbsolute(named) ? named : join(env.HOME ?? homedir(), '.cache');
}
