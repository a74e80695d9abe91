// One step of a run over a file of people, which the processes of bench/files.ts report as a line of JSON.

import type { RunCounts } from '../src/runs/store.ts';

/** The steps of both formats in order, then those of CSV only. */
export const STEPS = ['simulated', 'made', 'a third changed', 'unchanged', 'exported'] as const;

export interface Step {
  step: (typeof STEPS)[number];
  people: number;
  seconds: number;
  /** The peak memory of this process so far, in MB. */
  peakMb: number;
  counts?: RunCounts;
}

/** Runs a step and reports it; `work` resolves with the counts of the rows, or with their number. */
export async function measure(step: Step['step'], work: () => Promise<RunCounts | number>): Promise<void> {
  const begin = performance.now();
  const result = await work();
  const seconds = (performance.now() - begin) / 1000;
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  const told = typeof result === 'number' ? { people: result } : { people: result.done, counts: result };
  console.log(JSON.stringify({ step, seconds, peakMb, ...told } satisfies Step));
}
