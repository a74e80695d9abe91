// Wires up the parts that commands use: the directory and the runs of a store, whether or not a server is running.

import type { Config } from '../config.ts';
import { createIdentityHash } from '../directory/identity-hash.ts';
import { createEventRecorder, type EventRecorder } from '../http/events/recorder.ts';
import { createEventWriter } from '../http/events/writer.ts';
import { createRedactor } from '../http/redaction.ts';
import type { Log } from '../log.ts';
import { createCallSink } from '../mongo/call-counts.ts';
import { sharedKey } from '../mongo/client/shared-keys.ts';
import { createEventSink } from '../mongo/events.ts';
import { loadCatalogue } from './catalogue.ts';
import { composeCommandDesk } from './command-desk.ts';
import type { Store } from './database.ts';
import { openDirectory } from './directory.ts';
import { composeErasure } from './erasure.ts';
import { composeHealth } from './health.ts';
import { composeHistory } from './history.ts';
import { composeImports } from './imports.ts';
import { composeInvitations } from './invitations.ts';
import type { OnJobError } from './jobs.ts';
import { invitationSettings } from './mails.ts';
import { openRuns } from './runs.ts';

/** Opens the recorder of events for one command. */
export async function openRecorder({ mongo: { db } }: Pick<Store, 'mongo'>, log: Log): Promise<EventRecorder> {
  const redactor = createRedactor(loadCatalogue(), createIdentityHash(await sharedKey(db, 'identity')));
  const sink = createEventSink(db);
  const writer = createEventWriter({ sink, redactor, log });
  return createEventRecorder({ writer, counts: { ...sink, ...createCallSink(db) }, log });
}

/** Opens the directory, the runs, the erasure and the operations of a store. Nothing runs in the background. */
export async function openForCommands(config: Config, store: Store, onError: OnJobError, recorder: EventRecorder) {
  const { mongo } = store;
  const catalogue = loadCatalogue();
  const directory = await openDirectory(store, catalogue, onError);
  const runs = await openRuns(config, store, directory, onError, recorder);
  const erasure = composeErasure({ mongo, catalogue, directory, xml: runs.xml, csv: runs.csv.door });
  const invited = composeInvitations({ mongo, directory, erasure, ...invitationSettings(config) });
  const imports = composeImports(runs, store.accounts, catalogue.user);
  const histories = composeHistory(mongo.db, directory, store.accounts);
  const perform = await composeCommandDesk({
    mongo,
    catalogue,
    directory,
    erasure,
    invited,
    accounts: store.accounts,
    ...composeHealth(mongo.db, store.accounts, directory),
    recorder,
    ...histories,
    bodyBytesMax: config.bodyBytesMax,
    report: onError('a command'),
  });
  return { directory, runs, erasure, imports, ...histories, perform };
}
