// Whether a request changed a user. The change record is written with the change and moved to the audit collection later.

import type { Db } from 'mongodb';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';

/**
 * Returns whether a request created or updated a user; undefined if it changed nothing.
 * @throws StoreUnavailable
 */
export async function appliedChange(db: Db, user: string, request: string): Promise<'create' | 'update' | undefined> {
  const { users, audit } = collectionsOf(db);
  // The relay writes a record to the audit collection before it removes it from the user.
  const waiting = await guarded(() =>
    users.findOne({ _id: user, 'changes.request': request }, { projection: { changes: 1 } }),
  );
  const actions = waiting?.changes.flatMap((change) => (change.request === request ? [change.action] : [])) ?? [];
  for (const action of ['create', 'update'] as const) {
    if (actions.includes(action)) return action;
    const _id = `${request}:${user}:${action}:${user}`;
    if (await guarded(() => audit.findOne({ _id }, { projection: { _id: 1 } }))) {
      return action;
    }
  }
  return undefined;
}
