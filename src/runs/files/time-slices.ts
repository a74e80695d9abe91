// Work on large files in slices, so that requests are answered in between.

import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 10;
const SLICE_BYTES = 256 * 1024;

export interface TimeSlices {
  /**
   * Counts bytes that were worked on, and waits for the next turn of the event loop if the slice is used up: after 10 ms or 256 KiB,
   * whichever comes first.
   */
  worked(bytes: number): Promise<void>;
}

/** The slices of one piece of work. */
export function createTimeSlices(): TimeSlices {
  let since = performance.now();
  let sinceBytes = 0;
  return {
    async worked(bytes) {
      sinceBytes += bytes;
      if (sinceBytes < SLICE_BYTES && performance.now() - since < SLICE_MS) return;
      await nextTurn();
      since = performance.now();
      sinceBytes = 0;
    },
  };
}
