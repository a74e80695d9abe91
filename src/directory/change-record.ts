// The record of a change: what audit, webhooks and events out will need, written with the change itself.

import type { Caller, ChangeRecord, Origin } from './model.ts';

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

/** Who asserts a link that a caller makes: an administrator, or its connection on the user (`inline`) or on the group (`push`). */
export function originOf({ door, connection }: Caller, how: 'inline' | 'push'): Origin {
  return door === 'admin' ? 'admin' : `${how}:${connection.id}`;
}
