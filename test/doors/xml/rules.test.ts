// Rules of XML batches: roles and codes in one spelling, managers who do not exist, namespaces of the root, and where a mistake is.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Attributes } from '../../../src/directory/schema/schema.ts';
import { documentOf, goodBlock, openTestBatch, type TestBatch } from '../../support/batch.ts';
import { patching } from '../../support/directory.ts';

let batch: TestBatch;
beforeAll(async () => {
  batch = await openTestBatch();
});
afterAll(() => batch.close());

async function idOf(userName: string): Promise<string> {
  const [id = ''] = await batch.directory.records.usersWith(batch.account.id, 'userName', userName, 1);
  return id;
}

async function attributesOf(userName: string): Promise<Attributes> {
  return (await batch.directory.lookup.user(batch.caller(), await idOf(userName)))?.attributes ?? {};
}

const rolesOf = async (userName: string) =>
  (((await attributesOf(userName)).roles ?? []) as Attributes[]).map(({ value }) => value);

async function run(name: string, content: string | Uint8Array) {
  await batch.drop(name, content);
  const ended = await batch.work();
  return { ended, rows: await batch.runs.rows(ended.id, { limit: 1000 }) };
}

describe('roles', () => {
  test('ManagerFlag means the role Superior in both spellings', async () => {
    await run('r1.xml', documentOf(goodBlock('r1')));
    const caller = batch.caller();
    const patched = await batch.directory.provision.updateUser(
      caller,
      await idOf('r1'),
      undefined,
      patching({ roles: [{ value: 'Superior' }] }),
    );
    assert.ok(patched.ok);
    await run('r2.xml', documentOf(goodBlock('r1', { ManagerFlag: 'true' })));
    assert.deepEqual(await rolesOf('r1'), ['Superior']);
    await run('r3.xml', documentOf(goodBlock('r1', { ManagerFlag: 'false' })));
    assert.deepEqual(await rolesOf('r1'), []);
  });

  test('the standard roles need no catalogue', async () => {
    const roles = ['Learner', 'Superior', 'Customer Administrator'];
    const more = roles.map((code) => `<UserRole RoleCode="${code}" Action="Add"/>`).join('');
    const { ended } = await run('standard.xml', documentOf(goodBlock('standard', {}, more)));
    assert.equal(ended.counts.created, 1);
    assert.deepEqual(await rolesOf('standard'), roles);
  });
});

test('codes of two and three letters mean the same', async () => {
  await run('codes1.xml', documentOf(goodBlock('codes3', { LanguageCode: 'nld', CountryCode: 'BEL' })));
  const user = await attributesOf('codes3');
  assert.deepEqual([user.preferredLanguage, (user.mobietrain as Attributes).country], ['nl', 'BE']);
  for (const [language, country] of [
    ['nl', 'BE'],
    ['NLD', 'bel'],
    ['dut', 'BEL'],
  ] as const) {
    const { ended } = await run(
      `codes-${language}.xml`,
      documentOf(goodBlock('codes3', { LanguageCode: language, CountryCode: country })),
    );
    assert.equal(ended.counts.unchanged, 1, language);
  }
});

test('a manager who does not exist after the last block is noted, and so is the id of the user itself', async () => {
  const { rows, ended } = await run(
    'managers.xml',
    documentOf(
      goodBlock('m1', { ManagerUserId: 'm3' }),
      goodBlock('m2', { ManagerUserId: 'nobody' }),
      goodBlock('m3'),
      goodBlock('m4', { ManagerUserId: 'M4' }),
    ),
  );
  assert.deepEqual(
    rows.map(({ outcome, faults }) => [outcome, ...(faults ?? []).map(({ words }) => words)]),
    [
      ['created'],
      ['created', 'ManagerUserId refers to a manager that does not exist in this account: "nobody".'],
      ['created'],
      ['created', 'ManagerUserId: a user cannot be their own manager; left unchanged.'],
    ],
  );
  assert.equal(ended.counts.noted, 2);
  assert.equal(((await attributesOf('m4')).enterprise as Attributes | undefined)?.manager, undefined);
});

test('changes are reported by the elements of the block', async () => {
  await run('changes1.xml', documentOf(goodBlock('changes')));
  const more = '<UserRole RoleCode="AccountAdmin" Action="Add"/>';
  const elements = { UserName: 'Bob Other', Email: 'b@example.com', RetailLocationId: '00001', CountryCode: 'BE' };
  const { rows } = await run('changes2.xml', documentOf(goodBlock('changes', elements, more)));
  assert.deepEqual((rows[0]?.fields ?? []).map(({ name }) => name).sort(), [
    'CountryCode',
    'Email',
    'RetailLocationId',
    'UserName',
    'UserRole',
  ]);
});

describe('a file', () => {
  test('may declare namespaces at its root', async () => {
    const root =
      '<UserMaintenance xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:a="urn:a" xsi:noNamespaceSchemaLocation="u.xsd">';
    const block = goodBlock('prefixed', {}, '<ManagerUserId xsi:nil="true"/>').replace('<User ', '<User a:row="1" ');
    const { ended, rows } = await run('prefixed.xml', `${root}${block}</UserMaintenance>`);
    assert.equal(ended.counts.created, 1, JSON.stringify(rows));
  });

  test.each([
    ['Smith & Sons', 5],
    ['Smith &Sons <b/>', 5],
  ])('with %j fails with the line of the ampersand', async (name, line) => {
    const blocks = ['a', 'b', 'c'].map((id) => goodBlock(`amp-${id}`));
    const content = documentOf(
      ...blocks.slice(0, 2),
      goodBlock('amp-x', { UserName: name }),
      ...Array(40).fill(blocks[2]),
    );
    const { ended } = await run('ampersand.xml', content);
    assert.equal(ended.state, 'failed');
    assert.match(ended.reason ?? '', new RegExp(`line ${line} has an "&"`));
  });

  test('in UTF-8 that declares UTF-16 fails with both encodings', async () => {
    const { ended } = await run('misnamed.xml', documentOf(goodBlock('misnamed')).replace('UTF-8', 'utf-16'));
    assert.match(ended.reason ?? '', /names the encoding utf-16, but the bytes of the file are those of UTF-8/);
  });

  test('leaves the failed blocks to be fetched, if there are any', async () => {
    const failed = goodBlock('failing', { CountryCode: 'XX' });
    const { ended } = await run('failing.xml', documentOf(goodBlock('fine'), failed));
    let text = '';
    for await (const part of (await batch.door.failures(batch.account, ended.id)) ?? []) text += part;
    assert.match(text, /^<\?xml .*UTF-8.*\n<UserMaintenance>\n.*failing/s);
    assert.doesNotMatch(text, /fine/);
    const { ended: good } = await run('good.xml', documentOf(goodBlock('fine2')));
    assert.equal(await batch.door.failures(batch.account, good.id), undefined);
  });
});
