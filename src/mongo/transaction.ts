// Writes over several documents: one transaction, made again a bounded number of times where another writer was in the way.

import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientSession, type MongoClient, MongoError } from 'mongodb';

const ATTEMPTS_MAX = 24;

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
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (attempt > 0) await sleep(Math.random() * Math.min(4 * 2 ** attempt, 250));
    const session = client.startSession();
    try {
      session.startTransaction({ writeConcern: { w: 'majority', journal: true }, readConcern: { level: 'snapshot' } });
      const result = await work(session);
      await commit(session);
      return result;
    } catch (error) {
      if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
      if (error instanceof Abort) return error.value as T;
      if (!isPassing(error)) throw error;
    } finally {
      await session.endSession();
    }
  }
  return 'busy';
}

/** A commit whose outcome is unknown is asked for again: the server answers the same transaction once. */
async function commit(session: ClientSession): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const unknown = error instanceof MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
      if (!unknown || attempt >= 2) throw error;
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel('TransientTransactionError');
}
