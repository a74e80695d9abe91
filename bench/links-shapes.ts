// The two ways to store memberships that bench/links.ts compares: A, links on the user; B, a separate collection.
// Both implement the same calls, each with the best statements for its shape.

import type { AnyBulkWriteOperation, ClientSession, Collection, Db, Document } from 'mongodb';
import {
  ACCOUNT,
  type GroupDocument,
  LINKS_MAX,
  type MembershipDocument,
  ORIGIN,
  type UserDocument,
} from './links-population.ts';

/** The calls of a shape. Statements that change something take the session of a transaction, or none. */
export interface Shape {
  readonly name: 'A' | 'B';
  readonly groups: Collection<GroupDocument>;
  /** Adds one member; returns true if the user exists and was not a member. */
  add(group: string, user: string, session?: ClientSession): Promise<boolean>;
  remove(group: string, user: string, session?: ClientSession): Promise<boolean>;
  /** Adds users; throws if one does not exist. */
  addMany(group: string, users: string[], session?: ClientSession): Promise<number>;
  removeMany(group: string, users: string[], session?: ClientSession): Promise<number>;
  /** Removes all members. */
  empty(group: string, session?: ClientSession): Promise<number>;
  isMember(group: string, user: string): Promise<boolean>;
  /** The user and the ids of its groups. */
  user(id: string): Promise<number>;
  members(group: string, after: string): Promise<number>;
  memberIds(group: string): Promise<number>;
  count(group: string, atMost?: number): Promise<number>;
  usersPage(after: string): Promise<number>;
  deleteUser(id: string, session?: ClientSession): Promise<void>;
  /** Collections that hold users and memberships. */
  readonly collections: Collection[];
}

const within = (session: ClientSession | undefined): { session?: ClientSession } => (session ? { session } : {});

async function requireUsers(users: Collection<UserDocument>, ids: string[], session?: ClientSession): Promise<void> {
  const filter = { _id: { $in: ids }, account: ACCOUNT };
  const found = await users.find(filter, { projection: { _id: 1 }, ...within(session) }).toArray();
  if (found.length !== ids.length) throw new Error('A member does not exist.');
}

/** Shape A: `groups: [{group, origins}]` on the user. */
export function linksOnTheUser(db: Db): Shape {
  const users = db.collection<UserDocument>('users_a');
  const member = (group: string): Document => ({ account: ACCOUNT, 'groups.group': group });
  const newcomer = (group: string): Document => ({
    account: ACCOUNT,
    'groups.group': { $ne: group },
    [`groups.${LINKS_MAX - 1}`]: { $exists: false },
  });
  const push = (group: string): Document => ({
    $push: { groups: { group, origins: [ORIGIN] } },
    $inc: { version: 1 },
  });
  const pull = (group: string): Document => ({ $pull: { groups: { group } }, $inc: { version: 1 } });
  return {
    name: 'A',
    groups: db.collection<GroupDocument>('groups_a'),
    collections: [users as unknown as Collection],
    async add(group, user, session) {
      const done = await users.updateOne({ _id: user, ...newcomer(group) }, push(group), within(session));
      return done.modifiedCount === 1;
    },
    async remove(group, user, session) {
      const done = await users.updateOne({ _id: user, ...member(group) }, pull(group), within(session));
      return done.modifiedCount === 1;
    },
    async addMany(group, ids, session) {
      const filter = { _id: { $in: ids }, ...newcomer(group) };
      const done = await users.updateMany(filter, push(group), within(session));
      // Fewer than requested: some are members already, or do not exist.
      if (done.matchedCount < ids.length) await requireUsers(users, ids, session);
      return done.modifiedCount;
    },
    async removeMany(group, ids, session) {
      const done = await users.updateMany({ _id: { $in: ids }, ...member(group) }, pull(group), within(session));
      return done.modifiedCount;
    },
    async empty(group, session) {
      return (await users.updateMany(member(group), pull(group), within(session))).modifiedCount;
    },
    async isMember(group, user) {
      return (await users.findOne({ _id: user, ...member(group) }, { projection: { _id: 1 } })) !== null;
    },
    async user(id) {
      const found = await users.findOne({ _id: id, account: ACCOUNT });
      return found?.groups?.length ?? 0;
    },
    async members(group, after) {
      const cursor = users.find({ ...member(group), _id: { $gt: after } }, { projection: { 'data.displayName': 1 } });
      return (await cursor.sort({ _id: 1 }).limit(100).toArray()).length;
    },
    async memberIds(group) {
      let n = 0;
      for await (const _ of users.find(member(group), { projection: { _id: 1 }, batchSize: 10_000 })) n += 1;
      return n;
    },
    async count(group, atMost) {
      return users.countDocuments(member(group), atMost === undefined ? {} : { limit: atMost });
    },
    async usersPage(after) {
      const page = users.find({ account: ACCOUNT, _id: { $gt: after } }).sort({ _id: 1 });
      return (await page.limit(100).toArray()).reduce((sum, user) => sum + (user.groups?.length ?? 0), 0);
    },
    async deleteUser(id, session) {
      await users.deleteOne({ _id: id, account: ACCOUNT }, within(session));
    },
  };
}

