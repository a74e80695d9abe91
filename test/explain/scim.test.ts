// Which index each query of the SCIM endpoints uses: the real endpoints run under MongoDB's profiler. No collection is scanned, every
// index begins with the account, and a match reads what it finds.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createAccounts } from '../../src/mongo/accounts/accounts.ts';
import {
  type Explained,
  type ExplainedAccount,
  GROUPS,
  MANAGERS,
  openExplained,
  PEOPLE,
} from '../support/explained.ts';
import type { Call } from '../support/http-client.ts';
import { at } from '../support/pointer.ts';
import { collectionOf, filterOf, isOfJob, type MayRead } from '../support/profiler.ts';
import { bulkBody, ENTERPRISE, GROUP, MOBIETRAIN_USER, patchBody, userNamed } from '../support/scim.ts';

let server: Explained;
let tenant: ExplainedAccount;
let ids: string[];
let groups: string[];
let writes: Call;

beforeAll(async () => {
  server = await openExplained();
  await server.account();
  tenant = await server.account();
  ({ ids, groups } = tenant);
  writes = await openWriter(tenant.slug);
  const units = ['Retail', ...Array.from({ length: GROUPS }, (_, index) => `Retail/${index}`)];
  const Operations = units.map((code, index) => ({
    method: 'POST',
    path: '/OrgUnits',
    bulkId: `u${index}`,
    data: { code, displayName: `Unit ${index}` },
  }));
  const reply = await writes('POST', '/Bulk', { body: bulkBody(...Operations) });
  assert.equal(
    (at(reply.body, '/Operations/*/status') as string[]).filter((status) => status === '201').length,
    units.length,
  );
});
afterAll(() => server.stop());

/** A connection that may write stores and org units. */
async function openWriter(slug: string): Promise<Call> {
  const call = await server.connect(slug, 'writer');
  const accounts = createAccounts(server.api.server.database.connection);
  const account = await accounts.findAccount(slug);
  const connection = account && (await accounts.findConnection(account, 'writer'));
  assert.ok(account && connection);
  await accounts.setConnection(account, connection.id, { writesStoresAndUnits: true });
  return call;
}

/** Filters that clients match on, how many they find, and what they may read at most. */
const MATCHES: [endpoint: string, filter: () => string, found: number][] = [
  ['/Users', () => 'userName eq "PERSON-7"', 1],
  ['/Users', () => 'externalId eq "ext-person-7"', 1],
  ['/Users', () => `id eq "${ids[7]}"`, 1],
  ['/Users', () => 'displayName eq "person 7"', 1],
  ['/Users', () => 'emails.value eq "person-7@example.com"', 1],
  ['/Users', () => 'emails eq "person-7@example.com"', 1],
  ['/Users', () => 'emails[type eq "work"].value eq "Person-7@Example.com"', 1],
  ['/Users', () => 'emails[type eq "work" and value eq "person-7@example.com"]', 1],
  ['/Users', () => `${ENTERPRISE}:employeeNumber eq "E7"`, 1],
  ['/Users', () => 'userName eq "person-7" and active eq true', 1],
  ['/Users', () => 'userName eq "person-7" or externalId eq "ext-person-8"', 2],
  ['/Users', () => 'userName eq "nobody"', 0],
  ['/Users', () => 'userName sw "person-23"', 11],
  ['/Users', () => `groups.value eq "${groups[3]}"`, PEOPLE / GROUPS],
  ['/Users', () => `${MOBIETRAIN_USER}:stores.value eq "s-3"`, PEOPLE / 20],
  ['/Users', () => `${ENTERPRISE}:manager.value eq "${ids[3]}"`, PEOPLE / 10],
  ['/Groups', () => 'displayName eq "GROUP 7"', 1],
  ['/Groups', () => 'externalId eq "g-7"', 1],
  ['/Groups', () => `id eq "${groups[3]}"`, 1],
  ['/Groups', () => `members.value eq "${ids[3]}"`, 1],
  ['/Groups', () => `members[value eq "${ids[3]}"]`, 1],
  ['/Stores', () => 'refId eq "s-7"', 1],
  ['/Stores', () => 'externalId eq "s-7"', 1],
  ['/Stores', () => 'displayName eq "STORE 7"', 1],
  ['/Stores', () => 'refId eq "s-7" or refId eq "s-8"', 2],
  ['/Stores', () => 'refId eq "s-7" and country eq "32"', 1],
  ['/OrgUnits', () => 'code eq "retail/7"', 1],
  ['/OrgUnits', () => 'externalId eq "Retail/7"', 1],
  ['/OrgUnits', () => 'code sw "Retail/1"', 11],
  ['/OrgUnits', () => 'code eq "Retail" or code eq "Retail/7"', 2],
  ['/Groups', () => `id eq "${groups[3]}" and members[value eq "${ids[3]}"]`, 1],
];

