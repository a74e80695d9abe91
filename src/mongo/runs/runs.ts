// Runs and their rows in MongoDB. A lease in the document of a run names the process that works on it; every write of that process is
// conditional on the lease.

import { type Collection, type Db, type Filter, MongoBulkWriteError } from 'mongodb';
import { newResourceId } from '../../directory/ids.ts';
import { NO_COUNTS, type RowsAbout, type Run, type RunRow, type RunStore } from '../../runs/store.ts';
import { createLease } from '../client/lease.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { collectionsOf, setRetention } from '../collections.ts';
import { textsIn } from '../query/text.ts';
import type { RowDocument } from '../schemas/operation/run-rows.ts';
import { OPEN_STATES, type RunDocument } from '../schemas/operation/runs.ts';

/** Creates the run store of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createRunStore(db: Db, now: () => Date): RunStore {
  const { runs, runRows: rows } = collectionsOf(db);
  return guardedStore({
    ...creation(runs, now),
    ...queries(runs),
    ...work(runs, rows, now),
    ...rowsAndErasure(runs, rows),
  });
}

type Creation = Pick<RunStore, 'create' | 'createExclusive'>;
type Queries = Pick<RunStore, 'openRun' | 'get' | 'list' | 'sameFile'>;
type Work = Pick<RunStore, 'claim' | 'renew' | 'checkpoint' | 'finish' | 'release' | 'cancel'>;
type RowsAndErasure = Pick<RunStore, 'rows' | 'eraseRow' | 'eraseFromRun'>;

function creation(runs: Collection<RunDocument>, now: () => Date): Creation {
  const insert = async ({ counts, ...run }: Parameters<RunStore['create']>[0]): Promise<Run> => {
    const document: RunDocument = {
      ...run,
      _id: newResourceId(),
      state: 'waiting',
      created: now(),
      counts: counts ?? NO_COUNTS,
    };
    await runs.insertOne(document);
    return runOf(document);
  };
  return {
    create: insert,
    async createExclusive(run) {
      try {
        return await insert(run);
      } catch (error) {
        if (isDuplicate(error)) return undefined;
        throw error;
      }
    },
  };
}

function queries(runs: Collection<RunDocument>): Queries {
  return {
    async openRun(account, exclusive) {
      const found = await runs.findOne({ account, exclusive }, { hint: 'account_exclusive' });
      return found ? runOf(found) : undefined;
    },
    async get(account, id) {
      const found = await runs.findOne({ _id: id, account });
      return found ? runOf(found) : undefined;
    },
    async list(account, { kinds, requester, after, limit }) {
      const found = await runs
        .find({
          account,
          ...(requester === undefined ? {} : { requester }),
          ...(kinds ? { kind: { $in: kinds } } : {}),
          ...(after === undefined ? {} : { _id: { $lt: after } }),
        })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .toArray();
      const page = found.slice(0, limit).map(runOf);
      const last = page.at(-1);
      return { runs: page, ...(found.length > limit && last ? { next: last.id } : {}) };
    },
    async sameFile(account, kinds, sha256, states, except) {
      const [found] = await runs
        .find({
          account,
          'file.sha256': sha256,
          kind: { $in: kinds },
          state: { $in: states },
          ...(except === undefined ? {} : { _id: { $ne: except } }),
        })
        .sort({ _id: -1 })
        .limit(1)
        .toArray();
      return found && runOf(found);
    },
  };
}

const ENDED = { lease: '', exclusive: '' } as const;

function work(runs: Collection<RunDocument>, rows: Collection<RowDocument>, now: () => Date): Work {
  const fields = { holder: 'lease.owner', until: 'lease.until', released: ['lease'] };
  const lease = createLease(runs, fields);
  return {
    async claim(kinds, leaseHolder, leaseMs) {
      const isOpen = { state: { $in: OPEN_STATES }, kind: { $in: kinds }, ...lease.free() };
      const start = { $set: { state: 'running' }, $min: { started: now() }, $inc: { attempts: 1 } };
      const claimed = await lease.claimFirst(isOpen, { _id: 1 }, leaseHolder, leaseMs, start);
      return claimed && runOf(claimed);
    },
    renew: (id, leaseHolder, leaseMs) => lease.renew(id, leaseHolder, leaseMs),
    async checkpoint(id, leaseHolder, progress) {
      const held = lease.heldBy(id, leaseHolder);
      // A process that has lost its lease must not overwrite rows of the next holder.
      if (!(await runs.findOne(held, { projection: { _id: 1 } }))) return false;
      await writeRows(rows, id, progress.rows, now());
      const { counts, checkpoint } = progress;
      return (await runs.updateOne(held, { $set: { counts, checkpoint } })).matchedCount > 0;
    },
    finish(id, leaseHolder, { state, reason }) {
      const end = { state, finished: now(), ...(reason === undefined ? {} : { reason }) };
      return lease.release(id, leaseHolder, { $set: end, $unset: { exclusive: '' } });
    },
    async release(id, leaseHolder) {
      await lease.release(id, leaseHolder);
    },
    async cancel(account, id) {
      const cancelled = await runs.findOneAndUpdate(
        { _id: id, account, state: { $in: OPEN_STATES } },
        { $set: { state: 'cancelled', finished: now() }, $unset: ENDED },
        { returnDocument: 'after' },
      );
      return cancelled ? runOf(cancelled) : undefined;
    },
  };
}

/** Writes rows, replacing existing ones. Most are new, and an insert costs less than a replacement that finds nothing. */
async function writeRows(
  collection: Collection<RowDocument>,
  run: string,
  rows: readonly RunRow[],
  created: Date,
): Promise<void> {
  const documents = rows.map((row) => ({
    _id: `${run}:${row.number}`,
    ...row,
    run,
    faulty: row.faults !== undefined,
    created,
  }));
  // Rows of one call are all new, or, in a later pass over them, all known.
  const [first] = documents;
  if (!first) return;
  const isKnown = (await collection.findOne({ _id: first._id }, { projection: { _id: 1 } })) !== null;
  const known = isKnown ? documents : await insertNew(collection, documents);
  if (known.length === 0) return;
  const replacements = known.map((replacement) => ({
    replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
  }));
  await collection.bulkWrite(replacements, { ordered: false });
}

