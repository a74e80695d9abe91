// Owns the sessions of signed-in browsers: starting, recognizing, listing and ending them.

import { createHmac, randomBytes } from 'node:crypto';
import type { Administrator, AdministratorStore, Session } from './administrator-store.ts';
import { mayAct, type Permit, type StandingReader } from './may-act.ts';
import { hashToken, sameHash } from './tokens.ts';

const SESSION_BYTES = 32;
/** The sessions that a person can have; a further one ends the oldest. */
const SESSIONS_MAX = 20;
const ID_CHARS = 12;
const USER_AGENT_CHARS_MAX = 255;

/** A new session; `token` goes into the cookie and is not stored. */
export interface NewSession {
  token: string;
  csrfToken: string;
  expires: Date;
  administrator: Administrator;
}

/** The browser that signs in, for the list of sessions. */
export interface Browser {
  address: string;
  userAgent?: string | undefined;
}

/** A session as it is listed. */
export interface ListedSession extends Pick<Session, 'created' | 'expires' | 'address' | 'userAgent'> {
  /** The beginning of the hash; events name it, too. */
  id: string;
}

/** What sessions need. */
export interface SessionOptions {
  store: AdministratorStore;
  standing: StandingReader;
  /** Derives CSRF tokens from sessions; at least 32 bytes, the same in all instances. */
  csrfKey: Uint8Array;
  sessionLifetimeMinutes: number;
  now: () => Date;
}

/** The administrator of a session's cookie. */
export interface SessionOwner {
  administrator: Administrator;
  permit: Permit;
  session: { id: string; hash: string; csrfToken: string; expires: Date };
}

/** Starts a session for an administrator who was identified; undefined if the administrator may not act. */
export async function startSession(
  { store, standing, csrfKey, sessionLifetimeMinutes, now }: SessionOptions,
  administrator: Administrator,
  { address, userAgent }: Browser,
): Promise<NewSession | undefined> {
  const permit = await mayAct(standing, administrator);
  if (!permit) return undefined;
  const token = randomBytes(SESSION_BYTES).toString('base64url');
  const created = now();
  const expires = new Date(created.getTime() + sessionLifetimeMinutes * 60_000);
  const hash = hashToken(token);
  const session = {
    hash,
    administrator: administrator.id,
    created,
    expires,
    ...permit.stamp,
    address,
    ...(userAgent === undefined ? {} : { userAgent: userAgent.slice(0, USER_AGENT_CHARS_MAX) }),
  };
  await store.insertSession(session, SESSIONS_MAX - 1);
  await store.update(administrator.id, { lastSignIn: created });
  return { token, csrfToken: csrfTokenOf(csrfKey, hash), expires, administrator };
}

/** The CSRF token of a session: derived, so that it need not be stored. */
function csrfTokenOf(key: Uint8Array, sessionHash: string): string {
  return createHmac('sha256', key).update(sessionHash).digest('base64url');
}

/** The owner of a session's token; undefined if it is not valid. */
export async function ownerOfSession(
  { store, standing, csrfKey, now }: SessionOptions,
  token: string,
): Promise<SessionOwner | undefined> {
  if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
  const hash = hashToken(token);
  const session = await store.session(hash);
  if (!session || !sameHash(session.hash, hash) || session.expires <= now()) return undefined;
  const administrator = await store.byId(session.administrator);
  const permit = administrator && (await mayAct(standing, administrator, session));
  if (!permit) return undefined;
  const csrfToken = csrfTokenOf(csrfKey, hash);
  return { administrator, permit, session: { id: sessionId(hash), hash, csrfToken, expires: session.expires } };
}

/** The id of a session, by which its owner can end it. */
function sessionId(hash: string): string {
  return hash.slice(0, ID_CHARS);
}

/** The valid sessions of an administrator, newest first. */
export async function listSessions(store: AdministratorStore, administrator: string): Promise<ListedSession[]> {
  const sessions = await store.sessionsOf(administrator);
  return sessions.map(({ hash, created, expires, address, userAgent }) => ({
    id: sessionId(hash),
    created,
    expires,
    ...(address === undefined ? {} : { address }),
    ...(userAgent === undefined ? {} : { userAgent }),
  }));
}

/** Ends one session of an administrator; false if there is none with this id. */
export async function endSession(store: AdministratorStore, administrator: string, id: string): Promise<boolean> {
  const session = (await store.sessionsOf(administrator)).find(({ hash }) => sessionId(hash) === id);
  return session !== undefined && (await store.endSessions({ hash: session.hash })) > 0;
}
