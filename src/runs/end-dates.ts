// Deactivates users on their end date, or deletes them if the account's end date policy says so.

import type { Caller } from '../directory/model.ts';
import type { Lookup, Provision } from '../directory/ports.ts';
import type { Filter } from '../directory/query/query.ts';
import { emptyAttributes, type ResourceSchema } from '../directory/schema/schema.ts';
import { hasEnded } from '../directory/users/end-date.ts';

/** What `endUsers` needs. */
export interface EndDateOptions {
  provision: Pick<Provision, 'updateUser' | 'deleteUser'>;
  lookup: Pick<Lookup, 'users'>;
  schema: ResourceSchema;
}

const KEY = 'mobietrain.endDate';
const PAGE = 200;

/**
 * Deactivates or deletes the users of the caller's account whose end date is `today` or earlier.
 * @param today such as `2026-11-22`, in the account's time zone
 * @returns the number of users that were deactivated or deleted
 * @throws StoreUnavailable
 */
export async function endUsers(
  { provision, lookup, schema }: EndDateOptions,
  caller: Caller,
  today: string,
): Promise<number> {
  const isDeletion = caller.account.endDatePolicy === 'delete';
  let ended = 0;
  let after: string | undefined;
  for (;;) {
    const page = await lookup.users(caller, {
      filter: endedBy(schema, today, isDeletion),
      page: { kind: 'cursor', count: PAGE, ...(after === undefined ? {} : { after: { key: null, id: after } }) },
    });
    for (const user of page.resources) {
      after = user.id;
      if (!hasEnded(user.attributes, today)) continue;
      const outcome = isDeletion
        ? await provision.deleteUser(caller, user.id, { versions: [user.version] })
        : await deactivate(provision, caller, user.id, today);
      if (outcome.ok && outcome.effect !== 'unchanged') ended += 1;
    }
    if (!page.next) return ended;
  }
}

function endedBy(schema: ResourceSchema, today: string, isDeletion: boolean): Filter {
  const endDate = schema.byKey.get(KEY);
  const active = schema.byKey.get('active');
  if (!endDate || !active) throw new Error('scim-schemas: users have no endDate or no active flag');
  const operands: Filter[] = [{ kind: 'compare', attribute: endDate, operator: 'le', value: today }];
  if (!isDeletion) operands.push({ kind: 'compare', attribute: active, operator: 'eq', value: true });
  return { kind: 'and', terms: operands };
}

function deactivate(provision: Pick<Provision, 'updateUser'>, caller: Caller, id: string, today: string) {
  return provision.updateUser(caller, id, undefined, (current) => {
    const isOver = hasEnded(current.attributes, today);
    const attributes = Object.assign(emptyAttributes(), current.attributes, isOver ? { active: false } : {});
    const stated = new Set(isOver ? ['active'] : []);
    return { ok: true, revision: { mode: 'patch', attributes, stated } };
  });
}
