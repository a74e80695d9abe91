// Daily tasks of an account at its local time: the local time, and the lease that lets one process do a task.

/** A date and a time of day in a time zone. */
export interface LocalTime {
  /** Such as `2026-11-22`. */
  day: string;
  /** Such as `02:30`. */
  time: string;
}

/** The time zone of accounts without one. */
export const DEFAULT_TIME_ZONE = 'UTC';
/** The local time of the daily import of accounts without one. */
export const DEFAULT_IMPORT_TIME = '02:00';

/** Converts an instant to local time. @throws RangeError if the time zone does not exist */
export function localTime(at: Date, timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  return { day: `${part('year')}-${part('month')}-${part('day')}`, time: `${part('hour')}:${part('minute')}` };
}

/**
 * The port to leases of daily tasks. Only one process does a task; if it does not complete the task, another one does.
 * src/mongo implements it. Every method throws StoreUnavailable if the database is unavailable.
 */
export interface DailyLease {
  /** Claims the task; false if it was completed on this day or another process holds it. */
  claim(task: string, day: string, leaseHolder: string, leaseMs: number): Promise<boolean>;
  /** Records that the task is complete for this day, and releases the lease. */
  complete(task: string, day: string, leaseHolder: string): Promise<void>;
}
