// A batch from its file to the database, the archive and the failures: the document's own example, the error codes, what is kept.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createPerson } from '../../../src/directory/erasure/person.ts';
import type { Attributes } from '../../../src/directory/schema/schema.ts';
import { XML_ERRORS } from '../../../src/doors/xml/fault-messages.ts';
import { block, documentOf, goodBlock, openTestBatch, type TestBatch } from '../../support/batch.ts';
import { patching } from '../../support/directory.ts';
import { packageFolder } from '../../support/package-folder.ts';

let batch: TestBatch;
beforeAll(async () => {
  batch = await openTestBatch();
});
afterAll(() => batch.close());

async function attributesOf(userName: string): Promise<Attributes> {
  const [id] = await batch.directory.records.usersWith(batch.account.id, 'userName', userName, 1);
  const view = id === undefined ? undefined : await batch.directory.lookup.user(batch.caller(), id);
  assert.ok(view, `${userName} exists`);
  return view.attributes;
}

/** Runs a file and gives the error codes by block. */
async function codesOf(name: string, ...blocks: string[]): Promise<Record<number, string[]>> {
  await batch.drop(name, documentOf(...blocks));
  return batch.codes(await batch.work());
}

test("the document's example, end to end", async () => {
  const content = await readFile(packageFolder('test', 'doors', 'xml', 'example.xml'));
  await batch.drop('example.xml', content);
  const run = await batch.work();
  assert.equal(run.state, 'done');
  assert.deepEqual(run.counts, { total: 2, done: 2, created: 1, updated: 1, unchanged: 0, refused: 0, noted: 2 });
  const user = await attributesOf('cashier1');
  assert.equal(user.externalId, 'cashier1');
  assert.equal(user.displayName, 'EXAMPLE_USER');
  assert.deepEqual({ ...(user.name as Attributes) }, { givenName: 'EXAMPLE_USER', familyName: 'EXAMPLE_USER' });
  assert.equal(user.preferredLanguage, 'en');
  const mobietrain = user.mobietrain as Attributes;
  assert.equal(mobietrain.country, 'PH');
  assert.equal(mobietrain.storeRefId, '00002');
  assert.deepEqual(mobietrain.organizations, ['EXAMPLE2']);
  assert.deepEqual(
    (user.roles as Attributes[]).map(({ value }) => value),
    ['CustomerMaintenance'],
  );
  assert.deepEqual(
    (user.emails as Attributes[]).map((email) => ({ ...email })),
    [{ value: 'cashier1@shop.example', type: 'work', primary: true }],
  );
  assert.deepEqual({ ...((user.enterprise as Attributes).manager as Attributes) }, { value: 'manager1' });
  assert.deepEqual(mobietrain.missing, ['manager']);
  assert.deepEqual(await batch.tree(), ['complete/nightly/archived/example.xml']);
  assert.deepEqual(await batch.read('complete/nightly/archived/example.xml'), content);
});

