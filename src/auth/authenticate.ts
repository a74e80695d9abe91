// Authenticates bearer tokens (RFC 6750): from an Authorization header to its account and connection, with a small cache.

import type { Account, Connection, RequestActor } from '../directory/model.ts';
import type { CredentialOwner, CredentialStore } from './credential-store.ts';
import { hashToken, headInside, headOf, parseBearer, sameHash } from './tokens.ts';

/** The account, connection and credential of a request. */
interface Authenticated {
  account: Account;
  connection: Connection;
  credentialId: string;
  /** The token by the names that people gave it and its connection. */
  by: RequestActor;
}

export type RefusalReason = 'missing' | 'malformed' | 'unknown' | 'expired' | 'revoked';
/** Of a token that was valid once, the refusal has the `owner`; of an unknown or malformed one, its first characters. */
type Authentication =
  | { ok: true; caller: Authenticated }
  | { ok: false; reason: RefusalReason; owner?: Authenticated; hint?: string };

export interface Authenticator {
  /**
   * Authenticates a header. A cached token needs no query; a revocation in another process takes effect within a second.
   * @throws StoreUnavailable
   */
  authenticate(header: string | undefined): Promise<Authentication>;
  /** Drops a credential from the cache, so that a revocation in this process takes effect immediately. */
  forget(credentialId: string): void;
}

/** Less than the second within which a revocation takes effect, because a query takes time, too. */
const CACHE_AGE_MS = 800;
const CACHE_ENTRIES_MAX = 2_000;
const TOUCH_INTERVAL_MS = 60_000;

interface Entry {
  owner: CredentialOwner;
  readAt: number;
  touchedAt: number;
}

/**
 * Creates an authenticator; `now` is the clock in milliseconds.
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
    // Concurrent requests with the same uncached token share one query.
    const running = reading.get(hash);
    if (running) return running;
    const started = read(hash).finally(() => reading.delete(hash));
    reading.set(hash, started);
    return started;
  };

  const touch = (entry: Entry): void => {
    if (now() - entry.touchedAt < TOUCH_INTERVAL_MS) return;
    entry.touchedAt = now();
    // Not awaited and not worth failing the request: a later request tries again.
    credentials.touch(entry.owner.credential, new Date(now())).catch(() => undefined);
  };

  return {
    async authenticate(header) {
      const parsed = parseBearer(header);
      if (parsed.kind !== 'token') {
        const hint = parsed.kind === 'malformed' ? headInside(header ?? '') : undefined;
        return { ok: false, reason: parsed.kind, ...(hint === undefined ? {} : { hint }) };
      }
      const hash = hashToken(parsed.token);
      const cached = cache.get(hash);
      const age = cached === undefined ? Number.POSITIVE_INFINITY : now() - cached.readAt;
      // A negative age: the clock was set back, and nobody knows how old the entry is.
      const fresh = cached !== undefined && age >= 0 && age < CACHE_AGE_MS;
      const entry = fresh ? cached : await lookUp(hash);
      if (!entry) {
        cache.delete(hash);
        return { ok: false, reason: 'unknown', hint: headOf(parsed.token) };
      }
      const { credential } = entry.owner;
      const owner = callerOf(entry.owner);
      if (credential.revoked) return { ok: false, reason: 'revoked', owner };
      if (credential.expires && credential.expires.getTime() <= now()) return { ok: false, reason: 'expired', owner };
      if (fresh) remember(cache, hash, entry);
      touch(entry);
      return { ok: true, caller: owner };
    },
    forget(credentialId) {
      for (const [hash, entry] of cache) if (entry.owner.credential.id === credentialId) cache.delete(hash);
    },
  };
}

function callerOf({ credential, account, connection }: CredentialOwner): Authenticated {
  const name = credential.name === undefined ? connection.name : `${connection.name} (${credential.name})`;
  return { account, connection, credentialId: credential.id, by: { kind: 'token', id: credential.id, name } };
}

/** Adds an entry and evicts the least recently used one if the cache is full. */
function remember(cache: Map<string, Entry>, hash: string, entry: Entry): void {
  cache.delete(hash);
  cache.set(hash, entry);
  if (cache.size <= CACHE_ENTRIES_MAX) return;
  const oldest = cache.keys().next();
  if (!oldest.done) cache.delete(oldest.value);
}

/**
 * The WWW-Authenticate header of a 401, without an error if the request had no token.
 * @see RFC 6750 §3
 */
export function challenge(reason: RefusalReason): string {
  const realm = 'Bearer realm="MobieTrain provisioning"';
  if (reason === 'missing') return realm;
  // Unknown and revoked tokens look the same to an attacker; an administrator needs to know about an expiry.
  const words = reason === 'expired' ? 'The access token expired' : 'The access token is not valid';
  return `${realm}, error="invalid_token", error_description="${words}"`;
}
