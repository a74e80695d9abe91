// Owns administrators: creating and changing them, sign-in by password, sessions and personal tokens.

import { createHmac, randomBytes } from 'node:crypto';
import { type Role, scopeKind } from '../directory/administration/permissions.ts';
import { type Fault, fault, isNonEmpty, type Outcome, refused } from '../directory/faults.ts';
import { newResourceId } from '../directory/ids.ts';
import { EMAIL_RULE, isEmailAddress } from '../directory/schema/formats.ts';
import type {
  Administrator,
  AdministratorChanges,
  AdministratorSecret,
  AdministratorStore,
  PersonalToken,
  SignInAttempt,
  SignInLimits,
} from './administrator-store.ts';
import { hashPassword, passwordFault, verifyPassword } from './passwords.ts';
import { hashToken, mintToken, PERSONAL_TOKEN_PREFIX, parseBearer, sameHash } from './tokens.ts';

const SESSION_BYTES = 32;
/** How often the last use of a personal token is stored. */
const LAST_USED_INTERVAL_MS = 60_000;
const DAY_MS = 86_400_000;
const NAME_CHARS_MAX = 255;
const TOKENS_MAX = 50;

/** A new session; `token` goes into the cookie and is not stored. */
export interface NewSession {
  token: string;
  csrfToken: string;
  expires: Date;
  administrator: Administrator;
}

type SignIn =
  | ({ ok: true } & NewSession)
  | { ok: false; reason: 'credentials' }
  | { ok: false; reason: 'limited'; waitSeconds: number };

/** The administrator of a request. */
export interface SignedIn {
  administrator: Administrator;
  /** Id of the personal token, or a short form of the session's hash: for events. */
  credentialId: string;
  /** A browser's session needs its CSRF token on unsafe methods; a personal token does not. */
  session?: { hash: string; csrfToken: string; expires: Date };
}

/** The values of a new administrator. */
interface AdministratorDraft {
  email: string;
  name: string;
  role: Role;
  account?: string;
  orgUnit?: string;
  user?: string;
  password?: string;
}

/** Faults are values; only StoreUnavailable is thrown. */
export interface Administrators {
  signIn(attempt: SignInAttempt & { password: string }): Promise<SignIn>;
  /** Starts a session for an administrator who was identified in another way. */
  startSession(administrator: Administrator): Promise<NewSession>;
  /** The administrator of an Authorization header or, without one, of a session token; undefined if it is not valid. */
  authenticate(sessionToken: string | undefined, authorization: string | undefined): Promise<SignedIn | undefined>;
  signOut(sessionHash: string): Promise<void>;
  byId(id: string): Promise<Administrator | undefined>;
  list(account: string | null, page: { after?: string; limit: number }): Promise<Administrator[]>;
  any(): Promise<boolean>;
  /** Whether this is the administrator's present password; not limited, for a start only. */
  hasPassword(id: string, password: string): Promise<boolean>;
  /** Faults: required, tooLong, invalidValue, uniqueness. */
  create(draft: AdministratorDraft): Promise<Outcome<Administrator>>;
  /** A change of role, unit, password or `disabled` ends every session. Faults: those of create, notFound. */
  change(
    id: string,
    changes: Omit<AdministratorChanges, 'passwordHash' | 'identity' | 'lastSignIn'> & { password?: string },
  ): Promise<Outcome<Administrator>>;
  /** Faults: notFound, invalidValue (wrong current password, weak new one). Limited after too many wrong passwords. */
  changeOwnPassword(
    id: string,
    current: string,
    next: string,
    attempt: SignInAttempt,
  ): Promise<Outcome<undefined> | { ok: false; reason: 'limited'; waitSeconds: number }>;
  remove(id: string): Promise<boolean>;
  /** Faults: required, tooLong, tooMany. */
  createToken(
    administrator: string,
    name: string,
    expiresInDays?: number,
  ): Promise<Outcome<PersonalToken & { token: string }>>;
  tokensOf(administrator: string): Promise<PersonalToken[]>;
  removeToken(administrator: string, id: string): Promise<boolean>;
}

export interface AdministratorsOptions {
  store: AdministratorStore;
  limits: SignInLimits;
  /** Derives CSRF tokens from sessions; at least 32 bytes, the same in all instances. */
  csrfKey: Uint8Array;
  sessionLifetimeMinutes: number;
  now?: () => Date;
}

/** What the functions below need: the options with the clock filled in. */
interface Dependencies extends AdministratorsOptions {
  now: () => Date;
}

