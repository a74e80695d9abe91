// One bad user through the XML door: the directory's own fault code, in the words of the UserMaintenance format.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { createAccounts } from '../../src/mongo/accounts/accounts.ts';
import { block, documentOf, openTestBatch, type TestBatch } from '../support/batch.ts';

let batch: TestBatch;
beforeAll(async () => {
  batch = await openTestBatch('enforce');
  const made = await batch.directory.provision.createUser(batch.caller(), draftOf('first', { externalId: 'taken' }));
  assert.ok(made.ok);
  await createAccounts(batch.directory.connection).setAccount('shop', { userLimit: 1 });
});
afterAll(() => batch.close());

interface Person {
  name?: string;
  email?: string;
  externalId?: string;
}

function draftOf(userName: string, { name = 'Ann', email = 'ann@example.com', externalId = userName }: Person) {
  return {
    userName,
    externalId,
    name: { givenName: name, familyName: name },
    ...(email === '' ? {} : { emails: [{ value: email }] }),
    active: true,
  };
}

const CASES: { words: string; userName: string; person: Person; fault: string; error: string }[] = [
  { words: 'no address', userName: 'b1', person: { email: '' }, fault: 'required', error: 'USER_EMAIL_REQUIRED' },
  {
    words: 'no login name',
    userName: '',
    person: { externalId: 'b2' },
    fault: 'required',
    error: 'USER_ID_UNSPECIFIED',
  },
  {
    words: 'an address that is none',
    userName: 'b3',
    person: { email: 'nobody' },
    fault: 'invalidValue',
    error: 'OTHER',
  },
  {
    words: 'a name that is too long',
    userName: 'b4',
    person: { name: 'x'.repeat(256) },
    fault: 'tooLong',
    error: 'OTHER',
  },
  { words: 'a login name that is too long', userName: 'x'.repeat(256), person: {}, fault: 'tooLong', error: 'OTHER' },
  { words: 'an external ID that is taken', userName: 'taken', person: {}, fault: 'uniqueness', error: 'OTHER' },
  { words: 'one user more than the contract allows', userName: 'b5', person: {}, fault: 'userLimit', error: 'OTHER' },
];

for (const { words, userName, person, fault, error } of CASES) {
  test(words, async () => {
    const account = { ...batch.account, userLimit: fault === 'userLimit' ? 1 : 10 };
    await createAccounts(batch.directory.connection).setAccount('shop', { userLimit: account.userLimit });
    const direct = await batch.directory.provision.createUser(
      { ...batch.caller(), account },
      draftOf(userName, person),
    );
    assert.equal(direct.ok ? 'taken' : direct.faults[0].code, fault);
    const texts = { UserId: userName, UserName: person.name ?? 'Ann', Email: person.email ?? 'ann@example.com' };
    await batch.drop('bad.xml', documentOf(block({ ...texts, LanguageCode: 'en', CountryCode: 'BE' })));
    const review = await batch.door.review(batch.account.id, (await batch.work()).id, { limit: 5 });
    const [first] = review?.failed[0]?.errors ?? [];
    assert.deepEqual([first?.fault, first?.code], [fault, error]);
  });
}
