// What is done once a day in an account, at its own time of day: which day it is there, whether the time has come, and whose turn it is.

/** A day and a time of day as clocks in a time zone show them. */
export interface LocalTime {
  /** Such as `2026-11-22`. */
  day: string;
  /** Such as `02:30`. */
  time: string;
}

export const DEFAULT_TIME_ZONE = 'UTC';
export const DEFAULT_IMPORT_TIME = '02:00';

/** What clocks show. @throws RangeError for a time zone that does not exist */
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
 * The port to who does what on which day: of all processes one has the turn, another one where it did not come to its end.
 * src/mongo implements it. Every method throws StoreUnavailable where the database is away.
 */
export interface DailyTurns {
  /** Whether this owner may do it now: it is not done on this day, and nobody else is at it. */
  take(name: string, day: string, owner: string, leaseMs: number): Promise<boolean>;
  /** It is done for this day. */
  done(name: string, day: string, owner: string): Promise<void>;
}
