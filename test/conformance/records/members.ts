// Members: who is added and removed, what counts as a change, who is refused, and how members are read.

import assert from 'node:assert/strict';
import type { MemberView, StoredGroup, StoredUser } from '../../../src/directory/model.ts';
import type { MembersWrite } from '../../../src/directory/records.ts';
import { CHANGED_AT, PUSH, type Stage } from './stage.ts';
import type { Case } from './suite.ts';

const NO_CHANGES = { set: {}, unset: [] };

interface Team {
  group: StoredGroup;
  users: StoredUser[];
  /** Commits a change of members alone. */
  change: (members: MembersWrite) => ReturnType<Stage['commit']>;
}

/** A group with these users in it, and as many others beside it. */
async function team(stage: Stage, inside: number, outside: number): Promise<Team> {
  const users = Array.from({ length: inside + outside }, (_, index) => stage.user({ userName: `user${index}` }));
  await stage.given(...users.map((user) => ({ kind: 'insertUser' as const, user })));
  const group = stage.group('Team');
  const ids = users.slice(0, inside).map(({ _id }) => _id);
  await stage.given({ kind: 'insertGroup', group, ...(inside > 0 ? { members: stage.add(ids) } : {}) });
  return {
    group,
    users,
    change: (members) =>
      stage.commit({ kind: 'updateGroup', id: group._id, changes: NO_CHANGES, record: members.record, members }),
  };
}

async function batchesOf(stage: Stage, group: string): Promise<MemberView[][]> {
  const batches: MemberView[][] = [];
  for await (const batch of stage.records.members(stage.account, group)) batches.push(batch);
  return batches;
}

async function memberIds(stage: Stage, group: string): Promise<string[]> {
  return (await batchesOf(stage, group)).flat().map(({ id }) => id);
}

