// What the parts of a simulation work on: the real store, the simulation's own reads, and what it wrote.

import type { StoredGroup, StoredStore, StoredUser } from '../model.ts';
import type { RecordsReader } from '../records.ts';
import type { Overlay } from './overlay.ts';

/** What a simulation wrote. */
export interface Overlays {
  user: Overlay<StoredUser>;
  group: Overlay<StoredGroup>;
  store: Overlay<StoredStore>;
}

export interface SimulationContext {
  /** The real store. */
  stored: RecordsReader;
  /** Users of the real store by one value, each question asked once: what others write meanwhile is no part of the simulation. */
  storedUsersWith: RecordsReader['usersWith'];
  overlays: Overlays;
}
