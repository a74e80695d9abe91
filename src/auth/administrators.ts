// Owns administrators: creating and changing them, and what a change means for their sessions and personal tokens.

import { type Role, scopeKind } from '../directory/administration/permissions.ts';
import { type Fault, fault, isNonEmpty, type Outcome, refused } from '../directory/faults.ts';
import { newResourceId } from '../directory/ids.ts';
import type { Account } from '../directory/model.ts';
import { EMAIL_RULE, isEmailAddress } from '../directory/schema/formats.ts';
import type {
  Administrator,
  AdministratorChanges,
  AdministratorSecret,
  AdministratorStore,
  EndedCredentials,
  PersonalToken,
  SignInLimits,
} from './administrator-store.ts';

import { BUSY, type Postponed } from './attempts.ts';
import type { StandingReader } from './may-act.ts';
import { HashQueueFull } from './passwords/hash-queue.ts';
import { hashPassword, inQueue, verifyPassword } from './passwords/hashing.ts';
import { ownerOfLink, sendLink, type Tell, tellOfChange } from './passwords/links.ts';
import { passwordFault } from './passwords/strength.ts';
import { createToken, ownerOfToken } from './personal-tokens.ts';
import {
  type Browser,
  endSession,
  type ListedSession,
  listSessions,
  type NewSession,
  ownerOfSession,
  startSession,
} from './sessions.ts';
import { createSignIn, type SignIn, type SignInAttempt, withoutSecret } from './sign-in.ts';
import { hashToken } from './tokens.ts';

const NAME_CHARS_MAX = 255;