const COLLECTIONS: Record<string, string> = {
  '/Users': 'users',
  '/Groups': 'groups',
  '/Stores': 'stores',
  '/OrgUnits': 'referenceData',
};

describe('a matching query reads what it finds', () => {
  for (const [endpoint, filter, found] of MATCHES) {
    test(`${endpoint} ${filter.toString().slice(6)}`, async () => {
      const path = `${endpoint}?excludedAttributes=members&filter=${encodeURIComponent(filter())}`;
      const statements = await server.check(async () => {
        const reply = await tenant.succeeds('GET', path);
        assert.equal(reply.body.totalResults, found, reply.text.slice(0, 500));
      });
      const [main] = statements.filter(
        (each) => collectionOf(each) === (COLLECTIONS[endpoint] ?? '') && !isOfJob(each),
      );
      assert.ok((main?.docsExamined ?? 0) <= found + 2, `${main?.docsExamined} read by ${main?.planSummary}`);
    });
  }
});

describe('lists', () => {
  const SORTED = { users: 'an order that no index has: the keys of all are sorted' };
  const SIFTED = { users: 'nearly everybody is meant, or a part of a text: users are read until the page is full' };
  const WHOLE_ACCOUNT = {
    stores: 'a part of a text, or a value without an index: the stores of the account are read, in order',
    referenceData: 'the name of a unit has no index: the org units of the account are read, in order',
  };
  const PATHS: (string | [path: string, mayRead: MayRead])[] = [
    '/Users',
    '/Users?count=0',
    '/Users?startIndex=101&count=50',
    '/Users?sortBy=userName&count=10',
    '/Users?sortBy=userName&sortOrder=descending&count=10',
    ['/Users?sortBy=title&count=10', SORTED],
    '/Users?sortBy=meta.lastModified&count=10',
    ['/Users?sortBy=name.familyName&count=10', SORTED],
    '/Users?filter=active%20eq%20true&count=10',
    '/Users?filter=meta.lastModified%20gt%20%222020-01-01T00:00:00Z%22&count=10',
    ['/Users?filter=title%20co%20%22lead%22&count=10', SIFTED],
    '/Groups?count=10',
    '/Groups?sortBy=displayName&count=10&excludedAttributes=members',
    '/Groups?filter=displayName%20sw%20%22Group%201%22',
    '/Stores?count=10',
    '/Stores?count=0',
    '/Stores?startIndex=11&count=5',
    '/Stores?sortBy=refId&count=10',
    '/Stores?sortBy=displayName&count=10',
    ['/Stores?filter=displayName%20sw%20%22store%201%22', WHOLE_ACCOUNT],
    ['/Stores?filter=displayName%20co%20%22ore%201%22', WHOLE_ACCOUNT],
    ['/Stores?filter=not%20(country%20eq%20%2232%22)', WHOLE_ACCOUNT],
    '/OrgUnits?count=10',
    '/OrgUnits?count=0',
    '/OrgUnits?startIndex=11&count=5',
    '/OrgUnits?sortBy=code&sortOrder=descending&count=10',
    ['/OrgUnits?sortBy=displayName&count=10', WHOLE_ACCOUNT],
    '/OrgUnits?filter=code%20co%20%22%2F1%22',
    ['/OrgUnits?filter=displayName%20eq%20%22Unit%203%22', WHOLE_ACCOUNT],
  ];
  for (const listed of PATHS) {
    const [path, mayRead] = typeof listed === 'string' ? [listed] : listed;
    test(path, async () => {
      await server.check(() => tenant.succeeds('GET', path), mayRead);
    });
  }
  test('by cursor, page after page, in three orders', async () => {
    await server.check(async () => {
      for (const order of ['', '&sortBy=userName', '&sortBy=title']) {
        let next = '';
        let seen = 0;
        do {
          const page = await tenant.succeeds('GET', `/Users?count=100&cursor=${encodeURIComponent(next)}${order}`);
          seen += (page.body.Resources as unknown[]).length;
          next = String(page.body.nextCursor ?? '');
        } while (next !== '');
        assert.equal(seen, PEOPLE);
      }
    }, SORTED);
  });
  for (const order of ['', '&sortBy=userName', '&sortBy=userName&sortOrder=descending', '&sortBy=meta.lastModified']) {
    test(`a page by cursor reads no more than it holds, however far in: ${order}`, async () => {
      const page = (next: string) =>
        tenant.succeeds('GET', `/Users?count=60&cursor=${encodeURIComponent(next)}${order}`);
      let next = '';
      for (let pages = 0; pages < 3; pages += 1) next = String((await page(next)).body.nextCursor);
      // One more says whether another page follows. Of users who changed at the same time, as reports do when their manager comes,
      // those of the page before are read again.
      const users = 61 + (order.includes('lastModified') ? PEOPLE / MANAGERS : 0);
      const statements = await server.check(() => page(next), { users });
      const main = statements.find(
        (each) => 'find' in each.command && collectionOf(each) === 'users' && !isOfJob(each),
      );
      assert.ok((main?.docsExamined ?? 0) <= users, String(main?.docsExamined));
    });
  }
});