export function createAdministrators(options: AdministratorsOptions): Administrators {
  const dependencies: Dependencies = { ...options, now: options.now ?? (() => new Date()) };
  const { store } = dependencies;
  return {
    signIn: (attempt) => signIn(dependencies, attempt),
    startSession: (administrator) => startSession(dependencies, administrator),
    async authenticate(sessionToken, authorization) {
      if (authorization !== undefined) return byPersonalToken(dependencies, authorization);
      return sessionToken === undefined ? undefined : bySession(dependencies, sessionToken);
    },
    signOut: (hash) => store.endSessions({ hash }),
    async byId(id) {
      const found = await store.byId(id);
      return found && withoutSecret(found);
    },
    list: (account, page) => store.list(account, page),
    any: () => store.any(),
    hasPassword: async (id, password) => verifyPassword((await store.byId(id))?.passwordHash, password),
    create: (draft) => create(dependencies, draft),
    change: (id, changes) => change(dependencies, id, changes),
    changeOwnPassword: (id, current, next, attempt) => changeOwnPassword(dependencies, id, { current, next, attempt }),
    remove: (id) => store.remove(id),
    createToken: (administrator, name, expiresInDays) => createToken(dependencies, administrator, name, expiresInDays),
    tokensOf: (administrator) => store.tokensOf(administrator),
    removeToken: (administrator, id) => store.removeToken(administrator, id),
  };
}

async function signIn(
  dependencies: Dependencies,
  { password, ...attempt }: SignInAttempt & { password: string },
): Promise<SignIn> {
  const { store, limits } = dependencies;
  const waitSeconds = await limits.waitSeconds(attempt);
  if (waitSeconds !== undefined) return { ok: false, reason: 'limited', waitSeconds };
  const found = await store.byEmail(attempt.email);
  const isRight = await verifyPassword(found?.passwordHash, password);
  if (!found || !isRight || found.disabled) {
    await limits.failed(attempt);
    return { ok: false, reason: 'credentials' };
  }
  await limits.succeeded(attempt);
  return { ok: true, ...(await startSession(dependencies, found)) };
}

async function startSession(
  { store, csrfKey, sessionLifetimeMinutes, now }: Dependencies,
  administrator: Administrator,
): Promise<NewSession> {
  const token = randomBytes(SESSION_BYTES).toString('base64url');
  const created = now();
  const expires = new Date(created.getTime() + sessionLifetimeMinutes * 60_000);
  const hash = hashToken(token);
  await store.insertSession({ hash, administrator: administrator.id, created, expires });
  await store.update(administrator.id, { lastSignIn: created });
  return { token, csrfToken: csrfTokenOf(csrfKey, hash), expires, administrator: withoutSecret(administrator) };
}

/** The CSRF token of a session: derived, so that it need not be stored. */
function csrfTokenOf(key: Uint8Array, sessionHash: string): string {
  return createHmac('sha256', key).update(sessionHash).digest('base64url');
}

async function bySession({ store, csrfKey, now }: Dependencies, token: string): Promise<SignedIn | undefined> {
  if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
  const hash = hashToken(token);
  const session = await store.session(hash);
  if (!session || !sameHash(session.hash, hash) || session.expires <= now()) return undefined;
  const administrator = await store.byId(session.administrator);
  if (!administrator || administrator.disabled) return undefined;
  return {
    administrator: withoutSecret(administrator),
    credentialId: `session:${hash.slice(0, 12)}`,
    session: { hash, csrfToken: csrfTokenOf(csrfKey, hash), expires: session.expires },
  };
}

async function byPersonalToken({ store, now }: Dependencies, authorization: string): Promise<SignedIn | undefined> {
  const parsed = parseBearer(authorization);
  if (parsed.kind !== 'token' || !parsed.token.startsWith(PERSONAL_TOKEN_PREFIX)) return undefined;
  const hash = hashToken(parsed.token);
  const token = await store.token(hash);
  if (!token || !sameHash(token.hash, hash)) return undefined;
  if (token.expires && token.expires <= now()) return undefined;
  const administrator = await store.byId(token.administrator);
  if (!administrator || administrator.disabled) return undefined;
  const at = now();
  if (at.getTime() - (token.lastUsed?.getTime() ?? 0) >= LAST_USED_INTERVAL_MS) {
    // Not worth failing the request: the next use tries again.
    store.touchToken(token.id, at).catch(() => undefined);
  }
  return { administrator: withoutSecret(administrator), credentialId: token.id };
}

async function create({ store, now }: Dependencies, draft: AdministratorDraft): Promise<Outcome<Administrator>> {
  const faults = draftFaults(draft);
  if (isNonEmpty(faults)) return { ok: false, faults };
  const { password, ...rest } = draft;
  const administrator: AdministratorSecret = {
    id: newResourceId(),
    ...rest,
    email: draft.email.trim(),
    name: draft.name.trim(),
    disabled: false,
    created: now(),
    ...(password === undefined ? {} : { passwordHash: await hashPassword(password) }),
  };
  const isInserted = await store.insert(administrator);
  if (!isInserted) return refused(fault('uniqueness', 'email', { value: draft.email }));
  return { ok: true, value: withoutSecret(administrator), effect: 'created' };
}

