// Implements the port of records for a simulation: reads stored documents and overlays, checks commits against both, and writes to
// overlays only. Provision runs on it unchanged, so a simulation has no code path of its own.

import type { Prefetch, PrefetchedReader } from '../prefetch.ts';
import type { Records, RecordsWriter } from '../records.ts';
import { createSimulatedCommit } from './commits.ts';
import type { Overlays } from './context.ts';
import { groupKeys, storeKeys, userKeys } from './keys.ts';
import { createOverlay, type SimulationStore } from './overlay.ts';
import { createSimulatedPrefetch, createSimulatedReader, createStoredUsersWith } from './reads.ts';

/** The records of one simulation of one account. */
interface SimulatedRecords {
  records: Records;
  prefetch: Prefetch;
  /** Number of documents in memory, which is bounded. */
  kept(): number;
  /** Deletes the overlays. */
  close(): Promise<void>;
}

/** Creates the records of a simulation from a reader of the database. Overlays are written to `store`. */
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
    // Background work after a change does not affect the outcome of a row.
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
