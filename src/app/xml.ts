// Wires up the XML door: its folders, its access to the directory, and the account of each file.

import type { Config } from '../config.ts';
import { createXmlDoor, type XmlDoor } from '../doors/xml/door.ts';
import { createBatchFolders } from '../doors/xml/folders/folders.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { appliedChange } from '../mongo/users/applied-changes.ts';
import { resolvePendingManagers } from '../mongo/users/pending-managers.ts';
import type { FileStore, RunStore } from '../runs/store.ts';
import type { Directory } from './directory.ts';
import type { OnJobError } from './jobs.ts';

/** The name of the connection for XML batches of an account. */
export const BATCH_CONNECTION = 'XML batch';

/** What the XML door is made from. */
export interface XmlParts {
  db: Mongo['db'];
  accounts: Pick<Accounts, 'findAccount' | 'ensureConnection'>;
  directory: Pick<Directory, 'bulk' | 'records' | 'referenceData' | 'simulate'>;
  runs: RunStore;
  kept: FileStore;
  onRun: () => void;
  onError: OnJobError;
}

/** Creates the XML door; nothing is watched before `watch.start()`. */
export function composeXml(
  config: Pick<Config, 'batchDir' | 'batchFileBytesMax' | 'batchSettleMs' | 'batchPollMs'>,
  { db, accounts, directory, runs, kept, onRun, onError }: XmlParts,
): XmlDoor {
  const { records, referenceData } = directory;
  return createXmlDoor({
    files: createBatchFolders(config.batchDir),
    runs,
    kept,
    directory: {
      referenceData,
      bulk: () => directory.bulk(),
      simulate: () => directory.simulate(),
      async knownStores(account, refIds) {
        const stores = await records.storesByRefId(account, refIds);
        return new Set(stores.map((store) => store.refId));
      },
      resolveManagers: (account) => resolvePendingManagers(db, records, account),
      appliedChange: (user, request) => appliedChange(db, user, request),
    },
    async source(slug) {
      const account = await accounts.findAccount(slug);
      return account && { account, connection: await accounts.ensureConnection(account, BATCH_CONNECTION) };
    },
    fileBytesMax: config.batchFileBytesMax,
    settleMs: config.batchSettleMs,
    pollMs: config.batchPollMs,
    onRun,
    onError: onError('incoming files of filesets'),
  });
}