/** The administrator of a request, who may act. */
export interface SignedIn {
  administrator: Administrator;
  /** The administrator's account; absent for a System Administrator. */
  account?: Account;
  /** Id of the personal token, or `session:` and the id of the session: for events. */
  credentialId: string;
  /** A browser's session needs its CSRF token on unsafe methods; a personal token does not. */
  session?: { id: string; hash: string; csrfToken: string; expires: Date };
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

/** The values of an administrator that others can change. */
export type AdministratorChange = Omit<AdministratorChanges, 'passwordHash' | 'identity' | 'lastSignIn'> & {
  password?: string;
};

/** A changed administrator; `ended` is present if the change ended all sessions and personal tokens. */
export interface ChangedAdministrator {
  administrator: Administrator;
  ended?: EndedCredentials;
}

/** Faults are values; only StoreUnavailable is thrown. */
export interface Administrators {
  signIn(attempt: SignInAttempt): Promise<SignIn>;
  /** Starts a session for an administrator who was identified in another way; undefined if they may not act. */
  startSession(administrator: Administrator, browser: Browser): Promise<NewSession | undefined>;
  /** The administrator of an Authorization header or, without one, of a session token; undefined if it is not valid. */
  authenticate(sessionToken: string | undefined, authorization: string | undefined): Promise<SignedIn | undefined>;
  signOut(sessionHash: string): Promise<void>;
  byId(id: string): Promise<Administrator | undefined>;
  /** The administrator of an account (null: the System Administrator) with this e-mail. */
  byEmail(email: string, account: string | null): Promise<Administrator | undefined>;
  list(account: string | null, page: { after?: string; limit: number }): Promise<Administrator[]>;
  any(): Promise<boolean>;
  /** Whether this is the administrator's present password; not limited, for a start only. */
  hasPassword(id: string, password: string): Promise<boolean>;
  /** Faults: required, tooLong, invalidValue, uniqueness. */
  create(draft: AdministratorDraft): Promise<Outcome<Administrator>>;
  /**
   * Changes an administrator. A new password, `disabled` or another user ends all sessions and personal tokens for good; another role
   * or org unit ends the sessions. Faults: those of create, notFound.
   */
  change(id: string, changes: AdministratorChange): Promise<Outcome<ChangedAdministrator>>;
  /**
   * Changes the e-mail or password of the administrator who is signed in, after checking the current password. A new password starts a
   * new session for this browser. Faults: those of change, invalidValue and required (`currentPassword`).
   */
  changeOwn(
    id: string,
    changes: AdministratorChange,
    confirmation: { current: string | undefined; browser: Browser },
  ): Promise<Outcome<ChangedAdministrator & { session?: NewSession }> | Postponed>;
  /**
   * Checks the current password of an administrator who is signed in, as often as limits allow.
   * Faults: notFound, required and invalidValue (`currentPassword`).
   */
  confirm(id: string, current: string | undefined): Promise<Outcome<undefined> | Postponed>;
  /** Sends a link to set a password, as often as limits allow. Faults: notFound. */
  sendPasswordLink(id: string): Promise<Outcome<undefined> | Postponed>;
  /** Sets the password by the token of a link, which is then used up. Faults: those of change, invalidValue (`token`). */
  setPasswordByLink(token: string, password: string): Promise<Outcome<ChangedAdministrator>>;
  /** Whether an administrator has a password or an identity at the OpenID provider. */
  hasCredentials(id: string): Promise<boolean>;
  /** Removes an administrator with all sessions and personal tokens. Faults: notFound, forbidden (the last System Administrator). */
  remove(id: string): Promise<Outcome<Administrator>>;
  /** Faults: notFound, required, tooLong, tooMany. */
  createToken(
    administrator: Administrator,
    draft: { name: string; expiresInDays?: number | undefined },
  ): Promise<Outcome<PersonalToken & { token: string }>>;
  tokensOf(administrator: string): Promise<PersonalToken[]>;
  removeToken(administrator: string, id: string): Promise<boolean>;
  sessionsOf(administrator: string): Promise<ListedSession[]>;
  endSession(administrator: string, id: string): Promise<boolean>;
  /** Ends all sessions of an administrator; returns how many. */
  endSessions(administrator: string): Promise<number>;
}

export interface AdministratorsOptions {
  store: AdministratorStore;
  standing: StandingReader;
  limits: SignInLimits;
  /** Derives CSRF tokens from sessions; at least 32 bytes, the same in all instances. */
  csrfKey: Uint8Array;
  sessionLifetimeMinutes: number;
  /** Sends mails to administrators. */
  tell: Tell;
  /** The URL of the page on which a password is set by a link. */
  passwordPage: string;
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
    signIn: createSignIn(dependencies),
    startSession: (administrator, browser) => startSession(dependencies, administrator, browser),
    authenticate: (sessionToken, authorization) => authenticate(dependencies, sessionToken, authorization),
    async signOut(hash) {
      await store.endSessions({ hash });
    },
    async byId(id) {
      const found = await store.byId(id);
      return found && withoutSecret(found);
    },
    async byEmail(email, account) {
      const [found] = await store.byEmail(email, account);
      return found && withoutSecret(found);
    },
    list: (account, page) => store.list(account, page),
    any: () => store.any(),
    async hasPassword(id, password) {
      const found = await store.byId(id);
      return inQueue((place) => verifyPassword(place, found?.passwordHash, password));
    },
    create: (draft) => create(dependencies, draft),
    change: (id, changes) => change(dependencies, id, changes),
    changeOwn: (id, changes, confirmation) => changeOwn(dependencies, id, changes, confirmation),
    confirm: (id, current) => confirm(dependencies, id, current),
    sendPasswordLink: (id) => sendPasswordLink(dependencies, id),
    setPasswordByLink: (token, password) => setPasswordByLink(dependencies, token, password),
    async hasCredentials(id) {
      const found = await store.byId(id);
      return found?.passwordHash !== undefined || found?.identity !== undefined;
    },
    remove: (id) => remove(dependencies, id),
    createToken: (administrator, draft) => createToken(dependencies, administrator, draft),
    tokensOf: (administrator) => store.tokensOf(administrator),
    removeToken: (administrator, id) => store.removeToken(administrator, id),
    sessionsOf: (administrator) => listSessions(store, administrator),
    endSession: (administrator, id) => endSession(store, administrator, id),
    endSessions: (administrator) => store.endSessions({ administrator }),
  };
}

