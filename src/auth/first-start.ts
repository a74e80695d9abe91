// What a new installation begins with, so that a first call works before anything is set up: a demo account with a token, and a
// System Administrator with a password. Both secrets are derived from one random key in the database. Instances that start at the same
// time, and a start after one that was interrupted, therefore show the same secrets; they are shown until one is used.

import { createHmac } from 'node:crypto';
import type { Outcome } from '../directory/faults.ts';
import type { Account, Connection } from '../directory/model.ts';
import type { Administrators } from './administrators.ts';
import type { Credential } from './credential-store.ts';
import { TOKEN_PREFIX } from './tokens.ts';

/** The login slug of the demo account. */
export const DEMO_SLUG = 'demo';
const DEMO = { name: 'Demo', slug: DEMO_SLUG, requiredData: 'report' } as const;
const PASSWORD_CHARS = 20;
/** A token that nobody has used yet is valid for this long after each start. */
const UNUSED_TOKEN_DAYS = 7;
const TOKEN_NAME = 'first start';

/** What it needs of the accounts. */
interface FirstAccounts {
  createAccount(draft: { name: string; slug: string; requiredData?: 'report' }): Promise<Outcome<Account>>;
  findAccount(slug: string): Promise<Account | undefined>;
  ensureConnection(account: Account, name: string): Promise<Connection>;
  ensureBootstrapCredential(bootstrap?: { account: Account; token: string }): Promise<void>;
  ensureUnusedCredential(
    connection: Connection,
    token: string,
    expiresInDays: number,
    name: string,
  ): Promise<Credential>;
  listCredentials(account: Account): Promise<Credential[]>;
}

/** The random key from which the first secrets are derived, in the database. */
interface FirstStartKey {
  /** The key; undefined if there is none. */
  find(): Promise<Uint8Array | undefined>;
  /** The key, the same for every instance; created if there is none. */
  create(): Promise<Uint8Array>;
  remove(): Promise<void>;
}

/** The settings that decide what is created. */
export interface FirstStartSettings {
  environment: 'development' | 'test' | 'production';
  bootstrapToken?: string | undefined;
  /** The login slug of the account that BOOTSTRAP_TOKEN belongs to. */
  bootstrapAccount: string;
  adminEmail: string;
  adminPassword?: string | undefined;
}

/** What the first System Administrator signs in with. */
export interface FirstAdministrator {
  email: string;
  /** Absent if the configuration gave it. */
  password?: string;
}

/** What a start shows, as long as it was not used. */
export interface FirstStart {
  firstToken?: string;
  firstAdministrator?: FirstAdministrator;
  /** The demo account, if this start created it. */
  newAccount?: Account;
}

export interface FirstStartDependencies {
  accounts: FirstAccounts;
  administrators: Pick<Administrators, 'any' | 'create' | 'list' | 'hasPassword'>;
  key: FirstStartKey;
}

/**
 * Creates what is missing. In production that is the administrator of ADMIN_PASSWORD and the account of BOOTSTRAP_TOKEN, and no
 * secret is generated; otherwise also the demo account, with a token and an administrator.
 * @throws Error that says which setting is missing or not valid, and what to do
 */
export async function seedFirstStart(
  dependencies: FirstStartDependencies,
  settings: FirstStartSettings,
): Promise<FirstStart> {
  return settings.environment === 'production'
    ? seedProduction(dependencies, settings)
    : seedDemo(dependencies, settings);
}

async function seedProduction(dependencies: FirstStartDependencies, settings: FirstStartSettings): Promise<FirstStart> {
  const { administrators } = dependencies;
  const { adminEmail, adminPassword, bootstrapToken } = settings;
  if (!(await administrators.any())) {
    if (adminPassword !== undefined) await createAdministrator(administrators, adminEmail, adminPassword);
    // With BOOTSTRAP_TOKEN, clients can be served until somebody creates an administrator on the command line.
    else if (bootstrapToken === undefined) throw new NoAdministrator();
  }
  await seedBootstrap(dependencies.accounts, settings);
  return {};
}

