// The keys that sign ID tokens (RFC 7517). Every period of 90 days has one key, so that all instances agree without talking to each
// other. A key is published a week before it signs, because clients keep the published keys for a while, and for a period after it.

import { CompactEncrypt, calculateJwkThumbprint, compactDecrypt, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { SealedKey, SigningKeyStore } from './provider-store.ts';

/** The algorithm of ID tokens, which every OpenID client supports (OpenID Connect Core §15.1). */
export const SIGNING_ALGORITHM = 'RS256';

const DAY_MS = 86_400_000;
const PERIOD_MS = 90 * DAY_MS;
const AHEAD_MS = 7 * DAY_MS;

/** The keys of a moment, the one that signs first. */
export interface SigningKeys {
  keys: JWK[];
  /** When other keys must be loaded. */
  until: Date;
}

/** What signing keys need. */
export interface SigningKeyOptions {
  store: SigningKeyStore;
  /** 32 random bytes, the same in all instances, that seal the private keys. */
  sealingKey: Uint8Array;
  now: () => Date;
}

/** Loads the keys of this moment, and makes those that are missing. @throws StoreUnavailable */
export async function loadSigningKeys({ store, sealingKey, now }: SigningKeyOptions): Promise<SigningKeys> {
  const at = now().getTime();
  const period = Math.floor(at / PERIOD_MS);
  const nextBegins = (period + 1) * PERIOD_MS;
  const isAhead = at >= nextBegins - AHEAD_MS;
  // The last one is published only if it was made in its time.
  const needed = isAhead ? [period, period + 1] : [period];
  const missing = async () => {
    const found = await store.keys(needed);
    return needed.filter((one) => !found.some((key) => key.period === one));
  };
  for (const one of await missing()) await store.add(await newKey(one, sealingKey));
  const stored = await store.keys([...needed, period - 1]);
  const order = [...needed, period - 1];
  stored.sort((a, b) => order.indexOf(a.period) - order.indexOf(b.period));
  const keys = await Promise.all(stored.map((key) => opened(key, sealingKey)));
  return { keys, until: new Date(isAhead ? nextBegins : nextBegins - AHEAD_MS) };
}

async function newKey(period: number, sealingKey: Uint8Array): Promise<SealedKey> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const whole: JWK = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: SIGNING_ALGORITHM, use: 'sig' };
  const sealed = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(whole)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(sealingKey);
  return { period, sealed, expires: new Date((period + 2) * PERIOD_MS + DAY_MS) };
}

async function opened({ sealed }: SealedKey, sealingKey: Uint8Array): Promise<JWK> {
  const { plaintext } = await compactDecrypt(sealed, sealingKey);
  return JSON.parse(new TextDecoder().decode(plaintext)) as JWK;
}
