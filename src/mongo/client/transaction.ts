// Writes of several documents in one transaction, which is retried within the request's retry budget.

import { BSON, type ClientSession, type MongoClient, MongoError } from 'mongodb';
import { type RetryBudget, retry } from '../../directory/retry-budget.ts';
import { isOutage } from './mongo-errors.ts';

/** Longer than between plans, because an aborted transaction has already cost the database its writes. */
const BACK_OFF = { firstMs: 8, maxMs: 250 };
/** How long an operation is retried during an outage; each attempt takes seconds. */
const OUTAGE_RETRY_MS_MAX = 2_000;

/** Thrown inside a transaction to roll it back; `inTransaction` then returns its value. */
export class Abort<T> extends Error {
  readonly value: T;
  constructor(value: T) {
    super('transaction aborted');
    this.value = value;
  }
}

/**
 * Runs `work` in a transaction and commits it, acknowledged by a majority and journaled. `work` may run several times.
 * @returns what `work` returns or aborts with; `busy` if the retry budget was used up by conflicts with other writers
 * @throws errors of the driver that are not transient
 */
export async function inTransaction<T>(
  client: MongoClient,
  budget: RetryBudget,
  work: (session: ClientSession) => Promise<T>,
): Promise<T | 'busy'> {
  const outageEndsAt = Date.now() + OUTAGE_RETRY_MS_MAX;
  let readsFirst = false;
  for (;;) {
    const session = client.startSession();
    try {
      session.startTransaction({ writeConcern: { w: 'majority', journal: true }, readConcern: { level: 'snapshot' } });
      if (readsFirst) await client.db().collection('none').findOne({}, { session });
      const result = await work(session);
      await commit(session);
      await session.endSession();
      return result;
    } catch (error) {
      const isUnreachable = isOutage(error);
      const aborted = abort(session);
      // Aborting needs the server too; do not wait for it during an outage.
      if (!isUnreachable) await aborted;
      if (error instanceof Abort) return error.value as T;
      if (isUnreadable(error) && !readsFirst) {
        readsFirst = true;
        continue;
      }
      if (!isTransient(error) || (isUnreachable && Date.now() > outageEndsAt)) throw error;
      if (await retry(budget, BACK_OFF)) continue;
      if (isUnreachable) throw error;
      return 'busy';
    }
  }
}

async function abort(session: ClientSession): Promise<void> {
  if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
  await session.endSession().catch(() => undefined);
}

/** Retries a commit whose outcome is unknown; the server commits a transaction only once. */
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

/**
 * mongod cuts long messages, also within a character, and the driver refuses to read the response to the first statement of a
 * transaction then, whatever `enableUtf8Validation` says. Behind another statement it reads it.
 */
function isUnreadable(error: unknown): boolean {
  return error instanceof BSON.BSONError;
}

function isTransient(error: unknown): boolean {
  return error instanceof MongoError && error.hasErrorLabel('TransientTransactionError');
}