/** Makes BOOTSTRAP_TOKEN valid for its account, which is created if it does not exist. Without the setting, revokes earlier values. */
async function seedBootstrap(
  accounts: FirstAccounts,
  { bootstrapToken, bootstrapAccount }: FirstStartSettings,
): Promise<void> {
  if (bootstrapToken === undefined) return accounts.ensureBootstrapCredential();
  const isDemo = bootstrapAccount === DEMO_SLUG;
  const made = await accounts.createAccount({
    name: bootstrapAccount,
    slug: bootstrapAccount,
    ...(isDemo ? DEMO : {}),
  });
  const account = made.ok ? made.value : await accounts.findAccount(bootstrapAccount);
  if (!account) throw new Error(`BOOTSTRAP_ACCOUNT "${bootstrapAccount}" is not a valid login slug`);
  await accounts.ensureBootstrapCredential({ account, token: bootstrapToken });
}

/** Thrown in production if nobody could administer the server. */
export class NoAdministrator extends Error {
  constructor() {
    super('there is no administrator yet, and ADMIN_PASSWORD is not set');
    this.name = 'NoAdministrator';
  }
}

async function seedDemo(dependencies: FirstStartDependencies, settings: FirstStartSettings): Promise<FirstStart> {
  const { accounts, key } = dependencies;
  const present = await accounts.findAccount(DEMO_SLUG);
  // The key is stored before the account, so that an instance that finds the account also finds the key.
  const secret = present ? await key.find() : await key.create();
  const made = present ? undefined : await accounts.createAccount(DEMO);
  const account = present ?? (made?.ok ? made.value : await accounts.findAccount(DEMO_SLUG));
  if (!account) throw new Error('The demo account could not be created');
  const firstToken = secret && (await unusedToken(accounts, account, secret, made?.ok === true));
  await seedBootstrap(accounts, settings);
  const firstAdministrator = await seedAdministrator(dependencies, secret, settings);
  if (secret && firstToken === undefined && firstAdministrator === undefined) await key.remove();
  return {
    ...(firstToken === undefined ? {} : { firstToken }),
    ...(firstAdministrator === undefined ? {} : { firstAdministrator }),
    ...(made?.ok ? { newAccount: made.value } : {}),
  };
}

/** The first token; undefined once it was used or revoked, or another one was created. */
async function unusedToken(
  accounts: FirstAccounts,
  account: Account,
  secret: Uint8Array,
  isNew: boolean,
): Promise<string | undefined> {
  const token = `${TOKEN_PREFIX}${derive(secret, 'token')}`;
  const connection = await accounts.ensureConnection(account, DEMO_SLUG);
  const credential = await accounts.ensureUnusedCredential(connection, token, UNUSED_TOKEN_DAYS, TOKEN_NAME);
  if (isNew) return token;
  if (credential.lastUsed !== undefined || credential.revoked !== undefined) return undefined;
  const all = await accounts.listCredentials(account);
  return all.every(({ id }) => id === credential.id) ? token : undefined;
}

/** The first administrator, created if there is none; undefined if another one exists or this one has signed in. */
async function seedAdministrator(
  { administrators }: FirstStartDependencies,
  secret: Uint8Array | undefined,
  { adminEmail, adminPassword }: FirstStartSettings,
): Promise<FirstAdministrator | undefined> {
  if (secret === undefined && (await administrators.any())) return undefined;
  const generated = secret && derive(secret, 'administrator').slice(0, PASSWORD_CHARS);
  const password = adminPassword ?? generated;
  if (password === undefined) throw new NoAdministrator();
  if (!(await administrators.any())) await createAdministrator(administrators, adminEmail, password);
  const [first, another] = await administrators.list(null, { limit: 2 });
  if (!first || another || first.email !== adminEmail || first.lastSignIn !== undefined) return undefined;
  if (!(await administrators.hasPassword(first.id, password))) return undefined;
  return { email: adminEmail, ...(adminPassword === undefined ? { password } : {}) };
}

/** Creates a System Administrator; does nothing if another instance did at the same time. */
async function createAdministrator(
  administrators: Pick<Administrators, 'create'>,
  email: string,
  password: string,
): Promise<void> {
  const made = await administrators.create({
    email,
    name: 'System Administrator',
    role: 'systemAdministrator',
    password,
  });
  if (made.ok || made.faults[0].code === 'uniqueness') return;
  const { path, params } = made.faults[0];
  throw new Error(
    `The first administrator can't be created: ADMIN_${path.toUpperCase()} ${params.rule ?? 'is not valid'}`,
  );
}

/** 256 bits that only the key gives, as base64url. */
function derive(secret: Uint8Array, purpose: string): string {
  return createHmac('sha256', secret).update(`first start: ${purpose}`).digest('base64url');
}
