// Writes over several documents: one transaction, made again a bounded number of times where another writer was in the way.

import { type ClientSession, type MongoClient, MongoError } from 'mongodb';
import { backOff } from '../../directory/back-off.ts';
import { isOutage } from './mongo-errors.ts';

const ATTEMPTS_MAX = 24;
/** Longer than between plans: a transaction that loses has already cost the database its writes. */
const BACK_OFF = { firstMs: 8, maxMs: 250 };
/** How long a database that is away is asked again: each time it doesn't answer costs seconds. */
const OUTAGE_PATIENCE_MS = 2_000;

/** Thrown inside a transaction to leave it without a trace; `inTransaction` gives its value back. */
export class Abort<T> extends Error {
  readonly value: T;
  constructor(value: T) {
    super('transaction left');
    this.value = value;
  }
}

/**
 * Runs `work` in a transaction and commits it, majority and journaled.
 * @returns what `work` returns or aborts with; `busy` where other writers were faster every time.
 * @throws whatever the driver says that is not passing.
 */
export async function inTransaction<T>(
  client: MongoClient,
  work: (session: ClientSession) => Promise<T>,
): Promise<T | 'busy'> {
  const patienceEnds = Date.now() + OUTAGE_PATIENCE_MS;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    await backOff(attempt, BACK_OFF);
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
      // To leave a transaction takes the server too: where it is away nobody waits for that.
      if (!isAway) await left;
      if (error instanceof Abort) return error.value as T;
      if (!isPassing(error) || (isAway && Date.now() > patienceEnds)) throw error;
    }
  }
  return 'busy';
}

async function leave(session: ClientSession): Promise<void> {
  if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
  await session.endSession().catch(() => undefined);
}

/** A commit whose outcome is unknown is asked for again: the server answers the same transaction once. */
async function commit(session: ClientSession): Promise<void> {
  const patienceEnds = Date.now() + OUTAGE_PATIENCE_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const unknown = error instanceof MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
      if (!unknown || attempt >= 2 || Date.now() > patienceEnds) throw error;
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel('TransientTransactionError');
}
