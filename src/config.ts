// Owns every setting; no other file reads the environment. The frozen config and the table in the README are made from one table
// of variables (default, unit, bounds, description).

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ADDRESS } from './directory/schema/formats.ts';
import { parseTrustedProxies, type TrustedProxies } from './http/client-address.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment for a child process: this process's own, with these variables added. */
export function childEnvironment(added: Environment): NodeJS.ProcessEnv {
  return { ...process.env, ...added };
}

/** One row of the README's table. `default` and `bound` are readable texts. */
export interface ConfigRow {
  variable: string;
  default: string;
  unit: string;
  bound: string;
  doc: string;
}

interface Variable<T> extends Omit<ConfigRow, 'variable'> {
  schema: z.ZodType<T, string | undefined>;
  /** Whether NAME_FILE may name a file with the value instead, as containers are given secrets. */
  isSecret?: true;
}

/** An invalid environment. The message has one line for each variable and never contains a secret. */
export class ConfigError extends Error {
  constructor(lines: string[]) {
    super(`The configuration is not valid:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** The folder of package.json, whether this runs from src/ or from dist/src/. */
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

/** A secret, which may also be read from a file. */
function secret(doc: string, shownDefault: string, pattern: RegExp, bound: string): Variable<string | undefined> {
  return { ...optional(doc, shownDefault, pattern, bound), isSecret: true };
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

function proxies(doc: string): Variable<TrustedProxies> {
  const bound = 'a number, or IP addresses and networks such as 10.0.0.0/8, separated by commas';
  const schema = z
    .string()
    .default('0')
    .transform((text, context): TrustedProxies => {
      const trusted = parseTrustedProxies(text);
      if (trusted !== undefined) return trusted;
      context.addIssue({ code: 'custom', message: `must be ${bound}` });
      return z.NEVER;
    });
  return { schema, default: 'none', unit: '', bound, doc };
}

const MIB = 1024 * 1024;
const RETENTION_DAYS_MAX = 3650;

const VARIABLES = {
  PORT: number('The port to listen on. 0 chooses a free port.', 'TCP port', 3000, 0, 65_535),
  HOST: text(
    'The address to listen on. All addresses by default, which is what containers need.',
    '0.0.0.0',
    /^[0-9A-Za-z.:-]{1,253}$/,
    'a host name or an IP address',
  ),
  PUBLIC_URL: optional(
    'The URL under which clients reach this server. Every location it returns starts with it.',
    'http://localhost:PORT',
    /^https?:\/\/[^\s?#@]{1,2000}$/,
    'an http or https URL without query or fragment',
  ),
  TRUSTED_PROXIES: proxies(
    'The proxies before this server, whose `X-Forwarded-For` is believed: how many there are, or their addresses and networks. Limits of sign-in count by the address of the client.',
  ),
  MONGODB_URI: secret(
    'The MongoDB replica set to use. If not set, the server starts its own mongod.',
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
    "The folder for the data and the log of the server's own mongod. Relative to the working directory; by default next to package.json.",
    './data',
    /^[^\0]{1,1000}$/,
    'a path',
  ),
  MONGOD_BINARY: optional(
    'The mongod to run. By default, the one on the PATH or in the cache; otherwise one is downloaded.',
    'found or downloaded',
    /^[^\0]{1,1000}$/,
    'a path',
  ),
  MONGOD_CACHE_DIR: optional(
    'The folder where a downloaded mongod is stored.',
    '~/.cache/mobietrain-provisioning',
    /^[^\0]{1,1000}$/,
    'a path',
  ),
  MONGOD_CACHE_GB: number("The cache size of the server's own mongod.", 'GB', 0.5, 0.25, 1024, false),
  BOOTSTRAP_TOKEN: secret(
    'An additional bearer token, for automated setups. Its account is BOOTSTRAP_ACCOUNT.',
    'none',
    /^(?=.{32,512}$)[A-Za-z0-9._~+/-]+={0,4}$/,
    '32–512 characters from A–Z a–z 0–9 . _ ~ + / -',
  ),
  BOOTSTRAP_ACCOUNT: text(
    'The login slug of the account of BOOTSTRAP_TOKEN; the account is created if it does not exist.',
    'demo',
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'a login slug: at most 63 of a–z, 0–9 and -',
  ),
  DEMO_EXAMPLES: choice(
    'Whether the demo account begins with example stores, groups, people and courses, and the demo app is served. Not in production.',
    'on',
    ['on', 'off'],
  ),
  ADMIN_EMAIL: text(
    'The e-mail of the first System Administrator, who is created at the first start.',
    'admin@mobietrain.local',
    ADDRESS,
    'an e-mail address',
  ),
  ADMIN_PASSWORD: secret(
    'The password of the first System Administrator. By default one is generated and printed until it is used; in production none is generated.',
    'generated',
    /^.{12,200}$/,
    '12–200 characters',
  ),
  SESSION_LIFETIME_MINUTES: number('How long an administrator stays signed in.', 'minutes', 720, 5, 43_200),
  OIDC_ISSUER: optional(
    'The issuer of the OpenID provider with which administrators can sign in. Requires OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.',
    'none',
    /^https?:\/\/[^\s?#@]{1,2000}$/,
    'an http or https URL',
  ),
  OIDC_CLIENT_ID: optional('The client id at the OpenID provider.', 'none', /^\S{1,500}$/, '1–500 characters'),
  OIDC_CLIENT_SECRET: secret('The client secret at the OpenID provider.', 'none', /^\S{1,500}$/, '1–500 characters'),
  WEB_CONCURRENCY: number(
    'The number of server processes; more than one per core does not help.',
    'processes',
    1,
    1,
    64,
  ),
  BACKGROUND_THREAD: choice(
    'Whether each process makes events and moves change records in a thread of its own, so that requests do not wait for that. `auto`: if there are more cores than processes.',
    'auto',
    ['auto', 'on', 'off'],
  ),
  LOG_LEVEL: choice('The least severe level that is logged.', 'info', ['error', 'warn', 'info', 'debug']),
  NODE_ENV: choice('The environment that the server runs in.', 'development', ['development', 'test', 'production']),
  METRICS_PORT: number(
    'The port of `/metrics` (Prometheus) on METRICS_HOST. 0: no metrics. With several processes, each answer is that of one of them.',
    'TCP port',
    0,
    0,
    65_535,
  ),
  METRICS_HOST: text(
    'The address of `/metrics`. Not open to other machines by default.',
    '127.0.0.1',
    /^[0-9A-Za-z.:-]{1,253}$/,
    'a host name or an IP address',
  ),
  BODY_BYTES_MAX: number('The maximum size of a request body after decompression.', 'bytes', MIB, 1024, 64 * MIB),
  BULK_BODY_BYTES_MAX: number(
    'The maximum size of a bulk request after decompression (`maxPayloadSize`).',
    'bytes',
    8 * MIB,
    1024,
    64 * MIB,
  ),
  BULK_OPERATIONS_MAX: number(
    'The maximum number of operations in a bulk request (`maxOperations`).',
    'operations',
    1000,
    1,
    10_000,
  ),
  PAGE_SIZE_DEFAULT: number('The page size if the client sends no `count`.', 'resources', 100, 1, 1000),
  PAGE_SIZE_MAX: number('The maximum page size, even if the client asks for more.', 'resources', 1000, 1, 10_000),
  CURSOR_LIFETIME_SECONDS: number('How long a page cursor is valid.', 'seconds', 3600, 60, 86_400),
  EVENT_RETENTION_DAYS: number('How long events (the record of requests) are kept.', 'days', 30, 1, RETENTION_DAYS_MAX),
  RUN_RETENTION_DAYS: number(
    'How long imports, their results and their files are kept.',
    'days',
    90,
    1,
    RETENTION_DAYS_MAX,
  ),
  AUDIT_RETENTION_DAYS: number(
    'How long the audit trail (the record of changes) is kept.',
    'days',
    730,
    1,
    RETENTION_DAYS_MAX,
  ),
  TOMBSTONE_RETENTION_DAYS: number(
    'How long the ids of deleted users and hashes of their identities are kept, by which an erasure finds them. Not shorter than the other retention times.',
    'days',
    RETENTION_DAYS_MAX,
    1,
    RETENTION_DAYS_MAX,
  ),
  BATCH_DIR: optional(
    'The root folder of the XML batch, which contains ACCOUNT/incoming/FILESET and ACCOUNT/complete/FILESET. All instances must share it.',
    'batch in DATA_DIR',
    /^[^\0]{1,1000}$/,
    'a path',
  ),
  BATCH_SETTLE_SECONDS: number(
    'How long a file must be unchanged before it is processed.',
    'seconds',
    10,
    0.1,
    3600,
    false,
  ),
  BATCH_POLL_SECONDS: number('How often the filesets are checked for new files.', 'seconds', 5, 0.1, 3600, false),
  BATCH_FILE_BYTES_MAX: number('The maximum size of an XML batch file.', 'bytes', 512 * MIB, 1024, 16 * 1024 * MIB),
  IMPORT_DIR: optional(
    'The root of the watched folders, which contains ACCOUNT/incoming and ACCOUNT/processed. If not set, no folder is watched. All instances must share it.',
    'none',
    /^[^\0]{1,1000}$/,
    'a path',
  ),
  IMPORT_FILE_BYTES_MAX: number('The maximum size of a CSV file.', 'bytes', 256 * MIB, 1024, 4096 * MIB),
  SMTP_URL: secret(
    'The mail server. If not set, mails stay in the outbox.',
    'none',
    /^smtps?:\/\/\S{1,2000}$/,
    'smtp://… or smtps://…',
  ),
  MAIL_PREVIEW: optional(
    'Whether mails and text messages are only shown, on the page `/mail` and to System Administrators, instead of being sent.',
    'on without SMTP_URL, except in production',
    /^(?:on|off)$/,
    'on or off',
  ),
  SMS_WEBHOOK_URL: optional(
    'The address of an SMS gateway, which gets text messages as signed webhooks (docs/mail.md). If not set, nobody is invited by phone alone.',
    'none',
    /^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$))\S{0,2000}$/,
    'an https URL',
  ),
  SMS_WEBHOOK_SECRET: secret(
    'The secret with which webhooks to the SMS gateway are signed.',
    'none',
    /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/,
    'whsec_ and at least 24 bytes in base64',
  ),
  MAIL_FROM: text('The sender address of mails.', 'no-reply@localhost.localdomain', ADDRESS, 'one e-mail address'),
  MONGO_POOL_SIZE_MAX: number('The maximum number of connections to MongoDB.', 'connections', 50, 2, 1000),
  MONGO_TIMEOUT_MS: number(
    'How long an operation waits for MongoDB before the server answers 503.',
    'milliseconds',
    4000,
    500,
    60_000,
  ),
  SHUTDOWN_NOTICE_MS: number(
    'How long requests are still accepted after SIGTERM, while `/readyz` answers 503, so that load balancers notice.',
    'milliseconds',
    1000,
    0,
    120_000,
  ),
  SHUTDOWN_GRACE_MS: number('How long running requests may take after that.', 'milliseconds', 10_000, 100, 120_000),
} as const satisfies Record<string, Variable<unknown>>;

type Values = { [K in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[K]['schema']> };

/** Every setting, typed and checked; sizes and times in the unit that the name ends with. */
export type Config = Readonly<ReturnType<typeof toConfig>>;

/**
 * Reads the settings from the environment; an empty variable counts as not set.
 * @throws ConfigError with one line for each invalid variable.
 */
export function loadConfig(env: Environment = process.env): Config {
  const values = new Map<string, unknown>();
  const complaints: string[] = [];
  for (const [name, variable] of Object.entries<Variable<unknown>>(VARIABLES)) {
    const given = variable.isSecret ? secretOf(name, env, complaints) : env[name]?.trim();
    const parsed = variable.schema.safeParse(given === '' ? undefined : given);
    if (parsed.success) values.set(name, parsed.data);
    else complaints.push(`${name} ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
  }
  if (values.get('NODE_ENV') === 'production' && isGuessable(values.get('BOOTSTRAP_TOKEN')))
    complaints.push(
      `BOOTSTRAP_TOKEN is too easy to guess: in production it needs ${DISTINCT_MIN} different characters`,
    );
  if (complaints.length > 0) throw new ConfigError(complaints);
  const config = toConfig(Object.fromEntries(values) as Values, env);
  const oidc = [config.oidcIssuer, config.oidcClientId, config.oidcClientSecret];
  if (oidc.some((value) => value !== undefined) && oidc.some((value) => value === undefined)) {
    throw new ConfigError(['OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be set together']);
  }
  if ((config.smsWebhookUrl === undefined) !== (config.smsWebhookSecret === undefined))
    throw new ConfigError(['SMS_WEBHOOK_URL and SMS_WEBHOOK_SECRET must be set together']);
  if (config.pageSizeDefault > config.pageSizeMax) {
    throw new ConfigError([`PAGE_SIZE_DEFAULT must not be larger than PAGE_SIZE_MAX (${config.pageSizeMax})`]);
  }
  const longest = Math.max(config.auditRetentionDays, config.eventRetentionDays, config.runRetentionDays);
  if (config.tombstoneRetentionDays < longest) {
    throw new ConfigError([
      `TOMBSTONE_RETENTION_DAYS must not be smaller than the longest other retention time (${longest}), because erasures need tombstones to find deleted people`,
    ]);
  }
  return Object.freeze(config);
}

/** A random text of 32 hexadecimal digits has fewer different characters in less than one case of a thousand. */
const DISTINCT_MIN = 10;

function isGuessable(token: unknown): boolean {
  return typeof token === 'string' && new Set(token).size < DISTINCT_MIN;
}

/** The value of a secret, from its variable or from the file that NAME_FILE names. */
function secretOf(name: string, env: Environment, complaints: string[]): string | undefined {
  const given = env[name]?.trim();
  const file = env[`${name}_FILE`]?.trim();
  if (file === undefined || file === '') return given;
  if (given !== undefined && given !== '') {
    complaints.push(`${name} and ${name}_FILE must not both be set`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    complaints.push(`${name}_FILE cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
    return undefined;
  }
}

/** All variables in the order of the README. */
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
    trustedProxies: values.TRUSTED_PROXIES,
    mongodbUri: values.MONGODB_URI,
    mongodbDatabase: values.MONGODB_DATABASE,
    dataDir,
    /** Whether DATA_DIR was given. */
    dataDirGiven: dataDir !== join(packageRoot, 'data'),
    mongodBinary: values.MONGOD_BINARY,
    mongodCacheDir: resolve(values.MONGOD_CACHE_DIR ?? join(userCacheFolder(env), 'mobietrain-provisioning')),
    mongodCacheGb: values.MONGOD_CACHE_GB,
    bootstrapToken: values.BOOTSTRAP_TOKEN,
    bootstrapAccount: values.BOOTSTRAP_ACCOUNT,
    demoExamples: values.DEMO_EXAMPLES === 'on',
    adminEmail: values.ADMIN_EMAIL,
    adminPassword: values.ADMIN_PASSWORD,
    sessionLifetimeMinutes: values.SESSION_LIFETIME_MINUTES,
    oidcIssuer: values.OIDC_ISSUER,
    oidcClientId: values.OIDC_CLIENT_ID,
    oidcClientSecret: values.OIDC_CLIENT_SECRET,
    processes: values.WEB_CONCURRENCY,
    backgroundThread: values.BACKGROUND_THREAD,
    logLevel: values.LOG_LEVEL,
    environment: values.NODE_ENV,
    metricsPort: values.METRICS_PORT,
    metricsHost: values.METRICS_HOST,
    bodyBytesMax: values.BODY_BYTES_MAX,
    bulkBodyBytesMax: values.BULK_BODY_BYTES_MAX,
    bulkOperationsMax: values.BULK_OPERATIONS_MAX,
    pageSizeDefault: values.PAGE_SIZE_DEFAULT,
    pageSizeMax: values.PAGE_SIZE_MAX,
    cursorLifetimeSeconds: values.CURSOR_LIFETIME_SECONDS,
    eventRetentionDays: values.EVENT_RETENTION_DAYS,
    runRetentionDays: values.RUN_RETENTION_DAYS,
    auditRetentionDays: values.AUDIT_RETENTION_DAYS,
    tombstoneRetentionDays: values.TOMBSTONE_RETENTION_DAYS,
    batchDir: values.BATCH_DIR === undefined ? join(dataDir, 'batch') : resolve(values.BATCH_DIR),
    batchSettleMs: values.BATCH_SETTLE_SECONDS * 1000,
    batchPollMs: values.BATCH_POLL_SECONDS * 1000,
    batchFileBytesMax: values.BATCH_FILE_BYTES_MAX,
    importDir: values.IMPORT_DIR === undefined ? undefined : resolve(values.IMPORT_DIR),
    importFileBytesMax: values.IMPORT_FILE_BYTES_MAX,
    smtpUrl: values.SMTP_URL,
    mailFrom: values.MAIL_FROM,
    mailPreview:
      values.MAIL_PREVIEW === undefined
        ? values.SMTP_URL === undefined && values.NODE_ENV !== 'production'
        : values.MAIL_PREVIEW === 'on',
    smsWebhookUrl: values.SMS_WEBHOOK_URL,
    smsWebhookSecret: values.SMS_WEBHOOK_SECRET,
    mongoPoolSizeMax: values.MONGO_POOL_SIZE_MAX,
    mongoTimeoutMs: values.MONGO_TIMEOUT_MS,
    shutdownNoticeMs: values.SHUTDOWN_NOTICE_MS,
    shutdownGraceMs: values.SHUTDOWN_GRACE_MS,
  };
}

/** The user's cache folder. The XDG specification says to ignore a relative XDG_CACHE_HOME. */
function userCacheFolder(env: Environment): string {
  const named = env.XDG_CACHE_HOME;
  return named !== undefined && isAbsolute(named) ? named : join(env.HOME ?? homedir(), '.cache');
}
