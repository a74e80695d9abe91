// The CSV door over a real, empty database: files go in as texts or bytes, runs are worked on in this process.

import { composeRowInvitations } from '../../src/app/invitations.ts';
import type { Account } from '../../src/directory/model.ts';
import { type CsvDoor, createCsvDoor, type Submission } from '../../src/doors/csv/door.ts';
import { createFileStore } from '../../src/mongo/runs/files.ts';
import { createRunStore, setRunRetention } from '../../src/mongo/runs/runs.ts';
import { appliedChange } from '../../src/mongo/users/applied-changes.ts';
import type { Run, RunRow, RunStore } from '../../src/runs/store.ts';
import { createRunWorker, type RunWorker } from '../../src/runs/worker.ts';
import { openDirectoryOf, openTestDirectory, type TestDirectory } from './directory.ts';

export interface CsvAccount {
  account: Account;
  /** Imports (or simulates) a file and waits for its end. */
  import(content: string | Uint8Array, submission?: Partial<Submission>): Promise<{ run: Run; rows: RunRow[] }>;
  export(): Promise<string>;
}

export interface CsvSetting {
  directory: TestDirectory;
  runs: RunStore;
  door: CsvDoor;
  worker: RunWorker;
  /** The most documents that a simulation had in memory when it read ahead. */
  keptMost(): number;
  account(settings?: Partial<Account>): CsvAccount;
  close(): Promise<void>;
}

/** A lease so short that a killed process is soon followed by another. */
const LEASE_MS = 1500;

/** The door and its worker over a directory; `accounts` are those whose runs are worked on. */
async function openDoor(directory: TestDirectory, accounts: ReadonlyMap<string, Account>) {
  const now = () => new Date();
  await setRunRetention(directory.db, 30);
  const runs = createRunStore(directory.db, now);
  const connectionOf = async ({ account }: { account: Account }) => directory.caller(account, 'con_csv').connection;
  let keptMost = 0;
  function simulate() {
    const simulation = directory.simulate();
    const prefetch: typeof simulation.prefetch = async (account, named) => {
      const found = await simulation.prefetch(account, named);
      keptMost = Math.max(keptMost, simulation.kept());
      return found;
    };
    return { ...simulation, prefetch };
  }
  const door = createCsvDoor({
    bulk: () => directory.bulk(),
    simulate,
    appliedChange: (user, request) => appliedChange(directory.db, user, request),
    invitations: composeRowInvitations(directory, {
      publicUrl: 'http://localhost:3000',
      hasTextMessages: false,
    }),
    runs,
    files: createFileStore(directory.db, now),
    sourceOf: async (run) => {
      const account = accounts.get(run.account);
      return account && { account, connection: await connectionOf({ account }) };
    },
    onEnd: async () => undefined,
    lookup: directory.lookup,
    administration: directory.administration,
    connectionOf,
    fileBytesMax: 50_000_000,
    onRun: () => undefined,
  });
  const onError = (error: unknown): void => console.error(error);
  const worker = createRunWorker({ store: runs, handlers: door.handlers, onError, leaseMs: LEASE_MS });
  return { directory, runs, door, worker, keptMost: () => keptMost };
}

/** Works on the runs of a database that another process opened. */
export async function openCsvWorker(uri: string, name: string, accounts: Account[]) {
  const directory = await openDirectoryOf(uri, name);
  return openDoor(directory, new Map(accounts.map((account) => [account.id, account])));
}

export async function openCsvSetting(): Promise<CsvSetting> {
  const directory = await openTestDirectory();
  const accounts = new Map<string, Account>();
  const parts = await openDoor(directory, accounts);
  const { door, worker } = parts;

  return {
    ...parts,
    account(settings = {}) {
      const id = settings.id ?? `acc_${accounts.size}`;
      const { account } = directory.caller({ requiredData: 'enforce', ...settings, id });
      accounts.set(id, account);
      return {
        account,
        async import(content, submission = {}) {
          const submitted = await door.submit({ account }, pieces(content), {
            simulate: false,
            fileName: 'users.csv',
            requestedBy: 'a test',
            ...submission,
          });
          if (!submitted.ok) throw new Error(JSON.stringify(submitted));
          await worker.drain();
          const run = await door.run({ account }, submitted.run.id);
          if (!run) throw new Error('the run is gone');
          return { run, rows: (await door.rows({ account }, run.id, { limit: 100_000 })) ?? [] };
        },
        async export() {
          return textOf(door.export({ ...directory.caller(account, 'con_csv'), door: 'csv' }));
        },
      };
    },
    close: () => directory.close(),
  };
}

/** Content in pieces of odd sizes, as a network gives it. */
export async function* pieces(content: string | Uint8Array): AsyncIterable<Uint8Array> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let from = 0; from < bytes.length; from += 4093) yield bytes.subarray(from, from + 4093);
}

/** All text of a file that is given out. */
export async function textOf(parts: AsyncIterable<string> | 'fileGone' | undefined): Promise<string> {
  if (parts === 'fileGone') throw new Error('the file is gone');
  let text = '';
  for await (const part of parts ?? []) text += part;
  return text;
}
