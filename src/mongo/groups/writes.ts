// Writes groups, with or without members, alone or in a transaction with other writes. Members are links on users, so the cost of a
// change of members does not depend on the size of the group.

import type { AnyBulkWriteOperation, ClientSession, MongoClient, Filter as MongoFilter } from 'mongodb';
import {
  decideMembers,
  isVisible,
  type MemberDelta,
  type Membership,
  namedBy,
} from '../../directory/groups/member-changes.ts';
import type { ChangeRecord, StoredGroup, StoredUser } from '../../directory/model.ts';
import type { CommitResult, FieldChanges, GroupWrite, MemberRefusal } from '../../directory/records.ts';
import { type RetryBudget, retry } from '../../directory/retry-budget.ts';
import { Abort, inTransaction } from '../client/transaction.ts';
import type { Collections } from '../collections.ts';
import { withWaiting } from '../relay/waiting-changes.ts';
import { createGroupQueue, groupOf, type MembersGroupWrite } from './member-change-batches.ts';
import { linkStatements, originStatements, unlinkStatements } from './member-links.ts';

const STALE: CommitResult = { ok: false, reason: 'stale' };
const NO_MEMBERS: MemberDelta = { link: [], noteOrigin: [], unlink: [] };

type DeleteGroup = Extract<GroupWrite, { kind: 'deleteGroup' }>;

/** A write, and its effect on the stored members or why it is refused. */
interface Decided {
  write: MembersGroupWrite;
  decision: { ok: true; delta: MemberDelta } | MemberRefusal;
}

/** A write that is not refused, with its effect on the members. */
interface Accepted {
  write: MembersGroupWrite;
  delta: MemberDelta;
}

/** The writes of groups. */
export interface GroupWrites {
  /** Commits one write by itself. */
  commit(account: string, write: GroupWrite, budget: RetryBudget): Promise<CommitResult>;
  /** Applies one write within a transaction, which must be aborted if the result is not ok. */
  apply(account: string, write: GroupWrite, session: ClientSession): Promise<CommitResult>;
}

/** Creates the writes of groups; both methods throw what the driver throws. */
export function createGroupWrites(client: MongoClient, collections: Collections): GroupWrites {
  /** @param writes of one group: one of any kind, or several that only add and remove members */
  async function carryOut(
    account: string,
    writes: readonly MembersGroupWrite[],
    budget: RetryBudget,
  ): Promise<CommitResult[]> {
    do {
      const decided = await decide(collections, account, writes);
      const accepted = decided.flatMap(({ write, decision }) =>
        decision.ok ? [{ write, delta: decision.delta }] : [],
      );
      const outcome = accepted.some(isChanging)
        ? await write(account, accepted, budget)
        : await leaveUnchanged(collections, account, accepted);
      if (outcome === 'busy') break;
      if (outcome !== 'moved') return resultsOf(decided, outcome);
      // Since it was read, a user was linked or has reached the maximum number of links.
    } while (await retry(budget));
    return writes.map(() => ({ ok: false, reason: 'busy' }));
  }

  function write(account: string, accepted: readonly Accepted[], budget: RetryBudget) {
    const [first] = accepted;
    // A new group without members is one document, so nothing else must be written with it.
    if (first?.write.kind === 'insertGroup' && !isVisible(first.delta)) return insert(collections, first.write.group);
    return writeInTransaction(account, accepted, budget);
  }

  function writeInTransaction(account: string, accepted: readonly Accepted[], budget: RetryBudget) {
    return inTransaction<StoredGroup | 'moved' | null>(client, budget, async (session) => {
      const written = await writeAll(collections, account, accepted, session);
      if (written === 'moved' || written === null) throw new Abort(written);
      return written;
    });
  }

  const queue = createGroupQueue(carryOut);

  async function commitDeletion(account: string, write: DeleteGroup, budget: RetryBudget): Promise<CommitResult> {
    const result = await queue.alone(write.id, () =>
      inTransaction(client, budget, async (session) => {
        const removed = await remove(collections, account, write, session);
        if (!removed.ok) throw new Abort(removed);
        return removed;
      }),
    );
    return result === 'busy' ? { ok: false, reason: 'busy' } : result;
  }

  return {
    apply: (account, write, session) => applyWrite(collections, account, write, session),
    commit: (account, write, budget) =>
      write.kind === 'deleteGroup' ? commitDeletion(account, write, budget) : queue.commit(account, write, budget),
  };
}

