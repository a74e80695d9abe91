// Wires up the CSV door: runs over the directory, the result mail, the watched folder and end dates.

import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import type { Account, Caller } from '../directory/model.ts';
import type { ResourceSchema } from '../directory/schema/schema.ts';
import { type CsvDoor, createCsvDoor } from '../doors/csv/door.ts';
import { createDaily } from '../doors/csv/import/daily.ts';
import { createProcessedFiles, createWatchedFolder } from '../doors/csv/import/watched-folder.ts';
import { createResultMail } from '../doors/csv/results/mail.ts';
import { createOutbox } from '../mail/outbox.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createOutboxStore } from '../mongo/outbox.ts';
import { createDailyLease } from '../mongo/runs/daily-lease.ts';
import { appliedChange } from '../mongo/users/applied-changes.ts';
import type { FileStore, RunStore } from '../runs/store.ts';
import type { Directory } from './directory.ts';
import { composeRowInvitations } from './invitations.ts';
import type { OnJobError } from './jobs.ts';
import { invitationSettings, openMails } from './mails.ts';

/** The name of the connection for CSV files of an account. */
const FILE_CONNECTION = 'CSV';
const FOLDER_UNCHANGED_MS = 10_000;

/** What the CSV door is made from. */
export interface CsvParts {
  mongo: Pick<Mongo, 'client' | 'db'>;
  accounts: Pick<Accounts, 'accountById' | 'ensureConnection' | 'listAccounts'>;
  directory: Directory;
  schema: ResourceSchema;
  runs: RunStore;
  files: FileStore;
  onRun: () => void;
  onError: OnJobError;
}

/** Creates the CSV door with its background work, which runs between `start` and `stop`. */
export function composeCsv(config: Config, parts: CsvParts) {
  const { mongo, accounts, directory, runs, files, onRun, onError } = parts;
  const { db } = mongo;
  const now = () => new Date();
  const connectionOf = ({ account }: { account: Account }) => accounts.ensureConnection(account, FILE_CONNECTION);
  const callerOf = async (account: Account, requestId: string = randomUUID()): Promise<Caller> => ({
    account,
    connection: await connectionOf({ account }),
    credentialId: '',
    door: 'csv',
    requestId,
  });
  const mailResult = createResultMail({ outbox: createOutbox(createOutboxStore(db, now)), runs });

  const door: CsvDoor = createCsvDoor({
    bulk: () => directory.bulk(),
    simulate: () => directory.simulate(),
    appliedChange: (user, request) => appliedChange(db, user, request),
    invitations: composeRowInvitations(mongo, invitationSettings(config)),
    runs,
    files,
    async sourceOf(run) {
      const account = await accounts.accountById(run.account);
      return account && { account, connection: await connectionOf({ account }) };
    },
    async onEnd(run, counts, end) {
      await mailResult(run, counts, end);
      const account = await accounts.accountById(run.account);
      // A folder that cannot be written to must not fail the run.
      if (account && folder) await folder.writeResult(account, run).catch(onError('results for the watched folder'));
    },
    lookup: directory.lookup,
    administration: directory.administration,
    connectionOf,
    fileBytesMax: config.importFileBytesMax,
    processed: config.importDir === undefined ? undefined : createProcessedFiles(config.importDir),
    onRun,
  });
  const folder =
    config.importDir === undefined
      ? undefined
      : createWatchedFolder({ root: config.importDir, door, settleMs: FOLDER_UNCHANGED_MS, now });
  const daily = createDaily({
    provision: directory.provision,
    lookup: directory.lookup,
    schema: parts.schema,
    accounts: () => accounts.listAccounts(),
    callerOf,
    folder,
    dailyLease: createDailyLease(db),
    now,
    onError: onError('daily work'),
  });
  const mails = openMails(config, db, onError);
  return {
    door,
    callerOf,
    start(): void {
      daily.start();
      mails.start();
    },
    async stop(): Promise<void> {
      await daily.stop();
      await mails.stop();
    },
  };
}