async function authenticate(
  dependencies: Dependencies,
  sessionToken: string | undefined,
  authorization: string | undefined,
): Promise<SignedIn | undefined> {
  if (authorization !== undefined) {
    const owner = await ownerOfToken(dependencies, authorization);
    return owner && signedIn(owner, { credentialId: owner.token.id });
  }
  const owner = sessionToken === undefined ? undefined : await ownerOfSession(dependencies, sessionToken);
  return owner && signedIn(owner, { credentialId: `session:${owner.session.id}`, session: owner.session });
}

function signedIn(
  { administrator, permit: { account } }: { administrator: AdministratorSecret; permit: { account?: Account } },
  credential: Pick<SignedIn, 'credentialId' | 'session'>,
): SignedIn {
  return { administrator: withoutSecret(administrator), ...(account ? { account } : {}), ...credential };
}

async function create(
  { store, standing, now }: Dependencies,
  draft: AdministratorDraft,
): Promise<Outcome<Administrator>> {
  const faults = await allFaults(standing, draft);
  if (isNonEmpty(faults)) return { ok: false, faults };
  const { password, ...rest } = draft;
  const passwordHash = password === undefined ? undefined : await unlessBusy(hashPassword(password));
  if (passwordHash === 'busy') return refused(fault('busy'));
  const administrator: AdministratorSecret = {
    id: newResourceId(),
    ...rest,
    email: draft.email.trim(),
    name: draft.name.trim(),
    disabled: false,
    created: now(),
    ...(passwordHash === undefined ? {} : { passwordHash }),
  };
  const isInserted = await store.insert(administrator);
  if (!isInserted) return refused(fault('uniqueness', 'email', { value: draft.email }));
  return { ok: true, value: withoutSecret(administrator), effect: 'created' };
}

async function change(
  { store, standing, tell }: Pick<Dependencies, 'store' | 'standing' | 'tell'>,
  id: string,
  { password, ...changes }: AdministratorChange,
): Promise<Outcome<ChangedAdministrator>> {
  const current = await store.byId(id);
  if (!current) return refused(fault('notFound', 'Administrator', { id }));
  const faults = await allFaults(standing, draftAfter(current, changes, password));
  if (isNonEmpty(faults)) return { ok: false, faults };
  const last = changes.disabled === true ? await lastFault(store, current, 'disabled') : undefined;
  if (last) return refused(last);
  const passwordHash = password === undefined ? undefined : await unlessBusy(hashPassword(password));
  if (passwordHash === 'busy') return refused(fault('busy'));
  const isOtherUser = changes.user !== undefined && (changes.user ?? undefined) !== current.user;
  const endsAll = password !== undefined || changes.disabled === true || isOtherUser;
  const changed = await store.update(
    id,
    { ...changes, ...(passwordHash === undefined ? {} : { passwordHash }) },
    endsAll,
  );
  if (changed === 'taken') return refused(fault('uniqueness', 'email', { value: changes.email ?? '' }));
  if (!changed) return refused(fault('notFound', 'Administrator', { id }));
  // What the update has made invalid is removed; if that fails, it stays invalid.
  const ended = endsAll ? { ended: await store.removeCredentials(id) } : {};
  if (password !== undefined) await tellOfChange(tell, changed);
  const { email: _email, name: _name, ...rights } = changes;
  if (!endsAll && Object.keys(rights).length > 0) await store.endSessions({ administrator: id });
  return { ok: true, value: { administrator: changed, ...ended }, effect: 'updated' };
}

async function remove({ store }: Pick<Dependencies, 'store'>, id: string): Promise<Outcome<Administrator>> {
  const current = await store.byId(id);
  const last = current && (await lastFault(store, current, ''));
  if (last) return refused(last);
  if (!current || !(await store.remove(id))) return refused(fault('notFound', 'Administrator', { id }));
  return { ok: true, value: withoutSecret(current), effect: 'deleted' };
}

const LISTED = 100;

/**
 * Refuses to remove or disable the last System Administrator who is not disabled: nobody could administer the system any more. Two
 * administrators who remove each other at the same moment are not noticed; the command line then creates another one.
 */
