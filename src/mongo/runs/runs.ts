// Runs and their rows in MongoDB. A lease in the run's own document says whose it is: every write of its owner is conditional on it.

import type { Db, Filter } from 'mongodb';
import { newResourceId } from '../../directory/ids.ts';
import { NO_COUNTS, type RowsAbout, type Run, type RunStore } from '../../runs/store.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { collectionsOf, setRetention } from '../collections.ts';
import { textsIn } from '../query/text.ts';
import type { RowDocument } from '../schemas/operation/run-rows.ts';
import { OPEN_STATES, type RunDocument } from '../schemas/operation/runs.ts';

/** The runs of a database. Every method throws StoreUnavailable where the database is away. */
export function createRunStore(db: Db, now: () => Date): RunStore {
  const { runs, runRows: rows } = collectionsOf(db);
  const mine = (id: string, owner: string): Filter<RunDocument> => ({
    _id: id,
    state: 'running',
    'lease.owner': owner,
  });
  const until = (leaseMs: number) => new Date(now().getTime() + leaseMs);
  const newDocument = ({ counts, ...run }: Parameters<RunStore['create']>[0]): RunDocument => ({
    ...run,
    _id: newResourceId(),
    state: 'waiting',
    created: now(),
    counts: counts ?? NO_COUNTS,
  });

  const store: RunStore = {
    async create(run) {
      const document = newDocument(run);
      await runs.insertOne(document);
      return runOf(document);
    },

    async createExclusive(run) {
      const document = newDocument(run);
      try {
        await runs.insertOne(document);
      } catch (error) {
        if (isDuplicate(error)) return undefined;
        throw error;
      }
      return runOf(document);
    },

    async openRun(account, exclusive) {
      const found = await runs.findOne({ account, exclusive }, { hint: 'account_exclusive' });
      return found ? runOf(found) : undefined;
    },

    async get(account, id) {
      const found = await runs.findOne({ _id: id, account });
      return found ? runOf(found) : undefined;
    },

    async list(account, { kinds, after, limit }) {
      const found = await runs
        .find({
          account,
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

    async claim(kinds, owner, leaseMs) {
      const at = now();
      const claimed = await runs.findOneAndUpdate(
        {
          state: { $in: OPEN_STATES },
          kind: { $in: kinds },
          $or: [{ lease: { $exists: false } }, { 'lease.until': { $lt: at } }],
        },
        [
          {
            $set: {
              state: 'running',
              lease: { owner: { $literal: owner }, until: until(leaseMs) },
              started: { $ifNull: ['$started', at] },
              attempts: { $add: [{ $ifNull: ['$attempts', 0] }, 1] },
            },
          },
        ],
        { sort: { _id: 1 }, returnDocument: 'after' },
      );
      return claimed ? runOf(claimed) : undefined;
    },

    async renew(id, owner, leaseMs) {
      const { matchedCount } = await runs.updateOne(mine(id, owner), { $set: { 'lease.until': until(leaseMs) } });
      return matchedCount > 0;
    },

    async checkpoint(id, owner, progress) {
      // An owner that lost its lease must not write over the rows of the next one.
      if (!(await runs.findOne(mine(id, owner), { projection: { _id: 1 } }))) return false;
      if (progress.rows.length > 0) {
        const created = now();
        await rows.bulkWrite(
          progress.rows.map((row) => {
            const _id = `${id}:${row.number}`;
            const replacement = { ...row, run: id, faulty: row.faults !== undefined, created };
            return { replaceOne: { filter: { _id }, replacement, upsert: true } };
          }),
          { ordered: false },
        );
      }
      const { matchedCount } = await runs.updateOne(mine(id, owner), {
        $set: { counts: progress.counts, checkpoint: progress.checkpoint },
      });
      return matchedCount > 0;
    },

    async finish(id, owner, { state, reason }) {
      const { matchedCount } = await runs.updateOne(mine(id, owner), {
        $set: { state, finished: now(), ...(reason === undefined ? {} : { reason }) },
        $unset: { lease: '', exclusive: '' },
      });
      return matchedCount > 0;
    },

    async release(id, owner) {
      await runs.updateOne(mine(id, owner), { $unset: { lease: '' } });
    },

    async cancel(account, id) {
      const cancelled = await runs.findOneAndUpdate(
        { _id: id, account, state: { $in: OPEN_STATES } },
        { $set: { state: 'cancelled', finished: now() }, $unset: { lease: '', exclusive: '' } },
        { returnDocument: 'after' },
      );
      return cancelled ? runOf(cancelled) : undefined;
    },

    async eraseRow(id, number, left) {
      const gone = (['user', 'fields', 'faults', 'block'] as const).filter((key) => left[key] === undefined);
      await rows.updateOne(
        { _id: `${id}:${number}` },
        { $set: left, $unset: { later: '', ...Object.fromEntries(gone.map((key): [string, ''] => [key, ''])) } },
      );
    },

    async eraseFromRun(id, { reason, mailTo }) {
      const gone = { ...(reason ? { reason: '' as const } : {}), ...(mailTo ? { 'options.mailTo': '' as const } : {}) };
      if (Object.keys(gone).length > 0) await runs.updateOne({ _id: id }, { $unset: gone });
    },

    async rows(id, { outcome, faulty, waiting, about, after, upTo, limit }) {
      const found = await rows
        .find({
          run: id,
          number: { $gt: after ?? 0, ...(upTo === undefined ? {} : { $lte: upTo }) },
          ...(outcome ? { outcome } : {}),
          ...(faulty ? { faulty: true } : {}),
          ...(waiting ? { later: { $exists: true } } : {}),
          ...(about ? { $or: aboutPeople(about) } : {}),
        })
        .sort({ number: 1 })
        .limit(limit)
        .toArray();
      return found.map(({ _id, faulty: _faulty, created: _created, ...row }) => row);
    },
  };
  return guardedStore(store);
}

const ROW_TEXTS = ['block', 'later', 'faults.words', 'fields.from', 'fields.to'];

function aboutPeople({ users, texts }: RowsAbout): Filter<RowDocument>[] {
  const found = textsIn(ROW_TEXTS, texts) as Filter<RowDocument>[];
  return [{ user: { $in: [...users] } }, ...found];
}

/** Every method of the port behind one translation of outages. */
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

/** Sets how many days after they were made runs, rows and kept files are deleted. @throws StoreUnavailable */
export async function setRunRetention(db: Db, days: number): Promise<void> {
  await guarded(async () => {
    for (const name of ['runs', 'runRows', 'runFiles'] as const) await setRetention(db, name, days);
  });
}

function runOf({ _id, ...run }: RunDocument): Run {
  return { id: _id, ...run };
}
