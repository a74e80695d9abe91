// Events as MongoDB keeps them: written in batches, gone at the end of their retention time.

import { type Db, type IndexDescription, MongoBulkWriteError } from 'mongodb';
import type { EventQuery, EventReader, EventSink, RecordedEvent } from '../directory/event.ts';
import { guarded } from './client/mongo-errors.ts';

const COLLECTION = 'events';
const TTL_INDEX = 'retention';

/** The first status that tells of a refusal or a failure. */
const FAILED_FROM = 400;

const INDEXES: IndexDescription[] = [
  { key: { account: 1, _id: -1 }, name: 'account_newest' },
  { key: { account: 1, door: 1, _id: -1 }, name: 'account_door' },
  {
    key: { account: 1, 'subject.id': 1, _id: -1 },
    name: 'account_subject_newest',
    partialFilterExpression: { 'subject.id': { $exists: true } },
  },
  { key: { account: 1, _id: -1 }, name: 'account_failed', partialFilterExpression: { status: { $gte: FAILED_FROM } } },
];
/** Of earlier versions: no question goes by them any more. */
const FORMER_INDEXES = ['account_at', 'account_subject', 'account_externalId'];

/** The events of a database as the recorder writes them: no majority is waited for, the last second may be lost in a crash. */
export function createEventSink(db: Db): EventSink {
  const events = db.collection<RecordedEvent>(COLLECTION, { writeConcern: { w: 1 } });
  return {
    async append(batch) {
      if (batch.length === 0) return;
      try {
        await guarded(() => events.insertMany([...batch], { ordered: false }));
      } catch (error) {
        if (!isRepeated(error)) throw error;
      }
    },
  };
}

/** The events of a database as administrators read them. */
export function createEventReader(db: Db): EventReader {
  const events = db.collection<RecordedEvent>(COLLECTION);
  return {
    list: (account, { limit, before, subject, door, failed }: EventQuery) =>
      guarded(() =>
        events
          .find({
            account,
            ...(before === undefined ? {} : { _id: { $lt: before } }),
            ...(subject === undefined ? {} : { 'subject.id': subject }),
            ...(door === undefined ? {} : { door }),
            ...(failed ? { status: { $gte: FAILED_FROM } } : {}),
          })
          .sort({ _id: -1 })
          .limit(limit)
          .toArray(),
      ),
  };
}

/** A batch that is tried again meets what was written the first time. */
function isRepeated(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return false;
  const errors = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return errors.length > 0 && errors.every((one) => one.code === 11000);
}

/** Makes the indexes of events; a changed retention time changes the index that is there. */
export async function ensureEventIndexes(db: Db, retentionDays: number): Promise<void> {
  const expireAfterSeconds = retentionDays * 86_400;
  await guarded(async () => {
    const events = db.collection(COLLECTION);
    await events.createIndexes(INDEXES);
    const existing = await events.indexes().catch(() => []);
    for (const { name } of existing) if (FORMER_INDEXES.includes(name ?? '')) await events.dropIndex(name ?? '');
    const ttl = existing.find((index) => index.name === TTL_INDEX);
    if (!ttl) await events.createIndex({ at: 1 }, { name: TTL_INDEX, expireAfterSeconds });
    else if (ttl.expireAfterSeconds !== expireAfterSeconds)
      await db.command({ collMod: COLLECTION, index: { name: TTL_INDEX, expireAfterSeconds } });
  });
}