describe('each error code', () => {
  const good = {
    UserId: 'codes',
    UserName: 'Ann Example',
    Email: 'a@example.com',
    LanguageCode: 'en',
    CountryCode: 'US',
  };
  const without = (name: keyof typeof good) =>
    block(Object.fromEntries(Object.entries(good).filter(([key]) => key !== name)));
  const cases: Record<(typeof XML_ERRORS)[number], string> = {
    USER_ID_UNSPECIFIED: without('UserId'),
    USER_NAME_REQUIRED: without('UserName'),
    RETAIL_LOCATION_ID_INVALID: goodBlock('codes', { RetailLocationId: '99999' }),
    USER_EMAIL_REQUIRED: without('Email'),
    USER_LANGUAGE_REQUIRED: without('LanguageCode'),
    INVALID_LANGUAGE_CODE: goodBlock('codes', { LanguageCode: 'qq' }),
    USER_COUNTRY_REQUIRED: without('CountryCode'),
    INVALID_COUNTRY_CODE: goodBlock('codes', { CountryCode: 'XX' }),
    INVALID_RELATE_ROLE: goodBlock('codes', {}, '<UserRole RoleCode="Nobody" Action="Add"/>'),
    INVALID_USER_ORGANIZATION: goodBlock('codes', {}, '<UserOrganization UserOrganizationName="None" Action="Add"/>'),
    OTHER: goodBlock('codes', { Email: 'no address' }),
  };
  for (const [code, text] of Object.entries(cases)) {
    test(code, async () => {
      const name = `${code}.xml`;
      assert.deepEqual(await codesOf(name, text), { 1: [code] });
      assert.equal(
        String(await batch.read(`complete/nightly/failed/${code}_failures.xml`)),
        `<?xml version="1.0" encoding="UTF-8"?>\n<UserMaintenance>\n${text}\n</UserMaintenance>\n`,
      );
      assert.deepEqual(await batch.directory.records.usersWith(batch.account.id, 'userName', 'codes', 1), []);
    });
  }

  test('all in one file, all of a block in their order', async () => {
    const lists =
      '<UserRole RoleCode="Nobody" Action="Add"/><UserOrganization UserOrganizationName="None" Action="Delete"/>';
    const codes = await codesOf(
      'all.xml',
      `<User Action="Remove">${lists}<RetailLocationId>99999</RetailLocationId></User>`,
      block({ LanguageCode: 'english', CountryCode: 'Belgium', UserId: 'x'.repeat(300), Email: 'no address' }, lists),
      goodBlock('codes-all'),
    );
    assert.deepEqual(codes, {
      1: [
        'USER_ID_UNSPECIFIED',
        'USER_NAME_REQUIRED',
        'RETAIL_LOCATION_ID_INVALID',
        'USER_EMAIL_REQUIRED',
        'USER_LANGUAGE_REQUIRED',
        'USER_COUNTRY_REQUIRED',
        'INVALID_RELATE_ROLE',
        'INVALID_USER_ORGANIZATION',
        'OTHER',
      ],
      2: [
        'USER_NAME_REQUIRED',
        'INVALID_LANGUAGE_CODE',
        'INVALID_COUNTRY_CODE',
        'INVALID_RELATE_ROLE',
        'INVALID_USER_ORGANIZATION',
        // The UserId is too long (as login name and as external ID: reported once), the address is invalid.
        'OTHER',
        'OTHER',
      ],
    });
    assert.deepEqual(new Set(Object.values(codes).flat()), new Set(XML_ERRORS));
  });

  const others: [string, string][] = [
    ['a bad action', '<User Action="Delete"><UserId>codes</UserId></User>'],
    ['an element that nobody knows', goodBlock('codes', { Shoe: '42' })],
    ['an element twice', goodBlock('codes', {}, '<UserId>other</UserId>')],
    ['no action of a role', goodBlock('codes', {}, '<UserRole RoleCode="AccountAdmin"/>')],
    ['no flag', goodBlock('codes', { ManagerFlag: 'maybe' })],
    ['another element', '<Person><UserId>codes</UserId></Person>'],
    ['text in a block', goodBlock('codes', {}, 'text')],
    ['an element in an element', goodBlock('codes', { UserId: 'codes<b>x</b>' })],
    ['an element that is nested deep', `<User>${'<a>'.repeat(25)}${'</a>'.repeat(25)}</User>`],
  ];
  for (const [name, text] of others) {
    test(`OTHER: ${name}`, async () => {
      const codes = await codesOf('other.xml', text);
      assert.ok(codes[1]?.includes('OTHER'), JSON.stringify(codes));
      assert.deepEqual(await batch.directory.records.usersWith(batch.account.id, 'userName', 'codes', 1), []);
    });
  }
});

