// Change records that wait in the changed documents: finds them, and moves them into the audit collection. A record is in the audit
// collection, on a majority, before it is removed from its document; it has the same id in both, so every step can be repeated.

import {
  type AnyBulkWriteOperation,
  type Collection,
  type Db,
  type Document,
  MongoBulkWriteError,
  MongoError,
} from 'mongodb';
import type { ChangeRecord } from '../../directory/model.ts';
import type { Tombstone } from '../../directory/records.ts';
import { isDuplicate } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { AuditEntry } from '../schemas/directory/audit.ts';
import { CHANGES_INDEX } from '../schemas/directory/change-record.ts';

/** The collections whose documents have change records. */
export const CHANGED_COLLECTIONS = ['users', 'groups', 'stores', 'tombstones'] as const;
export type ChangedCollection = (typeof CHANGED_COLLECTIONS)[number];

/** A document with change records that were not moved yet. */
interface Changed {
  _id: string;
  changes: ChangeRecord[];
  /** Of a tombstone: what was deleted. */
  resource?: AuditEntry['resource'];
}

/** The change records that wait in one database. Every method throws what the driver throws. */
export interface WaitingChanges {
  /** The date of the oldest or newest record in a collection, by the clock of the server that wrote it; undefined if none waits. */
  bound(
    name: ChangedCollection,
    which: 'oldest' | 'newest',
    options?: { maxTimeMS?: number },
  ): Promise<Date | undefined>;
  /**
   * Documents with a record that is not newer than `upTo`, about the oldest first.
   * @param share a condition on `_id`
   */
  read(name: ChangedCollection, upTo: Date, share: Document, limit: number): Promise<Changed[]>;
  /**
   * Moves the records that were read; others that the documents have meanwhile stay there. Returns the ids of documents that could not
   * be written in time, because a transaction holds them or a neighbour: their records are in the audit collection, and some still in them.
   */
  move(name: ChangedCollection, changed: readonly Changed[]): Promise<string[]>;
  /**
   * Moves the records of deleted resources at once. Afterwards no server can add what it had read of them before the deletion, because
   * the audit collection has those ids.
   */
  moveDeleted(account: string, ids: readonly string[]): Promise<void>;
}

const RESOURCES = { users: 'User', groups: 'Group', stores: 'Store' } as const;
/** A transaction of a server that was killed holds its documents for a minute. */
const REMOVAL_MS_MAX = 1_000;
const TIME_LIMIT_EXCEEDED = 50;
/** How many documents at least are written by one command. */
const PIECE = 250;
const BY_DATE = { hint: CHANGES_INDEX.name ?? '' };

/** Creates the access to the change records of a database. */
export function createWaitingChanges(db: Db): WaitingChanges {
  const collections = collectionsOf(db);
  const { audit } = collections;
  const changedIn = (name: ChangedCollection) => collections[name] as unknown as Collection<Changed>;

  async function move(name: ChangedCollection, changed: readonly Changed[]): Promise<string[]> {
    const entries = changed.flatMap(({ _id: subject, changes, resource = RESOURCES[name as 'users'] }) =>
      changes.map(({ id, ...record }): AuditEntry => ({ _id: `${id}:${subject}`, resource, subject, ...record })),
    );
    if (entries.length === 0) return [];
    await insertMissing(audit, entries);
    const held = await Promise.all(piecesOf(removalsOf(changed)).map((piece) => remove(changedIn(name), piece)));
    return held.flat();
  }

  return {
    move,
    async bound(name, which, options = {}) {
      const [found] = await changedIn(name)
        .find({ 'changes.at': { $exists: true } }, { projection: { 'changes.at': 1 }, ...BY_DATE, ...options })
        .sort({ 'changes.at': which === 'oldest' ? 1 : -1 })
        .limit(1)
        .toArray();
      const dates = found?.changes.map(({ at }) => at.getTime()) ?? [];
      if (dates.length === 0) return undefined;
      return new Date(which === 'oldest' ? Math.min(...dates) : Math.max(...dates));
    },
    read: (name, upTo, share, limit) =>
      changedIn(name)
        .find(
          { 'changes.at': { $lte: upTo }, ...share },
          {
            projection: { changes: 1, resource: 1 },
            limit,
            // One more than the limit: a single answer, and no cursor that stays open.
            batchSize: limit + 1,
            // A change that is rolled back must not be in the audit trail.
            readConcern: { level: 'majority' },
            ...BY_DATE,
          },
        )
        .toArray(),
    async moveDeleted(account, ids) {
      const deleted = await collections.tombstones
        .find({ account, _id: { $in: [...ids] } }, { projection: { changes: 1, resource: 1 } })
        .toArray();
      await move('tombstones', deleted);
    },
  };
}

