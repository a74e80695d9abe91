// Wires up erasure: every place that keeps personal data.

import { setTimeout as sleep } from 'node:timers/promises';
import { createErasure, type Erasure } from '../directory/erasure/erasure.ts';
import type { CsvDoor } from '../doors/csv/door.ts';
import type { XmlDoor } from '../doors/xml/door.ts';
import { searchHash } from '../http/redaction.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createDatabaseTraces, createWasDeleted } from '../mongo/erasure.ts';
import type { Directory } from './directory.ts';

/** Every process stores its events within a quarter of this. */
const EVENTS_SETTLE_MS = 1_000;

export interface ErasureParts {
  db: Mongo['db'];
  directory: Pick<Directory, 'records' | 'lookup' | 'provision'>;
  xml: Pick<XmlDoor, 'erase'>;
  csv: Pick<CsvDoor, 'erase'>;
}

/** The erasure of a directory and of its files. */
export function composeErasure({ db, directory, xml, csv }: ErasureParts): Erasure {
  return createErasure({
    ...directory,
    wasDeleted: createWasDeleted(db),
    // Files first: events may repeat what was read in them.
    traces: [xml.erase, csv.erase, createDatabaseTraces(db, { hashOf: searchHash })],
    eventsStored: () => sleep(EVENTS_SETTLE_MS),
  });
}
