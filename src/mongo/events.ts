// Events in MongoDB: written in batches, deleted at the end of their retention time.

import { type Db, MongoBulkWriteError } from 'mongodb';
import type {
  ConnectionCall,
  EventFilter,
  EventQuery,
  EventReader,
  EventSink,
  RecordedEvent,
} from '../directory/event.ts';
import { DOORS, type Door } from '../directory/model.ts';
import { REFUSED_FROM } from '../directory/request-outcome.ts';
import { guarded, isDuplicate } from './client/mongo-errors.ts';
import { collectionsOf, setRetention } from './collections.ts';

/** Creates the sink that the recorder writes events to. Writes do not wait for a majority: a crash may lose the last second. */
export function createEventSink(db: Db): EventSink {
  const { events, refusedRequests } = collectionsOf(db);
  return {
    async count(refused) {
      if (refused.length === 0) return;
      const updates = refused.map(({ count, ...key }) => {
        const parts = [key.minute.toISOString(), key.door, key.address, key.reason, key.hint ?? ''];
        const update = { $setOnInsert: key, $inc: { count } };
        return { updateOne: { filter: { _id: parts.join(' ') }, update, upsert: true } };
      });
      await guarded(() => refusedRequests.bulkWrite(updates, { ordered: false }));
    },
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

/** Creates the reader with which administrators list events. */
export function createEventReader(db: Db): EventReader {
  const { events, refusedRequests } = collectionsOf(db);
  return {
    list(account, { limit, before, subject, door, connection, failed }: EventQuery) {
      const found = events
        .find({
          account,
          ...(before === undefined ? {} : { _id: { $lt: before } }),
          ...(subject === undefined ? {} : { about: subject, isRead: { $in: [false, true] } }),
          ...(connection === undefined ? {} : { connection }),
          ...doorOf(door, connection),
          ...(failed ? { status: { $gte: REFUSED_FROM }, foundNothing: { $exists: false } } : {}),
        })
        .sort({ _id: -1 })
        .limit(limit);
      if (connection !== undefined && subject === undefined)
        found.hint(failed ? 'account_connection_refused' : 'account_connection');
      return guarded(() => found.toArray());
    },
    async span(account, { connection, after, before, filter, limit }) {
      // The events of other connections come as their ids, so that a busy account is read in steps that are all short.
      const looked = events.aggregate<{ _id: string; event?: RecordedEvent }>(
        [
          { $match: { account, _id: { $gt: after, $lt: before } } },
          { $sort: { _id: 1 } },
          { $limit: limit },
          { $project: { event: { $cond: [isMeant(connection, filter), '$$ROOT', '$$REMOVE'] } } },
        ],
        { hint: 'account_newest', batchSize: limit + 1 },
      );
      const found = await guarded(() => looked.toArray());
      return {
        events: found.flatMap(({ event }) => event ?? []),
        reached: found.at(-1)?._id,
        isWhole: found.length < limit,
      };
    },
    async calls(account, connection, limit) {
      const inactive = { $regexMatch: { input: { $ifNull: ['$responseBody', ''] }, regex: '"active":\\s*false' } };
      const fields = {
        at: 1,
        credential: 1,
        method: 1,
        path: 1,
        status: 1,
        isRead: 1,
        foundNothing: 1,
        faults: 1,
        isInactive: inactive,
        _id: 0,
      };
      const found = events.aggregate<ConnectionCall>(
        [
          { $match: { account, connection, door: 'scim' } },
          { $sort: { _id: -1 } },
          { $limit: limit },
          { $project: fields },
        ],
        { hint: 'account_connection' },
      );
      return guarded(() => found.toArray());
    },
    async lastUnknown(heads, since) {
      if (heads.length === 0) return undefined;
      const begun = { hint: { $in: [...heads] }, minute: { $gte: since }, door: 'scim' as const };
      const found = refusedRequests.find(begun, { projection: { minute: 1, hint: 1 } }).hint('hint_newest');
      return (await guarded(() => found.sort({ minute: -1 }).limit(1).toArray()))[0];
    },
  };
}

/** As `outcomeOf` says. */
const IS_REFUSED = { $and: [{ $gte: ['$status', REFUSED_FROM] }, { $ne: ['$foundNothing', true] }] };
/** The condition on the door. The indexes of connections have the door before the id, so that both conditions use them: each door is named. */
function doorOf(door: Door | undefined, connection: string | undefined): object {
  if (door !== undefined) return { door };
  return connection === undefined ? {} : { door: { $in: [...DOORS] } };
}

/** The expression for the events of a connection that a filter means. */
function isMeant(connection: string, { outcome, method, statusClass }: EventFilter): object {
  const between = (from: number, to: number) => [{ $gte: ['$status', from] }, { $lt: ['$status', to] }];
  return {
    $and: [
      { $eq: ['$connection', { $literal: connection }] },
      ...(outcome === 'accepted' ? [{ $not: [IS_REFUSED] }] : []),
      ...(outcome === 'refused' ? [IS_REFUSED] : []),
      ...(method === undefined ? [] : [{ $eq: ['$method', { $literal: method }] }]),
      ...(statusClass === undefined ? [] : between(statusClass * 100, (statusClass + 1) * 100)),
    ],
  };
}

/** Whether a batch failed only because it had been written before: it was retried after a response that never arrived. */
function isRepeated(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return false;
  const errors = [error.writeErrors].flat();
  return errors.length > 0 && errors.every(isDuplicate);
}

/** Sets how many days events and counts of refused requests are kept. @throws StoreUnavailable */
export async function setEventRetention(db: Db, days: number): Promise<void> {
  await guarded(async () => {
    for (const name of ['events', 'refusedRequests'] as const) await setRetention(db, name, days);
  });
}
