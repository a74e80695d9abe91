// From an Authorization header to the account and connection that it speaks for (RFC 6750), with a small cache.

import type { Account, Connection } from '../directory/model.ts';
import type { CredentialOwner, CredentialStore } from './credential-store.ts';
import { hashToken, parseBearer, sameHash } from './tokens.ts';

/** Who a request is from. */
export interface Authenticated {
  account: Account;
  connection: Connection;
  credentialId: string;
}

export type RefusalReason = 'missing' | 'malformed' | 'unknown' | 'expired' | 'revoked';
export type Authentication = { ok: true; caller: Authenticated } | { ok: false; reason: RefusalReason };

export interface Authenticator {
  /**
   * Who the header speaks for. A hot token costs no query; a revocation elsewhere takes effect within 5 s.
   * @throws StoreUnavailable
   */
  authenticate(header: string | undefined): Promise<Authentication>;
  /** Forgets what is cached of a credential: a revocation in this process takes effect at once. */
  forget(credentialId: string): void;
}

const CACHE_AGE_MS = 5_000;
const CACHE_ENTRIES_MAX = 2_000;
const TOUCH_INTERVAL_MS = 60_000;

interface Entry {
  owner: CredentialOwner;
  readAt: number;
  touchedAt: number;
}

/**
 * Makes an authenticator over a store; `now` is the clock in milliseconds.
 * @see RFC 6750 §2.1, §3.1
 */
export function createAuthenticator(credentials: CredentialStore, now: () => number = Date.now): Authenticator {
  const cache = new Map<string, Entry>();
  const reading = new Map<string, Promise<Entry | undefined>>();

  const read = async (hash: string): Promise<Entry | undefined> => {
    const owner = await credentials.findByHash(hash);
    if (!owner || !sameHash(owner.credential.hash, hash)) return undefined;
    const touchedAt = Math.max(cache.get(hash)?.touchedAt ?? 0, owner.credential.lastUsed?.getTime() ?? 0);
    const entry = { owner, readAt: now(), touchedAt };
    remember(cache, hash, entry);
    return entry;
  };

  const lookUp = (hash: string): Promise<Entry | undefined> => {
    // Requests that arrive together with a token that is not cached share one query.
    const running = reading.get(hash);
    if (running) return running;
    const started = read(hash).finally(() => reading.delete(hash));
    reading.set(hash, started);
    return started;
  };

  const touch = (entry: Entry): void => {
    if (now() - entry.touchedAt < TOUCH_INTERVAL_MS) return;
    entry.touchedAt = now();
    // Off the request path, and worth no failure: the next minute tries again.
    credentials.touch(entry.owner.credential, new Date(now())).catch(() => undefined);
  };

  return {
    async authenticate(header) {
      const parsed = parseBearer(header);
      if (parsed.kind !== 'token') return { ok: false, reason: parsed.kind };
      const hash = hashToken(parsed.token);
      const cached = cache.get(hash);
      const fresh = cached && now() - cached.readAt < CACHE_AGE_MS;
      const entry = fresh ? cached : await lookUp(hash);
      if (!entry) {
        cache.delete(hash);
        return { ok: false, reason: 'unknown' };
      }
      const { credential, account, connection } = entry.owner;
      if (credential.revoked) return { ok: false, reason: 'revoked' };
      if (credential.expires && credential.expires.getTime() <= now()) return { ok: false, reason: 'expired' };
      if (fresh) remember(cache, hash, entry);
      touch(entry);
      return { ok: true, caller: { account, connection, credentialId: credential.id } };
    },
    forget(credentialId) {
      for (const [hash, entry] of cache) if (entry.owner.credential.id === credentialId) cache.delete(hash);
    },
  };
}

/** Puts an entry at the young end; the one that was used longest ago makes room. */
function remember(cache: Map<string, Entry>, hash: string, entry: Entry): void {
  cache.delete(hash);
  cache.set(hash, entry);
  if (cache.size <= CACHE_ENTRIES_MAX) return;
  const oldest = cache.keys().next();
  if (!oldest.done) cache.delete(oldest.value);
}

/**
 * The WWW-Authenticate header of a 401; without a token it names no error.
 * @see RFC 6750 §3
 */
export function challenge(reason: RefusalReason): string {
  const realm = 'Bearer realm="MobieTrain provisioning"';
  if (reason === 'missing') return realm;
  // Unknown and revoked sound the same to whoever guesses; an expiry is what an administrator must know.
  const words = reason === 'expired' ? 'The access token expired' : 'The access token is not valid';
  return `${realm}, error="invalid_token", error_description="${words}"`;
}
