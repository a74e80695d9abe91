// When a client calls: the interval between its syncs, as it is published and as it was observed, and when the next sync is due.

import type { ConnectionKind } from '../model.ts';
import type { HourCounts } from './calls.ts';

/** How often a connection syncs. */
export interface Cadence {
  /** Minutes between the starts of two syncs, as the maker of the client publishes it; absent if it publishes none. */
  publishedMinutes?: number;
  /** The median of what was observed; absent until a client has called often enough. */
  observedMinutes?: number;
  /** When the next sync should begin; absent if no interval is known or there was no call. */
  due?: Date;
  /** The time at which the next sync should have begun, if a whole interval has passed since. */
  overdueSince?: Date;
}

const MINUTE_MS = 60_000;
const HALF_HOUR = 30;
/** Calls with at most this pause between them belong to one sync. */
const PAUSE_MINUTES_MAX = 10;
/** Fewer syncs than this say nothing about an interval. */
const SYNCS_MIN = 4;

/** Of Entra ID: "about every 40 minutes". The others sync when something changes, or when an administrator has scheduled it. */
const PUBLISHED: Partial<Record<ConnectionKind, number>> = { entra: 40 };

/** The cadence of a connection of this kind, by its counts, oldest first. */
export function cadenceOf(
  kind: ConnectionKind,
  hours: readonly Pick<HourCounts, 'hour' | 'minutes'>[],
  lastCall: Date | undefined,
  now: Date,
): Cadence {
  const starts = syncStarts(hours.flatMap(activeMinutes));
  const observedMinutes = observedInterval(starts);
  const publishedMinutes = PUBLISHED[kind];
  const known = {
    ...(publishedMinutes === undefined ? {} : { publishedMinutes }),
    ...(observedMinutes === undefined ? {} : { observedMinutes }),
  };
  const interval = observedMinutes ?? publishedMinutes;
  const from = starts.at(-1) ?? (lastCall && lastCall.getTime() / MINUTE_MS);
  if (interval === undefined || from === undefined) return known;
  const due = new Date((from + interval) * MINUTE_MS);
  const isOverdue = now.getTime() > due.getTime() + interval * MINUTE_MS;
  return { ...known, due, ...(isOverdue ? { overdueSince: due } : {}) };
}

/** The minutes with calls, since 1970. */
function activeMinutes({ hour, minutes: [early, late] }: Pick<HourCounts, 'hour' | 'minutes'>): number[] {
  const first = hour.getTime() / MINUTE_MS;
  const bits = [...bitsOf(early), ...bitsOf(late).map((minute) => minute + HALF_HOUR)];
  return bits.map((minute) => first + minute);
}

function bitsOf(mask: number): number[] {
  return Array.from({ length: HALF_HOUR }, (_, bit) => bit).filter((bit) => (mask >> bit) & 1);
}

function syncStarts(minutes: readonly number[]): number[] {
  return minutes.filter((minute, index) => {
    const before = minutes[index - 1];
    return before === undefined || minute - before > PAUSE_MINUTES_MAX;
  });
}

function observedInterval(starts: readonly number[]): number | undefined {
  if (starts.length < SYNCS_MIN) return undefined;
  const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? start));
  gaps.sort((one, other) => one - other);
  return gaps[Math.floor(gaps.length / 2)];
}