async function lastFault(
  store: AdministratorStore,
  { id, account, disabled }: Administrator,
  path: string,
): Promise<Fault | undefined> {
  if (account !== undefined || disabled) return undefined;
  let after: string | undefined;
  for (;;) {
    const page = await store.list(null, { limit: LISTED, ...(after === undefined ? {} : { after }) });
    if (page.some((other) => other.id !== id && !other.disabled)) return undefined;
    after = page.at(-1)?.id;
    if (page.length < LISTED) break;
  }
  return fault('forbidden', path, {
    rule: 'this is the last System Administrator who is not disabled; create another one first',
  });
}

async function confirm(
  { store, limits }: Dependencies,
  id: string,
  current: string | undefined,
): Promise<Outcome<undefined> | Postponed> {
  if (current === undefined)
    return refused(fault('required', 'currentPassword', { rule: 'this change needs your current password' }));
  // Limited, so that a stolen session cannot be used to guess the password.
  const allowed = await limits.takeOwn(id);
  if (!allowed.ok) return { ok: false, reason: 'limited', waitSeconds: allowed.waitSeconds };
  const found = await store.byId(id);
  if (!found) return refused(fault('notFound', 'Administrator', { id }));
  const isRight = await unlessBusy(inQueue((place) => verifyPassword(place, found.passwordHash, current)));
  if (isRight === 'busy') return BUSY;
  if (!isRight) return refused(fault('invalidValue', 'currentPassword', { rule: 'is not your current password' }));
  await limits.succeededOwn(id);
  return { ok: true, value: undefined, effect: 'unchanged' };
}

async function sendPasswordLink(dependencies: Dependencies, id: string): Promise<Outcome<undefined> | Postponed> {
  const found = await dependencies.store.byId(id);
  if (!found) return refused(fault('notFound', 'Administrator', { id }));
  const allowed = await dependencies.limits.takeOwn(`link:${id}`);
  if (!allowed.ok) return { ok: false, reason: 'limited', waitSeconds: allowed.waitSeconds };
  await sendLink(dependencies, withoutSecret(found));
  return { ok: true, value: undefined, effect: 'created' };
}

async function setPasswordByLink(
  dependencies: Dependencies,
  token: string,
  password: string,
): Promise<Outcome<ChangedAdministrator>> {
  const { store, standing } = dependencies;
  const owner = await ownerOfLink(dependencies, token);
  if (!owner.ok) return owner;
  // A password that is too weak does not use up the link.
  const faults = await allFaults(standing, draftAfter(owner.value, {}, password));
  if (isNonEmpty(faults)) return { ok: false, faults };
  if (!(await store.takePasswordLink(hashToken(token)))) return ownerOfLink(dependencies, token).then(refusedOnly);
  return change(dependencies, owner.value.id, { password });
}

function refusedOnly(outcome: Outcome<Administrator>): Outcome<ChangedAdministrator> {
  return outcome.ok ? refused(fault('busy')) : outcome;
}

async function changeOwn(
  dependencies: Dependencies,
  id: string,
  changes: AdministratorChange,
  { current, browser }: { current: string | undefined; browser: Browser },
): ReturnType<Administrators['changeOwn']> {
  const confirmed = await confirm(dependencies, id, current);
  if (!confirmed.ok) return confirmed;
  const changed = await change(dependencies, id, changes);
  if (!changed.ok || !changed.value.ended) return changed;
  const session = await startSession(dependencies, changed.value.administrator, browser);
  return { ...changed, value: { ...changed.value, ...(session ? { session } : {}) } };
}

/** The result of work in the hash queue; `busy` if the queue is full. */
async function unlessBusy<T>(work: Promise<T>): Promise<T | 'busy'> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof HashQueueFull) return 'busy';
    throw error;
  }
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

/** The faults of a draft, and those of its password. */
async function allFaults(standing: StandingReader, draft: AdministratorDraft): Promise<Fault[]> {
  const faults = draftFaults(draft);
  if (draft.password === undefined) return faults;
  const account = draft.account === undefined ? undefined : await standing.accountById(draft.account);
  const { email, name, password } = draft;
  const weakness = await passwordFault(password, { email, name, ...(account ? { account } : {}) });
  return weakness ? [...faults, weakness] : faults;
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
  return faults;
}
