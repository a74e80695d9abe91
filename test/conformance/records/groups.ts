// Groups: one way to write them, conditions, unique values, deletion, and the reads by each of their names.

import assert from 'node:assert/strict';
import { CHANGED_AT } from './stage.ts';
import type { Case } from './suite.ts';

const STALE = { ok: false, reason: 'stale' };
const taken = (value: string) => ({ ok: false, reason: 'taken', value });

export const groupCases: readonly Case[] = [
  [
    'a group that was inserted is found by id, External ID, type and name, and either name',
    async (stage) => {
      const group = stage.group('Sales', {
        externalId: 'G1',
        type: 'Team',
        typeFold: 'team',
        adminName: 'Selling',
        adminNameFold: 'selling',
      });
      const result = await stage.commit({ kind: 'insertGroup', group });
      assert.ok(result.ok);
      assert.deepEqual(
        result.groups.map((one) => [one.group._id, one.group.version, one.changed]),
        [[group._id, 1, true]],
      );
      const { records, account } = stage;
      const ids = (groups: { _id: string }[]) => groups.map(({ _id }) => _id);
      assert.equal((await records.group(account, group._id))?.name, 'Sales');
      assert.deepEqual(ids(await records.groupsById(account, [group._id, 'nothing'])), [group._id]);
      assert.deepEqual(ids(await records.groupsByExternalId(account, ['G1', 'g1'])), [group._id]);
      const identities = [
        { typeFold: 'team', nameFold: 'sales' },
        { typeFold: '', nameFold: 'sales' },
      ];
      assert.deepEqual(ids(await records.groupsByTypeAndName(account, identities)), [group._id]);
      assert.deepEqual(ids(await records.groupsByName(account, 'sales', 10)), [group._id]);
      assert.deepEqual(ids(await records.groupsByName(account, 'selling', 10)), [group._id]);
    },
  ],
  [
    'as many groups of one name as asked for',
    async (stage) => {
      const groups = ['', 'a', 'b'].map((type) => stage.group('Same', { type, typeFold: type, claimed: false }));
      await stage.given(...groups.map((group) => ({ kind: 'insertGroup' as const, group })));
      assert.equal((await stage.records.groupsByName(stage.account, 'same', 2)).length, 2);
      assert.equal((await stage.records.groupsByName(stage.account, 'same', 9)).length, 3);
    },
  ],
  [
    'a group that changes is read as changed, by its new names and not by the old ones',
    async (stage) => {
      const group = stage.group('Old', { externalId: 'G1' });
      await stage.given({ kind: 'insertGroup', group });
      const { records, account } = stage;
      await records.groupsById(account, [group._id]);
      await records.groupsByExternalId(account, ['G1']);
      const changes = { set: { name: 'New', nameFold: 'new', identities: [] }, unset: ['externalId'] };
      const record = stage.record();
      const result = await stage.commit({ kind: 'updateGroup', id: group._id, ifVersion: 1, changes, record });
      assert.ok(result.ok);
      const [written] = result.groups;
      assert.deepEqual([written?.changed, written?.group.version, written?.group.name], [true, 2, 'New']);
      const [read] = await records.groupsById(account, [group._id]);
      assert.deepEqual(
        [read?.version, read?.name, read?.externalId, read?.modified],
        [2, 'New', undefined, CHANGED_AT],
      );
      assert.deepEqual(await records.groupsByExternalId(account, ['G1']), []);
      assert.deepEqual(await records.groupsByName(account, 'old', 2), []);
      assert.equal((await records.groupsByName(account, 'new', 2)).length, 1);
      assert.deepEqual(await records.groupsByTypeAndName(account, [{ typeFold: '', nameFold: 'old' }]), []);
    },
  ],
  [
    'a write with another version, or of no group, is stale; a write without a condition is not',
    async (stage) => {
      const group = stage.group('Team');
      await stage.given({ kind: 'insertGroup', group });
      const update = (id: string, ifVersion?: number) =>
        stage.commit({
          kind: 'updateGroup',
          id,
          ...(ifVersion === undefined ? {} : { ifVersion }),
          changes: { set: { name: 'Crew', nameFold: 'crew' }, unset: [] },
          record: stage.record(),
        });
      assert.deepEqual(await update(group._id, 4), STALE);
      assert.deepEqual(await update('nothing'), STALE);
      assert.equal((await stage.records.group(stage.account, group._id))?.version, 1);
      assert.ok((await update(group._id)).ok);
      const gone = { kind: 'deleteGroup' as const, ...stage.tombstone(group._id, 'Group') };
      assert.deepEqual(await stage.commit({ ...gone, id: group._id, ifVersion: 1 }), STALE);
      assert.deepEqual(await stage.commit({ ...gone, id: 'nothing' }), STALE);
      assert.equal((await stage.records.group(stage.account, group._id))?.version, 2);
    },
  ],
  [
    'a write that changes nothing keeps the version, and says so',
    async (stage) => {
      const group = stage.group('Team');
      await stage.given({ kind: 'insertGroup', group });
      const write = {
        kind: 'updateGroup' as const,
        id: group._id,
        changes: { set: {}, unset: [] },
        record: stage.record(),
      };
      for (const condition of [{}, { ifVersion: 1 }]) {
        const result = await stage.commit({ ...write, ...condition });
        assert.ok(result.ok);
        assert.deepEqual([result.groups[0]?.changed, result.groups[0]?.group.version], [false, 1]);
      }
      assert.deepEqual(await stage.commit({ ...write, ifVersion: 2 }), STALE);
    },
  ],
  [
    'External ID, (type, name) and the name of a pushed group are taken once, by insert and by update',
    async (stage) => {
      const first = stage.group('Sales', { externalId: 'G1', type: 'Team', typeFold: 'team' });
      const second = stage.group('Other');
      await stage.given({ kind: 'insertGroup', group: first }, { kind: 'insertGroup', group: second });
      const insert = (name: string, more: Parameters<typeof stage.group>[1]) =>
        stage.commit({ kind: 'insertGroup', group: stage.group(name, more) });
      assert.deepEqual(await insert('New', { externalId: 'G1' }), taken('groupExternalId'));
      assert.deepEqual(
        await insert('SALES', { type: 'Team', typeFold: 'team', claimed: false }),
        taken('groupTypeName'),
      );
      assert.deepEqual(await insert('SALES', {}), taken('groupName'));
      const rename = (set: Record<string, unknown>) =>
        stage.commit({ kind: 'updateGroup', id: second._id, changes: { set, unset: [] }, record: stage.record() });
      assert.deepEqual(await rename({ identities: [{ value: 'G1', pushed: true }] }), taken('groupExternalId'));
      assert.deepEqual(await rename({ name: 'Sales', nameFold: 'sales' }), taken('groupName'));
      // Users may name a group of another type, or one that nobody pushed, alike.
      assert.ok((await insert('Sales', { claimed: false })).ok);
      assert.ok((await insert('SALES', { type: 'Team', typeFold: 'team', claimed: false, holdsName: false })).ok);
      assert.ok((await insert('Free', { externalId: 'g1' })).ok);
      const group = stage.group('Twice');
      assert.ok((await stage.commit({ kind: 'insertGroup', group })).ok);
      assert.deepEqual(await insert('Again', { _id: group._id }), taken('id'));
    },
  ],
  [
    'a deleted group is gone and its names are free; its members stay users',
    async (stage) => {
      const user = stage.user({ userName: 'member' });
      const group = stage.group('Team', { externalId: 'G1' });
      await stage.given({ kind: 'insertUser', user }, { kind: 'insertGroup', group, members: stage.add([user._id]) });
      const { records, account } = stage;
      await records.groupsById(account, [group._id]);
      const result = await stage.commit({
        kind: 'deleteGroup',
        id: group._id,
        ifVersion: 1,
        ...stage.tombstone(group._id, 'Group'),
      });
      assert.deepEqual(result, { ok: true, groups: [] });
      assert.equal(await records.group(account, group._id), undefined);
      assert.deepEqual(await records.groupsById(account, [group._id]), []);
      assert.deepEqual(await records.groupsByExternalId(account, ['G1']), []);
      assert.ok(await records.user(account, user._id));
      assert.ok((await stage.commit({ kind: 'insertGroup', group: stage.group('Team', { externalId: 'G1' }) })).ok);
    },
  ],
  [
    'of ten who claim a group at once by its version, one succeeds',
    async (stage) => {
      const group = stage.group('Team', { claimed: false });
      await stage.given({ kind: 'insertGroup', group });
      const results = await Promise.all(
        Array.from({ length: 10 }, () =>
          stage.commit({
            kind: 'updateGroup',
            id: group._id,
            ifVersion: 1,
            changes: { set: { claimed: true }, unset: [] },
            record: stage.record('claim'),
          }),
        ),
      );
      assert.deepEqual(
        results.filter(({ ok }) => !ok),
        Array.from({ length: 9 }, () => STALE),
      );
      assert.equal((await stage.records.group(stage.account, group._id))?.claimed, true);
    },
  ],
];