describe('what an update changes', () => {
  test('elements that are left out or empty stay, and an update makes who is not there', async () => {
    await codesOf(
      'make.xml',
      goodBlock(
        'stays',
        { RetailLocationId: '00001', ManagerFlag: 'true' },
        '<UserRole RoleCode="accountadmin" Action="Add"/>',
      ).replace('Action="Add"', 'Action="Update"'),
    );
    const made = await attributesOf('stays');
    assert.deepEqual(
      (made.roles as Attributes[]).map(({ value }) => value),
      ['Manager', 'AccountAdmin'],
    );
    const codes = await codesOf('leave.xml', block({ UserId: 'STAYS', Email: '', ManagerUserId: '' }));
    assert.deepEqual(codes, {});
    assert.deepEqual(await attributesOf('stays'), made);
    assert.deepEqual((await batch.work()).counts.unchanged, 1);
  });

  test('REQUIRED only where the user as it would be lacks the value', async () => {
    const made = await batch.directory.provision.createUser(batch.caller(), {
      userName: 'lacks',
      externalId: 'ext-lacks',
      name: { givenName: 'Ann', familyName: 'Example' },
      phoneNumbers: [{ value: '+32 470 12 34 56' }],
      preferredLanguage: 'nl-BE',
    });
    assert.ok(made.ok);
    assert.deepEqual(await codesOf('lacks.xml', block({ UserId: 'lacks' })), {
      1: ['USER_EMAIL_REQUIRED', 'USER_COUNTRY_REQUIRED'],
    });
    const rest = { Email: 'l@example.com', CountryCode: 'bel', LanguageCode: 'nl', UserName: 'Example, Ann Marie' };
    assert.deepEqual(await codesOf('lacks.xml', block({ UserId: 'lacks', ...rest })), {});
    const user = await attributesOf('lacks');
    assert.equal(user.externalId, 'ext-lacks');
    assert.equal(user.preferredLanguage, 'nl-BE');
    assert.equal((user.mobietrain as Attributes).country, 'BE');
    assert.deepEqual({ ...(user.name as Attributes) }, { givenName: 'Ann Marie', familyName: 'Example' });
  });

  test('corrected parts of a name stay while the whole name is sent again unchanged', async () => {
    await codesOf('name.xml', goodBlock('renamed', { UserName: 'Anna Maria Peeters' }));
    const [id = ''] = await batch.directory.records.usersWith(batch.account.id, 'userName', 'renamed', 1);
    const right = { givenName: 'Anna Maria', familyName: 'Peeters' };
    await batch.directory.provision.updateUser(batch.caller(), id, undefined, patching({ name: right }));
    await codesOf('name.xml', goodBlock('renamed', { UserName: 'Anna Maria Peeters' }));
    assert.deepEqual({ ...((await attributesOf('renamed')).name as Attributes) }, right);
  });

  test('a store that another connection asserts stays beside the location', async () => {
    const made = await batch.directory.provision.createUser(batch.caller(), {
      userName: 'two-stores',
      externalId: 'two-stores',
      name: { givenName: 'Ann', familyName: 'Example' },
      emails: [{ value: 't@example.com' }],
      mobietrain: { stores: [{ value: '00001' }], country: 'BE' },
      preferredLanguage: 'en',
    });
    assert.ok(made.ok);
    await codesOf('stores.xml', block({ UserId: 'two-stores', RetailLocationId: '00002' }));
    const stores = async () => ((await attributesOf('two-stores')).mobietrain as Attributes).stores as Attributes[];
    assert.deepEqual(
      (await stores()).map(({ value }) => value),
      ['00002', '00001'],
    );
    // Said again, then withdrawn by nobody: nothing changes.
    assert.deepEqual(await codesOf('stores.xml', block({ UserId: 'two-stores', RetailLocationId: '00002' })), {});
    assert.equal((await batch.work()).counts.unchanged, 1);
  });

  test('a manager who comes later in the file, in another case, is found', async () => {
    await codesOf('manager.xml', goodBlock('report', { ManagerUserId: 'THE-BOSS' }), goodBlock('the-boss'));
    const report = await attributesOf('report');
    const [boss] = await batch.directory.records.usersWith(batch.account.id, 'userName', 'the-boss', 1);
    assert.equal(((report.enterprise as Attributes).manager as Attributes).value, boss);
    assert.equal((report.mobietrain as Attributes).missing, undefined);
  });

  test('a role that the account no longer has can be taken away from who has it', async () => {
    const added = await batch.directory.referenceData.add(batch.directory.caller(batch.account), 'role', {
      code: 'Old',
    });
    assert.ok(added.ok);
    await codesOf('role.xml', goodBlock('old-role', {}, '<UserRole RoleCode="Old" Action="Add"/>'));
    // A role that somebody has is not removed any more; earlier versions removed it.
    await batch.directory.db.collection<{ _id: string }>('referenceData').deleteOne({ _id: added.value.id });
    const remove = '<UserRole RoleCode="OLD" Action="Delete"/>';
    assert.deepEqual(await codesOf('role.xml', block({ UserId: 'old-role' }, remove)), {});
    assert.deepEqual(await codesOf('role.xml', block({ UserId: 'old-role' }, remove)), { 1: ['INVALID_RELATE_ROLE'] });
  });

  test('the blocks of one user are applied in their order', async () => {
    const blocks = Array.from({ length: 40 }, (_, index) => goodBlock('in-order', { UserName: `Ann Number${index}` }));
    await codesOf('order.xml', ...blocks);
    assert.equal((await attributesOf('in-order')).displayName, 'Ann Number39');
  });
});

