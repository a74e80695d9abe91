// Stores, lists of users and groups, what managers and stores are waited for, and that accounts do not see each other.

import assert from 'node:assert/strict';
import { CHANGED_AT } from './stage.ts';
import type { Case } from './suite.ts';

export const storeCases: readonly Case[] = [
  [
    'a store is found by id, ref id and either name, before and after it changes',
    async (stage) => {
      const store = stage.store('R1', { name: 'Ghent', nameFold: 'ghent', country: '32' });
      await stage.given({ kind: 'insertStore', store });
      const { records, account } = stage;
      const ids = (stores: { _id: string }[]) => stores.map(({ _id }) => _id);
      assert.deepEqual(ids(await records.storesById(account, [store._id, 'nothing'])), [store._id]);
      assert.deepEqual(ids(await records.storesByRefId(account, ['R1', 'r1'])), [store._id]);
      assert.deepEqual(ids(await records.storesByName(account, 'ghent', 5)), [store._id]);
      const changes = { set: { adminName: 'Gent', adminNameFold: 'gent', modified: CHANGED_AT }, unset: ['country'] };
      const write = { kind: 'updateStore' as const, id: store._id, changes, record: stage.record() };
      assert.deepEqual(await stage.commit({ ...write, ifVersion: 3 }), { ok: false, reason: 'stale' });
      assert.ok((await stage.commit({ ...write, ifVersion: 1 })).ok);
      const [read] = await records.storesById(account, [store._id]);
      assert.deepEqual([read?.version, read?.country, read?.modified], [2, undefined, CHANGED_AT]);
      assert.deepEqual(ids(await records.storesByName(account, 'gent', 5)), [store._id]);
      assert.deepEqual(ids(await records.storesByName(account, 'ghent', 5)), [store._id]);
      const [byRefId] = await records.storesByRefId(account, ['R1']);
      assert.equal(byRefId?.version, 2);
    },
  ],
  [
    'a ref id is taken once',
    async (stage) => {
      await stage.given({ kind: 'insertStore', store: stage.store('R1') });
      assert.deepEqual(await stage.commit({ kind: 'insertStore', store: stage.store('R1') }), {
        ok: false,
        reason: 'taken',
        value: 'storeRefId',
      });
      assert.ok((await stage.commit({ kind: 'insertStore', store: stage.store('r1') })).ok);
    },
  ],
];

/** What selects by what is stored: not of what a simulation wrote. */
export const listCases: readonly Case[] = [
  [
    'pages of users and groups: in order, filtered, counted, and with the users as they are now',
    async (stage, { userName, displayName }) => {
      const users = ['ann', 'bob', 'cleo'].map((name) => stage.user({ userName: name }));
      const groups = ['A', 'B'].map((name) => stage.group(name));
      await stage.given(...users.map((user) => ({ kind: 'insertUser' as const, user })));
      await stage.given(...groups.map((group) => ({ kind: 'insertGroup' as const, group })));
      const [ann] = users;
      assert.ok(ann);
      await stage.readAhead({ userNames: ['ann'] });
      assert.ok((await stage.commit(stage.update(ann, { title: 'Chief' }))).ok);
      const { records, account } = stage;
      const page = await records.users(account, { page: { kind: 'index', startIndex: 1, count: 2 } });
      assert.deepEqual([page.total, page.length], [3, 2]);
      assert.deepEqual([page.at(0)._id, page.at(0).data.title, page.at(0).version], [ann._id, 'Chief', 2]);
      const filter = { kind: 'compare' as const, attribute: userName, operator: 'eq' as const, value: 'ANN' };
      const found = await records.users(account, { filter, page: { kind: 'index', startIndex: 1, count: 10 } });
      assert.deepEqual([found.total, found.at(0).data.title], [1, 'Chief']);
      const first = await records.groups(account, { page: { kind: 'cursor', count: 1 } }, 'any');
      assert.deepEqual([first.resources.map(({ name }) => name), first.next !== undefined], [['A'], true]);
      const named = { kind: 'compare' as const, attribute: displayName, operator: 'eq' as const, value: 'b' };
      const second = await records.groups(
        account,
        { filter: named, page: { kind: 'index', startIndex: 1, count: 9 } },
        'any',
      );
      assert.deepEqual([second.total, second.resources[0]?._id], [1, groups[1]?._id]);
    },
  ],
  [
    'users who wait for a manager, and users who miss data of a store',
    async (stage) => {
      const store = stage.store('R1');
      const waiting = stage.user(
        { userName: 'report', enterprise: { manager: { value: 'Boss' } } },
        { awaits: 'boss', missing: ['manager'] },
      );
      const incomplete = stage.user(
        { userName: 'clerk' },
        { stores: [{ to: store._id, origins: ['inline:con_a'] }], missing: ['stores[value eq "R1"].country'] },
      );
      await stage.given({ kind: 'insertStore', store });
      await stage.given({ kind: 'insertUser', user: waiting }, { kind: 'insertUser', user: incomplete });
      const { records, account } = stage;
      assert.deepEqual(await records.awaitedManagers(account, ['boss', 'other']), ['Boss']);
      assert.deepEqual(await records.awaitedManagers(account, ['other']), []);
      assert.deepEqual(await records.usersMissingStoreData(account, store._id, '', 10), [incomplete._id]);
      assert.deepEqual(await records.usersMissingStoreData(account, store._id, incomplete._id, 10), []);
    },
  ],
];

/** What follows a change off the request path: no part of a simulation. */
export const followUpCases: readonly Case[] = [
  [
    'a manager is resolved at those who wait for it, and cleared when it goes',
    async (stage) => {
      const boss = stage.user({ userName: 'Boss' });
      const report = stage.user(
        { userName: 'report', enterprise: { manager: { value: 'Boss' } } },
        { awaits: 'boss', missing: ['manager'] },
      );
      await stage.given({ kind: 'insertUser', user: boss }, { kind: 'insertUser', user: report });
      const { records, account } = stage;
      await stage.readAhead({ ids: [report._id] });
      await records.resolveManagers(account, boss._id, ['Boss']);
      const resolved = await records.user(account, report._id);
      assert.deepEqual([resolved?.manager, resolved?.awaits, resolved?.missing], [boss._id, undefined, []]);
      assert.deepEqual([resolved?.version, resolved?.revision], [2, 2]);
      await stage.readAhead({ ids: [report._id] });
      await records.clearManager(account, boss._id);
      const cleared = await records.user(account, report._id);
      assert.deepEqual([cleared?.manager, cleared?.version], [undefined, 3]);
      assert.equal((cleared?.data.enterprise as { manager?: unknown } | undefined)?.manager, undefined);
    },
  ],
];
