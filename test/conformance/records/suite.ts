// The suite: the same cases over every implementation of the port to the store, over documents that were stored before and over
// documents that the implementation wrote itself.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Attribute } from '../../../src/directory/schema/schema.ts';
import { openTestDirectory, type TestDirectory } from '../../support/directory.ts';
import { groupCases } from './groups.ts';
import type { Implementation } from './implementations.ts';
import { memberCases } from './members.ts';
import { createStage, type Given, type Stage } from './stage.ts';
import { followUpCases, listCases, storeCases } from './stores-and-lists.ts';
import { userCases } from './users.ts';

/** Attributes that filters of the cases name. */
interface FilterAttributes {
  userName: Attribute;
  displayName: Attribute;
}

export type Case = readonly [name: string, run: (stage: Stage, attributes: FilterAttributes) => Promise<void>];

/** Runs every case over one implementation. */
export function recordsConformance(implementation: Implementation): void {
  const { name, selectsWritten, writes } = implementation;
  let directory: TestDirectory;
  beforeAll(async () => {
    directory = await openTestDirectory();
  });
  afterAll(() => directory.close());

  for (const given of ['stored', 'written'] as const) {
    const cases = [
      ...userCases,
      ...groupCases,
      ...memberCases,
      ...storeCases,
      ...(given === 'stored' || selectsWritten ? listCases : []),
      ...(writes ? followUpCases : []),
    ];
    describe(`${name}, over documents that were ${given} before`, () => {
      for (const [what, run] of cases) test(what, () => runCase(given, run));
    });
  }

  describe(`${name}, beside another account`, () => {
    test('nothing of another account is seen, and its names are free', () => isolation());
  });

  async function runCase(given: Given, run: Case[1]): Promise<void> {
    const account = `acc_${randomUUID()}`;
    const open = implementation.open(directory, account);
    const stage = createStage(directory, account, open, given);
    let before: unknown;
    const watched: Stage = {
      ...stage,
      async given(...documents) {
        await stage.given(...documents);
        before = writes ? undefined : await everythingOf(account);
      },
    };
    before = await everythingOf(account);
    await run(watched, { userName: attribute('user', 'username'), displayName: attribute('group', 'displayname') });
    if (!writes) assert.deepEqual(await everythingOf(account), before);
    await open.close();
  }

  /** All that the real store has of an account. */
  function everythingOf(account: string): Promise<unknown> {
    const collections = ['users', 'groups', 'stores', 'tombstones'].map((collection) =>
      directory.db.collection(collection).find({ account }).sort({ _id: 1 }).toArray(),
    );
    return Promise.all(collections);
  }

  function attribute(resource: 'user' | 'group', key: string): Attribute {
    const found = directory.catalogue[resource].core.attributes.get(key);
    assert.ok(found);
    return found;
  }

  async function isolation(): Promise<void> {
    const [ours, theirs] = [`acc_${randomUUID()}`, `acc_${randomUUID()}`];
    const open = implementation.open(directory, ours);
    const other = createStage(directory, theirs, { ...open, records: directory.records }, 'stored');
    const user = other.user({ userName: 'ann', externalId: 'E1', emails: [{ value: 'ann@example.com' }] });
    const group = other.group('Team', { externalId: 'G1' });
    const store = other.store('R1', { name: 'Ghent', nameFold: 'ghent' });
    await other.given({ kind: 'insertUser', user }, { kind: 'insertStore', store });
    await other.given({ kind: 'insertGroup', group, members: other.add([user._id]) });
    const stage = createStage(directory, ours, open, 'stored');
    const { records } = stage;
    const named = { userNames: ['ann'], externalIds: ['E1'], emails: ['ann@example.com'], ids: [user._id] };
    await stage.readAhead({ ...named, managers: ['ann', user._id] });
    assert.equal(await records.user(ours, user._id), undefined);
    assert.equal(await records.userForChange(ours, user._id), undefined);
    for (const by of ['userName', 'externalId', 'email', 'emailWithoutExternalId'] as const) {
      const value = by === 'userName' ? 'ann' : by === 'externalId' ? 'E1' : 'ann@example.com';
      assert.deepEqual(await records.usersWith(ours, by, value, 2), []);
    }
    assert.equal(await records.userByReference(ours, user._id), undefined);
    assert.deepEqual(await records.usersByReferences(ours, ['ann', 'E1', user._id]), []);
    assert.equal((await records.users(ours, { page: { kind: 'index', startIndex: 1, count: 9 } })).length, 0);
    assert.equal(await records.group(ours, group._id), undefined);
    assert.deepEqual(await records.groupsById(ours, [group._id]), []);
    assert.deepEqual(await records.groupsByExternalId(ours, ['G1']), []);
    assert.deepEqual(await records.groupsByTypeAndName(ours, [{ typeFold: '', nameFold: 'team' }]), []);
    assert.deepEqual(await records.groupsByName(ours, 'team', 2), []);
    assert.deepEqual(await records.storesById(ours, [store._id]), []);
    assert.deepEqual(await records.storesByRefId(ours, ['R1']), []);
    assert.deepEqual(await records.storesByName(ours, 'ghent', 2), []);
    assert.equal(await records.memberCount(ours, group._id, 9), 0);
    const stale = { ok: false, reason: 'stale' };
    assert.deepEqual(await stage.commit(stage.update(user, { title: 'x' }, 2)), stale);
    const rename = { set: { name: 'X', nameFold: 'x' }, unset: [] };
    const update = { kind: 'updateGroup' as const, id: group._id, changes: rename, record: stage.record() };
    assert.deepEqual(await stage.commit(update), stale);
    const refused = await stage.commit({
      kind: 'insertGroup',
      group: stage.group('Mine'),
      members: stage.add([user._id]),
    });
    assert.deepEqual(refused, { ok: false, reason: 'noUser', id: user._id });
    assert.ok((await stage.commit({ kind: 'insertUser', user: stage.user({ userName: 'ann', externalId: 'E1' }) })).ok);
    assert.ok((await stage.commit({ kind: 'insertGroup', group: stage.group('Team', { externalId: 'G1' }) })).ok);
    assert.ok((await stage.commit({ kind: 'insertStore', store: stage.store('R1') })).ok);
    await open.close();
  }
}
