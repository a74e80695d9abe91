// Wires up runs of files: their store, the CSV and XML doors, and the worker of this process.

import type { Config } from '../config.ts';
import type { EventFault } from '../directory/event.ts';
import type { RecordedRow } from '../http/events/occurrence.ts';
import type { EventRecorder } from '../http/events/recorder.ts';
import { createFileStore } from '../mongo/runs/files.ts';
import { createRunStore, setRunRetention } from '../mongo/runs/runs.ts';
import { isSimulation, type RowFault, type Run, type RunProgress } from '../runs/store.ts';
import { createRunWorker } from '../runs/worker.ts';
import { loadCatalogue } from './catalogue.ts';
import { composeCsv } from './csv.ts';
import type { Store } from './database.ts';
import type { Directory } from './directory.ts';
import type { OnJobError } from './jobs.ts';
import { composeXml } from './xml.ts';

/** Opens the run store, the CSV and XML doors and the worker. Nothing runs before they are started. */
export async function openRuns(
  config: Config,
  { mongo, accounts }: Pick<Store, 'mongo' | 'accounts'>,
  directory: Directory,
  onError: OnJobError,
  recorder?: Pick<EventRecorder, 'recordRow'>,
) {
  const { db } = mongo;
  const now = () => new Date();
  await setRunRetention(db, config.runRetentionDays);
  const store = createRunStore(db, now);
  const files = createFileStore(db, now);
  const onRun = () => worker.wake();
  const shared = { db, accounts, directory, runs: store, onRun, onError };
  const xml = composeXml(config, { ...shared, kept: files });
  const csv = composeCsv(config, { ...shared, mongo, files, schema: loadCatalogue().user });
  const onRows = (run: Run, progress: Pick<RunProgress, 'rows' | 'identities'>) => {
    if (recorder && !isSimulation(run)) for (const row of rowsOf(run, progress)) recorder.recordRow(row);
  };
  const worker = createRunWorker({
    store,
    handlers: { ...xml.handlers, ...csv.door.handlers },
    onError: onError('runs of files'),
    onRows,
  });
  return { store, xml, csv, worker };
}

/** The rows that changed something or were refused. */
function rowsOf(run: Run, { rows, identities }: Pick<RunProgress, 'rows' | 'identities'>): RecordedRow[] {
  return rows.flatMap(({ number, outcome, user, faults = [] }): RecordedRow[] => {
    if (outcome === 'unchanged') return [];
    return [
      {
        door: run.kind.startsWith('csv') ? 'csv' : 'xml',
        account: run.account,
        connection: run.connection,
        run,
        number,
        outcome,
        user,
        identities: identities?.get(number) ?? [],
        faults: faults.map(eventFault),
      },
    ];
  });
}

/** The fault as the files of results have it. The sentences of a batch name the element themselves. */
function eventFault({ code, error, at, words }: RowFault): EventFault {
  return error === undefined ? { code, detail: `${at}: ${words}` } : { code, error, detail: words };
}

/** The run store, the doors for files and the worker. */
export type Runs = Awaited<ReturnType<typeof openRuns>>;