describe('the failures file', () => {
  test('corrected and put in again it leaves no failure', async () => {
    const blocks = Array.from({ length: 30 }, (_, index) =>
      goodBlock(`again${index}`, index % 3 === 0 ? { CountryCode: 'XX' } : {}),
    );
    await batch.drop('again.xml', documentOf(...blocks), 'again');
    const run = await batch.work();
    assert.deepEqual([run.counts.created, run.counts.refused], [20, 10]);
    const failures = String(await batch.read('complete/again/failed/again_failures.xml'));
    await batch.drop('again_failures.xml', failures.replaceAll('>XX<', '>BE<'), 'again');
    const second = await batch.work();
    assert.deepEqual([second.counts.total, second.counts.created, second.counts.refused], [10, 10, 0]);
    assert.deepEqual(
      (await batch.tree()).filter((path) => path.includes('/again/')),
      [
        'complete/again/archived/again.xml',
        'complete/again/archived/again_failures.xml',
        'complete/again/failed/again_failures.xml',
      ],
    );
  });

  test('UTF-16 stays UTF-16, with the blocks as they came', async () => {
    const bad = goodBlock('wide', { UserName: 'Zoë 😀', CountryCode: 'XX' });
    const text = `\uFEFF<?xml version="1.0" encoding="UTF-16"?><UserMaintenance xmlns:x="urn:x">${bad}${goodBlock('wide2')}</UserMaintenance>`;
    const content = Buffer.from(text, 'utf16le');
    await batch.drop('wide.xml', content, 'wide');
    await batch.work();
    const failures = (await batch.read('complete/wide/failed/wide_failures.xml')).toString('utf16le');
    assert.equal(
      failures,
      `\uFEFF<?xml version="1.0" encoding="UTF-16"?>\n<UserMaintenance xmlns:x="urn:x">\n${bad}\n</UserMaintenance>\n`,
    );
    assert.deepEqual(await batch.read('complete/wide/archived/wide.xml'), content);
  });

  test('the review tells each block, its codes and their cause', async () => {
    await batch.drop('review.xml', documentOf(goodBlock('r1'), goodBlock('r2', { CountryCode: 'XX' })));
    const run = await batch.work();
    const review = await batch.door.review(batch.account.id, run.id, { limit: 10 });
    assert.deepEqual(review?.failed, [
      {
        number: 2,
        line: 4,
        identity: 'r2…',
        errors: [
          {
            code: 'INVALID_COUNTRY_CODE',
            fault: 'invalidValue',
            path: 'country',
            cause: 'Country code is not valid: it must be an ISO 3166-1 country code such as BE, which "XX" is not.',
          },
        ],
        block: goodBlock('r2', { CountryCode: 'XX' }),
      },
    ]);
    assert.equal(await batch.door.review('acc_other', run.id, { limit: 10 }), undefined);
    const page = await batch.door.runs(batch.account.id, { limit: 1 });
    assert.equal(page.runs[0]?.id, run.id);
  });
});

test('a simulation says the same as the batch, writes nothing and moves nothing', async () => {
  const content = documentOf(
    goodBlock('sim1', { ManagerUserId: 'sim2' }),
    goodBlock('sim2'),
    goodBlock('SIM1', { CountryCode: 'BE' }),
    goodBlock('sim3', { CountryCode: 'XX' }),
  );
  const users = () => batch.directory.db.collection('users').countDocuments();
  const [treeBefore, usersBefore] = [await batch.tree(), await users()];
  const { account } = batch;
  const connection = { id: 'con_test', account: account.id, name: 'test', kind: 'xml' as const };
  async function* stream() {
    yield Buffer.from(content);
  }
  const submitted = await batch.door.submit({
    account,
    connection,
    fileset: 'sim',
    fileName: 'sim.xml',
    requestedBy: 'a test',
    content: stream(),
    simulate: true,
  });
  assert.ok(submitted.ok);
  await batch.worker.drain();
  const simulated = await batch.runs.get(account.id, submitted.run);
  assert.equal(simulated?.state, 'done');
  assert.deepEqual([await batch.tree(), await users()], [treeBefore, usersBefore]);
  const outcomes = async (run: string) =>
    (await batch.runs.rows(run, { limit: 10 })).map(({ outcome, faults }) => [outcome, faults]);
  await batch.drop('sim.xml', content, 'sim');
  const real = await batch.work();
  assert.deepEqual(simulated?.counts, real.counts);
  assert.deepEqual(await outcomes(submitted.run), await outcomes(real.id));
});

