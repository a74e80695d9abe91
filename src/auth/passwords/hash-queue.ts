// Bounds the work of password hashes: a few at a time, so that cores and Node's threads stay free for other requests, and a short queue
// behind them.

import { availableParallelism } from 'node:os';

/** The limits of a process. */
export interface HashQueueLimits {
  /** How many hashes are computed at a time. Node has four threads for them, which also read files and look up names. */
  atOnce: number;
  /** How many places there are, which bounds how long the last one waits. */
  placesMax: number;
}

const LIMITS: HashQueueLimits = { atOnce: Math.min(2, Math.max(1, availableParallelism() - 1)), placesMax: 48 };

/** Thrown if there is no place. The caller can try again in a second. */
export class HashQueueFull extends Error {
  constructor() {
    super('Too many passwords are being checked');
    this.name = 'HashQueueFull';
  }
}

/** A place in the queue, to be left exactly once. */
export interface HashPlace {
  /** Runs a function that computes a hash when it is its turn. */
  run<T>(work: () => Promise<T>): Promise<T>;
  leave(): void;
}

/** Gives places. */
export interface HashQueue {
  /** A place; undefined if all are taken. */
  enter(): HashPlace | undefined;
}

/** Creates a queue. Hashes are computed in the order in which they were asked for. */
export function createHashQueue({ atOnce, placesMax }: HashQueueLimits = LIMITS): HashQueue {
  const waiting: (() => void)[] = [];
  let running = 0;
  let taken = 0;

  async function run<T>(work: () => Promise<T>): Promise<T> {
    if (running < atOnce) running += 1;
    else await new Promise<void>((resume) => waiting.push(resume));
    try {
      return await work();
    } finally {
      // The next one takes this one's turn, so `running` does not change.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return {
    enter() {
      if (taken >= placesMax) return undefined;
      taken += 1;
      let isLeft = false;
      const leave = () => {
        if (!isLeft) taken -= 1;
        isLeft = true;
      };
      return { run, leave };
    },
  };
}
