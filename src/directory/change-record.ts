// The record of a change: what audit, webhooks and events out will need, written with the change itself.

import type { Caller, ChangeRecord } from './model.ts';

/** What was done, by whom, to be written with the change itself. */
export function changeRecord(
  { caller, now }: { caller: Caller; now: Date },
  subject: string,
  action: ChangeRecord['action'],
  attributes: string[],
): ChangeRecord {
  return {
    id: `${caller.requestId}:${subject}:${action}`,
    at: now,
    account: caller.account.id,
    door: caller.door,
    connection: caller.connection.id,
    credential: caller.credentialId,
    request: caller.requestId,
    action,
    ...(attributes.length > 0 ? { attributes } : {}),
  };
}
