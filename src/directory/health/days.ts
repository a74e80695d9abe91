// Days of the calendar, as charts show them.

import { daysIn } from '../schema/formats.ts';
import type { CallCounts } from './calls.ts';

const DAY_MS = 86_400_000;

/** So many days that end with a day such as `2026-11-22`, oldest first. */
export function lastDays(today: string, days: number): string[] {
  const end = Date.parse(`${today}T00:00:00Z`);
  return Array.from({ length: days }, (_, index) =>
    new Date(end - (days - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
}

/** The counts of these days. An hour belongs to the day in which it begins, also in time zones that are not whole hours away from UTC. */
export function countsByDay(
  hours: readonly (CallCounts & { hour: Date })[],
  days: readonly string[],
  timeZone: string,
): (CallCounts & { day: string })[] {
  const all = new Map(days.map((day) => [day, { day, requests: 0, refused: 0, failed: 0 }]));
  const dayOf = daysIn(timeZone);
  for (const { hour, requests, refused, failed } of hours) {
    const day = all.get(dayOf(hour));
    if (!day) continue;
    day.requests += requests;
    day.refused += refused;
    day.failed += failed;
  }
  return [...all.values()];
}
