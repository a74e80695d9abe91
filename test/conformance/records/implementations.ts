// The three implementations of the port, each over one real database.

import { createPrefetchedReader, createPrefetchedRecords } from '../../../src/directory/prefetch.ts';
import { createSimulatedRecords } from '../../../src/directory/simulation/records.ts';
import { collectionsOf } from '../../../src/mongo/collections.ts';
import { createSimulationStore } from '../../../src/mongo/runs/simulations.ts';
import { createManyUsers } from '../../../src/mongo/users/many-users.ts';
import type { TestDirectory } from '../../support/directory.ts';
import type { OpenRecords } from './stage.ts';

export interface Implementation {
  name: string;
  open(directory: TestDirectory, account: string): OpenRecords;
  /** Whether filters, searches and pages select by what these records wrote; otherwise by the real store. */
  selectsWritten: boolean;
  /** Whether what it writes reaches the real store. */
  writes: boolean;
}

const nothing = async (): Promise<void> => undefined;

export const IMPLEMENTATIONS: readonly Implementation[] = [
  {
    name: 'MongoDB records',
    selectsWritten: true,
    writes: true,
    open: ({ records }) => ({ records, readAhead: nothing, close: nothing }),
  },
  {
    name: 'records that read ahead',
    selectsWritten: true,
    writes: true,
    open(directory, account) {
      const { records, prefetch } = createPrefetchedRecords(directory.records, manyUsers(directory));
      return { records, readAhead: async (named) => void (await prefetch(account, named)), close: nothing };
    },
  },
  {
    name: 'simulated records',
    selectsWritten: false,
    writes: false,
    open(directory, account) {
      const ahead = createPrefetchedReader(directory.records, manyUsers(directory));
      const store = createSimulationStore(directory.db, () => new Date());
      const { records, prefetch, ...simulated } = createSimulatedRecords(ahead, store);
      return {
        records,
        readAhead: async (named) => void (await prefetch(account, named)),
        close: () => simulated.close(),
      };
    },
  },
];

function manyUsers({ db }: TestDirectory) {
  return createManyUsers(collectionsOf(db));
}