test('causes name the element and say what it must be', async () => {
  await batch.drop(
    'words.xml',
    documentOf(
      '<User Action="Remove"><Shoe>42</Shoe><UserId>words</UserId></User>',
      goodBlock('words', { Email: 'no address', ManagerFlag: 'maybe' }, '<UserRole Action="Add"/>'),
      goodBlock('x'.repeat(300), { Email: 'x@example.com' }),
    ),
    'words',
  );
  const { id } = await batch.work();
  const rows = await batch.runs.rows(id, { outcome: 'refused', limit: 10 });
  const words = rows.map(({ faults = [] }) => faults.filter(({ error }) => error === 'OTHER').map((one) => one.words));
  assert.deepEqual(words, [
    [
      'User: the attribute Action is "Remove"; it must be Add or Update.',
      'User/Shoe: the element Shoe is not allowed here.',
    ],
    [
      'User/ManagerFlag: "maybe" must be true or false.',
      'User/UserRole: the attribute RoleCode is missing.',
      'Email: must be one e-mail address.',
    ],
    ['UserId is longer than 255 characters.'],
  ]);
});

test('an upload gets a run of its own where one that archived a file of that name has not ended', async () => {
  const by = { account: batch.account.id, connection: 'con', requestedBy: 'a test', kind: 'xml-batch' as const };
  const file = { name: 'same.xml', fileset: 'uploads', sha256: '', bytes: 1 };
  const before = await batch.runs.createExclusive({ ...by, file, exclusive: 'uploads/same.xml' });
  const submitted = await batch.door.submit({
    account: batch.account,
    connection: batch.caller().connection,
    fileset: 'uploads',
    fileName: 'same.xml',
    content: (async function* () {
      yield Buffer.from(documentOf(goodBlock('same1')));
    })(),
    simulate: false,
    requestedBy: 'a test',
  });
  assert.ok(submitted.ok);
  assert.notEqual(submitted.run, before?.id);
  assert.match(submitted.name, /^same_[0-9a-f]{8}\.xml$/);
  await batch.worker.drain();
  assert.equal((await batch.runs.get(batch.account.id, submitted.run))?.counts.done, 1);
});

test('a person who is erased is in no file and in no review', async () => {
  const others = [goodBlock('stay1', { ManagerUserId: 'GONE' }), goodBlock('stay2', { CountryCode: 'XX' })];
  const theirs = [goodBlock('gone'), goodBlock('Gone', { CountryCode: 'XX' })];
  const text = documentOf(others[0] ?? '', ...theirs, others[1] ?? '');
  await batch.drop('erase.xml', Buffer.from(`\uFEFF${text.replace('UTF-8', 'UTF-16')}`, 'utf16le'), 'erase');
  const run = await batch.work();
  await batch.drop('broken.xml', text.slice(0, -10), 'erase');
  await batch.work();
  const erased = await batch.door.erase(batch.account, createPerson({ userNames: ['gone'] }));
  assert.deepEqual(erased, { files: 4, rows: 1, unfinished: 0 });
  const archived = (await batch.read('complete/erase/archived/erase.xml')).toString('utf16le');
  const kept = [...others].map((other) => other.replace('<ManagerUserId>GONE</ManagerUserId>', ''));
  assert.equal(archived, `\uFEFF${documentOf(kept[0] ?? '', '', '', kept[1] ?? '').replace('UTF-8', 'UTF-16')}`);
  const failures = (await batch.read('complete/erase/failed/erase_failures.xml')).toString('utf16le');
  assert.ok(failures.includes('stay2') && !/gone/i.test(failures));
  assert.deepEqual(
    (await batch.tree()).filter((path) => path.includes('/erase/')),
    ['complete/erase/archived/erase.xml', 'complete/erase/failed/erase_failures.xml'],
  );
  const review = await batch.door.review(batch.account.id, run.id, { limit: 10 });
  assert.deepEqual(
    review?.failed.map(({ identity, block }) => [identity, block]),
    [
      ['', ''],
      ['st…', others[1]],
    ],
  );
});
