// Writes over several documents: one transaction, made again while the request's retry budget lasts.

import { type ClientSession, type MongoClient, MongoError } from 'mongodb';
import { type RetryBudget, retry } from '../../directory/retry-budget.ts';
import { isOutage } from './mongo-errors.ts';

/** Longer than between plans: a transaction that loses has already cost the database its writes. */
const BACK_OFF = { firstMs: 8, maxMs: 250 };
/** How long an unreachable database is tried again: each attempt takes seconds. */
const OUTAGE_RETRY_MS_MAX = 2_000;

/** Thrown inside a transaction to leave it without a trace; `inTransaction` returns its value. */
export class Abort<T> extends Error {
  readonly value: T;
  constructor(value: T) {
    super('transaction left');
    this.value = value;
  }
}

/**
 * Runs `work` in a transaction and commits it, majority and journaled.
 * @returns what `work` returns or aborts with; `busy` if other writers were faster until the budget was used up
 * @throws whatever the driver throws that is not transient
 */
export async function inTransaction<T>(
  client: MongoClient,
  budget: RetryBudget,
  work: (session: ClientSession) => Promise<T>,
): Promise<T | 'busy'> {
  const outageEndsAt = Date.now() + OUTAGE_RETRY_MS_MAX;
  for (;;) {
    const session = client.startSession();
    try {
      session.startTransaction({ writeConcern: { w: 'majority', journal: true }, readConcern: { level: 'snapshot' } });
      const result = await work(session);
      await commit(session);
      await session.endSession();
      return result;
    } catch (error) {
      const isAway = isOutage(error);
      const left = leave(session);
      // Leaving a transaction needs the server too; nobody waits for one that is unreachable.
      if (!isAway) await left;
      if (error instanceof Abort) return error.value as T;
      if (!isTransient(error) || (isAway && Date.now() > outageEndsAt)) throw error;
      if (await retry(budget, BACK_OFF)) continue;
      if (isAway) throw error;
      return 'busy';
    }
  }
}

async function leave(session: ClientSession): Promise<void> {
  if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
  await session.endSession().catch(() => undefined);
}

/** A commit whose outcome is unknown is sent again: the server carries out the same transaction once. */
async function commit(session: ClientSession): Promise<void> {
  const outageEndsAt = Date.now() + OUTAGE_RETRY_MS_MAX;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const unknown = error instanceof MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
      if (!unknown || attempt >= 2 || Date.now() > outageEndsAt) throw error;
    }
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel('TransientTransactionError');
}
