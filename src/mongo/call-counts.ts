// Counts of the calls of connections in MongoDB: one document per connection and hour, to which all processes add.

import { type AnyBulkWriteOperation, type Db, MongoBulkWriteError } from 'mongodb';
import type { CallCounts, CallReader, CallSink, ConnectionCalls, HourCounts } from '../directory/health/calls.ts';
import { guarded, isDuplicate } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';
import type { CallCountDocument } from './schemas/operation/call-counts.ts';

/** A batch that is repeated is recognised while at most this many others were added to its hour in between. */
const BATCHES_KEPT = 50;
/** More hours than anybody reads. */
const HOURS_MAX = 1_000;

/** Creates the sink of counts. Writes do not wait for a majority: a crash may lose the last second. */
export function createCallSink(db: Db): CallSink {
  const { callCounts } = collectionsOf(db);

  /** The additions that were not made because a document with their id exists. */
  async function add(additions: readonly AnyBulkWriteOperation<CallCountDocument>[]) {
    try {
      await guarded(() => callCounts.bulkWrite([...additions], { ordered: false }));
      return [];
    } catch (error) {
      const errors = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
      if (errors.length === 0 || !errors.every(isDuplicate)) throw error;
      return errors.flatMap(({ index }) => additions[index] ?? []);
    }
  }

  return {
    async addCalls(batch, hours) {
      if (hours.length === 0) return;
      // Either another process has inserted the hour at the same moment, or the batch was added before: the second attempt shows which.
      const left = await add(hours.map((hour) => additionOf(batch, hour)));
      if (left.length > 0) await add(left);
    },
  };
}

function additionOf(batch: string, counts: HourCounts): AnyBulkWriteOperation<CallCountDocument> {
  const { account, connection, hour, minutes, client, listedUsers, listedGroups, lastSuccess, lastTokenRefused } =
    counts;
  const faults = Object.entries(counts.faults);
  const set = {
    ...(client ? { client } : {}),
    ...(listedUsers ? { listedUsers } : {}),
    ...(listedGroups ? { listedGroups } : {}),
  };
  const update = {
    $setOnInsert: { account, connection, hour },
    $inc: {
      requests: counts.requests,
      refused: counts.refused,
      failed: counts.failed,
      operations: counts.operations,
      failures: counts.failures,
      referenceFailures: counts.referenceFailures,
      ...Object.fromEntries(faults.map(([code, { count }]) => [`faults.${code}.count`, count])),
    },
    $max: {
      lastCall: counts.lastCall,
      ...(lastSuccess ? { lastSuccess } : {}),
      ...(lastTokenRefused ? { lastTokenRefused } : {}),
      ...Object.fromEntries(faults.map(([code, { last }]) => [`faults.${code}.last`, last])),
    },
    $bit: { minutesEarly: { or: minutes[0] }, minutesLate: { or: minutes[1] } },
    ...(Object.keys(set).length > 0 ? { $set: set } : {}),
    $push: { batches: { $each: [batch], $slice: -BATCHES_KEPT } },
  };
  const _id = [account, connection, hour.toISOString()].join(' ');
  return { updateOne: { filter: { _id, batches: { $ne: batch } }, update, upsert: true } };
}

/** Creates the reader of counts. */
export function createCallReader(db: Db): CallReader {
  const { callCounts } = collectionsOf(db);
  return {
    async byHour(account, from) {
      const found = callCounts.aggregate<CallCounts & { _id: Date }>(
        [
          { $match: { account, hour: { $gte: from } } },
          {
            $group: {
              _id: '$hour',
              requests: { $sum: '$requests' },
              refused: { $sum: '$refused' },
              failed: { $sum: '$failed' },
            },
          },
        ],
        { hint: 'account_hour' },
      );
      return (await guarded(() => found.toArray())).map(({ _id: hour, ...counts }) => ({ hour, ...counts }));
    },
    async byConnection(account, from, recent) {
      const recently = (field: string) => ({ $sum: { $cond: [{ $gte: ['$hour', recent] }, field, 0] } });
      const found = callCounts.aggregate<CallsByConnection>(
        [
          { $match: { account, hour: { $gte: from } } },
          {
            $group: {
              _id: '$connection',
              requests: recently('$requests'),
              refused: recently('$refused'),
              failed: recently('$failed'),
              operations: recently('$operations'),
              failures: recently('$failures'),
              referenceFailures: recently('$referenceFailures'),
              lastCall: { $max: '$lastCall' },
              lastSuccess: { $max: '$lastSuccess' },
              lastTokenRefused: { $max: '$lastTokenRefused' },
            },
          },
        ],
        { hint: 'account_hour' },
      );
      return new Map((await guarded(() => found.toArray())).map((calls) => [calls._id, withoutNulls(calls)]));
    },
    async hoursOf(account, connection, from) {
      const found = callCounts
        .find({ account, connection, hour: { $gte: from } }, { projection: { batches: 0 } })
        .sort({ hour: 1 })
        .limit(HOURS_MAX);
      return (await guarded(() => found.toArray())).map(toCounts);
    },
  };
}

function toCounts({ _id, minutesEarly, minutesLate, faults = {}, ...counts }: CallCountDocument): HourCounts {
  return { ...counts, faults, minutes: [minutesEarly, minutesLate] };
}

/** MongoDB answers null for what no document of a connection has. */
type CallsByConnection = Omit<ConnectionCalls, 'lastSuccess' | 'lastTokenRefused'> & {
  _id: string;
  lastSuccess: Date | null;
  lastTokenRefused: Date | null;
};

function withoutNulls({ _id, lastSuccess, lastTokenRefused, ...calls }: CallsByConnection): ConnectionCalls {
  return {
    ...calls,
    ...(lastSuccess ? { lastSuccess } : {}),
    ...(lastTokenRefused ? { lastTokenRefused } : {}),
  };
}
