// Wires up the directory over MongoDB: the records, the name cache, provisioning, lookups and the change relay.

import { createPasswordSync } from '../auth/learners/password-sync.ts';
import { type Administration, createAdministration } from '../directory/administration/administration.ts';
import { countHolders } from '../directory/administration/holders.ts';
import { createStoreMerge, type StoreMerge } from '../directory/administration/store-merge.ts';
import { createGroupMerge, type GroupMerge } from '../directory/groups/merge.ts';
import { createIdentityHash, type IdentityHash } from '../directory/identity-hash.ts';
import { createInvitationEnds } from '../directory/invitations/ends.ts';
import { createNameCache, type NameCache } from '../directory/links/name-cache.ts';
import { createManagerResolver } from '../directory/managers/resolver.ts';
import type { Lookup, Provision } from '../directory/ports.ts';
import { createPrefetchedReader, createPrefetchedRecords, type Prefetch } from '../directory/prefetch.ts';
import type { ProvisionDependencies } from '../directory/provision-dependencies.ts';
import { createLookup } from '../directory/query/lookup.ts';
import type { Records } from '../directory/records.ts';
import { createReferenceData, type ReferenceData } from '../directory/reference-data/reference-data.ts';
import { createReferences, type References } from '../directory/reference-data/references.ts';
import { createSchemasOf, type SchemasOf } from '../directory/schema/account-attributes.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { createSimulatedRecords } from '../directory/simulation/records.ts';
import { createProvision } from '../directory/users/provision.ts';
import { createRevalidation } from '../directory/users/revalidation.ts';
import { createReferenceRecords } from '../mongo/accounts/reference-data.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { sharedKey } from '../mongo/client/shared-keys.ts';
import { collectionsOf } from '../mongo/collections.ts';
import { createAdministrationRecords } from '../mongo/groups/administration-records.ts';
import { createGroupMergeRecords } from '../mongo/groups/merge-records.ts';
import { createInvitationStore } from '../mongo/invitations/invitations.ts';
import { createLearnerStore } from '../mongo/learners/access.ts';
import { createMailDesk } from '../mongo/mail-desk.ts';
import { createRecords } from '../mongo/records.ts';
import { type ChangeRelay, createChangeRelay } from '../mongo/relay/change-relay.ts';
import { createSimulationStore } from '../mongo/runs/simulations.ts';
import { createManyUsers } from '../mongo/users/many-users.ts';
import type { Store } from './database.ts';
import type { OnJobError } from './jobs.ts';

/** What the directory is made from. */
export interface DirectoryOptions extends Pick<Mongo, 'connection' | 'client' | 'db'> {
  catalogue: SchemaCatalogue;
  now: () => Date;
  onError: OnJobError;
}

/** The directory with its background work. */
export interface Directory {
  provision: Provision;
  lookup: Lookup;
  records: Records;
  referenceData: ReferenceData;
  administration: Administration;
  groupMerge: GroupMerge;
  storeMerge: StoreMerge;
  references: References;
  names: NameCache;
  /** The schemas of an account, with its custom attributes. */
  schemasOf: SchemasOf;
  /** The hash of identities, the same in all processes. @throws StoreUnavailable */
  identityHash: () => Promise<IdentityHash>;
  /** Provisioning and lookups in a simulation, which never writes to the directory. Close it after use. */
  simulate(): Simulation;
  /** Provisioning and lookups that read ahead, for a run over many rows. */
  bulk(): BulkEntries;
  relay: ChangeRelay;
  start(): void;
  stop(): Promise<void>;
}

/** Provisioning and lookups for a run of one account over many rows. */
interface BulkEntries {
  provision: Provision;
  lookup: Lookup;
  references: References;
  prefetch: Prefetch;
}

/** Provisioning and lookups in a simulation. */
interface Simulation extends BulkEntries {
  /** The number of simulated documents in memory. */
  kept(): number;
  close(): Promise<void>;
}

/** Prepares a store and opens its directory. Nothing runs in the background until `start()`. */
export async function openDirectory(
  { prepare, mongo }: Pick<Store, 'prepare' | 'mongo'>,
  catalogue: SchemaCatalogue,
  onError: OnJobError,
): Promise<Directory> {
  await prepare(catalogue);
  return createDirectory({ ...mongo, catalogue, now: () => new Date(), onError });
}

