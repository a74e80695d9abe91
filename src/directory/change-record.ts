// Owns change records: a description of each change for the audit trail, written together with the change.

import type { Caller, ChangedValue, ChangeRecord, Origin, RequestActor, StoredGroup, StoredStore } from './model.ts';
import { groupValues, storeValues } from './recorded-values.ts';

/** Creates the change record of an action of the caller on `subject`, the id of a document. `attributes` are keys. */
export function changeRecord(
  { caller, now }: { caller: Caller; now: Date },
  subject: string,
  action: ChangeRecord['action'],
  attributes: string[],
  values: readonly ChangedValue[] = [],
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
    ...(caller.by ? { actor: recordedActor(caller.by) } : {}),
    ...(attributes.length > 0 ? { attributes } : {}),
    ...(values.length > 0 ? { values: [...values] } : {}),
  };
}

/** Creates the change record of a group with its values. @param before undefined: it is created; likewise `after`: deleted */
export function groupRecord(
  context: { caller: Caller; now: Date },
  { id, action }: { id: string; action: ChangeRecord['action'] },
  before: Partial<StoredGroup> | undefined,
  after: Partial<StoredGroup> | undefined,
): ChangeRecord {
  return valuesRecord(context, { id, action }, groupValues(before, after));
}

/** Likewise of a store. */
export function storeRecord(
  context: { caller: Caller; now: Date },
  action: ChangeRecord['action'],
  before: StoredStore | undefined,
  after: StoredStore | undefined,
): ChangeRecord {
  return valuesRecord(context, { id: (after ?? before)?._id ?? '', action }, storeValues(before, after));
}

/** The change record of a resource with these values. */
export function valuesRecord(
  context: { caller: Caller; now: Date },
  { id, action }: { id: string; action: ChangeRecord['action'] },
  values: readonly ChangedValue[],
): ChangeRecord {
  return changeRecord(context, id, action, attributesIn(values, action), values);
}

/** Of what is created or deleted, all attributes change: they need no list beside the values. */
function attributesIn(values: readonly ChangedValue[], action: ChangeRecord['action']): string[] {
  return action === 'create' || action === 'delete' ? [] : values.map(({ attribute }) => attribute);
}

/** The audit trail outlives the people who administer, so it has no e-mails of them. */
function recordedActor({ kind, id, name }: RequestActor): RequestActor {
  return kind === 'administrator' || name === undefined ? { kind, id } : { kind, id, name };
}

/** The origin of a link that a caller creates: an administrator, also on the command line, or its connection on the user (`inline`) or on the group (`push`). */
export function originOf({ door, connection }: Caller, how: 'inline' | 'push'): Origin {
  return door === 'admin' || door === 'cli' || door === 'invitations' ? 'admin' : `${how}:${connection.id}`;
}
