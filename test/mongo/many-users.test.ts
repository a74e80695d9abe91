// Many users at once: found by every value that a file names them by, by an index each, and no more of them than can be held.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { collectionsOf } from '../../src/mongo/collections.ts';
import { createManyUsers } from '../../src/mongo/users/many-users.ts';
import { openTestDirectory, type TestDirectory } from '../support/directory.ts';

const PEOPLE = 300;

let directory: TestDirectory;
beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

test('ids by login name, External ID and e-mail, each by an index', async () => {
  const { db, provision } = directory;
  const caller = directory.caller({ id: 'acc_many' });
  const ids: string[] = [];
  for (let index = 0; index < PEOPLE; index += 1) {
    const emails = [{ value: `P${index}@Example.com` }, { value: `box${index % 3}@example.com` }];
    const made = await provision.createUser(caller, { userName: `Person${index}`, externalId: `E${index}`, emails });
    assert.ok(made.ok);
    ids.push(made.value.id);
  }
  const many = createManyUsers(collectionsOf(db));
  await db.command({ profile: 2 });
  assert.deepEqual(await many.idsBy('acc_many', 'userName', ['person1', 'nobody']), new Map([['person1', [ids[1]]]]));
  assert.deepEqual(await many.idsBy('acc_many', 'externalId', ['E2', 'e2']), new Map([['E2', [ids[2]]]]));
  const byEmail = await many.idsBy('acc_many', 'email', ['p3@example.com', 'box1@example.com', 'none@example.com']);
  assert.deepEqual(byEmail?.get('p3@example.com'), [ids[3]]);
  assert.equal(byEmail?.get('box1@example.com')?.length, PEOPLE / 3);
  await db.command({ profile: 0 });
  const plans = await db
    .collection('system.profile')
    // What looks for managers in the background has no limit.
    .find({ ns: `${db.databaseName}.users`, op: 'query', 'command.limit': { $exists: true } })
    .toArray();
  assert.equal(plans.length, 3);
  for (const { planSummary, docsExamined, nreturned } of plans) {
    assert.match(String(planSummary), /^IXSCAN \{ account: 1, (?!_id)/);
    assert.equal(docsExamined, nreturned);
  }
});
