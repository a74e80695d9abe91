// Groups in MongoDB, and their members, who are links on users: a change of members costs what it changes.

import type { ClientSession, MongoClient, Filter as MongoFilter } from 'mongodb';
import type { ChangeRecord, Precondition, StoredGroup, StoredUser } from '../directory/model.ts';
import { QueryNotSupported } from '../directory/ports.ts';
import { meets } from '../directory/precondition.ts';
import type { Page, Query } from '../directory/query.ts';
import type { GroupWrite, GroupWriteResult, Tombstone } from '../directory/records.ts';
import { LINKS_MAX } from '../directory/rules.ts';
import type { ResourceSchema } from '../directory/schema.ts';
import { type Collections, ownField } from './collections.ts';
import { translateFilter } from './filter-translation.ts';
import { groupField, groupSpecials } from './group-filter.ts';
import { createKeyedQueue } from './keyed-queue.ts';
import { isOutage } from './outage.ts';
import { type PageSource, readPage } from './pages.ts';
import type { Totals } from './totals.ts';
import { Abort, inTransaction } from './transaction.ts';
import { takenValue } from './unique-indexes.ts';

/** Members that one statement changes at most: a large change is several statements of one transaction. */
const STEP_MAX = 1000;
/** Times that a change of members is looked at again after a user changed in between. */
const LOOKS_MAX = 8;

/** What a change of members comes to, against what is stored now. */
interface MemberDelta {
  /** Users to link. */
  link: string[];
  /** Users that are linked already, to whose link this origin is added. */
  assert: string[];
  /** Users to unlink. */
  unlink: string[];
}

