// The state that the parts of a simulation share: reads of the database, and the overlays.

import type { StoredGroup, StoredStore, StoredUser } from '../model.ts';
import type { RecordsReader } from '../records.ts';
import type { Overlay } from './overlay.ts';

/** The documents that a simulation changed, by kind. */
export interface Overlays {
  user: Overlay<StoredUser>;
  group: Overlay<StoredGroup>;
  store: Overlay<StoredStore>;
}

/** The shared state of a simulation. */
export interface SimulationContext {
  /** Reads of the database. */
  stored: RecordsReader;
  /** Users in the database by one value. Answers are cached, so that writes by others do not change the simulation. */
  storedUsersWith: RecordsReader['usersWith'];
  overlays: Overlays;
}