/** Inserts entries on a majority, except those that are there already. */
async function insertMissing(audit: Collection<AuditEntry>, entries: AuditEntry[]): Promise<void> {
  try {
    await audit.insertMany(entries, { ordered: false });
  } catch (error) {
    if (!isOnlyDuplicates(error, entries.length)) throw error;
  }
}

/** Whether each of the writes succeeded or found its id taken, and a majority has acknowledged that. */
function isOnlyDuplicates(error: unknown, writes: number): boolean {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) return false;
  const refused = [error.writeErrors].flat();
  return refused.every(isDuplicate) && error.insertedCount + refused.length === writes;
}

/** Record ids that are removed from some documents. */
interface Removal {
  ids: string[];
  subjects: string[];
}

/**
 * The removals of records that were moved: those that name their subject together. A record that was written to many users has the same id in
 * all of them, and another user may have received it after the documents were read; it is removed by itself, from the users it was read from.
 */
function removalsOf(changed: readonly Changed[]): Removal[] {
  const own: Removal[] = [];
  const shared = new Map<string, string[]>();
  for (const { _id, changes } of changed) {
    const ids = changes.flatMap(({ id }) => (id.includes(_id) ? [id] : []));
    for (const { id } of changes) if (!id.includes(_id)) shared.set(id, [...(shared.get(id) ?? []), _id]);
    if (ids.length === 0) continue;
    const last = own.at(-1);
    if (last === undefined || last.subjects.length >= PIECE) own.push({ ids, subjects: [_id] });
    else {
      last.ids.push(...ids);
      last.subjects.push(_id);
    }
  }
  return [...own, ...[...shared].map(([id, subjects]) => ({ ids: [id], subjects }))];
}

/** Divides removals into pieces of similar size, which wait for held documents side by side. */
function piecesOf(removals: readonly Removal[]): Removal[][] {
  const pieces: Removal[][] = [];
  let documents = PIECE;
  for (const removal of removals) {
    if (documents >= PIECE) {
      pieces.push([]);
      documents = 0;
    }
    pieces.at(-1)?.push(removal);
    documents += removal.subjects.length;
  }
  return pieces;
}

/** Removes records; returns the ids of all documents of the piece if the time is up. */
async function remove(collection: Collection<Changed>, piece: readonly Removal[]): Promise<string[]> {
  const statements = piece.map(
    ({ ids, subjects }): AnyBulkWriteOperation<Changed> => ({
      updateMany: {
        filter: { _id: { $in: subjects } },
        update: { $pull: { changes: { id: { $in: ids } } } },
        hint: '_id_',
      },
    }),
  );
  try {
    await collection.bulkWrite(statements, { ordered: false, maxTimeMS: REMOVAL_MS_MAX });
    return [];
  } catch (error) {
    if (!(error instanceof MongoError) || error.code !== TIME_LIMIT_EXCEEDED) throw error;
    return piece.flatMap(({ subjects }) => subjects);
  }
}

/** A tombstone with what the relay has not moved yet of the deleted document, so that none is lost. */
export function withWaiting(tombstone: Tombstone, waiting: readonly ChangeRecord[]): Tombstone {
  return { ...tombstone, changes: [...waiting, ...tombstone.changes] };
}
