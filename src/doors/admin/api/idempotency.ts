// Idempotency-Key: a POST that is repeated with the same key gets the first one's answer and does nothing again
// (draft-ietf-httpapi-idempotency-key-header).

import { createHash } from 'node:crypto';
import { type AdminAnswer, problem } from './problem.ts';

/** An answer as it is kept. */
interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  /** JSON text. */
  body: string;
}

/** What the store says of a key: new and now taken, still at work, used for another request, or done. */
type KeyState = { state: 'new' } | { state: 'running' } | { state: 'other' } | { state: 'done'; answer: KeptAnswer };

/** Where keys are kept for a day. Every method throws StoreUnavailable if the database is unavailable. */
export interface IdempotencyStore {
  begin(key: string, fingerprint: string, account: string): Promise<KeyState>;
  finish(key: string, answer: KeptAnswer): Promise<void>;
  /** Lets the key be used again: nothing was done. */
  forget(key: string): Promise<void>;
}

const KEY = /^[\x21-\x7e]{1,255}$/;
const RUNNING_RETRY_SECONDS = 2;

/** A key with whose it is and what it was used for. */
export interface KeyUse {
  key: string | string[] | undefined;
  account: string;
  administrator: string;
  operation: string;
  path: string;
  body: unknown;
}

/** Does the work once for a key; without a key it just does it. Refusals and failures are not kept: they may be tried again. */
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
      return problem(409, 'running', 'A request with this Idempotency-Key is still running. Wait for its answer.', {
        'Retry-After': String(RUNNING_RETRY_SECONDS),
      });
    case 'other':
      return problem(422, 'keyReused', 'This Idempotency-Key was already used for a request with different content.');
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
