// Which index the filters go by that users are found by over their terms, and over what filters lead to: org units, end dates, what is
// missing, the status, managers, stores. Each reads no more than it finds.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type Explained, type ExplainedAccount, openExplained, PEOPLE, RARE } from '../support/explained.ts';
import { ENTERPRISE, MOBIETRAIN_USER, userNamed } from '../support/scim.ts';

let server: Explained;
let tenant: ExplainedAccount;

beforeAll(async () => {
  server = await openExplained();
  await server.account({ requiredData: 'report' });
  tenant = await server.account({ requiredData: 'report' });
  for (const [index, id] of tenant.ids.entries()) {
    if (index % RARE !== 0) continue;
    await tenant.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false });
  }
  await server.api.root('POST', `/accounts/${tenant.slug}/users/${tenant.ids[1]}/block`);
  for (const name of ['unlinked-1', 'unlinked-2'])
    await tenant.succeeds('POST', '/Users', {
      body: userNamed(name, { [MOBIETRAIN_USER]: { storeName: 'Nameless', storeCountry: '32' } }),
    });
});
afterAll(() => server.stop());

const RARES = PEOPLE / RARE;
const unit = `${MOBIETRAIN_USER}:organizationalUnit`;
const endDate = `${MOBIETRAIN_USER}:endDate`;
const missing = `${MOBIETRAIN_USER}:missing`;
const status = `${MOBIETRAIN_USER}:status`;
const manager = `${ENTERPRISE}:manager.value`;

/** Filters, how many they find, and how many may be read where that is more. */
const FILTERS: [filter: () => string, found: number, mayRead?: number][] = [
  [() => `${unit} eq "north/shop 39"`, 1],
  [() => `${unit} sw "North/"`, RARES],
  [() => `${unit} eq "North/Shop 39" or ${unit} sw "north/shop 7"`, 2],
  [() => `${unit} eq "Nowhere"`, 0],
  [() => `${endDate} eq "2098-01-31"`, RARES],
  [() => `${endDate} le "2098-12-31"`, RARES],
  [() => `${endDate} lt "2098-12-31" and active eq true`, RARES],
  [() => `${missing} eq "manager"`, RARES],
  [() => `${missing} pr`, RARES + 2],
  [() => `${missing} eq "nothing"`, 0],
  [() => `${status} eq "incomplete"`, RARES + 2],
  [() => `${status} eq "inactive"`, RARES],
  [() => `${status} eq "blocked"`, 1],
  [() => `${status} eq "invited"`, 0],
  [() => 'active eq false', RARES],
  [() => `${manager} eq "${tenant.ids[3]}"`, PEOPLE / 10],
  // Of the two ways in which a manager is named, both are merged by id before who is named is read once more.
  [() => `${manager} eq "ext-person-3"`, PEOPLE / 10, (2 * PEOPLE) / 10],
  [() => `${manager} eq "somebody-else"`, RARES, 2 * RARES],
  [() => `${MOBIETRAIN_USER}:stores[value eq "s-3"]`, PEOPLE / 20],
  [() => `${MOBIETRAIN_USER}:stores.display eq "store 3"`, PEOPLE / 20],
  [() => `${MOBIETRAIN_USER}:storeRefId eq "s-3"`, PEOPLE / 20],
  [() => `${MOBIETRAIN_USER}:userGroups.value eq "g-3"`, PEOPLE / 60],
  [() => `${MOBIETRAIN_USER}:userGroupName eq "Group 3"`, PEOPLE / 60],
  [() => 'groups.display eq "group 3"', PEOPLE / 60],
  [() => `${MOBIETRAIN_USER}:storeName eq "Store 3"`, PEOPLE / 20, (2 * PEOPLE) / 20 + 2],
  [() => `${MOBIETRAIN_USER}:storeName eq "Nameless"`, 2],
];

describe('a filter over terms and links reads what it finds', () => {
  for (const [filter, found, mayRead = found] of FILTERS) {
    test(filter.toString().slice(6), async () => {
      await server.check(
        async () => {
          for (const page of ['', '&count=3', '&count=3&cursor=', '&count=0']) {
            const reply = await tenant.succeeds('GET', `/Users?filter=${encodeURIComponent(filter())}${page}`);
            assert.equal(reply.body.totalResults, found, reply.text.slice(0, 500));
          }
        },
        { users: mayRead },
      );
    });
  }
});

test('of a filter of many ors side by side no branch is planned by itself: together they would take longer than a request may', async () => {
  const either = (term: (index: number) => string, count = 60) =>
    `(${Array.from({ length: count }, (_, at) => term(at)).join(' or ')})`;
  const filter = [
    either((at) => `title eq "t${at}"`),
    either((at) => `displayName sw "Person ${at}"`),
    // More than 50 comparisons with a part of a text are refused.
    either((at) => `emails.value co "person-${at}"`, 50),
  ].join(' and ');
  const statements = await server.statementsOf(async () => {
    const reply = await tenant.succeeds('GET', `/Users?filter=${encodeURIComponent(filter)}`);
    assert.equal(reply.body.totalResults, 0, reply.text.slice(0, 500));
  });
  const finds = statements.filter(({ command }) => 'find' in command && JSON.stringify(command).includes('"t59"'));
  assert.equal(finds.length, 1);
  const atRoot = finds.flatMap(({ command }) => Object.keys(command.filter as object));
  assert.deepEqual(atRoot, ['$and'], 'the account stands once, in front of all');
});
