// Wires up erasure over everything that stores personal data.

import { setTimeout as sleep } from 'node:timers/promises';
import { createErasure, type Erasure } from '../directory/erasure/erasure.ts';
import type { CsvDoor } from '../doors/csv/door.ts';
import type { XmlDoor } from '../doors/xml/door.ts';
import { searchHash } from '../http/redaction.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createDatabaseTraces, createWasDeleted } from '../mongo/erasure.ts';
import type { Directory } from './directory.ts';

/** How long to wait until all processes have stored their events; each one writes them four times as often. */
const EVENTS_STORED_MS = 1_000;

/** What erasure is made from. */
export interface ErasureParts {
  db: Mongo['db'];
  directory: Pick<Directory, 'records' | 'lookup' | 'provision'>;
  xml: Pick<XmlDoor, 'erase'>;
  csv: Pick<CsvDoor, 'erase'>;
}

/** Creates the erasure of a directory and its files. */
export function composeErasure({ db, directory, xml, csv }: ErasureParts): Erasure {
  return createErasure({
    ...directory,
    wasDeleted: createWasDeleted(db),
    // Files first, because events may repeat their content.
    traces: [xml.erase, csv.erase, createDatabaseTraces(db, { hashOf: searchHash })],
    eventsStored: () => sleep(EVENTS_STORED_MS),
  });
}