export function createGroupRecords(
  client: MongoClient,
  collections: Collections,
  schema: ResourceSchema,
  totals: Totals,
) {
  const { groups, users, tombstones } = collections;
  const queue = createKeyedQueue(isOutage);
  const source: PageSource<StoredGroup> = {
    collection: groups,
    totals,
    indexedSort(sort) {
      if (sort.attribute.key === 'displayName') return 'nameFold';
      const own = ownField(sort.attribute);
      return own === 'created' ? '_id' : own;
    },
    sortPath(sort) {
      const path = groupField(sort.attribute);
      if (path === undefined) throw new QueryNotSupported(sort.attribute.path, 'can not be sorted by');
      return { path, multiValued: false };
    },
  };

  return {
    async group(account: string, id: string): Promise<StoredGroup | undefined> {
      return (await groups.findOne({ _id: id, account }, { projection: { changes: 0 } })) ?? undefined;
    },
    async groups(account: string, query: Query): Promise<Page<StoredGroup>> {
      const condition =
        query.filter && (await translateFilter(query.filter, groupSpecials(account, collections, schema)));
      return readPage(source, account, condition, query.sort, query.page);
    },
    groupsById: (account: string, ids: string[]): Promise<StoredGroup[]> =>
      groups.find({ account, _id: { $in: ids } }, { projection: { changes: 0 } }).toArray(),
    groupsByExternalId: (account: string, externalIds: string[]): Promise<StoredGroup[]> =>
      groups.find({ account, externalId: { $in: externalIds } }, { projection: { changes: 0 } }).toArray(),
    groupsByTypeAndName: (
      account: string,
      identities: { typeFold: string; nameFold: string }[],
    ): Promise<StoredGroup[]> =>
      groups
        .find({ account, $or: identities.map((identity) => ({ ...identity })) }, { projection: { changes: 0 } })
        .toArray(),

    async writeGroup(account: string, write: GroupWrite): Promise<GroupWriteResult> {
      try {
        const result = await queue.run(write.id, () => changeGroup(account, write));
        return result === 'busy' ? { ok: false, reason: 'busy' } : result;
      } catch (error) {
        const value = takenValue(error);
        if (value === undefined) throw error;
        return { ok: false, reason: 'taken', value };
      }
    },

    async deleteGroup(
      account: string,
      id: string,
      precondition: Precondition,
      tombstone: Tombstone,
    ): Promise<'deleted' | 'notFound' | 'precondition'> {
      const outcome = await queue.run(id, () =>
        inTransaction(client, async (session) => {
          const group = await groups.findOneAndDelete({ _id: id, account }, { session });
          if (!group) throw new Abort('notFound' as const);
          if (!meets(precondition, group.version)) throw new Abort('precondition' as const);
          await tombstones.insertOne(tombstone, { session });
          return 'deleted' as const;
        }),
      );
      return outcome === 'busy' ? 'precondition' : outcome;
    },
  };

  async function changeGroup(account: string, write: GroupWrite): Promise<GroupWriteResult> {
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      const seen = await compare(account, write);
      if ('reason' in seen) return seen;
      const quiet = !write.insert && isEmpty(write.changes) && seen.link.length === 0 && seen.unlink.length === 0;
      if (quiet) return withoutChange(account, write, seen);
      const result = await inTransaction(client, (session) => commitGroup(account, write, seen, session));
      if (result === 'busy') return { ok: false, reason: 'busy' };
      if (result !== 'moved') return result;
    }
    return { ok: false, reason: 'busy' };
  }

  /** Which of the users named really change: the others cost nothing. */
  async function compare(
    account: string,
    write: GroupWrite,
  ): Promise<MemberDelta | (GroupWriteResult & { ok: false })> {
    const link: string[] = [];
    const assert: string[] = [];
    if (write.add.length > 0) {
      const found = await users
        .find({ account, _id: { $in: write.add } })
        .project<{ _id: string; links: number; groups?: StoredUser['groups'] }>({
          groups: { $elemMatch: { to: write.id } },
          links: { $size: '$groups' },
        })
        .toArray();
      if (found.length < write.add.length) {
        const here = new Set(found.map((user) => user._id));
        return { ok: false, reason: 'noUser', id: write.add.find((id) => !here.has(id)) ?? '' };
      }
      for (const user of found) {
        const existing = user.groups?.[0];
        if (existing) {
          if (write.assert && !existing.origins.includes(write.origin)) assert.push(user._id);
        } else if (user.links >= LINKS_MAX) return { ok: false, reason: 'tooManyLinks', id: user._id };
        else link.push(user._id);
      }
    }
    return { link, assert, unlink: await leaving(account, write) };
  }

  /** The linked users that are to lose their link. */
  async function leaving(account: string, { id, remove }: GroupWrite): Promise<string[]> {
    const among = Array.isArray(remove) ? { $in: remove } : { $nin: remove.except };
    if (Array.isArray(remove) && remove.length === 0) return [];
    const query: MongoFilter<StoredUser> = { account, 'groups.to': id, _id: among };
    const found = await users.find(query, { projection: { _id: 1 } }).toArray();
    return found.map((user) => user._id);
  }

  /** Nothing that can be seen changes; origins are noted all the same. */
  async function withoutChange(account: string, write: GroupWrite, delta: MemberDelta): Promise<GroupWriteResult> {
    const group = await groups.findOne({ _id: write.id, account }, { projection: { changes: 0 } });
    if (!group) return { ok: false, reason: 'notFound' };
    if (!meets(write.precondition, group.version)) return { ok: false, reason: 'precondition' };
    if (delta.assert.length > 0) await noteOrigin(account, write, delta.assert, undefined);
    return { ok: true, group, changed: false };
  }

  async function commitGroup(
    account: string,
    write: GroupWrite,
    delta: MemberDelta,
    session: ClientSession,
  ): Promise<GroupWriteResult | 'moved'> {
    for (const ids of steps(delta.link)) {
      if ((await addLinks(account, write, ids, session)) !== ids.length) throw new Abort('moved' as const);
    }
    for (const ids of steps(delta.assert)) await noteOrigin(account, write, ids, session);
    for (const ids of steps(delta.unlink)) await removeLinks(account, write, ids, session);
    if (write.insert) {
      await groups.insertOne(write.insert, { session });
      return { ok: true, group: write.insert, changed: true };
    }
    const group = await groups.findOneAndUpdate(
      {
        _id: write.id,
        account,
        ...(write.claim ? { claimed: false } : {}),
        ...(write.precondition && 'versions' in write.precondition
          ? { version: { $in: write.precondition.versions } }
          : {}),
      },
      {
        $set: { ...write.changes.set, modified: write.record.at },
        ...(write.changes.unset.length > 0
          ? { $unset: Object.fromEntries(write.changes.unset.map((path) => [path, ''])) }
          : {}),
        $inc: { version: 1 },
        $push: { changes: write.record },
      },
      { session, returnDocument: 'after', projection: { changes: 0 } },
    );
    if (group) return { ok: true, group, changed: true };
    const there = await groups.findOne({ _id: write.id, account }, { session, projection: { _id: 1 } });
    const reason = there && !write.claim ? 'precondition' : 'notFound';
    throw new Abort<GroupWriteResult>({ ok: false, reason });
  }

  async function addLinks(account: string, write: GroupWrite, ids: string[], session: ClientSession): Promise<number> {
    const { matchedCount } = await users.updateMany(
      { account, _id: { $in: ids }, 'groups.to': { $ne: write.id }, [`groups.${LINKS_MAX - 1}`]: { $exists: false } },
      {
        $push: { groups: { to: write.id, origins: [write.origin] }, changes: memberRecord(write.record, 'link') },
        $inc: { version: 1, revision: 1 },
        $set: { modified: write.record.at },
      },
      { session },
    );
    return matchedCount;
  }

  async function removeLinks(account: string, write: GroupWrite, ids: string[], session: ClientSession): Promise<void> {
    await users.updateMany(
      { account, _id: { $in: ids }, 'groups.to': write.id },
      {
        $pull: { groups: { to: write.id } },
        $push: { changes: memberRecord(write.record, 'unlink') },
        $inc: { version: 1, revision: 1 },
        $set: { modified: write.record.at },
      },
      { session },
    );
  }

  async function noteOrigin(
    account: string,
    write: GroupWrite,
    ids: string[],
    session: ClientSession | undefined,
  ): Promise<void> {
    await users.updateMany(
      { account, _id: { $in: ids }, groups: { $elemMatch: { to: write.id, origins: { $ne: write.origin } } } },
      { $push: { 'groups.$.origins': write.origin }, $inc: { revision: 1 } },
      session ? { session } : {},
    );
  }
}

function* steps(ids: string[]): Iterable<string[]> {
  for (let from = 0; from < ids.length; from += STEP_MAX) yield ids.slice(from, from + STEP_MAX);
}

/** The record of a member's change carries the group's id; its own id differs by user when it is drained. */
function memberRecord(record: ChangeRecord, action: 'link' | 'unlink'): ChangeRecord {
  return { ...record, id: `${record.id}:${action}`, action, attributes: ['groups'] };
}

function isEmpty(changes: GroupWrite['changes']): boolean {
  return Object.keys(changes.set).length === 0 && changes.unset.length === 0;
}
