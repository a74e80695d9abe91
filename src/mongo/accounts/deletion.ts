// Removes everything of an account from the database. The table says for every collection what it holds of accounts: a new collection does
// not compile until somebody has decided that.

import type { Collection, Db, Filter } from 'mongodb';
import type { AccountDeletionStore, DeletedAccount } from '../../directory/accounts/deletion.ts';
import { guarded } from '../client/mongo-errors.ts';
import { type CollectionName, type Collections, collectionsOf } from '../collections.ts';
import { toAccount } from '../schemas/accounts/accounts.ts';
import { OPEN_STATES } from '../schemas/operation/runs.ts';

/** The account of what belongs to no account. */
const SYSTEM = 'system';
const BATCH = 1_000;
const RUNS_BATCH = 20;
/** What is read of a document before it is removed. */
const NEEDED = { email: 1, 'file.content': 1 };

/**
 * What a collection holds. `indexed`: documents with an account, which an index finds. `scanned`: the same without an index.
 * `dependent`: what is found by users, administrators or runs of the account, and removed before them. `account`: by the id of the
 * account. `none`: nothing of an account, or no data about people, or it expires by itself.
 */
type Part = 'indexed' | 'scanned' | 'dependent' | 'account' | 'none';

const PARTS: Record<CollectionName, Part> = {
  // Whatever signs in or writes goes first, the audit trail and the events last.
  credentials: 'indexed',
  connections: 'indexed',
  linkSecrets: 'indexed',
  oidcClients: 'indexed',
  administrators: 'dependent',
  sessions: 'dependent',
  personalTokens: 'dependent',
  passwordLinks: 'dependent',
  runs: 'dependent',
  runRows: 'dependent',
  runFiles: 'dependent',
  users: 'dependent',
  learnerAccess: 'dependent',
  courseLooks: 'dependent',
  resetLinks: 'dependent',
  oidcValues: 'dependent',
  invitations: 'scanned',
  invitationCounts: 'indexed',
  groups: 'indexed',
  stores: 'indexed',
  courses: 'indexed',
  setupLinks: 'indexed',
  mailTemplates: 'indexed',
  tombstones: 'indexed',
  referenceData: 'indexed',
  idempotencyKeys: 'indexed',
  simulations: 'dependent',
  outbox: 'scanned',
  audit: 'indexed',
  events: 'indexed',
  callCounts: 'indexed',
  censuses: 'indexed',
  activeCounts: 'account',
  accounts: 'account',
  pendingSignIns: 'none',
  signInFailures: 'none',
  usedLinkTokens: 'none',
  refusedRequests: 'none',
  keys: 'none',
  signingKeys: 'none',
  leases: 'none',
  dailyTurns: 'none',
  migrations: 'none',
};

/** Creates the store of a database. `forgetSignIns` removes the counters of failed sign-ins of these e-mails. */
export function createAccountDeletionStore(
  db: Db,
  forgetSignIns: (emails: readonly string[]) => Promise<void>,
  now: () => Date,
): AccountDeletionStore & { listDeleted(): Promise<DeletedAccount[]> } {
  const collections = collectionsOf(db);
  const { accounts, activeCounts, runs, audit } = collections;
  return {
    async mark(slug) {
      await guarded(() => accounts.updateOne({ slug, deleting: { $exists: false } }, { $set: { deleting: now() } }));
      const marked = await guarded(() => accounts.findOne({ slug }));
      return marked ? toAccount(marked) : undefined;
    },
    async cancelRuns(account) {
      const open = { account, state: { $in: OPEN_STATES } };
      await guarded(() => runs.updateMany(open, { $set: { state: 'cancelled', finished: now() } }));
    },
    async removeAll(account, removed, onBatch) {
      const pass = createPass(removed, onBatch);
      await guarded(async () => {
        await removeAdministrators(collections, account, pass, forgetSignIns);
        await removeRuns(collections, account, pass);
        await removeUsers(collections, account, pass);
        await removeSimulations(collections, account, pass);
        for (const [name, part] of Object.entries(PARTS) as [CollectionName, Part][]) {
          const collection = collections[name] as unknown as Collection<OfAccount>;
          if (part === 'indexed') await removeFound(collection, { account }, pass);
          if (part === 'scanned') await removeScanned(collection, account, pass);
        }
      });
      return pass.count();
    },
    async finish({ id, slug, at, actor, removed = {} }) {
      const record = {
        at,
        account: SYSTEM,
        door: 'cli' as const,
        connection: 'administrators',
        credential: 'command-line',
        request: id,
        action: 'delete' as const,
        ...(actor ? { actor } : {}),
        resource: 'Account' as const,
        subject: id,
        values: [{ attribute: 'slug', before: JSON.stringify(slug) }],
        erased: removed,
      };
      await guarded(async () => {
        await audit.updateOne({ _id: `${id}:delete` }, { $setOnInsert: record }, { upsert: true });
        await activeCounts.deleteOne({ _id: id });
        await accounts.deleteOne({ _id: id });
      });
    },
    listDeleted: () =>
      guarded(async () => {
        const marked = await accounts.find({ deleting: { $exists: true } }).toArray();
        const deleted = await audit.find({ account: SYSTEM, resource: 'Account' }).sort({ at: -1 }).toArray();
        return [
          ...marked.map(({ _id, slug, deleting = new Date(0) }) => ({ id: _id, slug, at: deleting })),
          ...deleted.map(({ subject, at, actor, erased = {}, values = [] }) => ({
            id: subject,
            slug: JSON.parse(values[0]?.before ?? '""') as string,
            at,
            ...(actor ? { actor } : {}),
            removed: erased,
          })),
        ];
      }),
  };
}

