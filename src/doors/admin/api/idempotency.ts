// Idempotency-Key: a POST that is repeated with the same key gets the first response and has no further effect
// (draft-ietf-httpapi-idempotency-key-header).

import { createHash } from 'node:crypto';
import { type AdminAnswer, problem } from './problem.ts';

/** A stored response. */
interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  /** JSON text. */
  body: string;
}

/** The state of a key: new (and reserved now), in progress, used for another request, or done. */
type KeyState = { state: 'new' } | { state: 'running' } | { state: 'other' } | { state: 'done'; answer: KeptAnswer };

/** Keeps keys for a day. Every method throws StoreUnavailable if the database is unavailable. */
export interface IdempotencyStore {
  begin(key: string, fingerprint: string, account: string): Promise<KeyState>;
  finish(key: string, answer: KeptAnswer): Promise<void>;
  /** Releases the key, because nothing was done. */
  forget(key: string): Promise<void>;
}

const KEY = /^[\x21-\x7e]{1,255}$/;
const RUNNING_RETRY_SECONDS = 2;

/** A key, its owner and the request that it was used for. */
export interface KeyUse {
  key: string | string[] | undefined;
  account: string;
  administrator: string;
  operation: string;
  path: string;
  body: unknown;
}

/** Does the work once for a key; without a key, every time. Refusals and failures are not stored, so that they can be retried. */
export async function once(
  store: IdempotencyStore,
  use: KeyUse,
  work: () => Promise<AdminAnswer>,
): Promise<AdminAnswer> {
  if (use.key === undefined) return work();
  if (typeof use.key !== 'string' || !KEY.test(use.key))
    return problem(400, 'invalidValue', 'Idempotency-Key must be 1 to 255 visible ASCII characters.');
  const key = digest([use.account, use.administrator, use.operation, use.key]);
  const found = await store.begin(key, digest([use.path, JSON.stringify(use.body) ?? '']), use.account);
  switch (found.state) {
    case 'done': {
      const { status, headers, body } = found.answer;
      return { status, headers: { ...headers, 'Idempotency-Replayed': 'true' }, body: JSON.parse(body) as object };
    }
    case 'running':
      return problem(409, 'running', 'A request with this Idempotency-Key is in progress. Wait for its response.', {
        'Retry-After': String(RUNNING_RETRY_SECONDS),
      });
    case 'other':
      return problem(422, 'keyReused', 'This Idempotency-Key was used for a different request.');
    case 'new':
      return fresh(store, key, work);
  }
}

async function fresh(store: IdempotencyStore, key: string, work: () => Promise<AdminAnswer>): Promise<AdminAnswer> {
  let answer: AdminAnswer | undefined;
  try {
    answer = await work();
  } finally {
    if (!answer || answer.status >= 300) await store.forget(key);
  }
  const { status, headers, body } = answer;
  if (status < 300) await store.finish(key, { status, headers, body: JSON.stringify(body ?? {}) });
  return answer;
}

function digest(parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
