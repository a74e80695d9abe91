// The links of invitations: where each leads, and that one registration uses all links of its invitation once.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { newResourceId } from '../../src/directory/ids.ts';
import type { InvitationState } from '../../src/directory/invitations/invitation.ts';
import { createInvitationLinks, mintLink } from '../../src/directory/invitations/links.ts';
import { loadSchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import { collectionsOf, ensureIndexes } from '../../src/mongo/collections.ts';
import { createLinkStore } from '../../src/mongo/invitations/links.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';
import { packageFolder } from '../support/package-folder.ts';

let database: TestDatabase;
let now = new Date('2026-03-01T10:00:00Z');
const ends = new Date('2026-05-01T00:00:00Z');

beforeAll(async () => {
  database = await openTestDatabase();
  await ensureIndexes(database.db, loadSchemaCatalogue(packageFolder('scim-schemas')), [
    'invitations',
    'invitationCounts',
  ]);
});
afterAll(() => database.close());

const links = () => createInvitationLinks({ store: createLinkStore(database.client, database.db), now: () => now });

/** Stores an invitation with so many links and returns their tokens. */
async function invited(
  state: InvitationState = 'open',
  count = 1,
  user: string | undefined = 'usr_1',
): Promise<string[]> {
  const minted = Array.from({ length: count }, mintLink);
  await collectionsOf(database.db).invitations.insertOne({
    _id: newResourceId(),
    account: 'acc_test',
    ...(user === undefined ? {} : { user }),
    state,
    language: 'nl',
    created: now,
    day: '2026-03-01',
    lastDay: '2026-04-30',
    ends,
    links: minted.map(({ hash }) => hash),
  });
  return minted.map(({ token }) => token);
}

describe('the links of an invitation', () => {
  test('are live together, and twenty at once use them once', async () => {
    const [first = '', second = ''] = await invited('open', 2);
    assert.notEqual(first, second);
    const live = links();
    const found = await live.find(first);
    assert.deepEqual(found.state === 'open' && [found.account, found.user, found.language], [
      'acc_test',
      'usr_1',
      'nl',
    ]);
    assert.equal((await live.find(second)).state, 'open');
    const uses = await Promise.all(Array.from({ length: 20 }, (_, at) => live.use(at % 2 === 0 ? first : second)));
    assert.equal(uses.filter(Boolean).length, 1);
    assert.deepEqual([(await live.find(first)).state, (await live.find(second)).state], ['used', 'used']);
    assert.equal(await live.use(second), false);
  });

  test('say why they are not live', async () => {
    const live = links();
    for (const [state, found] of [
      ['used', 'used'],
      ['takenOver', 'used'],
      ['revoked', 'revoked'],
      ['expired', 'expired'],
    ] as const) {
      const [token = ''] = await invited(state);
      assert.deepEqual([(await live.find(token)).state, await live.use(token)], [found, false]);
    }
    for (const mangled of ['', 'x'.repeat(43), 'x'.repeat(42), '$ne', `${'x'.repeat(42)}=`])
      assert.deepEqual([await live.find(mangled), await live.use(mangled)], [{ state: 'unknown' }, false]);
  });

  test('end with the last day, to the instant', async () => {
    const [token = ''] = await invited();
    const live = links();
    now = new Date(ends.getTime() - 1);
    assert.equal((await live.find(token)).state, 'open');
    now = ends;
    assert.deepEqual([(await live.find(token)).state, await live.use(token)], ['expired', false]);
    now = new Date(ends.getTime() - 1);
    assert.equal(await live.use(token), true);
  });
});