async function insert({ groups }: Collections, group: StoredGroup): Promise<StoredGroup> {
  await groups.insertOne(group);
  return group;
}

/** Applies one write within a transaction with other writes. */
async function applyWrite(
  collections: Collections,
  account: string,
  write: GroupWrite,
  session: ClientSession,
): Promise<CommitResult> {
  if (write.kind === 'deleteGroup') return remove(collections, account, write, session);
  const decided = await decide(collections, account, [write], session);
  const [{ decision } = { decision: undefined }] = decided;
  if (!decision?.ok) return decision ?? STALE;
  const accepted = [{ write, delta: decision.delta }];
  const group = accepted.some(isChanging)
    ? await writeAll(collections, account, accepted, session)
    : await leaveUnchanged(collections, account, accepted, session);
  return group === 'moved' ? STALE : (resultsOf(decided, group)[0] ?? STALE);
}

/** Reads the current memberships of the named users and decides what each write changes. */
async function decide(
  { users }: Collections,
  account: string,
  writes: readonly MembersGroupWrite[],
  session?: ClientSession,
): Promise<Decided[]> {
  const [first] = writes;
  const ids = writes.flatMap(({ members }) => (members ? namedBy(members) : []));
  const named = first && ids.length > 0 ? await membershipsOf(users, account, groupOf(first), ids, session) : [];
  const memberships = new Map(named);
  if (first?.members?.change.kind === 'all') {
    for (const id of await membersBut(users, account, groupOf(first), ids, session)) memberships.set(id, LINKED);
  }
  return writes.map((write) => ({
    write,
    decision: write.members ? decideMembers(write.members, memberships) : { ok: true, delta: NO_MEMBERS },
  }));
}

async function membershipsOf(
  users: Collections['users'],
  account: string,
  group: string,
  ids: string[],
  session: ClientSession | undefined,
): Promise<[string, Membership][]> {
  const found = await users
    .find({ account, _id: { $in: ids } }, { hint: 'account_id', ...inSession(session) })
    .project<{ _id: string; links: number; groups?: StoredUser['groups'] }>({
      groups: { $elemMatch: { to: group } },
      links: { $size: '$groups' },
    })
    .toArray();
  return found.map(({ _id, links, groups: linked }) => [_id, { links, origins: linked?.[0]?.origins }]);
}

async function membersBut(
  users: Collections['users'],
  account: string,
  group: string,
  ids: string[],
  session: ClientSession | undefined,
): Promise<string[]> {
  const query: MongoFilter<StoredUser> = { account, 'groups.to': group, _id: { $nin: ids } };
  const found = await users.find(query, { projection: { _id: 1 }, ...inSession(session) }).toArray();
  return found.map(({ _id }) => _id);
}

/** Records origins only, because nothing visible changes. Returns null if the group does not exist or has another version. */
async function leaveUnchanged(
  { groups, users }: Collections,
  account: string,
  accepted: readonly Accepted[],
  session?: ClientSession,
): Promise<StoredGroup | null> {
  const [first] = accepted;
  if (!first) return null;
  const filter = { _id: groupOf(first.write), account, ...versionOf(first.write) };
  const group = await groups.findOne(filter, { projection: { changes: 0 }, ...inSession(session) });
  const statements = linkChanges(account, accepted).flatMap(originStatements);
  if (group) await runStatements(users, statements, session);
  return group;
}

