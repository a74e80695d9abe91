// An XML batch over a real database and a folder of its own: an account with the stores, roles and organizations that files name.

import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { composeXml } from '../../src/app/xml.ts';
import type { Account, Caller } from '../../src/directory/model.ts';
import type { XmlDoor } from '../../src/doors/xml/door.ts';
import { createAccounts } from '../../src/mongo/accounts/accounts.ts';
import { createFileStore } from '../../src/mongo/runs/files.ts';
import { createRunStore, setRunRetention } from '../../src/mongo/runs/runs.ts';
import type { Run, RunStore } from '../../src/runs/store.ts';
import { createRunWorker, type RunWorker } from '../../src/runs/worker.ts';
import { openTestDirectory, type TestDirectory } from './directory.ts';

export interface TestBatch {
  directory: TestDirectory;
  account: Account;
  root: string;
  door: XmlDoor;
  runs: RunStore;
  worker: RunWorker;
  caller(): Caller;
  /** Puts a file in place in one step. */
  drop(name: string, content: string | Uint8Array, fileset?: string): Promise<void>;
  /** Takes what came in, works on it, and gives the newest run. */
  work(): Promise<Run>;
  /** The files below the account's folder, as paths from there. */
  tree(): Promise<string[]>;
  read(path: string): Promise<Buffer>;
  /** Error codes by block number. */
  codes(run: Run): Promise<Record<number, string[]>>;
  /** Another instance over the same database and folder. */
  instance(): { door: XmlDoor; worker: RunWorker };
  close(): Promise<void>;
}

const ROLES = ['AccountAdmin', 'CustomerMaintenance'];
const ORGANIZATIONS = ['EXAMPLE1', 'EXAMPLE2'];
const STORES = ['00001', '00002'];

export async function openTestBatch(requiredData: Account['requiredData'] = 'enforce'): Promise<TestBatch> {
  const directory = await openTestDirectory();
  const accounts = createAccounts(directory.connection);
  const made = await accounts.createAccount({ name: 'Shop', slug: 'shop', requiredData });
  if (!made.ok) throw new Error('the account could not be made');
  const account = made.value;
  const now = () => new Date();
  for (const code of ROLES) await directory.referenceData.add(directory.caller(account), 'role', { code });
  for (const code of ORGANIZATIONS)
    await directory.referenceData.add(directory.caller(account), 'organization', { code });
  await addStores(directory, account.id, STORES);
  await setRunRetention(directory.db, 30);
  const root = await mkdtemp(join(tmpdir(), 'mobietrain-batch-'));
  const runs = createRunStore(directory.db, now);
  const folder = join(root, account.slug);

  function instance() {
    const onError = (error: unknown): void => console.error(error);
    const config = { batchDir: root, batchFileBytesMax: 64 * 1024 * 1024, batchSettleMs: 0, batchPollMs: 20 };
    const parts = { db: directory.db, accounts, directory, runs, kept: createFileStore(directory.db, now) };
    const door = composeXml(config, { ...parts, onError: () => onError, onRun: () => undefined });
    return { door, worker: createRunWorker({ store: runs, handlers: door.handlers, onError, leaseMs: 3000 }) };
  }

  const { door, worker } = instance();
  return {
    directory,
    account,
    root,
    door,
    runs,
    worker,
    instance,
    caller: () => ({ ...directory.caller({ id: account.id }), account }),
    async drop(name, content, fileset = 'nightly') {
      const path = join(folder, 'incoming', fileset, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(join(root, 'part'), content);
      await rename(join(root, 'part'), path);
    },
    async work() {
      await door.watch.look();
      await door.watch.look();
      await worker.drain();
      const { runs: found } = await runs.list(account.id, { limit: 1 });
      if (!found[0]) throw new Error('no run was made');
      return found[0];
    },
    async tree() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = [...entries].filter((entry) => !entry.isDirectory());
      return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
    },
    read: (path) => readFile(join(folder, path)),
    async codes(run) {
      const rows = await runs.rows(run.id, { outcome: 'refused', limit: 10_000 });
      return Object.fromEntries(rows.map((row) => [row.number, (row.faults ?? []).map(({ error }) => error ?? '')]));
    },
    async close() {
      await door.watch.stop();
      await worker.stop();
      await directory.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Makes stores that have nothing but their ref ids. */
export async function addStores({ db }: TestDirectory, account: string, refIds: string[]): Promise<void> {
  const at = new Date();
  await db.collection<{ _id: string }>('stores').insertMany(
    refIds.map((refId) => ({
      _id: `store-${refId}`,
      account,
      version: 1,
      created: at,
      modified: at,
      refId,
      changes: [],
    })),
  );
}

/** A block with these elements; attributes of `UserRole` and the like are written into `more`. */
export function block(elements: Record<string, string>, more = ''): string {
  const texts = Object.entries(elements).map(([name, value]) => `<${name}>${value}</${name}>`);
  return `<User Action="Add">${texts.join('')}${more}</User>`;
}

/** A block that breaks no rule. */
export function goodBlock(userId: string, elements: Record<string, string> = {}, more = ''): string {
  return block(
    {
      UserId: userId,
      UserName: 'Ann Example',
      Email: `${userId}@example.com`,
      LanguageCode: 'en',
      CountryCode: 'US',
      ...elements,
    },
    more,
  );
}

export function documentOf(...blocks: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<UserMaintenance>\n${blocks.join('\n')}\n</UserMaintenance>\n`;
}