interface OfAccount {
  _id: string;
  account: string;
}

/** One pass over an account: counts what it removes. */
interface Pass {
  removed(name: string, count: number): void;
  count(): number;
}

function createPass(removed: Record<string, number>, onBatch: () => void): Pass {
  let total = 0;
  return {
    removed(name, count) {
      if (count === 0) return;
      total += count;
      removed[name] = (removed[name] ?? 0) + count;
      onBatch();
    },
    count: () => total,
  };
}

/** Removes the documents that a query finds by an index, in batches. `before` removes what depends on a batch. */
async function removeFound<T extends { _id: string }>(
  collection: Collection<T>,
  query: Filter<T>,
  pass: Pass,
  before: (batch: T[]) => Promise<unknown> = async () => undefined,
  size = BATCH,
): Promise<void> {
  for (;;) {
    const batch = (await collection.find(query, { projection: NEEDED }).limit(size).toArray()) as T[];
    if (batch.length === 0) return;
    await before(batch);
    const ids = batch.map(({ _id }) => _id);
    const { deletedCount } = await collection.deleteMany({ _id: { $in: ids } } as unknown as Filter<T>);
    pass.removed(collection.collectionName, deletedCount);
  }
}

/** Removes the documents of an account from a collection without an index of accounts: reads it once, by id. */
async function removeScanned(collection: Collection<OfAccount>, account: string, pass: Pass): Promise<void> {
  let after = '';
  for (;;) {
    const batch = await collection
      .find({ _id: { $gt: after } }, { projection: { account: 1 } })
      .sort({ _id: 1 })
      .limit(BATCH)
      .toArray();
    const last = batch.at(-1);
    if (!last) return;
    const ids = batch.filter((each) => each.account === account).map(({ _id }) => _id);
    if (ids.length > 0)
      pass.removed(collection.collectionName, (await collection.deleteMany({ _id: { $in: ids } })).deletedCount);
    after = last._id;
  }
}

async function removeAdministrators(
  { administrators, sessions, personalTokens, passwordLinks }: Collections,
  account: string,
  pass: Pass,
  forgetSignIns: (emails: readonly string[]) => Promise<void>,
): Promise<void> {
  await removeFound(administrators, { accountKey: account }, pass, async (batch) => {
    const administrator = { $in: batch.map(({ _id }) => _id) };
    await sessions.deleteMany({ administrator });
    await personalTokens.deleteMany({ administrator });
    await passwordLinks.deleteMany({ administrator });
    await forgetSignIns(batch.map(({ email }) => email));
  });
}

/** The runs with their rows and files. */
async function removeRuns({ runs, runRows, runFiles }: Collections, account: string, pass: Pass): Promise<void> {
  const removeContent = async (batch: { _id: string; file: { content?: string } }[]) => {
    for (const { _id, file } of batch) {
      await removeFound(runRows, { run: _id }, pass);
      if (file.content !== undefined) await runFiles.deleteMany({ file: file.content });
    }
  };
  await removeFound(runs, { account }, pass, removeContent, RUNS_BATCH);
}

/** The users with how they sign in as learners. */
async function removeUsers(
  { users, learnerAccess, courseLooks, resetLinks, oidcValues }: Collections,
  account: string,
  pass: Pass,
): Promise<void> {
  await removeFound(users, { account }, pass, async (batch) => {
    const ids = { $in: batch.map(({ _id }) => _id) };
    await oidcValues.deleteMany({ user: ids });
    await resetLinks.deleteMany({ user: ids });
    await learnerAccess.deleteMany({ _id: ids });
    await courseLooks.deleteMany({ _id: ids });
  });
}

async function removeSimulations({ simulations }: Collections, account: string, pass: Pass): Promise<void> {
  await removeFound(simulations, { 'document.account': account } as Filter<{ _id: string }> as never, pass);
}