/** Writes links and group. Returns `moved` if a link could no longer be added, null if the group does not exist or has another version. */
async function writeAll(
  { groups, users }: Collections,
  account: string,
  accepted: readonly Accepted[],
  session: ClientSession,
): Promise<StoredGroup | 'moved' | null> {
  const changes = linkChanges(account, accepted);
  const linked = await runStatements(users, changes.flatMap(linkStatements), session);
  const expected = accepted.reduce((sum, { delta }) => sum + delta.link.length, 0);
  if (linked !== expected) return 'moved';
  const others = changes.flatMap((change) => [...originStatements(change), ...unlinkStatements(change)]);
  await runStatements(users, others, session);
  const changing = accepted.filter(isChanging).map(({ write }) => write);
  return writeDocument(groups, account, changing, session);
}

/** Writes the group itself; returns null if it does not exist or has another version. */
async function writeDocument(
  groups: Collections['groups'],
  account: string,
  writes: readonly MembersGroupWrite[],
  session: ClientSession,
): Promise<StoredGroup | null> {
  const [first] = writes;
  if (!first) return null;
  if (first.kind === 'insertGroup') {
    await groups.insertOne(first.group, { session });
    return first.group;
  }
  // Several writes change only members, so the field changes of the first one apply.
  const records = writes.flatMap((write) => (write.kind === 'updateGroup' ? [write.record] : []));
  return groups.findOneAndUpdate({ _id: first.id, account, ...versionOf(first) }, groupUpdate(first.changes, records), {
    session,
    returnDocument: 'after',
    projection: { changes: 0 },
  });
}

async function runStatements(
  users: Collections['users'],
  statements: AnyBulkWriteOperation<StoredUser>[],
  session: ClientSession | undefined,
): Promise<number> {
  if (statements.length === 0) return 0;
  const { matchedCount } = await users.bulkWrite(statements, { ordered: true, ...inSession(session) });
  return matchedCount;
}

async function remove(
  { groups, tombstones }: Collections,
  account: string,
  write: DeleteGroup,
  session: ClientSession,
): Promise<CommitResult> {
  const filter = { _id: write.id, account, ...versionOf(write) };
  const deleted = await groups.findOneAndDelete(filter, { session, projection: { changes: 1 } });
  if (!deleted) return STALE;
  await tombstones.insertOne(withWaiting(write.tombstone, deleted.changes), { session });
  return { ok: true, groups: [] };
}

/** The membership of members that a replacement does not name: their links are removed, whatever their origins. */
const LINKED: Membership = { links: 1, origins: [] };

function inSession(session: ClientSession | undefined): { session?: ClientSession } {
  return session ? { session } : {};
}

function versionOf(write: GroupWrite): { version?: number } {
  return write.kind === 'insertGroup' || write.ifVersion === undefined ? {} : { version: write.ifVersion };
}

/** Whether a write changes the group or its members. */
function isChanging({ write, delta }: Accepted): boolean {
  if (write.kind === 'insertGroup' || isVisible(delta)) return true;
  return Object.keys(write.changes.set).length > 0 || write.changes.unset.length > 0;
}

function linkChanges(account: string, accepted: readonly Accepted[]) {
  return accepted.flatMap(({ write, delta }) => {
    const { members } = write;
    return members ? [{ account, group: groupOf(write), origin: members.origin, record: members.record, delta }] : [];
  });
}

function groupUpdate({ set, unset }: FieldChanges, records: readonly ChangeRecord[]) {
  return {
    $set: { ...set, modified: records.at(-1)?.at ?? new Date() },
    ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((path): [string, ''] => [path, ''])) } : {}),
    $inc: { version: records.length },
    $push: { changes: { $each: [...records] } },
  };
}

/** The results of writes, each with the version that its own change produced, in the order of the requests. */
function resultsOf(decided: readonly Decided[], group: StoredGroup | null): CommitResult[] {
  const changes = ({ write, decision }: Decided) => decision.ok && isChanging({ write, delta: decision.delta });
  let version = (group?.version ?? 0) - decided.filter(changes).length;
  return decided.map(({ write, decision }): CommitResult => {
    if (!decision.ok) return decision;
    if (!group) return STALE;
    const changed = changes({ write, decision });
    if (changed) version += 1;
    const modified = changed && write.kind === 'updateGroup' ? write.record.at : group.modified;
    return { ok: true, groups: [{ group: { ...group, version, modified }, changed }] };
  });
}