describe('changes', () => {
  test('of a user: GET, PUT, PATCH, POST, DELETE', async () => {
    const statements = await server.check(async () => {
      const made = await tenant.succeeds('POST', '/Users', {
        body: userNamed('plain', {
          [ENTERPRISE]: { manager: { value: 'ext-person-3' } },
          [MOBIETRAIN_USER]: { stores: [{ value: 's-3' }], userGroups: [{ display: 'Group 5', type: 'Department' }] },
        }),
      });
      const path = `/Users/${String(made.body.id)}`;
      await tenant.succeeds('GET', path);
      await tenant.succeeds('PUT', path, { body: userNamed('plain', { title: 'Clerk' }) });
      await tenant.patch(path, { op: 'Replace', path: 'active', value: 'False' });
      await tenant.patch(path, { op: 'Replace', path: `${ENTERPRISE}:manager`, value: 'ext-person-4' });
      await tenant.patch(path, { op: 'Replace', path: `${MOBIETRAIN_USER}:userGroupId`, value: 'g-6' });
      await tenant.succeeds('DELETE', path);
      // What a new user may be awaited by, and what a deleted one leaves, is done off the request path.
      await sleep(150);
    });
    for (const each of statements.filter((statement) => !isOfJob(statement))) {
      assert.ok(
        (each.docsExamined ?? 0) <= 12,
        `${each.docsExamined} by ${each.planSummary}: ${JSON.stringify(filterOf(each))}`,
      );
    }
  });
  test('a new group without members asks for its IDs and its name only', async () => {
    const statements = await server.check(() =>
      tenant.succeeds('POST', '/Groups', { body: { schemas: [GROUP], displayName: 'New', externalId: 'new-1' } }),
    );
    const asked = statements.filter((each) => !isOfJob(each)).map(collectionOf);
    assert.equal(asked.filter((name) => name === 'groups').length, 2, asked.join(' '));
    assert.ok(!asked.includes('users'), asked.join(' '));
  });
  test('of members read those who change, not those who stay', async () => {
    const members = ids.slice(0, 200).map((value) => ({ value }));
    const made = await tenant.succeeds('POST', '/Groups', {
      body: { schemas: [GROUP], displayName: 'Large', members },
    });
    const path = `/Groups/${String(made.body.id)}`;
    const one = ids[220] as string;
    const statements = await server.check(async () => {
      await tenant.patch(path, { op: 'add', path: 'members', value: [{ value: one }] });
      await tenant.patch(path, { op: 'remove', path: `members[value eq "${one}"]` });
      await tenant.patch(path, { op: 'Add', path: 'members', value: [{ value: one }] });
      await tenant.patch(path, { op: 'Remove', path: 'members', value: [{ value: one }] });
      await tenant.patch(path, { op: 'replace', value: { displayName: 'Larger' } });
    });
    for (const each of statements.filter((statement) => !isOfJob(statement))) {
      assert.ok(
        (each.docsExamined ?? 0) <= 2,
        `${each.docsExamined} by ${each.planSummary}: ${JSON.stringify(each.command)}`,
      );
    }
    await server.check(async () => {
      await tenant.succeeds('GET', path);
      await tenant.succeeds('PUT', path, {
        body: { schemas: [GROUP], displayName: 'Large', members: members.slice(0, 50) },
      });
      await tenant.patch(path, { op: 'remove', path: 'members' });
      await tenant.succeeds('DELETE', path);
    });
  });
  test('of a store and an org unit: POST, GET, PUT, PATCH, DELETE, and a POST of what is there', async () => {
    await server.check(async () => {
      for (const [path, body] of [
        ['/Stores', { refId: 'checked', displayName: 'Checked', country: '32' }],
        ['/OrgUnits', { code: 'Retail/Checked' }],
      ] as const) {
        const made = await writes('POST', path, { body });
        const one = `${path}/${String(made.body.id)}`;
        const patch = patchBody({ op: 'replace', path: 'displayName', value: 'Renamed' });
        const statuses = [
          made,
          await writes('POST', path, { body }),
          await writes('GET', one),
          await writes('PUT', one, { body }),
          await writes('PATCH', one, { body: patch }),
          await writes('DELETE', one),
        ].map(({ status }) => status);
        assert.deepEqual(statuses, [201, 409, 200, 200, 200, 204]);
      }
    });
  });
  test('a group that is made, claimed, deleted', async () => {
    await server.check(async () => {
      const body = { schemas: [GROUP], displayName: 'Claimed', externalId: 'g-8' };
      const claimed = await tenant.succeeds('POST', '/Groups', { body });
      await tenant.succeeds('DELETE', `/Groups/${String(claimed.body.id)}`);
    });
  });
});

