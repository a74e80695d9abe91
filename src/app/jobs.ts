// Names the background work in the log.

import type { Log } from '../log.ts';

/** Makes the handler for errors of one job, such as `change relay`. */
export type OnJobError = (job: string) => (error: unknown) => void;

/** Reports errors of jobs to the log. */
export function reportJob(log: Log): OnJobError {
  return (job) => (error) => log.error('Background work failed', { job, error });
}