/** Shape B: one membership document per link. */
export function membershipsApart(db: Db): Shape {
  const users = db.collection<UserDocument>('users_b');
  const memberships = db.collection<MembershipDocument>('memberships');
  return {
    name: 'B',
    groups: db.collection<GroupDocument>('groups_b'),
    collections: [users as unknown as Collection, memberships as unknown as Collection],
    async add(group, user, session) {
      const known = await users.findOne(
        { _id: user, account: ACCOUNT },
        { projection: { _id: 1 }, ...within(session) },
      );
      if (known === null) return false;
      const key = { account: ACCOUNT, group, user };
      const seed = { $setOnInsert: { origins: [ORIGIN] } };
      return (await memberships.updateOne(key, seed, { upsert: true, ...within(session) })).upsertedCount === 1;
    },
    async remove(group, user, session) {
      return (await memberships.deleteOne({ account: ACCOUNT, group, user }, within(session))).deletedCount === 1;
    },
    async addMany(group, ids, session) {
      await requireUsers(users, ids, session);
      const filter = { account: ACCOUNT, group, user: { $in: ids } };
      const already = await memberships.find(filter, { projection: { _id: 0, user: 1 }, ...within(session) }).toArray();
      const known = new Set(already.map((m) => m.user));
      const batch: AnyBulkWriteOperation<MembershipDocument>[] = ids
        .filter((user) => !known.has(user))
        .map((user) => ({ insertOne: { document: { account: ACCOUNT, group, user, origins: [ORIGIN] } } }));
      if (batch.length === 0) return 0;
      return (await memberships.bulkWrite(batch, { ordered: false, ...within(session) })).insertedCount;
    },
    async removeMany(group, ids, session) {
      const filter = { account: ACCOUNT, group, user: { $in: ids } };
      return (await memberships.deleteMany(filter, within(session))).deletedCount;
    },
    async empty(group, session) {
      return (await memberships.deleteMany({ account: ACCOUNT, group }, within(session))).deletedCount;
    },
    async isMember(group, user) {
      const covered = { projection: { _id: 0, user: 1 } };
      return (await memberships.findOne({ account: ACCOUNT, group, user }, covered)) !== null;
    },
    async user(id) {
      // The id is known beforehand, so both queries are sent at once: the best case for this shape.
      const mine = memberships.find({ account: ACCOUNT, user: id }, { projection: { _id: 0, group: 1, origins: 1 } });
      const [found, links] = await Promise.all([users.findOne({ _id: id, account: ACCOUNT }), mine.toArray()]);
      return found === null ? 0 : links.length;
    },
    async members(group, after) {
      const filter = { account: ACCOUNT, group, user: { $gt: after } };
      const page = memberships.find(filter, { projection: { _id: 0, user: 1 } }).sort({ user: 1 });
      const ids = (await page.limit(100).toArray()).map((m) => m.user);
      const named = users.find({ _id: { $in: ids }, account: ACCOUNT }, { projection: { 'data.displayName': 1 } });
      return (await named.toArray()).length;
    },
    async memberIds(group) {
      let n = 0;
      const found = memberships.find(
        { account: ACCOUNT, group },
        { projection: { _id: 0, user: 1 }, batchSize: 10_000 },
      );
      for await (const _ of found) n += 1;
      return n;
    },
    async count(group, atMost) {
      return memberships.countDocuments({ account: ACCOUNT, group }, atMost === undefined ? {} : { limit: atMost });
    },
    async usersPage(after) {
      const page = users.find({ account: ACCOUNT, _id: { $gt: after } }).sort({ _id: 1 });
      const ids = (await page.limit(100).toArray()).map((user) => user._id);
      const links = memberships.find({ account: ACCOUNT, user: { $in: ids } }, { projection: { _id: 0, origins: 0 } });
      return (await links.toArray()).length;
    },
    async deleteUser(id, session) {
      await users.deleteOne({ _id: id, account: ACCOUNT }, within(session));
      await memberships.deleteMany({ account: ACCOUNT, user: id }, within(session));
    },
  };
}
