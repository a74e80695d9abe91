// Groups that follow an attribute, brought to the users who are there already when an account's rules change (systems.md §1).

import { changeRecord } from '../change-record.ts';
import type { Caller, StoredGroup, StoredUser } from '../model.ts';
import type { Provision } from '../ports.ts';
import { type CursorPosition, type Page, readWhole } from '../query/query.ts';
import type { Records } from '../records.ts';
import { createRetryBudget } from '../retry-budget.ts';
import { textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import { emptyAttributes } from '../schema/schema.ts';

const PAGE = 200;
/** Users that are written at the same time. */
const TOGETHER = 8;

export interface Derived {
  /** Users whose groups changed, and those that could not be written: they follow with their next change. */
  changed: number;
  failed: number;
}

/**
 * Puts every user of the caller's account into the groups that its rules say, takes it out of those that none says any more,
 * and opens groups that follow no rule now. Can be repeated; costs a write per user that changes.
 * @throws StoreUnavailable
 */
export async function deriveAgain(
  { records, provision, now }: { records: Records; provision: Pick<Provision, 'updateUser'>; now: () => Date },
  caller: Caller,
): Promise<Derived> {
  const account = caller.account.id;
  const derived: Derived = { changed: 0, failed: 0 };
  for await (const users of pages(async (page) => readWhole(await records.users(account, { page })))) {
    const concerned = users.filter((user) => isConcerned(caller, user));
    for (let from = 0; from < concerned.length; from += TOGETHER) {
      const outcomes = await Promise.all(
        concerned.slice(from, from + TOGETHER).map(({ _id }) =>
          provision.updateUser(caller, _id, undefined, () => ({
            ok: true,
            revision: { mode: 'patch', attributes: emptyAttributes(), stated: new Set() },
          })),
        ),
      );
      for (const outcome of outcomes) {
        if (!outcome.ok) derived.failed += outcome.faults[0].code === 'notFound' ? 0 : 1;
        else if (outcome.effect === 'updated') derived.changed += 1;
      }
    }
  }
  for await (const groups of pages((page) => records.groups(account, { page }))) {
    for (const group of groups.filter(({ derived: isDerived }) => isDerived)) {
      if (!followsRule(caller, group)) await open(group);
    }
  }
  return derived;

  /** A group that somebody changes meanwhile is opened by the next run. */
  async function open(group: StoredGroup): Promise<void> {
    const at = now();
    const record = changeRecord({ caller, now: at }, group._id, 'update', ['derived']);
    const changes = { set: { derived: false }, unset: [] };
    const write = { kind: 'updateGroup' as const, id: group._id, ifVersion: group.version, changes, record };
    await records.commit(account, [write], createRetryBudget());
  }
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
