// Rebuilds derived groups for existing users after an account's rules change.

import { groupRecord } from '../change-record.ts';
import type { Caller, StoredGroup, StoredUser } from '../model.ts';
import type { Provision } from '../ports.ts';
import { type CursorPosition, type Page, readWhole } from '../query/query.ts';
import type { Records } from '../records.ts';
import { createRetryBudget } from '../retry-budget.ts';
import { textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import { emptyAttributes } from '../schema/schema.ts';

const PAGE = 200;
/** Number of concurrent writes of users. */
const USERS_AT_ONCE = 8;

export interface RebuiltGroups {
  /** Users whose groups changed. */
  changed: number;
  /** Users who could not be written; their next change updates their groups. */
  failed: number;
}

interface RebuildDependencies {
  records: Records;
  provision: Pick<Provision, 'updateUser'>;
  now: () => Date;
}

/**
 * Adds all users of the caller's account to the groups that follow from its rules, removes them from groups that no longer do, and
 * makes groups without a rule editable again. Idempotent; one write for each user that changes.
 * @throws StoreUnavailable
 */
export async function rebuildDerivedGroups(dependencies: RebuildDependencies, caller: Caller): Promise<RebuiltGroups> {
  const { records, provision } = dependencies;
  const account = caller.account.id;
  const rebuilt: RebuiltGroups = { changed: 0, failed: 0 };
  for await (const users of pages(async (page) => readWhole(await records.users(account, { page })))) {
    const concerned = users.filter((user) => isConcerned(caller, user));
    for (let from = 0; from < concerned.length; from += USERS_AT_ONCE) {
      const some = concerned.slice(from, from + USERS_AT_ONCE);
      const outcomes = await Promise.all(some.map(({ _id }) => rederive(provision, caller, _id)));
      for (const outcome of outcomes) {
        if (!outcome.ok) rebuilt.failed += outcome.faults[0].code === 'notFound' ? 0 : 1;
        else if (outcome.effect === 'updated') rebuilt.changed += 1;
      }
    }
  }
  for await (const groups of pages((page) => records.groups(account, { page }, caller.connection.id))) {
    for (const group of groups)
      if (group.derived && !followsRule(caller, group)) await open(dependencies, caller, group);
  }
  return rebuilt;
}

/** An empty update, which derives the groups of the user again. */
function rederive(provision: Pick<Provision, 'updateUser'>, caller: Caller, id: string) {
  return provision.updateUser(caller, id, undefined, () => ({
    ok: true,
    revision: { mode: 'patch', attributes: emptyAttributes(), stated: new Set() },
  }));
}

/** Makes a group editable. If the group is changed at the same time, the next run does it. */
async function open({ records, now }: RebuildDependencies, caller: Caller, group: StoredGroup): Promise<void> {
  const record = groupRecord({ caller, now: now() }, { id: group._id, action: 'update' }, group, {
    ...group,
    derived: false,
  });
  const changes = { set: { derived: false }, unset: [] };
  const write = { kind: 'updateGroup' as const, id: group._id, ifVersion: group.version, changes, record };
  await records.commit(caller.account.id, [write], createRetryBudget());
}

function isConcerned({ account }: Caller, { data, groups }: StoredUser): boolean {
  return (
    account.derivedGroups.some(({ attribute }) => textAt(data, attribute) !== undefined) ||
    groups.some(({ origins }) => origins.some((origin) => origin.startsWith('derived:')))
  );
}

function followsRule({ account }: Caller, group: StoredGroup): boolean {
  return account.derivedGroups.some(({ groupType }) => foldText(groupType) === group.typeFold);
}

async function* pages<T extends { _id: string }>(
  read: (page: { kind: 'cursor'; after?: CursorPosition; count: number }) => Promise<Page<T>>,
): AsyncIterable<T[]> {
  let after: CursorPosition | undefined;
  do {
    const page = await read({ kind: 'cursor', ...(after ? { after } : {}), count: PAGE });
    yield page.resources;
    after = page.next;
  } while (after);
}
