// Single writes of users, each atomic by itself. Writes that arrive together are sent as one bulk write, and each gets its own outcome.
// Plans of several writes are transactions; see records.ts in the parent folder.

import { randomBytes } from 'node:crypto';
import { type AnyBulkWriteOperation, MongoBulkWriteError } from 'mongodb';
import type { StoredUser } from '../../directory/model.ts';
import type { CommitResult, Write } from '../../directory/records.ts';
import { type BatchOutcome, createBatcher } from '../client/batcher.ts';
import { takenValue } from '../client/unique-indexes.ts';
import type { Collections } from '../collections.ts';

type Update = Extract<Write, { kind: 'updateUser' }>;

const BATCHES_MAX = 3;
const ITEMS_MAX = 100;

/** The filter and the update document for a change of a user. */
export function userUpdate(account: string, { id, ifRevision, changes, visible, record }: Update) {
  const set = visible ? { ...changes.set, modified: record.at } : changes.set;
  return {
    filter: { _id: id, account, revision: ifRevision },
    update: {
      ...(Object.keys(set).length > 0 ? { $set: set } : {}),
      ...(changes.unset.length > 0
        ? { $unset: Object.fromEntries(changes.unset.map((path): [string, ''] => [path, ''])) }
        : {}),
      $inc: visible ? { revision: 1, version: 1 } : { revision: 1 },
      $push: { changes: record },
    },
  };
}

/** Creates the batched writes of users. Both functions return the outcome of a commit, and throw what the driver throws. */
export function createUserWrites({ users, audit }: Collections) {
  const insert = createBatcher<StoredUser, CommitResult>({
    batchesMax: BATCHES_MAX,
    itemsMax: ITEMS_MAX,
    async run(items) {
      const [first] = items;
      if (first && items.length === 1) await users.insertOne(first);
      else {
        const failed = await failures(() => users.insertMany([...items], { ordered: false }));
        if (failed.size > 0) return items.map((_user, index) => failed.get(index) ?? DONE);
      }
      return items.map(() => DONE);
    },
  });

  const update = createBatcher<{ account: string; write: Update }, CommitResult>({
    batchesMax: BATCHES_MAX,
    itemsMax: ITEMS_MAX,
    async run(items) {
      const [first] = items;
      if (first && items.length === 1) {
        const { account, write } = first;
        const { filter, update: change } = userUpdate(account, write);
        const { matchedCount } = await users.updateOne(filter, change);
        return [matchedCount === 1 ? DONE : STALE];
      }
      let matched = 0;
      const identified = items.map(({ account, write }) => {
        const record = { ...write.record, write: nextWriteId() };
        return { account, write: { ...write, record } };
      });
      const operations = identified.map(
        ({ account, write }): AnyBulkWriteOperation<StoredUser> => ({
          updateOne: userUpdate(account, write),
        }),
      );
      const failed = await failures(
        async () => {
          matched = (await users.bulkWrite(operations, { ordered: false })).matchedCount;
        },
        (error) => {
          matched = error.matchedCount;
        },
      );
      // Usually all writes succeed; otherwise the write ids in the stored change records show which ones did.
      const written = matched === items.length - failed.size ? undefined : await writtenOf(identified);
      return identified.map(({ write }, index) => {
        const failure = failed.get(index);
        if (failure) return failure;
        return written === undefined || written.has(write.record.write) ? DONE : STALE;
      });
    },
  });

  /** The stored write ids: in the user, or, if already moved, in the audit collection. */
  async function writtenOf(items: readonly { write: Update }[]): Promise<Set<string | undefined>> {
    const ids = items.map(({ write }) => write.id);
    // One after the other: the relay writes a record to the audit collection before it removes it from the user.
    const stored = await users.find({ _id: { $in: ids } }, { projection: { 'changes.write': 1 } }).toArray();
    const moved = await audit
      .find({ _id: { $in: items.map(({ write }) => `${write.record.id}:${write.id}`) } }, { projection: { write: 1 } })
      .toArray();
    return new Set([...stored.flatMap(({ changes }) => changes), ...moved].map(({ write }) => write));
  }

  return {
    insert,
    update: (account: string, write: Update) => update({ account, write }),
  };
}

const DONE: BatchOutcome<CommitResult> = { ok: true, value: { ok: true, groups: [] } };
const STALE: BatchOutcome<CommitResult> = { ok: true, value: { ok: false, reason: 'stale' } };

const PROCESS_ID = randomBytes(9).toString('base64url');
let writeCount = 0;

/** An id that is unique among all writes of all processes. */
function nextWriteId(): string {
  writeCount += 1;
  return `${PROCESS_ID}.${writeCount.toString(36)}`;
}

/**
 * Runs an unordered bulk write; returns the outcomes of the writes that failed individually, by index.
 * @throws an error that concerns the whole batch
 */
async function failures(
  write: () => Promise<unknown>,
  onFailed: (error: MongoBulkWriteError) => void = () => undefined,
): Promise<Map<number, BatchOutcome<CommitResult>>> {
  try {
    await write();
    return new Map();
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error;
    const writeErrors = [error.writeErrors].flat();
    if (writeErrors.length === 0) throw error;
    onFailed(error);
    return new Map(
      writeErrors.map((writeError) => {
        const value = takenValue(writeError);
        const outcome: BatchOutcome<CommitResult> =
          value === undefined ? { ok: false, error } : { ok: true, value: { ok: false, reason: 'taken', value } };
        return [writeError.index, outcome];
      }),
    );
  }
}
