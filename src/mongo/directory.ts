// The directory over MongoDB: puts the store's records, the name cache, the two entries and the relay together.

import type { Db, MongoClient } from 'mongodb';
import { type Administration, createAdministration } from '../directory/administration.ts';
import { createJudgeAgain } from '../directory/judge-again.ts';
import { createLookup } from '../directory/lookup.ts';
import type { StoredUser } from '../directory/model.ts';
import { createNameCache } from '../directory/names.ts';
import type { Lookup, Provision } from '../directory/ports.ts';
import { createProvision } from '../directory/provision.ts';
import type { Records } from '../directory/records.ts';
import type { ReferenceData } from '../directory/reference-data.ts';
import { createReferences, type References } from '../directory/references.ts';
import type { SchemaCatalogue } from '../directory/schema-catalogue.ts';
import { createSimulatedRecords } from '../directory/simulation.ts';
import { createAdministrationRecords } from './administration-records.ts';
import { type ChangeRelay, createChangeRelay } from './change-relay.ts';
import { createRecords } from './records.ts';
import { createReferenceData } from './reference-data.ts';
import { createSimulationShelves } from './simulations.ts';

export interface DirectoryOptions {
  client: MongoClient;
  db: Db;
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
  /** The entries over a store that remembers and never writes. Close it when the simulation is through. */
  simulate(): Simulation;
  relay: ChangeRelay;
  start(): void;
  stop(): Promise<void>;
}

/** The directory's entries in a simulation of one account. */
export interface Simulation {
  provision: Provision;
  lookup: Lookup;
  references: References;
  close(): Promise<void>;
}

/** Managers that came to be, told to the reports that wait for them, so many at a time. */
const ARRIVALS_MAX = 5000;

/** Makes the directory; nothing runs in the background until `start()`. The indexes are made before: `prepareDatabase`. */
export function createDirectory({ client, db, catalogue, now, onError }: DirectoryOptions): Directory {
  const records = createRecords(client, db, catalogue, now);
  const names = createNameCache(records);
  const arrivals = createArrivals(records, onError);
  const schemas = { user: catalogue.user, group: catalogue.group };
  const judgeAgain = createJudgeAgain(records, () => provision, onError);
  const provision: Provision = createProvision({
    records,
    names,
    schemas,
    now,
    onUserCreated: arrivals.add,
    onStoreChanged: judgeAgain.storeChanged,
  });
  const relay = createChangeRelay(db, now, onError);
  const referenceData = createReferenceData(db, now);

  function simulate(): Simulation {
    const simulated = createSimulatedRecords(records, createSimulationShelves(db, now));
    const seen = createNameCache(simulated);
    const ignored = (): void => undefined;
    return {
      provision: createProvision({
        records: simulated,
        names: seen,
        schemas,
        now,
        onUserCreated: ignored,
        onStoreChanged: ignored,
      }),
      lookup: createLookup(simulated, seen),
      references: createReferences(simulated, referenceData),
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
      await arrivals.settled();
      await judgeAgain.settled();
      await relay.stop();
    },
  };
}

/** Off the request path: users who came to be may be the managers that others named before. */
function createArrivals(records: Records, onError: (error: unknown) => void) {
  let waiting: StoredUser[] = [];
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await resolve(batch);
      } catch (error) {
        onError(error);
      }
    }
    running = undefined;
  }

  async function resolve(batch: StoredUser[]): Promise<void> {
    const byReference = new Map<string, { account: string; id: string }>();
    for (const user of batch) {
      for (const reference of referencesOf(user)) {
        byReference.set(`${user.account}\u0000${reference}`, { account: user.account, id: user._id });
      }
    }
    for (const waitingFor of await records.awaitedManagers([...byReference.keys()].map(splitReference))) {
      const manager = byReference.get(`${waitingFor.account}\u0000${waitingFor.reference}`);
      if (manager) await records.resolveManagers(manager.account, manager.id, [waitingFor.reference]);
    }
  }

  return {
    add(user: StoredUser): void {
      if (waiting.length >= ARRIVALS_MAX) return;
      waiting.push(user);
      running ??= new Promise<void>((done) => setTimeout(done, 20)).then(run);
    },
    async settled(): Promise<void> {
      while (running) await running;
    },
  };
}

/** How a manager may have been named: external ID or login name, as written. */
function referencesOf(user: StoredUser): string[] {
  return [user.data.externalId, user.data.userName].filter((value): value is string => typeof value === 'string');
}

function splitReference(key: string): { account: string; reference: string } {
  const at = key.indexOf('\u0000');
  return { account: key.slice(0, at), reference: key.slice(at + 1) };
}