async function change(
  { store }: Dependencies,
  id: string,
  { password, ...changes }: Parameters<Administrators['change']>[1],
): Promise<Outcome<Administrator>> {
  const current = await store.byId(id);
  if (!current) return refused(fault('notFound', 'Administrator', { id }));
  const faults = draftFaults(draftAfter(current, changes, password));
  if (isNonEmpty(faults)) return { ok: false, faults };
  const passwordHash = password === undefined ? {} : { passwordHash: await hashPassword(password) };
  const changed = await store.update(id, { ...changes, ...passwordHash });
  if (changed === 'taken') return refused(fault('uniqueness', 'email', { value: changes.email ?? '' }));
  if (!changed) return refused(fault('notFound', 'Administrator', { id }));
  const { email: _email, name: _name, ...rights } = changes;
  if (password !== undefined || Object.keys(rights).length > 0) await store.endSessions({ administrator: id });
  return { ok: true, value: changed, effect: 'updated' };
}

async function changeOwnPassword(
  { store, limits }: Dependencies,
  id: string,
  { current, next, attempt }: { current: string; next: string; attempt: SignInAttempt },
): ReturnType<Administrators['changeOwnPassword']> {
  // Limited like sign-in, so that a stolen session cannot be used to guess the password.
  const waitSeconds = await limits.waitSeconds(attempt);
  if (waitSeconds !== undefined) return { ok: false, reason: 'limited', waitSeconds };
  const found = await store.byId(id);
  if (!found) return refused(fault('notFound', 'Administrator', { id }));
  if (!(await verifyPassword(found.passwordHash, current))) {
    await limits.failed(attempt);
    return refused(fault('invalidValue', 'currentPassword', { rule: 'is not your current password' }));
  }
  const weakness = passwordFault(next, found.email);
  if (weakness) return refused(weakness);
  await store.update(id, { passwordHash: await hashPassword(next) });
  await store.endSessions({ administrator: id });
  return { ok: true, value: undefined, effect: 'updated' };
}

async function createToken(
  { store, now }: Dependencies,
  administrator: string,
  name: string,
  expiresInDays: number | undefined,
): Promise<Outcome<PersonalToken & { token: string }>> {
  const trimmed = name.trim();
  if (trimmed === '') return refused(fault('required', 'name'));
  if (trimmed.length > NAME_CHARS_MAX) return refused(fault('tooLong', 'name', { max: NAME_CHARS_MAX }));
  if ((await store.tokensOf(administrator)).length >= TOKENS_MAX)
    return refused(fault('tooMany', 'tokens', { max: TOKENS_MAX }));
  const { token, hash, hint } = mintToken(PERSONAL_TOKEN_PREFIX);
  const created = now();
  const stored: PersonalToken = {
    id: newResourceId(),
    administrator,
    hash,
    hint,
    name: trimmed,
    created,
    ...(expiresInDays === undefined ? {} : { expires: new Date(created.getTime() + expiresInDays * DAY_MS) }),
  };
  await store.insertToken(stored);
  return { ok: true, value: { ...stored, token }, effect: 'created' };
}

function withoutSecret({ passwordHash: _hash, ...administrator }: AdministratorSecret): Administrator {
  return administrator;
}

function draftAfter(
  current: Administrator,
  changes: Pick<AdministratorChanges, 'email' | 'name' | 'role' | 'orgUnit' | 'user'>,
  password: string | undefined,
): AdministratorDraft {
  const orgUnit = changes.orgUnit === undefined ? current.orgUnit : (changes.orgUnit ?? undefined);
  const user = changes.user === undefined ? current.user : (changes.user ?? undefined);
  return {
    email: changes.email ?? current.email,
    name: changes.name ?? current.name,
    role: changes.role ?? current.role,
    ...(current.account === undefined ? {} : { account: current.account }),
    ...(orgUnit === undefined ? {} : { orgUnit }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
  };
}

/** The rules of an administrator that need no lookup; callers check that the org unit and the user exist. */
function draftFaults(draft: AdministratorDraft): Fault[] {
  const faults: Fault[] = [];
  if (draft.email.trim() === '') faults.push(fault('required', 'email'));
  else if (!isEmailAddress(draft.email.trim())) faults.push(fault('invalidValue', 'email', { rule: EMAIL_RULE }));
  if (draft.name.trim() === '') faults.push(fault('required', 'name'));
  if (draft.name.length > NAME_CHARS_MAX) faults.push(fault('tooLong', 'name', { max: NAME_CHARS_MAX }));
  const isSystem = draft.role === 'systemAdministrator';
  if (isSystem !== (draft.account === undefined)) {
    faults.push(
      fault('invalidValue', 'role', {
        rule: isSystem ? 'a System Administrator belongs to no account' : 'this role needs an account',
      }),
    );
  }
  const scope = scopeKind(draft.role);
  if (scope === 'orgUnit' && draft.orgUnit === undefined)
    faults.push(fault('required', 'orgUnit', { rule: 'this role needs an org unit' }));
  if (scope === 'storesAndReports' && draft.user === undefined)
    faults.push(fault('required', 'user', { rule: 'a Superior needs the id of their user in the directory' }));
  const wrong = draft.password === undefined ? undefined : passwordFault(draft.password, draft.email);
  if (wrong) faults.push(wrong);
  return faults;
}
