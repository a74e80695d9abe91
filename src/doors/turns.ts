// Turns of the event loop: the long work of one request lets other requests in between.

import { setImmediate as nextTurn } from 'node:timers/promises';

const TURN_MS_MAX = 10;

/** Makes a function to call between the steps of long work. It returns a promise to wait for if it is the turn of others. */
export function createTurns(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < TURN_MS_MAX) return undefined;
    return nextTurn().then(() => {
      since = performance.now();
    });
  };
}
