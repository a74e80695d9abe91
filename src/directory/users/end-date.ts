// End dates of users: from that day on, a user is not active.

import type { Account } from '../model.ts';
import { textAt, valueAt } from '../schema/attributes.ts';
import { dayIn, readDate } from '../schema/formats.ts';
import type { Attributes } from '../schema/schema.ts';
import type { PlanContext, UserChangeRequest } from './change-request.ts';

const KEY = 'mobietrain.endDate';
/** The time zone of accounts without one. */
const DEFAULT_TIME_ZONE = 'UTC';

/** Whether the end date is `today` or earlier. SCIM clients may store any text; one that is not a date is ignored. */
export function hasEnded(attributes: Attributes, today: string): boolean {
  const date = textAt(attributes, KEY);
  return date !== undefined && readDate(date) === date && date <= today;
}

/**
 * Deactivates a user whose end date has come if the request states the end date or the activation. The daily work does it for
 * all others.
 * @param data the attributes to store, changed in place
 */
export function endIfOver(
  { caller, now }: PlanContext,
  { current, stated }: UserChangeRequest,
  data: Attributes,
): void {
  if (data.active !== true || textAt(data, KEY) === undefined) return;
  const isStated = !current || stated.has('active') || valueAt(current.data, KEY) !== valueAt(data, KEY);
  if (isStated && hasEnded(data, todayOf(caller.account, now))) data.active = false;
}

function todayOf({ timeZone }: Pick<Account, 'timeZone'>, now: Date): string {
  return dayIn(now, timeZone ?? DEFAULT_TIME_ZONE);
}
