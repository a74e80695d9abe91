// Changes of a group's members that wait for the same group: they share one transaction, and each request keeps its own
// outcome, its own version and its own change records. One that is refused hurts none of the others.

import type { AnyBulkWriteOperation, ClientSession, MongoClient } from 'mongodb';
import type { Origin, StoredGroup, StoredUser } from '../../directory/model.ts';
import type { GroupWrite, GroupWriteResult } from '../../directory/records.ts';
import { LINKS_MAX } from '../../directory/users/rules.ts';
import { Abort, inTransaction } from '../client/transaction.ts';
import type { Collections } from '../collections.ts';
import { linkMembers, noteOrigin, unlinkMembers } from './member-links.ts';

/** Requests and users in one transaction. */
const REQUESTS_MAX = 100;
const USERS_MAX = 1000;
/** Times that a change of members is looked at again after a user changed in between. */
const LOOKS_MAX = 8;

/** A change of members and of nothing else, without a condition. */
export interface Delta extends GroupWrite {
  remove: string[];
}

/** Whether a write only adds and removes members whom it names. */
export function isDelta(write: GroupWrite): write is Delta {
  const { insert, claim, precondition, changes, remove } = write;
  const says = insert !== undefined || claim === true || precondition !== undefined;
  return !says && Array.isArray(remove) && Object.keys(changes.set).length === 0 && changes.unset.length === 0;
}

interface Waiting {
  account: string;
  write: Delta;
  resolve: (result: GroupWriteResult) => void;
  reject: (error: unknown) => void;
}

/** What a request comes to, against what is stored and what the requests before it do. */
interface Share {
  waiting: Waiting;
  link: string[];
  assert: string[];
  unlink: string[];
  refusal: (GroupWriteResult & { ok: false }) | undefined;
}

interface Membership {
  links: number;
  /** Who asserted the link to the group; undefined where there is none. */
  origins: readonly Origin[] | undefined;
}

/** Takes changes of members, and carries out those that wait for a group together. */
export interface SharedDeltas {
  /** Notes a change; what it comes to, once somebody settled it. `withdraw` takes it back, unless it is under way already. */
  add(account: string, write: Delta): { result: Promise<GroupWriteResult>; withdraw: () => boolean };
  /** Carries out what waits for this group, as much as fits in one transaction. Nothing else may change it meanwhile. */
  settle(group: string): Promise<void>;
}

