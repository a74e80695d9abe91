// Users: conditional writes, unique values, the contract limit, and what can be read after each.

import assert from 'node:assert/strict';
import { CHANGED_AT } from './stage.ts';
import type { Case } from './suite.ts';

/** Without prototypes: the store's own differ from the directory's. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

export const userCases: readonly Case[] = [
  [
    'a user who was inserted is read whole, by id and by every value that names it',
    async (stage) => {
      const ann = stage.user({
        userName: 'Ann',
        externalId: 'E1',
        emails: [{ value: 'Ann@Example.com', type: 'work' }],
      });
      await stage.given({ kind: 'insertUser', user: ann });
      await stage.readAhead({ userNames: ['Ann'], externalIds: ['E1'], emails: ['ann@example.com'] });
      const { records, account } = stage;
      assert.deepEqual(plain((await records.user(account, ann._id))?.data), plain(ann.data));
      assert.deepEqual(plain((await records.userForChange(account, ann._id))?.fold), plain(ann.fold));
      assert.deepEqual(await records.usersWith(account, 'userName', 'ANN', 2), [ann._id]);
      assert.deepEqual(await records.usersWith(account, 'externalId', 'E1', 2), [ann._id]);
      assert.deepEqual(await records.usersWith(account, 'externalId', 'e1', 2), []);
      assert.deepEqual(await records.usersWith(account, 'email', 'ANN@example.com', 2), [ann._id]);
      assert.deepEqual(await records.usersWith(account, 'emailWithoutExternalId', 'ann@example.com', 2), []);
      assert.equal(await records.user(account, 'nobody'), undefined);
    },
  ],
  [
    'usersWith gives as many as asked for',
    async (stage) => {
      const emails = [{ value: 'box@example.com', type: 'work' }];
      const users = ['a', 'b', 'c'].map((userName) => stage.user({ userName, emails }));
      await stage.given(...users.map((user) => ({ kind: 'insertUser' as const, user })));
      const found = await stage.records.usersWith(stage.account, 'emailWithoutExternalId', 'box@example.com', 2);
      assert.equal(found.length, 2);
      const all = await stage.records.usersWith(stage.account, 'email', 'box@example.com', 10);
      assert.deepEqual(all.sort(), users.map(({ _id }) => _id).sort());
    },
  ],
  [
    'an update is visible at once, counts version and revision, and moves the names',
    async (stage) => {
      const user = stage.user({ userName: 'before', externalId: 'E1' });
      await stage.given({ kind: 'insertUser', user });
      await stage.readAhead({ userNames: ['before', 'after'], externalIds: ['E1', 'E2'], managers: ['before'] });
      assert.deepEqual(await stage.commit(stage.update(user, { userName: 'after', externalId: 'E2' })), {
        ok: true,
        groups: [],
      });
      const { records, account } = stage;
      const read = await records.userForChange(account, user._id);
      assert.deepEqual([read?.data.userName, read?.version, read?.revision], ['after', 2, 2]);
      assert.deepEqual(read?.modified, CHANGED_AT);
      assert.deepEqual(await records.usersWith(account, 'userName', 'before', 2), []);
      assert.deepEqual(await records.usersWith(account, 'userName', 'after', 2), [user._id]);
      assert.deepEqual(await records.usersWith(account, 'externalId', 'E1', 2), []);
      assert.deepEqual(await records.usersWith(account, 'externalId', 'E2', 2), [user._id]);
      assert.equal(await records.userByReference(account, 'before'), undefined);
      assert.equal(await records.userByReference(account, 'after'), user._id);
    },
  ],
  [
    'a change that can not be seen counts the revision alone',
    async (stage) => {
      const user = stage.user({ userName: 'quiet' });
      await stage.given({ kind: 'insertUser', user });
      const write = { ...stage.update(user, { title: 'x' }), visible: false };
      assert.ok((await stage.commit(write)).ok);
      const read = await stage.records.userForChange(stage.account, user._id);
      assert.deepEqual([read?.version, read?.revision, read?.modified], [1, 2, user.modified]);
    },
  ],
  [
    'a write with another revision, or of nobody, is stale and writes nothing',
    async (stage) => {
      const user = stage.user({ userName: 'condition' });
      await stage.given({ kind: 'insertUser', user });
      const stale = { ok: false, reason: 'stale' };
      assert.deepEqual(await stage.commit(stage.update(user, { title: 'x' }, 7)), stale);
      const ghost = stage.user({ userName: 'ghost' });
      assert.deepEqual(await stage.commit(stage.update(ghost, { title: 'x' })), stale);
      const gone = { kind: 'deleteUser' as const, id: user._id, ...stage.tombstone(user._id, 'User') };
      assert.deepEqual(await stage.commit({ ...gone, ifRevision: 7 }), stale);
      const read = await stage.records.userForChange(stage.account, user._id);
      assert.deepEqual([read?.data.title, read?.revision], [undefined, 1]);
    },
  ],
  [
    'a deleted user is gone, its names are free, and its e-mail finds nobody',
    async (stage) => {
      const user = stage.user({ userName: 'leaver', externalId: 'E1', emails: [{ value: 'l@example.com' }] });
      await stage.given({ kind: 'insertUser', user });
      const named = { userNames: ['leaver'], externalIds: ['E1'], emails: ['l@example.com'], managers: ['leaver'] };
      await stage.readAhead({ ...named, ids: [user._id] });
      const tombstone = stage.tombstone(user._id, 'User');
      assert.ok((await stage.commit({ kind: 'deleteUser', id: user._id, ifRevision: 1, ...tombstone })).ok);
      const { records, account } = stage;
      assert.equal(await records.user(account, user._id), undefined);
      assert.equal(await records.userForChange(account, user._id), undefined);
      assert.deepEqual(await records.usersWith(account, 'userName', 'leaver', 2), []);
      assert.deepEqual(await records.usersWith(account, 'email', 'l@example.com', 2), []);
      assert.equal(await records.userByReference(account, 'leaver'), undefined);
      const next = stage.user({ userName: 'LEAVER', externalId: 'E1' });
      assert.ok((await stage.commit({ kind: 'insertUser', user: next })).ok);
      assert.deepEqual(await records.usersWith(account, 'externalId', 'E1', 2), [next._id]);
    },
  ],
  [
    'login name, External ID and id are taken once, by insert and by update',
    async (stage) => {
      const [ann, bob] = [stage.user({ userName: 'Ann', externalId: 'E1' }), stage.user({ userName: 'bob' })];
      await stage.given({ kind: 'insertUser', user: ann }, { kind: 'insertUser', user: bob });
      const taken = (value: string) => ({ ok: false, reason: 'taken', value });
      const insert = (attributes: Record<string, unknown>, id?: string) =>
        stage.commit({ kind: 'insertUser', user: stage.user(attributes, id === undefined ? {} : { _id: id }) });
      assert.deepEqual(await insert({ userName: 'ANN' }), taken('userName'));
      assert.deepEqual(await insert({ userName: 'new', externalId: 'E1' }), taken('externalId'));
      assert.deepEqual(await stage.commit(stage.update(bob, { userName: 'aNN' })), taken('userName'));
      assert.deepEqual(await stage.commit(stage.update(bob, { externalId: 'E1' })), taken('externalId'));
      const first = stage.user({ userName: 'first' });
      assert.ok((await stage.commit({ kind: 'insertUser', user: first })).ok);
      assert.deepEqual(await insert({ userName: 'second' }, first._id), taken('id'));
      // External IDs differ by case, and what a user keeps it may restate.
      assert.ok((await stage.commit(stage.update(bob, { externalId: 'e1', userName: 'BOB' }))).ok);
    },
  ],
  [
    'of ten who insert the same login name at once, one succeeds',
    async (stage) => {
      const results = await Promise.all(
        Array.from({ length: 10 }, () => stage.commit({ kind: 'insertUser', user: stage.user({ userName: 'same' }) })),
      );
      const refused = results.filter(({ ok }) => !ok);
      assert.deepEqual(
        refused,
        Array.from({ length: 9 }, () => ({ ok: false, reason: 'taken', value: 'userName' })),
      );
    },
  ],
  [
    'active users are counted up to the limit, and again after one left',
    async (stage) => {
      const users = ['one', 'two', 'three'].map((userName) => stage.user({ userName }));
      const [one, two, three] = users as [(typeof users)[0], (typeof users)[0], (typeof users)[0]];
      await stage.records.recountActive({
        id: stage.account,
        slug: stage.account,
        name: stage.account,
        requiredData: 'report',
        derivedGroups: [],
      });
      const up = { kind: 'countActive' as const, delta: 1 as const, limit: 2 };
      assert.ok((await stage.commit(up, { kind: 'insertUser', user: one })).ok);
      assert.ok((await stage.commit(up, { kind: 'insertUser', user: two })).ok);
      const limit = { ok: false, reason: 'userLimit' };
      assert.deepEqual(await stage.commit(up, { kind: 'insertUser', user: three }), limit);
      // The limit is checked before the writes that come after it.
      assert.deepEqual(await stage.commit(up, { kind: 'insertUser', user: stage.user({ userName: 'one' }) }), limit);
      assert.equal(await stage.records.user(stage.account, three._id), undefined);
      const down = { ...up, delta: -1 as const };
      assert.ok((await stage.commit(down, stage.update(one, { active: false }))).ok);
      assert.ok((await stage.commit(up, { kind: 'insertUser', user: three })).ok);
    },
  ],
  [
    'of several writes all are committed or none',
    async (stage) => {
      const kept = stage.user({ userName: 'kept' });
      await stage.given({ kind: 'insertUser', user: kept });
      const added = stage.user({ userName: 'added' });
      const group = stage.group('Team');
      const store = stage.store('R1');
      const others = [
        { kind: 'insertGroup' as const, group },
        { kind: 'insertStore' as const, store },
        { kind: 'insertUser' as const, user: added },
      ];
      assert.deepEqual(await stage.commit(...others, stage.update(kept, { title: 'x' }, 9)), {
        ok: false,
        reason: 'stale',
      });
      const { records, account } = stage;
      assert.equal(await records.user(account, added._id), undefined);
      assert.equal(await records.group(account, group._id), undefined);
      assert.deepEqual(await records.storesByRefId(account, ['R1']), []);
      assert.ok((await stage.commit(...others, stage.update(kept, { title: 'x' }))).ok);
      assert.equal((await records.user(account, added._id))?.data.userName, 'added');
      assert.equal((await records.group(account, group._id))?.name, 'Team');
      assert.equal((await records.storesByRefId(account, ['R1'])).length, 1);
      assert.equal((await records.user(account, kept._id))?.data.title, 'x');
    },
  ],
  [
    'within one commit a name that one user gives up is free for the next, and a name is taken by the first',
    async (stage) => {
      const old = stage.user({ userName: 'name' });
      await stage.given({ kind: 'insertUser', user: old });
      const next = stage.user({ userName: 'name' });
      assert.ok((await stage.commit(stage.update(old, { userName: 'other' }), { kind: 'insertUser', user: next })).ok);
      const twins = [stage.user({ userName: 'twin' }), stage.user({ userName: 'TWIN' })];
      const result = await stage.commit(...twins.map((user) => ({ kind: 'insertUser' as const, user })));
      assert.deepEqual(result, { ok: false, reason: 'taken', value: 'userName' });
    },
  ],
  [
    'a manager reference names by id, then External ID, then login name',
    async (stage) => {
      const byName = stage.user({ userName: 'X1' });
      const byExternalId = stage.user({ userName: 'other', externalId: 'X1' });
      await stage.given({ kind: 'insertUser', user: byName });
      await stage.readAhead({ managers: ['x1', 'X1', 'Nobody'] });
      const { records, account } = stage;
      const one = (reference: string) => records.userByReference(account, reference);
      assert.equal(await one('x1'), byName._id);
      assert.equal(await one('nobody'), undefined);
      assert.ok((await stage.commit({ kind: 'insertUser', user: byExternalId })).ok);
      assert.equal(await one(byName._id), byName._id);
      const references = ['X1', 'x1', byName._id, 'nobody'];
      assert.deepEqual(await records.usersByReferences(account, references), [
        { reference: 'X1', id: byExternalId._id },
        { reference: 'x1', id: byName._id },
        { reference: byName._id, id: byName._id },
      ]);
    },
  ],
];