test('authentication finds a token by its hash, its account and connection by their ids', async () => {
  const fresh = await server.connect(tenant.slug, 'fresh');
  const statements = await server.check(async () => {
    assert.equal((await fresh('GET', '/Users?count=0')).status, 200);
    assert.equal((await fresh('GET', '/Users', { token: 'x'.repeat(40) })).status, 401);
  });
  assert.ok(statements.some((each) => each.planSummary?.includes('{ hash: 1 }')));
});

test('a bulk request whose operations name one another', async () => {
  const user = (bulkId: string, manager?: string) => ({
    method: 'POST',
    path: '/Users',
    bulkId,
    data: userNamed(bulkId, manager ? { [ENTERPRISE]: { manager: { value: `bulkId:${manager}` } } } : {}),
  });
  const members = ['one', 'two'].map((bulkId) => ({ value: `bulkId:${bulkId}` }));
  const group = {
    method: 'POST',
    path: '/Groups',
    bulkId: 'three',
    data: { schemas: [GROUP], displayName: 'B', members },
  };
  const change = {
    method: 'PATCH',
    path: '/Groups/bulkId:three',
    data: patchBody({ op: 'remove', path: 'members' }),
  };
  await server.check(async () => {
    const Operations = [user('two', 'one'), user('one'), group, change];
    const reply = await tenant.succeeds('POST', '/Bulk', { body: bulkBody(...Operations) });
    assert.deepEqual(at(reply.body, '/Operations/*/status'), ['201', '201', '201', '200'], reply.text.slice(0, 1000));
  });
});

test('the relay of changes drains by its index, over all accounts, and clears away what deletions leave', async () => {
  const statements = await server.check(async () => {
    await tenant.patch(`/Users/${ids[1]}`, { op: 'replace', path: 'title', value: 'Relayed' });
    await tenant.succeeds('DELETE', `/Groups/${groups[11]}`);
    await tenant.succeeds('DELETE', `/Users/${ids[5]}`);
    await sleep(3_600);
  });
  assert.ok(statements.some((each) => isOfJob(each) && each.planSummary?.includes('{ changes.at: 1 }')));
  assert.ok(statements.some((each) => collectionOf(each) === 'users' && each.planSummary?.includes('groups.to')));
});

test('a search for who is incomplete has an index', async () => {
  await server.check(() =>
    tenant.succeeds('GET', `/Users?filter=${encodeURIComponent(`${MOBIETRAIN_USER}:missing pr`)}`),
  );
});