/** Inserts rows; returns those that exist. */
async function insertNew(collection: Collection<RowDocument>, documents: RowDocument[]): Promise<RowDocument[]> {
  try {
    await collection.insertMany(documents, { ordered: false });
    return [];
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const writeErrors = [error.writeErrors].flat();
    if (writeErrors.length === 0 || !writeErrors.every(isDuplicate)) throw error;
    return writeErrors.flatMap(({ index }) => documents[index] ?? []);
  }
}

function rowsAndErasure(runs: Collection<RunDocument>, rows: Collection<RowDocument>): RowsAndErasure {
  return {
    async eraseRow(id, number, left) {
      const gone = (['user', 'fields', 'faults', 'block'] as const).filter((key) => left[key] === undefined);
      await rows.updateOne(
        { _id: `${id}:${number}` },
        { $set: left, $unset: { later: '', ...Object.fromEntries(gone.map((key): [string, ''] => [key, ''])) } },
      );
    },
    async eraseFromRun(id, { reason, mailTo, fileName }) {
      const gone = { ...(reason ? { reason: '' as const } : {}), ...(mailTo ? { 'options.mailTo': '' as const } : {}) };
      if (Object.keys(gone).length > 0) await runs.updateOne({ _id: id }, { $unset: gone });
      if (fileName === undefined) return;
      await runs.updateOne({ _id: id }, { $set: { 'file.name': fileName } });
      // The places in which a format keeps the name of the file, or one that is derived from it.
      for (const place of NAME_PLACES)
        await runs.updateOne({ _id: id, [place]: { $exists: true } }, { $set: { [place]: fileName } });
    },
    async rows(id, { outcome, faulty, waiting, retry, about, after, upTo, limit }) {
      const found = await rows
        .find({
          run: id,
          number: { $gt: after ?? 0, ...(upTo === undefined ? {} : { $lte: upTo }) },
          ...(outcome ? { outcome } : {}),
          ...(faulty ? { faulty: true } : {}),
          ...(waiting ? { later: { $exists: true } } : {}),
          ...(retry ? { retry: true } : {}),
          ...(about ? { $or: aboutPeople(about) } : {}),
        })
        .sort({ number: 1 })
        .limit(limit)
        .toArray();
      return found.map(({ _id, faulty: _faulty, created: _created, ...row }) => row);
    },
  };
}

const NAME_PLACES = ['options.source', 'checkpoint.archived', 'checkpoint.failed'];
const ROW_TEXTS = ['block', 'later', 'faults.words', 'fields.from', 'fields.to'];

function aboutPeople({ users, texts }: RowsAbout): Filter<RowDocument>[] {
  const found = textsIn(ROW_TEXTS, texts) as Filter<RowDocument>[];
  return [{ user: { $in: [...users] } }, ...found];
}

/** Wraps every method so that it throws StoreUnavailable during an outage. */
function guardedStore(store: RunStore): RunStore {
  const guard =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      guarded(() => method(...args));
  return {
    create: guard((...args) => store.create(...args)),
    createExclusive: guard((...args) => store.createExclusive(...args)),
    openRun: guard((...args) => store.openRun(...args)),
    get: guard((...args) => store.get(...args)),
    list: guard((...args) => store.list(...args)),
    sameFile: guard((...args) => store.sameFile(...args)),
    claim: guard((...args) => store.claim(...args)),
    renew: guard((...args) => store.renew(...args)),
    checkpoint: guard((...args) => store.checkpoint(...args)),
    finish: guard((...args) => store.finish(...args)),
    release: guard((...args) => store.release(...args)),
    cancel: guard((...args) => store.cancel(...args)),
    eraseRow: guard((...args) => store.eraseRow(...args)),
    eraseFromRun: guard((...args) => store.eraseFromRun(...args)),
    rows: guard((...args) => store.rows(...args)),
  };
}

/** Sets how many days after their creation runs, rows and files are deleted. @throws StoreUnavailable */
export async function setRunRetention(db: Db, days: number): Promise<void> {
  await guarded(async () => {
    for (const name of ['runs', 'runRows', 'runFiles'] as const) await setRetention(db, name, days);
  });
}

function runOf({ _id, lease: _lease, ...run }: RunDocument): Run {
  return { id: _id, ...run };
}
