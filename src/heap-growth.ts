// How far the heap of a process grows before what is garbage in it is looked for.

import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap grow to twice what lives. Lists and files leave much garbage, and by itself V8 lets it grow to four times before it
 * looks: that takes a third more memory and saves no time (docs/performance.md). Called once, before the work begins.
 */
export function boundHeapGrowth(): void {
  setFlagsFromString('--heap-growing-percent=100');
}
