// Wires up the directory over MongoDB: the records, the name cache, the two entries and the change relay.

import { join } from 'node:path';
import { packageRoot } from '../config.ts';
import { type Administration, createAdministration } from '../directory/administration/administration.ts';
import { createNameCache, type NameCache } from '../directory/links/name-cache.ts';
import { createManagerResolver } from '../directory/managers/resolver.ts';
import type { Lookup, Provision } from '../directory/ports.ts';
import { createPrefetchedReader, createPrefetchedRecords, type Prefetch } from '../directory/prefetch.ts';
import { createLookup } from '../directory/query/lookup.ts';
import type { Records } from '../directory/records.ts';
import { createReferenceData, type ReferenceData } from '../directory/reference-data/reference-data.ts';
import { createReferences, type References } from '../directory/reference-data/references.ts';
import { loadSchemaCatalogue, type SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { createSimulatedRecords } from '../directory/simulation/records.ts';
import { createProvision } from '../directory/users/provision.ts';
import { createRevalidation } from '../directory/users/revalidation.ts';
import { createReferenceRecords } from '../mongo/accounts/reference-data.ts';
import { type ChangeRelay, createChangeRelay } from '../mongo/change-relay.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { collectionsOf } from '../mongo/collections.ts';
import { createAdministrationRecords } from '../mongo/groups/administration-records.ts';
import { createRecords } from '../mongo/records.ts';
import { createSimulationStore } from '../mongo/runs/simulations.ts';
import { createManyUsers } from '../mongo/users/many-users.ts';
import type { Store } from './database.ts';

export interface DirectoryOptions extends Pick<Mongo, 'connection' | 'client' | 'db'> {
  catalogue: SchemaCatalogue;
  now: () => Date;
  onError: (error: unknown) => void;
}

export interface Directory {
  provision: Provision;
  lookup: Lookup;
  records: Records;
  referenceData: ReferenceData;
  administration: Administration;
  references: References;
  /** The entries over a store that remembers writes and never makes them. Close it after the simulation. */
  simulate(): Simulation;
  /** The entries for a run over many rows, which reads ahead. */
  bulk(): BulkEntries;
  relay: ChangeRelay;
  start(): void;
  stop(): Promise<void>;
}

/** The directory's entries for a run of one account over many rows. */
export interface BulkEntries {
  provision: Provision;
  lookup: Lookup;
  references: References;
  prefetch: Prefetch;
}

/** The same in a simulation. */
export interface Simulation extends BulkEntries {
  /** How many documents of the simulation are in memory. */
  kept(): number;
  close(): Promise<void>;
}

/** What scim-schemas/ says. @throws Error that names the file and field that is wrong */
export function loadCatalogue(): SchemaCatalogue {
  return loadSchemaCatalogue(join(packageRoot, 'scim-schemas'));
}

/** The directory of a store, prepared. Nothing runs in the background until `start()`. */
export async function openDirectory(
  { prepare, mongo }: Pick<Store, 'prepare' | 'mongo'>,
  catalogue: SchemaCatalogue,
  onError: (error: unknown) => void,
): Promise<Directory> {
  await prepare(catalogue);
  return createDirectory({ ...mongo, catalogue, now: () => new Date(), onError });
}

/** Makes the directory over a database that is prepared already. Nothing runs in the background until `start()`. */
export function createDirectory({ connection, client, db, catalogue, now, onError }: DirectoryOptions): Directory {
  const records = createRecords(client, db, catalogue, now);
  const names = createNameCache(records);
  const managers = createManagerResolver(records, onError);
  const schemas = { user: catalogue.user, group: catalogue.group };
  const revalidation = createRevalidation(records, () => provision, onError);
  const dependencies = {
    records,
    names,
    schemas,
    now,
    onUserNamed: managers.add,
    onStoreChanged: revalidation.storeChanged,
  };
  const provision: Provision = createProvision(dependencies);
  const relay = createChangeRelay(db, now, onError);
  const referenceData = createReferenceData(createReferenceRecords({ connection, client }), now);

  function bulk(): BulkEntries {
    const ahead = createPrefetchedRecords(records, createManyUsers(collectionsOf(db)));
    const read = createNameCache(ahead.records);
    const namesRead: NameCache = {
      ...read,
      forgetGroup(id) {
        read.forgetGroup(id);
        names.forgetGroup(id);
      },
      forgetStore(id) {
        read.forgetStore(id);
        names.forgetStore(id);
      },
    };
    return {
      provision: createProvision({ ...dependencies, records: ahead.records, names: namesRead }),
      lookup: createLookup(ahead.records, namesRead),
      references: createReferences(ahead.records, referenceData),
      prefetch: ahead.prefetch,
    };
  }

  function simulate(): Simulation {
    const ahead = createPrefetchedReader(records, createManyUsers(collectionsOf(db)));
    const simulated = createSimulatedRecords(ahead, createSimulationStore(db, now));
    const seen = createNameCache(simulated.records);
    const ignored = (): void => undefined;
    return {
      provision: createProvision({
        records: simulated.records,
        names: seen,
        schemas,
        now,
        onUserNamed: ignored,
        onStoreChanged: ignored,
      }),
      lookup: createLookup(simulated.records, seen),
      references: createReferences(simulated.records, referenceData),
      prefetch: simulated.prefetch,
      kept: () => simulated.kept(),
      close: () => simulated.close(),
    };
  }

  return {
    provision,
    lookup: createLookup(records, names),
    records,
    referenceData,
    references: createReferences(records, referenceData),
    simulate,
    bulk,
    administration: createAdministration({
      records,
      administrationRecords: createAdministrationRecords(db, now),
      names,
      now,
    }),
    relay,
    start() {
      relay.start();
    },
    async stop() {
      await managers.idle();
      await revalidation.idle();
      await relay.stop();
    },
  };
}
