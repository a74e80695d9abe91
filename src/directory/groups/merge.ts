// Owns the merge of two user groups: the members, IDs and courses of one become those of the other, and the emptied group is deleted
// (decision 25). A merge is done in steps of at most 1,000 members, each of which takes effect as a whole, so it can be continued.

import { changeRecord } from '../change-record.ts';
import { type Fault, fault, type Outcome, refused } from '../faults.ts';
import type { NameCache } from '../links/name-cache.ts';
import type { Caller, ChangeRecord, GroupIdentity, GroupView, StoredGroup } from '../model.ts';
import { changedValue, groupValues, valueText } from '../recorded-values.ts';
import type { FieldChanges, RecordsReader, Tombstone } from '../records.ts';
import { createRetryBudget, type RetryBudget, retry } from '../retry-budget.ts';
import { viewGroup } from '../users/views.ts';
import { identityFields, idsOf } from './identities.ts';

/** One step of a merge, which is written as a whole or not at all. */
export interface MergeStep {
  account: string;
  at: Date;
  /** The group that is merged, and the version that it was planned for. */
  from: { id: string; ifVersion: number };
  /** The group that stays, likewise, with the changes of its fields. */
  into: { id: string; ifVersion: number; changes: FieldChanges };
  membersMax: number;
  records: { into: ChangeRecord; from: ChangeRecord };
  /** Of the merged group, which the last step deletes. */
  tombstone: Tombstone;
}

/** The port to the database for merges. Every method throws StoreUnavailable. */
export interface GroupMergeRecords {
  /** The number of courses that are published to a group. */
  courses(account: string, group: string): Promise<number>;
  /**
   * Moves at most `membersMax` links as they are, joined with a link to the other group if the user has one. If none is left, courses
   * follow and the merged group is deleted. `stale`: one of the groups has another version.
   */
  carryOut(
    step: MergeStep,
    budget: RetryBudget,
  ): Promise<{ group: StoredGroup; moved: number; done: boolean } | 'stale' | 'busy'>;
}

/** What a merge would do. */
interface MergePreview {
  from: GroupView;
  into: GroupView;
  /** Counted up to `MEMBERS_COUNTED_MAX`. */
  members: number;
  courses: number;
  /** By how many IDs sources know the group that is merged. */
  ids: number;
}

/** What came of a step of a merge. */
interface MergedGroups {
  into: GroupView;
  /** How many members this step moved. */
  moved: number;
  /** Whether the merge is over, and the merged group deleted. */
  done: boolean;
}

/** Merges groups. Faults: notFound, invalidValue (another type, or the group itself), mutability (derived), busy. */
export interface GroupMerge {
  preview(caller: Caller, from: string, into: string): Promise<Outcome<MergePreview>>;
  /** Does one step. It is repeated until it is `done`, also after an interruption. */
  step(caller: Caller, from: string, into: string): Promise<Outcome<MergedGroups>>;
}

const MEMBERS_COUNTED_MAX = 1_000_000;
/** As many as a change of members writes in one transaction. */
const STEP_MEMBERS_MAX = 1_000;

interface GroupMergeDependencies {
  records: Pick<RecordsReader, 'group' | 'memberCount'>;
  merges: GroupMergeRecords;
  names: Pick<NameCache, 'forgetGroup'>;
  now: () => Date;
}

/** Creates the merge of groups. */
export function createGroupMerge({ records, merges, names, now }: GroupMergeDependencies): GroupMerge {
  async function both(
    { account }: Caller,
    fromId: string,
    intoId: string,
  ): Promise<{ ok: true; from: StoredGroup; into: StoredGroup } | { ok: false; fault: Fault }> {
    const [from, into] = await Promise.all([fromId, intoId].map((id) => records.group(account.id, id)));
    if (!from) return { ok: false, fault: fault('notFound', 'Group', { id: fromId }) };
    if (!into) return { ok: false, fault: fault('notFound', 'Group', { id: intoId }) };
    const problem = faultOf(from, into);
    return problem ? { ok: false, fault: problem } : { ok: true, from, into };
  }

  return {
    async preview(caller, fromId, intoId) {
      const found = await both(caller, fromId, intoId);
      if (!found.ok) return refused(found.fault);
      const { from, into } = found;
      const account = caller.account.id;
      const [members, courses] = await Promise.all([
        records.memberCount(account, fromId, MEMBERS_COUNTED_MAX),
        merges.courses(account, fromId),
      ]);
      const value = { from: viewGroup(from), into: viewGroup(into), members, courses, ids: idsOf(from).length };
      return { ok: true, value, effect: 'unchanged' };
    },
    async step(caller, fromId, intoId) {
      const budget = createRetryBudget();
      do {
        const found = await both(caller, fromId, intoId);
        if (!found.ok) return refused(found.fault);
        const result = await merges.carryOut(planned({ caller, now: now() }, found.from, found.into), budget);
        names.forgetGroup(fromId);
        names.forgetGroup(intoId);
        if (result === 'busy') break;
        if (result === 'stale') continue;
        const { group, moved, done } = result;
        return { ok: true, value: { into: viewGroup(group), moved, done }, effect: 'updated' };
      } while (await retry(budget));
      return refused(fault('busy'));
    },
  };
}

function faultOf(from: StoredGroup, into: StoredGroup): Fault | undefined {
  if (from._id === into._id) return fault('invalidValue', 'into', { rule: 'must be another group' });
  const derived = [from, into].find((group) => group.derived);
  if (derived) return fault('mutability', 'members', { rule: `the members of ${derived.name} follow an attribute` });
  if (from.typeFold === into.typeFold) return undefined;
  return fault('invalidValue', 'into', {
    rule: `must be a group of the same type ("${from.type}", not "${into.type}")`,
  });
}

function planned(context: { caller: Caller; now: Date }, from: StoredGroup, into: StoredGroup): MergeStep {
  const account = context.caller.account.id;
  const identities = mergedIdentities(into.identities, from.identities);
  const fields = from.identities.length === 0 ? {} : identityFields(identities, into.claimed);
  const names = { from: from.adminName ?? from.name, into: into.adminName ?? into.name };
  const values = [
    ...groupValues(into, { ...into, ...fields }),
    changedValue('mergedFrom', undefined, valueText(names.from)),
  ];
  const keys = values.map(({ attribute }) => attribute);
  const gone = [...groupValues(from, undefined), changedValue('mergedInto', undefined, valueText(names.into))];
  const deletion = changeRecord(context, from._id, 'delete', [], gone);
  return {
    account,
    at: context.now,
    from: { id: from._id, ifVersion: from.version },
    into: { id: into._id, ifVersion: into.version, changes: { set: fields, unset: [] } },
    membersMax: STEP_MEMBERS_MAX,
    records: {
      into: changeRecord(context, into._id, 'update', keys, values),
      from: changeRecord(context, from._id, 'update', ['mergedInto'], gone.slice(-1)),
    },
    tombstone: {
      _id: from._id,
      account,
      resource: 'Group',
      deleted: context.now,
      pending: true,
      changes: [deletion],
    },
  };
}

/**
 * The IDs of both groups. A connection pushes one ID of a group, so the one that it pushed of the merged group counts as sent with users:
 * the group is found by it all the same.
 */
function mergedIdentities(into: readonly GroupIdentity[], from: readonly GroupIdentity[]): GroupIdentity[] {
  const pushing = new Set(into.filter(({ pushed }) => pushed).map(({ connection }) => connection));
  const added = from.map(({ pushed, ...identity }): GroupIdentity => {
    return pushed && !pushing.has(identity.connection) ? { ...identity, pushed } : identity;
  });
  return [...into, ...added];
}
