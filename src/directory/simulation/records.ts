// The port to the store for a simulation: it reads the real store and its own earlier writes, checks commits against both, and
// keeps what it would have written. The same provision over it is a simulation; there is no second code path.

import type { Prefetch, PrefetchedReader } from '../prefetch.ts';
import type { Records, RecordsWriter } from '../records.ts';
import { createSimulatedCommit } from './commits.ts';
import type { Overlays } from './context.ts';
import { groupKeys, storeKeys, userKeys } from './keys.ts';
import { createOverlay, type SimulationStore } from './overlay.ts';
import { createSimulatedPrefetch, createSimulatedReader, createStoredUsersWith } from './reads.ts';

/** Records of one simulation of one account. */
export interface SimulatedRecords {
  records: Records;
  prefetch: Prefetch;
  /** Documents in memory now: bounded, however much was written. */
  kept(): number;
  /** Forgets the simulation. */
  close(): Promise<void>;
}

/** Makes a simulation over the reading half of a store. What it writes goes to `store`: memory does not grow with it. */
export function createSimulatedRecords(
  ahead: Pick<PrefetchedReader, 'reader' | 'prefetch'>,
  store: SimulationStore,
): SimulatedRecords {
  const overlays: Overlays = {
    user: createOverlay(store, 'user', userKeys),
    group: createOverlay(store, 'group', groupKeys),
    store: createOverlay(store, 'store', storeKeys),
  };
  const context = { stored: ahead.reader, storedUsersWith: createStoredUsersWith(ahead.reader), overlays };
  const reader = createSimulatedReader(context);
  const writer: RecordsWriter = {
    commit: createSimulatedCommit(context, reader, (account) => store.activeUsers(account)),
    // What follows a change off the request path is no part of what a row comes to.
    clearManager: async () => undefined,
    resolveManagers: async () => undefined,
    recountActive: async () => undefined,
  };
  return {
    records: { ...reader, ...writer },
    prefetch: createSimulatedPrefetch(ahead, overlays.user),
    kept: () => overlays.user.size() + overlays.group.size() + overlays.store.size(),
    close: () => store.close(),
  };
}