export const memberCases: readonly Case[] = [
  [
    'a group is inserted with its members, who see the link, its origin and a new version',
    async (stage) => {
      const user = stage.user({ userName: 'ann', displayName: 'Ann' });
      await stage.given({ kind: 'insertUser', user });
      await stage.readAhead({ userNames: ['ann'] });
      const group = stage.group('Team');
      const result = await stage.commit({ kind: 'insertGroup', group, members: stage.add([user._id, user._id]) });
      assert.ok(result.ok);
      assert.deepEqual([result.groups[0]?.changed, result.groups[0]?.group.version], [true, 1]);
      const read = await stage.records.user(stage.account, user._id);
      assert.deepEqual(read?.groups, [{ to: group._id, origins: [PUSH] }]);
      assert.deepEqual([read?.version, read?.revision, read?.modified], [2, 2, CHANGED_AT]);
      const batches = await batchesOf(stage, group._id);
      assert.deepEqual(batches, [[{ id: user._id, display: 'Ann' }]]);
    },
  ],
  [
    'who is added and removed changes, and nobody else',
    async (stage) => {
      const { group, users, change } = await team(stage, 2, 2);
      const [a, b, c, d] = users.map(({ _id }) => _id) as [string, string, string, string];
      await stage.readAhead({ ids: [a, b, c, d] });
      const members = { ...stage.add([c]), change: { kind: 'delta' as const, add: [c, a], remove: [b, d] } };
      const result = await change(members);
      assert.ok(result.ok);
      assert.deepEqual([result.groups[0]?.changed, result.groups[0]?.group.version], [true, 2]);
      assert.deepEqual(result.groups[0]?.group.modified, CHANGED_AT);
      assert.deepEqual(await memberIds(stage, group._id), [a, c].sort());
      const versions = await Promise.all(
        [a, b, c, d].map(async (id) => (await stage.records.user(stage.account, id))?.version),
      );
      assert.deepEqual(versions, [2, 3, 2, 1]);
    },
  ],
  [
    'adding a member and removing somebody who is none changes nothing, but the origin is noted',
    async (stage) => {
      const { group, users, change } = await team(stage, 1, 1);
      const [member, other] = users.map(({ _id }) => _id) as [string, string];
      const before = await stage.records.user(stage.account, member);
      for (const members of [stage.add([member]), stage.remove([other]), stage.remove(['nobody'])]) {
        const result = await change(members);
        assert.ok(result.ok);
        assert.deepEqual([result.groups[0]?.changed, result.groups[0]?.group.version], [false, 1]);
      }
      assert.equal((await stage.records.userForChange(stage.account, member))?.revision, before?.revision);
      const result = await change(stage.add([member], 'admin'));
      assert.ok(result.ok);
      assert.equal(result.groups[0]?.changed, false);
      const read = await stage.records.userForChange(stage.account, member);
      assert.deepEqual(read?.groups, [{ to: group._id, origins: [PUSH, 'admin'] }]);
      assert.deepEqual([read?.version, read?.revision], [before?.version, (before?.revision ?? 0) + 1]);
    },
  ],
  [
    'a list of all members adds and removes the difference, and notes no origin',
    async (stage) => {
      const { group, users, change } = await team(stage, 3, 1);
      const [a, b, c, d] = users.map(({ _id }) => _id) as [string, string, string, string];
      const result = await change(stage.exactly([b, d], 'admin'));
      assert.ok(result.ok);
      assert.deepEqual([result.groups[0]?.changed, result.groups[0]?.group.version], [true, 2]);
      assert.deepEqual(await memberIds(stage, group._id), [b, d].sort());
      const links = await Promise.all(
        [a, b, c, d].map(async (id) => (await stage.records.user(stage.account, id))?.groups[0]?.origins),
      );
      assert.deepEqual(links, [undefined, [PUSH], undefined, ['admin']]);
      const again = await change(stage.exactly([d, b], 'admin'));
      assert.ok(again.ok && again.groups[0]?.changed === false);
      const none = await change(stage.exactly([]));
      assert.ok(none.ok && none.groups[0]?.changed === true);
      assert.deepEqual(await memberIds(stage, group._id), []);
    },
  ],
  [
    'a member who does not exist, or has 1,000 links, is refused by name, and nothing is written',
    async (stage) => {
      const { group, users, change } = await team(stage, 0, 1);
      const free = users[0]?._id ?? '';
      const links = Array.from({ length: 1000 }, (_, index) => ({ to: `other${index}`, origins: [PUSH] }));
      const full = stage.user({ userName: 'full' }, { groups: links });
      await stage.given({ kind: 'insertUser', user: full });
      assert.deepEqual(await change(stage.add([free, 'nobody'])), { ok: false, reason: 'noUser', id: 'nobody' });
      assert.deepEqual(await change(stage.exactly([free, 'nobody'])), { ok: false, reason: 'noUser', id: 'nobody' });
      const tooMany = { ok: false, reason: 'tooManyLinks', id: full._id };
      assert.deepEqual(await change(stage.add([free, full._id])), tooMany);
      const inserted = stage.group('New');
      const members = stage.add([full._id]);
      assert.deepEqual(await stage.commit({ kind: 'insertGroup', group: inserted, members }), tooMany);
      assert.equal(await stage.records.group(stage.account, inserted._id), undefined);
      assert.deepEqual(await memberIds(stage, group._id), []);
      assert.equal((await stage.records.group(stage.account, group._id))?.version, 1);
    },
  ],
  [
    'members and fields change together or not at all',
    async (stage) => {
      const { group, users } = await team(stage, 1, 1);
      const other = users[1]?._id ?? '';
      const write = {
        kind: 'updateGroup' as const,
        id: group._id,
        changes: { set: { name: 'Crew', nameFold: 'crew' }, unset: [] },
        record: stage.record(),
        members: stage.add([other]),
      };
      assert.deepEqual(await stage.commit({ ...write, ifVersion: 8 }), { ok: false, reason: 'stale' });
      assert.equal((await memberIds(stage, group._id)).length, 1);
      const result = await stage.commit({ ...write, ifVersion: 1 });
      assert.ok(result.ok);
      assert.deepEqual([result.groups[0]?.group.version, result.groups[0]?.group.name], [2, 'Crew']);
      assert.equal((await memberIds(stage, group._id)).length, 2);
    },
  ],
  [
    'a change of members shares a commit with other writes',
    async (stage) => {
      const { group, users } = await team(stage, 0, 1);
      const id = users[0]?._id ?? '';
      const added = stage.user({ userName: 'added' });
      const members = stage.add([id]);
      const change = {
        kind: 'updateGroup' as const,
        id: group._id,
        changes: NO_CHANGES,
        record: members.record,
        members,
      };
      const refused = await stage.commit(change, { kind: 'insertUser', user: stage.user({ userName: 'user0' }) });
      assert.deepEqual(refused, { ok: false, reason: 'taken', value: 'userName' });
      assert.deepEqual(await memberIds(stage, group._id), []);
      const result = await stage.commit({ kind: 'insertUser', user: added }, change);
      assert.ok(result.ok);
      assert.deepEqual(
        result.groups.map((one) => [one.changed, one.group.version]),
        [[true, 2]],
      );
      assert.deepEqual(await memberIds(stage, group._id), [id]);
    },
  ],
  [
    'ten changes of one group at once each see a version of their own',
    async (stage) => {
      const { group, users, change } = await team(stage, 0, 10);
      const results = await Promise.all(users.map(({ _id }) => change(stage.add([_id]))));
      const versions = results.map((result) => (result.ok ? (result.groups[0]?.group.version ?? 0) : 0));
      assert.deepEqual(
        versions.sort((a, b) => a - b),
        Array.from({ length: 10 }, (_, index) => index + 2),
      );
      assert.equal((await memberIds(stage, group._id)).length, 10);
      assert.equal((await stage.records.group(stage.account, group._id))?.version, 11);
    },
  ],
  [
    'members come in the order of their ids, in batches of at most 1,000, and are counted no further than asked',
    async (stage) => {
      const group = stage.group('Everybody');
      await stage.given({ kind: 'insertGroup', group });
      const link = [{ to: group._id, origins: [PUSH] }];
      const users = Array.from({ length: 1100 }, (_, index) => stage.user({ userName: `u${index}` }, { groups: link }));
      await stage.given(...users.map((user) => ({ kind: 'insertUser' as const, user })));
      const { records, account } = stage;
      const batches = await batchesOf(stage, group._id);
      assert.ok(batches.every((batch) => batch.length > 0 && batch.length <= 1000));
      assert.deepEqual(
        batches.flat().map(({ id }) => id),
        users.map(({ _id }) => _id).sort(),
      );
      assert.equal(await records.memberCount(account, group._id, 5), 5);
      assert.equal(await records.memberCount(account, group._id, 2000), 1100);
      assert.equal(await records.memberCount(account, 'nothing', 10), 0);
      const leaver = users[50]?._id ?? '';
      const members = stage.remove([leaver]);
      const write = {
        kind: 'updateGroup' as const,
        id: group._id,
        changes: NO_CHANGES,
        record: members.record,
        members,
      };
      assert.ok((await stage.commit(write)).ok);
      assert.equal(await records.memberCount(account, group._id, 2000), 1099);
      assert.ok(!(await memberIds(stage, group._id)).includes(leaver));
    },
  ],
];