export function createSharedDeltas(client: MongoClient, { groups, users }: Collections): SharedDeltas {
  const waiting = new Map<string, Waiting[]>();

  async function carryOut(batch: Waiting[]): Promise<GroupWriteResult[]> {
    const [first] = batch;
    if (!first) return [];
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      const shares = await compare(batch, first);
      const changing = shares.filter(isChanging);
      const group = changing.length === 0 ? await unchanged(first, shares) : await changed(first, shares, changing);
      if (group === 'busy') break;
      if (group !== 'moved') return outcomes(shares, group);
    }
    return batch.map(() => ({ ok: false, reason: 'busy' }));
  }

  /** Which of the users named really change: the others cost nothing. No user is named by two requests of a batch. */
  async function compare(batch: Waiting[], { account, write }: Waiting): Promise<Share[]> {
    const ids = batch.flatMap(({ write: { add, remove } }) => [...add, ...remove]);
    const found = await users
      .find({ account, _id: { $in: ids } }, { hint: 'account_id' })
      .project<{ _id: string; links: number; groups?: StoredUser['groups'] }>({
        groups: { $elemMatch: { to: write.id } },
        links: { $size: '$groups' },
      })
      .toArray();
    const members = new Map(
      found.map(({ _id, links, groups: own }): [string, Membership] => [_id, { links, origins: own?.[0]?.origins }]),
    );
    return batch.map((one) => shareOf(one, members));
  }

  /** Nothing that can be seen changes; origins are noted all the same. */
  async function unchanged({ account, write }: Waiting, shares: Share[]): Promise<StoredGroup | null> {
    const group = await groups.findOne({ _id: write.id, account }, { projection: { changes: 0 } });
    const notes = shares.flatMap(({ waiting: one, assert }) => noteOrigin(account, one.write, assert));
    if (group && notes.length > 0) await users.bulkWrite(notes, { ordered: false });
    return group;
  }

  function changed(first: Waiting, shares: Share[], changing: Share[]): Promise<StoredGroup | null | 'moved' | 'busy'> {
    return inTransaction<StoredGroup | null | 'moved'>(client, async (session) => {
      await changeLinks(first.account, shares, session);
      const records = changing.map((share) => share.waiting.write.record);
      const group = await groups.findOneAndUpdate(
        { _id: first.write.id, account: first.account },
        {
          $set: { modified: records.at(-1)?.at ?? new Date() },
          $inc: { version: records.length },
          $push: { changes: { $each: records } },
        },
        { session, returnDocument: 'after', projection: { changes: 0 } },
      );
      if (!group) throw new Abort(null);
      return group;
    });
  }

  async function changeLinks(account: string, shares: Share[], session: ClientSession): Promise<void> {
    const links: AnyBulkWriteOperation<StoredUser>[] = [];
    const others: AnyBulkWriteOperation<StoredUser>[] = [];
    let expected = 0;
    for (const { waiting: one, link, assert, unlink } of shares) {
      links.push(...linkMembers(account, one.write, link));
      others.push(...noteOrigin(account, one.write, assert), ...unlinkMembers(account, one.write, unlink));
      expected += link.length;
    }
    if (links.length > 0) {
      const { matchedCount } = await users.bulkWrite(links, { session, ordered: true });
      if (matchedCount !== expected) throw new Abort('moved');
    }
    if (others.length > 0) await users.bulkWrite(others, { session, ordered: true });
  }

  return {
    add(account, write) {
      const list = waiting.get(write.id) ?? [];
      waiting.set(write.id, list);
      let one: Waiting | undefined;
      const result = new Promise<GroupWriteResult>((resolve, reject) => {
        one = { account, write, resolve, reject };
        list.push(one);
      });
      const withdraw = (): boolean => {
        const at = one ? list.indexOf(one) : -1;
        if (at >= 0) list.splice(at, 1);
        if (list.length === 0 && waiting.get(write.id) === list) waiting.delete(write.id);
        return at >= 0;
      };
      return { result, withdraw };
    },
    async settle(group) {
      const list = waiting.get(group);
      const batch = list ? takeTogether(list) : [];
      if (list?.length === 0) waiting.delete(group);
      if (batch.length === 0) return;
      try {
        const results = await carryOut(batch);
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] ?? { ok: false, reason: 'busy' });
      } catch (error) {
        for (const { reject } of batch) reject(error);
        throw error;
      }
    },
  };
}

/** Takes from the head of a list what can go together: one account, no user twice, within bounds. */
function takeTogether(list: Waiting[]): Waiting[] {
  const named = new Set<string>();
  const batch: Waiting[] = [];
  for (const one of list) {
    const ids = [...one.write.add, ...one.write.remove];
    const fits = batch.length < REQUESTS_MAX && named.size + ids.length <= USERS_MAX;
    if (batch.length > 0 && (!fits || one.account !== batch[0]?.account || ids.some((id) => named.has(id)))) break;
    for (const id of ids) named.add(id);
    batch.push(one);
  }
  list.splice(0, batch.length);
  return batch;
}

function shareOf(waiting: Waiting, members: ReadonlyMap<string, Membership>): Share {
  const { add, remove, assert: asserts, origin } = waiting.write;
  const share: Share = { waiting, link: [], assert: [], unlink: [], refusal: undefined };
  const refuse = (refusal: GroupWriteResult & { ok: false }): Share => ({
    ...share,
    link: [],
    assert: [],
    unlink: [],
    refusal,
  });
  for (const id of add) {
    const member = members.get(id);
    if (!member) return refuse({ ok: false, reason: 'noUser', id });
    if (member.origins) {
      if (asserts && !member.origins.includes(origin)) share.assert.push(id);
    } else if (member.links >= LINKS_MAX) return refuse({ ok: false, reason: 'tooManyLinks', id });
    else share.link.push(id);
  }
  for (const id of remove) if (members.get(id)?.origins) share.unlink.push(id);
  return share;
}

function isChanging({ link, unlink }: Share): boolean {
  return link.length > 0 || unlink.length > 0;
}

/** Each request sees the version that its own change made, in the order in which they came. */
function outcomes(shares: Share[], group: StoredGroup | null): GroupWriteResult[] {
  let version = (group?.version ?? 0) - shares.filter(isChanging).length;
  return shares.map((share): GroupWriteResult => {
    if (share.refusal) return share.refusal;
    if (!group) return { ok: false, reason: 'notFound' };
    const changed = isChanging(share);
    if (changed) version += 1;
    const modified = changed ? share.waiting.write.record.at : group.modified;
    return { ok: true, group: { ...group, version, modified }, changed };
  });
}
