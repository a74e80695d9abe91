// Groups in MongoDB, and their members, who are links on users: a change of members costs what it changes.

import type { AnyBulkWriteOperation, ClientSession, MongoClient, Filter as MongoFilter } from 'mongodb';
import type { Precondition, StoredGroup, StoredUser } from '../../directory/model.ts';
import { QueryNotSupported } from '../../directory/ports.ts';
import { meets } from '../../directory/precondition.ts';
import { type Page, type Query, readWhole } from '../../directory/query/query.ts';
import type { GroupWrite, GroupWriteResult, Tombstone } from '../../directory/records.ts';
import type { ResourceSchema } from '../../directory/schema/schema.ts';
import { LINKS_MAX } from '../../directory/users/rules.ts';
import { createLookupBatcher } from '../client/batcher.ts';
import { createKeyedQueue } from '../client/keyed-queue.ts';
import { isOutage } from '../client/mongo-errors.ts';
import { Abort, inTransaction } from '../client/transaction.ts';
import { takenValue } from '../client/unique-indexes.ts';
import type { Collections } from '../collections.ts';
import { translateFilter } from '../query/filter.ts';
import { type PageSource, readPage } from '../query/pages.ts';
import type { Totals } from '../query/totals.ts';
import { ownField } from '../schemas/directory/users.ts';
import { groupField, groupSpecials } from './filter.ts';
import { createSharedDeltas, type Delta, isDelta } from './member-change-batches.ts';
import { linkMembers, noteOrigin, unlinkMembers } from './member-links.ts';

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
  const byId = createLookupBatcher<StoredGroup>(
    (account, ids) =>
      groups.find({ account, _id: { $in: ids } }, { projection: { changes: 0 }, hint: 'account_id' }).toArray(),
    (group) => group._id,
  );
  const deltas = createSharedDeltas(client, collections);
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
    group: byId,
    async groups(account: string, query: Query): Promise<Page<StoredGroup>> {
      const condition =
        query.filter && (await translateFilter(query.filter, groupSpecials(account, collections, schema)));
      return readWhole(await readPage(source, account, condition, query.sort, query.page));
    },
    async groupsById(account: string, ids: string[]): Promise<StoredGroup[]> {
      const found = await Promise.all(ids.map((id) => byId(account, id)));
      return found.filter((group) => group !== undefined);
    },
    groupsByExternalId: (account: string, externalIds: string[]): Promise<StoredGroup[]> =>
      groups.find({ account, externalId: { $in: externalIds } }, { projection: { changes: 0 } }).toArray(),
    groupsByTypeAndName: (
      account: string,
      identities: { typeFold: string; nameFold: string }[],
    ): Promise<StoredGroup[]> =>
      groups
        .find({ $or: identities.map((identity) => ({ account, ...identity })) }, { projection: { changes: 0 } })
        .toArray(),

    async writeGroup(account: string, write: GroupWrite): Promise<GroupWriteResult> {
      try {
        if (isDelta(write)) return await changeMembers(account, write);
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

  /** Every waiting change takes a turn; the first one takes along those behind it. */
  async function changeMembers(account: string, write: Delta): Promise<GroupWriteResult> {
    const { result, withdraw } = deltas.add(account, write);
    const turn = queue
      .run(write.id, () => deltas.settle(write.id))
      .then((said) => {
        if (said === 'busy' && withdraw()) return { ok: false, reason: 'busy' } as const;
        return result;
      });
    // A turn that fails by what came before it leaves its change behind; otherwise the change says what became of it.
    turn.catch(() => withdraw());
    return Promise.race([result, turn]);
  }

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
    await run(noteOrigin(account, write, delta.assert));
    return { ok: true, group, changed: false };
  }

  async function commitGroup(
    account: string,
    write: GroupWrite,
    delta: MemberDelta,
    session: ClientSession,
  ): Promise<GroupWriteResult | 'moved'> {
    const linked = await run(linkMembers(account, write, delta.link), session);
    if (linked !== delta.link.length) throw new Abort('moved' as const);
    const others = [...noteOrigin(account, write, delta.assert), ...unlinkMembers(account, write, delta.unlink)];
    await run(others, session);
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

  async function run(writes: AnyBulkWriteOperation<StoredUser>[], session?: ClientSession): Promise<number> {
    if (writes.length === 0) return 0;
    const { matchedCount } = await users.bulkWrite(writes, session ? { session, ordered: true } : { ordered: true });
    return matchedCount;
  }
}

function isEmpty(changes: GroupWrite['changes']): boolean {
  return Object.keys(changes.set).length === 0 && changes.unset.length === 0;
}
