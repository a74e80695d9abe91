// Wires up erasure over everything that stores personal data.

import { setTimeout as sleep } from 'node:timers/promises';
import { createAdministratorCount, createAdministratorTraces } from '../auth/erasure.ts';
import { createLearnerTraces } from '../auth/learners/erasure.ts';
import { createErasure, type Erasure } from '../directory/erasure/erasure.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import type { CsvDoor } from '../doors/csv/door.ts';
import type { XmlDoor } from '../doors/xml/door.ts';
import { createAdministratorStore } from '../mongo/accounts/administrators.ts';
import { createSignInLimits } from '../mongo/accounts/sign-in-limits.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createDatabaseTraces } from '../mongo/erasure.ts';
import { createErasureCounts } from '../mongo/erasure-counts.ts';
import { createErasureMemory } from '../mongo/erasure-memory.ts';
import { createLearnerStore } from '../mongo/learners/access.ts';
import type { Directory } from './directory.ts';

/** How long to wait until all processes have stored their events; each one writes them four times as often. */
const EVENTS_STORED_MS = 1_000;
/** Words besides the names of attributes that files, events and results contain. */
const COMMON_WORDS =
  'user users group groups store stores role roles admin administrator manager email phone name id true false null';

/** What erasure is made from. */
export interface ErasureParts {
  mongo: Mongo;
  catalogue: SchemaCatalogue;
  directory: Pick<Directory, 'records' | 'lookup' | 'provision' | 'identityHash'>;
  xml: Pick<XmlDoor, 'erase'>;
  csv: Pick<CsvDoor, 'erase'>;
}

/** Creates the erasure of a directory and its files. */
export function composeErasure({ mongo, catalogue, directory, xml, csv }: ErasureParts): Erasure {
  const { client, db } = mongo;
  const store = createAdministratorStore(mongo);
  const administrators = createAdministratorTraces({
    store,
    limits: createSignInLimits(client, db.databaseName),
  });
  return createErasure({
    ...directory,
    memory: createErasureMemory(db, () => new Date()),
    commonWords: commonWordsOf(catalogue),
    // Files first, because events may repeat their content.
    traces: [
      xml.erase,
      csv.erase,
      administrators,
      createLearnerTraces(createLearnerStore(db)),
      createDatabaseTraces(db),
    ],
    counts: createErasureCounts(db),
    countAdministrators: createAdministratorCount(store),
    eventsStored: () => sleep(EVENTS_STORED_MS),
  });
}

/** The names of all attributes and some words of the interface, in lower case. */
function commonWordsOf({ user, group }: SchemaCatalogue): ReadonlySet<string> {
  const names = [user, group].flatMap(({ byKey }) => [...byKey.values()].map(({ name }) => name.toLowerCase()));
  return new Set([...names, ...COMMON_WORDS.split(' ')]);
}
