// The days of an invitation. They are days of the calendar in the account's time zone: the last day is a whole day, whether it has 23, 24
// or 25 hours.

import type { Account } from '../model.ts';
import { dayIn } from '../schema/formats.ts';

const LIFETIME_DAYS = 60;
const REMINDER_DAYS: readonly number[] = [7, 21, 40, 53, 57];
const YELLOW_DAYS = 7;
const RED_DAYS = 3;
const DAY_MS = 86_400_000;
const DEFAULT_TIME_ZONE = 'UTC';

/** How near the end is: 7 days or fewer are left, 3 or fewer. */
export type Marker = 'none' | 'yellow' | 'red';

/** The time zone of an account. */
export function timeZoneOf({ timeZone }: Pick<Account, 'timeZone'>): string {
  return timeZone ?? DEFAULT_TIME_ZONE;
}

/** The day in an account at an instant, such as `2026-11-22`. */
export function todayIn(account: Pick<Account, 'timeZone'>, now: Date): string {
  return dayIn(now, timeZoneOf(account));
}

/** The day so many days after a day; negative: before it. */
function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The number of days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** The first instant of a day in a time zone, also if the clock has no midnight on that day. */
function startOfDay(day: string, timeZone: string): Date {
  // No time zone is more than 14 hours ahead of UTC or 12 behind it.
  let low = Date.parse(`${day}T00:00:00Z`) - 15 * 3_600_000;
  let high = low + 30 * 3_600_000;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (dayIn(new Date(middle), timeZone) < day) low = middle;
    else high = middle;
  }
  return new Date(high);
}

/** The days of a new invitation. */
export function newPeriod(account: Pick<Account, 'timeZone' | 'inviteLifetimeDays'>, now: Date) {
  const day = todayIn(account, now);
  const lastDay = daysAfter(day, account.inviteLifetimeDays ?? LIFETIME_DAYS);
  return { day, lastDay, ends: startOfDay(daysAfter(lastDay, 1), timeZoneOf(account)) };
}

/** The marker of an invitation with this last day. */
export function markerOf(lastDay: string, today: string): Marker {
  const left = daysBetween(today, lastDay);
  if (left <= RED_DAYS) return 'red';
  return left <= YELLOW_DAYS ? 'yellow' : 'none';
}

/** The last days of the invitations with a marker; both ends are included. */
export function lastDaysOf(marker: Marker, today: string): { from?: string; to?: string } {
  const yellowTo = daysAfter(today, YELLOW_DAYS);
  const redTo = daysAfter(today, RED_DAYS);
  if (marker === 'red') return { to: redTo };
  return marker === 'yellow' ? { from: daysAfter(redTo, 1), to: yellowTo } : { from: daysAfter(yellowTo, 1) };
}

/**
 * The day of the schedule whose reminder is due: the latest that has come and is later than the last one sent. So a server that was down
 * for two of them sends one.
 */
export function dueReminder(
  { day, reminded = 0 }: { day: string; reminded?: number },
  schedule: readonly number[] | undefined,
  today: string,
): number | undefined {
  const passed = daysBetween(day, today);
  const due = (schedule ?? REMINDER_DAYS).filter((one) => one <= passed && one > reminded);
  return due.length === 0 ? undefined : Math.max(...due);
}
