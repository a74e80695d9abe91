// Wires up runs of files: their store, the CSV and XML doors, and the worker of this process.

import type { Config } from '../config.ts';
import { createFileStore } from '../mongo/runs/files.ts';
import { createRunStore, setRunRetention } from '../mongo/runs/runs.ts';
import { createRunWorker } from '../runs/worker.ts';
import { loadCatalogue } from './catalogue.ts';
import { composeCsv } from './csv.ts';
import type { Store } from './database.ts';
import type { Directory } from './directory.ts';
import { composeXml } from './xml.ts';

/** Opens the run store, the CSV and XML doors and the worker. Nothing runs before they are started. */
export async function openRuns(
  config: Config,
  { mongo: { db }, accounts }: Store,
  directory: Directory,
  onError: (error: unknown) => void,
) {
  const now = () => new Date();
  await setRunRetention(db, config.runRetentionDays);
  const store = createRunStore(db, now);
  const files = createFileStore(db, now);
  const onRun = () => worker.wake();
  const shared = { db, accounts, directory, runs: store, onRun, onError };
  const xml = composeXml(config, { ...shared, kept: files });
  const csv = composeCsv(config, { ...shared, files, schema: loadCatalogue().user });
  const worker = createRunWorker({ store, handlers: { ...xml.handlers, ...csv.door.handlers }, onError });
  return { store, xml, csv, worker };
}

/** The run store, the doors for files and the worker. */
export type Runs = Awaited<ReturnType<typeof openRuns>>;
