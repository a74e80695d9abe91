// Work that is done once a day in an account, at the account's local time: what its clocks show, and the lease that lets one process
// do it.

/** A day and a time of day as clocks in a time zone show them. */
export interface LocalTime {
  /** Such as `2026-11-22`. */
  day: string;
  /** Such as `02:30`. */
  time: string;
}

export const DEFAULT_TIME_ZONE = 'UTC';
export const DEFAULT_IMPORT_TIME = '02:00';

/** The local time of a moment. @throws RangeError for a time zone that does not exist */
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
 * The port to leases of daily tasks: of all processes one does a task, and another one if that one does not complete it.
 * src/mongo implements it. Every method throws StoreUnavailable if the database is unavailable.
 */
export interface DailyLease {
  /** Whether this holder does the task now: it has not been completed on this day, and nobody else holds it. */
  claim(task: string, day: string, leaseHolder: string, leaseMs: number): Promise<boolean>;
  /** Completes the task for this day, and gives up the lease. */
  complete(task: string, day: string, leaseHolder: string): Promise<void>;
}
