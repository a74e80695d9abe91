// What the thread of the requests and the background thread say to each other. Messages are copied by structured clone.

import type { Config } from '../../config.ts';
import type { Occurrence } from '../../http/events/occurrence.ts';

/** What the background thread is started with. */
export interface ThreadData extends Pick<Config, 'mongodbDatabase' | 'mongoTimeoutMs' | 'logLevel'> {
  uri: string;
  /** Whether the log is for a terminal: the thread can't see that. */
  pretty: boolean;
}

/** To the background thread. It answers `write` with `written`, `stopRelay` with `relayStopped`, and ends after `end`. */
export type ToThread =
  | { kind: 'write'; id: number; occurrences: readonly Occurrence[] }
  | { kind: 'startRelay' }
  | { kind: 'stopRelay' }
  | { kind: 'end' };

/** From the background thread. */
export type FromThread = { kind: 'ready' } | { kind: 'written'; id: number; ok: boolean } | { kind: 'relayStopped' };