/** Creates the directory of a prepared database. Nothing runs in the background until `start()`. */
export function createDirectory({ connection, client, db, catalogue, now, onError }: DirectoryOptions): Directory {
  const records = createRecords(client, db, catalogue, now);
  const names = createNameCache(records);
  const managers = createManagerResolver(records, onError('managers who come later'));
  const ends = createInvitationEnds({
    store: createInvitationStore(client, db),
    withdrawMails: (account, invitation) => createMailDesk(db).withdraw(account, invitation),
    now,
    onError: onError('the end of invitations'),
  });
  const schemasOf = createSchemasOf(catalogue);
  const identityHash = identityHashOf(db);
  const revalidation = createRevalidation(records, () => provision, onError('missing data after a change of a store'));
  const dependencies: ProvisionDependencies = {
    records,
    names,
    schemasOf,
    now,
    identityHash,
    onUserNamed: managers.add,
    onInvitationOver: (user, how) => ends.over(user, how),
    onStoreChanged: revalidation.storeChanged,
    syncPassword: createPasswordSync(createLearnerStore(db)),
  };
  const provision: Provision = createProvision(dependencies);
  const relay = createChangeRelay(db, now, onError('change relay'));
  const referenceData = createReferenceData(
    createReferenceRecords({ connection, client, db }, catalogue.orgUnit, now),
    {
      now,
      usersOf: (account, kind, code) => countHolders(records, catalogue.user, account, { kind, code }),
    },
  );

  const administration = createAdministration({
    records,
    administrationRecords: createAdministrationRecords(db, catalogue.store, now),
    names,
    schema: catalogue.user,
    now,
    onStoreChanged: revalidation.storeChanged,
  });
  const shared: SharedParts = { db, dependencies, referenceData };

  return {
    provision,
    lookup: createLookup(records, names),
    records,
    referenceData,
    references: createReferences(records, referenceData),
    names,
    schemasOf,
    identityHash,
    simulate: () => simulate(shared),
    bulk: () => bulk(shared),
    administration,
    storeMerge: createStoreMerge({ records, provision, administration, schema: catalogue.user }),
    groupMerge: createGroupMerge({ records, merges: createGroupMergeRecords(client, db), names, now }),
    relay,
    start() {
      relay.start();
    },
    async stop() {
      await managers.idle();
      await revalidation.idle();
      await ends.idle();
      await relay.stop();
    },
  };
}

/** What the entries for runs share with the directory. */
interface SharedParts {
  db: Mongo['db'];
  dependencies: ProvisionDependencies;
  referenceData: ReferenceData;
}

function bulk({ db, dependencies, referenceData }: SharedParts): BulkEntries {
  const { records, names } = dependencies;
  const ahead = createPrefetchedRecords(records, createManyUsers(collectionsOf(db)));
  const cache = createNameCache(ahead.records);
  const prefetchedNames: NameCache = {
    ...cache,
    forgetGroup(id) {
      cache.forgetGroup(id);
      names.forgetGroup(id);
    },
    forgetStore(id) {
      cache.forgetStore(id);
      names.forgetStore(id);
    },
  };
  return {
    provision: createProvision({ ...dependencies, records: ahead.records, names: prefetchedNames }),
    lookup: createLookup(ahead.records, prefetchedNames),
    references: createReferences(ahead.records, referenceData),
    prefetch: ahead.prefetch,
  };
}

function simulate({ db, dependencies, referenceData }: SharedParts): Simulation {
  const ahead = createPrefetchedReader(dependencies.records, createManyUsers(collectionsOf(db)));
  const simulated = createSimulatedRecords(ahead, createSimulationStore(db, dependencies.now));
  const simulatedNames = createNameCache(simulated.records);
  const noop = (): void => undefined;
  return {
    provision: createProvision({
      ...dependencies,
      records: simulated.records,
      names: simulatedNames,
      onUserNamed: noop,
      onInvitationOver: noop,
      onStoreChanged: noop,
      syncPassword: undefined,
    }),
    lookup: createLookup(simulated.records, simulatedNames),
    references: createReferences(simulated.records, referenceData),
    prefetch: simulated.prefetch,
    kept: () => simulated.kept(),
    close: () => simulated.close(),
  };
}

/** The hash of identities with the key of a database, which is read once. */
function identityHashOf(db: Mongo['db']): () => Promise<IdentityHash> {
  let loading: Promise<IdentityHash> | undefined;
  return () => {
    loading ??= sharedKey(db, 'identity').then(createIdentityHash, (error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
