// Erasure, end to end: a person who came over SCIM, CSV and XML is taken out of every collection and every file; others stay.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, idOf, openAdminServer } from '../support/admin.ts';
import { block, documentOf } from '../support/batch.ts';
import type { Answer } from '../support/http-client.ts';
import { bulkBody, ENTERPRISE, GROUP, patchBody, SEARCH, USER } from '../support/scim.ts';
import { runEnded } from '../support/until.ts';

const root = await mkdtemp(join(tmpdir(), 'mobietrain-erasure-'));
const [BATCH_DIR, IMPORT_DIR] = [join(root, 'batch'), join(root, 'import')];
let api: AdminServer;
beforeAll(async () => {
  api = await openAdminServer({ BATCH_DIR, IMPORT_DIR, BATCH_POLL_SECONDS: '0.2', BATCH_SETTLE_SECONDS: '0.1' });
});
afterAll(async () => {
  await api.stop();
  await rm(root, { recursive: true, force: true });
});

/** The person who must not be found anywhere afterwards. No part of these values occurs in other test data. */
const GONE = {
  userName: 'wilhelmina.q',
  externalId: 'EXT-Qx91',
  email: 'w.quackenbush@example.com',
  given: 'Wilhelmína',
  family: 'Quackenbush',
  phone: '+32 470 98 76 54',
};
/** What the same person was called before. */
const FORMER = {
  userName: 'wilma.maiden',
  externalId: 'EXT-Zz07',
  email: 'wilma.m@example.net',
  given: 'Wilma',
  family: 'Maidenhead',
  phone: '+31 612 34 56 78',
};
const NICK_NAME = 'Quackie';
const SECRETS = [...Object.values(GONE), '+32470987654', ...Object.values(FORMER), '+31612345678', NICK_NAME];

interface Setting {
  slug: string;
  scim: (method: string, path: string, body?: unknown) => Promise<Answer>;
  admin: (method: string, path: string, body?: unknown) => Promise<Answer>;
  upload: (format: 'csv' | 'xml', content: string | Uint8Array, query?: string) => Promise<Record<string, unknown>>;
}

async function openAccount(): Promise<Setting> {
  const slug = await api.account({ requiredData: 'report' });
  const at = `/accounts/${slug}`;
  const connection = idOf(await api.root('POST', `${at}/connections`, { body: { name: 'entra' } }));
  const made = await api.root('POST', `${at}/connections/${connection}/credentials`, { body: {} });
  const authorization = { Authorization: `Bearer ${String(made.body.token)}` };
  const admin: Setting['admin'] = (method, path, body) =>
    api.root(method, at + path, body === undefined ? {} : { body });
  return {
    slug,
    admin,
    scim: (method, path, body) => api.server.call(method, path, body, authorization),
    async upload(format, content, query = '') {
      const headers = { 'Content-Type': 'application/octet-stream' };
      const taken = await api.root('POST', `${at}/imports/${format}${query}`, { headers, body: content });
      return (await runEnded(admin, '/imports', taken)).body;
    },
  };
}

const scimUser = {
  schemas: [USER],
  userName: GONE.userName,
  externalId: GONE.externalId,
  name: { givenName: GONE.given, familyName: GONE.family },
  displayName: `${GONE.given} ${GONE.family}`,
  emails: [{ value: GONE.email, type: 'work' }],
  phoneNumbers: [{ value: GONE.phone, type: 'mobile' }],
};
const CSV_HEAD = 'Uid;ExternalId;FirstName;LastName;Email;Title;SuperiorExternalId';
const csvOf = (...rows: string[]) => [CSV_HEAD, ...rows, ''].join('\r\n');
const gonesRow = (title = '') =>
  `${GONE.userName};${GONE.externalId};${GONE.given};${GONE.family};${GONE.email};${title};`;
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');

const filtered = (filter: string) => `/Users?filter=${encodeURIComponent(filter)}`;

/** Brings the person in under the former names, and renames them. */
async function bringInBefore({ scim, upload }: Setting): Promise<string> {
  const { userName, externalId, email, given, family, phone } = FORMER;
  const made = await scim('POST', '/Users', {
    schemas: [USER],
    userName,
    externalId,
    name: { givenName: given, familyName: family },
    displayName: `${given} ${family}`,
    nickName: NICK_NAME,
    emails: [{ value: email, type: 'work' }],
    phoneNumbers: [{ value: phone, type: 'mobile' }],
  });
  assert.equal(made.status, 201, made.text);
  await upload(
    'csv',
    csvOf(`${userName};;${given};${family};${email};${'x'.repeat(60)};`),
    `?fileName=${userName}.csv`,
  );
  const batch = {
    UserId: userName,
    UserName: `${given} ${family}`,
    Email: email,
    LanguageCode: 'nl',
    CountryCode: 'XX',
  };
  await upload('xml', documentOf(block(batch)), `?fileset=before&fileName=${given}_${family}.xml`);
  const id = String(made.body.id);
  const renamed = await scim('PUT', `/Users/${id}`, scimUser);
  assert.equal(renamed.status, 200, renamed.text);
  return id;
}

/** Makes the person known by queries, groups and names of files. */
async function makeKnown({ scim, admin, upload }: Setting, id: string): Promise<void> {
  const display = `${GONE.given} ${GONE.family}`;
  for (const path of [
    filtered(`userName sw "${GONE.userName.slice(0, 8)}"`),
    filtered(`phoneNumbers.value eq "${GONE.phone}"`),
    filtered(`externalId sw "${GONE.externalId}`),
    `/Users/${GONE.userName}`,
  ])
    await scim('GET', path);
  await admin('GET', `/users?search=${GONE.family}`);
  await scim('POST', '/.search', {
    schemas: [SEARCH],
    filter: `userName eq "${GONE.userName}"`,
    sortBy: 'userName',
    count: 1,
  });
  await scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Team', members: [{ value: id, display }] });
  await scim('POST', '/Groups', {
    schemas: [GROUP],
    displayName: 'None',
    members: [{ value: GONE.userName, display }],
  });
  await scim(
    'PATCH',
    `/Users/${id}`,
    patchBody({ op: 'add', value: { nickName: NICK_NAME, phoneNumbers: [{ value: GONE.phone }] } }),
  );
  const operations = [{ method: 'PUT', path: `/Users/${GONE.userName}`, data: scimUser }];
  await scim('POST', '/Bulk', bulkBody(...operations));
  await scim('POST', '/Users', { ...scimUser, [GONE.userName]: GONE.email, comment: `${display} is new`, userName: 7 });
  const inside = documentOf(
    block({
      UserId: 'other',
      UserName: 'Other One',
      Email: 'other@example.com',
      LanguageCode: 'nl',
      CountryCode: 'BE',
    }),
  );
  const commented = inside
    .replace('<User ', `<!-- of ${display} --><?person ${GONE.userName}?>\n<User `)
    .replace('</UserMaintenance>', `<!-- ${FORMER.userName} -->\n</UserMaintenance>`);
  await upload('xml', commented, '?fileset=comments');
  await upload('csv', csvOf(gonesRow('Ms')), `?fileName=${encodeURIComponent(`${GONE.family} ${GONE.given}.csv`)}`);
}

/** Makes the person an administrator, who signs in with a wrong and with the right password. */
async function administer({ admin }: Setting): Promise<void> {
  const password = 'seven green bottles stand';
  const made = await admin('POST', '/administrators', {
    email: GONE.email,
    name: `${GONE.given} ${GONE.family}`,
    role: 'customerAdministrator',
    password,
  });
  assert.equal(made.status, 201, made.text);
  for (const given of ['wrong', password, 'wrong again'])
    await api.anonymous('POST', '/session', { body: { email: GONE.email, password: given } });
}

/** Brings the person and others in by every door, refused and taken. */
async function bringIn(setting: Setting): Promise<string> {
  const { slug, scim, admin, upload } = setting;
  const id = await bringInBefore(setting);
  await administer(setting);
  await makeKnown(setting, id);
  assert.equal((await scim('POST', '/Users', scimUser)).status, 409);
  await scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${GONE.userName}"`)}`);
  await scim(
    'GET',
    `/Users?filter=${encodeURIComponent(`name.familyName eq "${GONE.family}" and name.givenName eq "${GONE.given}"`)}`,
  );
  const patch = { op: 'replace', path: 'name.familyName', value: GONE.family };
  await scim('PATCH', `/Users/${id}`, patchBody(patch));
  const refused = await admin('POST', '/users', {
    name: { givenName: GONE.given, familyName: GONE.family },
    emails: 7,
  });
  assert.equal(refused.status, 400);
  // Somebody who waits for the person as a manager, by a text that resolved to nobody at that time.
  await scim('POST', '/Users', {
    schemas: [USER],
    userName: 'stays.scim',
    externalId: 'stays-1',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: { value: GONE.userName.toUpperCase() } },
  });

  const superior = `stays.csv;S-2;Stays;Behind;stays@example.com;;${GONE.externalId}`;
  const run = await upload('csv', csvOf(gonesRow('Ms'), superior, `;;${GONE.given};${GONE.family};not an address;;`));
  assert.deepEqual([run.state, (run.counts as { refused: number }).refused], ['done', 1]);
  await upload(
    'csv',
    utf16(csvOf(gonesRow('Dr').replace(GONE.email, 'wq@example.com'), 'x;X-9;No;Body;nobody@example.com;;')),
    '?simulate=true&mailTo=boss@example.com',
  );
  await upload('csv', csvOf(gonesRow('x'.repeat(60))));

  const own = (elements: Record<string, string> = {}) =>
    block({
      UserId: GONE.userName,
      UserName: `${GONE.given} ${GONE.family}`,
      Email: GONE.email,
      LanguageCode: 'nl',
      CountryCode: 'BE',
      ...elements,
    });
  const other = (userId: string, more: Record<string, string>) =>
    block({
      UserId: userId,
      UserName: 'Other One',
      Email: `${userId}@example.com`,
      LanguageCode: 'nl',
      CountryCode: 'BE',
      ...more,
    });
  const blocks = [
    own(),
    own({ CountryCode: 'XX' }),
    other('o1', { ManagerUserId: GONE.userName }),
    other('o2', { CountryCode: 'XX', ManagerUserId: GONE.userName }),
  ];
  await upload('xml', documentOf(...blocks), '?fileset=one');
  await upload('xml', utf16(documentOf(...blocks).replace('UTF-8', 'UTF-16')), '?fileset=two');
  await upload('xml', documentOf(...blocks).slice(0, -20), '?fileset=broken');
  await upload('xml', documentOf(own({ UserId: '' })), '?simulate=true');

  const processed = join(IMPORT_DIR, slug, 'processed');
  await mkdir(processed, { recursive: true });
  await writeFile(join(processed, '2026-01-01_a.csv'), csvOf(gonesRow(), superior));
  await writeFile(join(processed, '2026-01-01_b.csv'), utf16(csvOf('k;K-1;Keep;Me;keep@example.com;;', gonesRow())));
  await writeFile(join(processed, '2026-01-01_c.csv'), `${GONE.given};${GONE.family}\nKeep;Me\n`);
  await writeFile(
    join(processed, '2026-01-01_a.csv.result.csv'),
    `\uFEFFRow;Line;Result;User;Changes;Reasons\r\n1;2;updated;w***;"Email: """" -> ""${GONE.email}""";\r\n`,
  );
  return id;
}

/** A text as it is in base64, wherever in it. The signs at both ends depend on what is beside it. */
function inBase64(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.from('x'.repeat(before) + text).toString('base64url');
    return whole.slice(Math.ceil((before * 4) / 3), Math.floor(((before + Buffer.byteLength(text)) * 4) / 3));
  });
}

/** Every place in which one of the texts stands: collections, files and names of files. */
async function whereAre(texts: readonly string[]): Promise<string[]> {
  const wanted = texts
    .flatMap((text) => [text, text.normalize('NFD'), encodeURIComponent(text)])
    .map((text) => text.toLowerCase());
  const encoded = texts.flatMap((text) => [text, text.toLowerCase()]).flatMap(inBase64);
  const has = (text: string) =>
    wanted.find((one) => text.toLowerCase().includes(one)) ?? encoded.find((one) => text.includes(one));
  const places: string[] = [];
  const look = (place: string, text: string) => {
    const found = has(text);
    if (found !== undefined) places.push(`${place}: ${found}`);
  };
  for (const { name } of await api.server.database.db.listCollections().toArray()) {
    for await (const document of api.server.database.db.collection(name).find()) {
      look(name, JSON.stringify(document));
      for (const value of Object.values(document)) {
        const bytes = value?._bsontype === 'Binary' ? Buffer.from(value.buffer) : undefined;
        if (bytes) for (const encoding of ['utf8', 'utf16le'] as const) look(name, bytes.toString(encoding));
      }
    }
  }
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    look('file name', entry.name);
    const bytes = await readFile(path);
    for (const encoding of ['utf8', 'utf16le', 'latin1'] as const)
      look(path.slice(root.length), bytes.toString(encoding));
  }
  return [...new Set(places)];
}

const auditOf = (subject: string) =>
  api.server.database.db.collection('audit').find({ subject, action: 'erase' }).toArray();

const textOf = async (slug: string, path: string, encoding: BufferEncoding = 'utf8') =>
  (await readFile(join(root, path.replace('SLUG', slug)))).toString(encoding);

describe('a person who came over every door', () => {
  let setting: Setting;
  let erased: Record<string, number>;
  let counted: Record<string, number>;
  let id: string;
  beforeAll(async () => {
    setting = await openAccount();
    id = await bringIn(setting);
    await sleep(600);
    assert.ok((await whereAre(SECRETS)).length > 15, 'the search finds what is there');
    const preview = await setting.admin('GET', `/users/${id}/erasure`);
    assert.equal(preview.status, 200, preview.text);
    counted = preview.body as Record<string, number>;
    const answer = await setting.admin('POST', `/users/${id}/erase`);
    assert.equal(answer.status, 200, answer.text);
    erased = answer.body as Record<string, number>;
  });

  test('is nowhere after erasure', async () => {
    await sleep(600);
    assert.deepEqual(await whereAre(SECRETS), []);
    assert.equal((await setting.scim('GET', `/Users/${id}`)).status, 404);
  });

  test('is counted before, as far as indexes lead to them', async () => {
    const { administrators, events = 0, rows = 0, blocks = 0, changes = 0 } = counted;
    assert.equal(administrators, 1);
    for (const count of [events, rows, blocks, changes]) assert.ok(count > 0, JSON.stringify(counted));
    assert.equal((await setting.admin('GET', `/users/${id}/erasure`)).status, 404);
  });

  test('is reported in numbers', () => {
    const { users, administrators, files, rows, events, mails, reports, unfinished } = erased;
    assert.deepEqual([users, administrators, mails, unfinished], [1, 1, 1, 0]);
    assert.ok((files ?? 0) >= 10 && (rows ?? 0) >= 8 && (events ?? 0) >= 5, JSON.stringify(erased));
    assert.equal(reports, 0, 'the manager was found, and unset with the deletion');
  });

  test('can no longer sign in, and the audit trail records the erasure', async () => {
    const credentials = { email: GONE.email, password: 'seven green bottles stand' };
    assert.equal((await api.anonymous('POST', '/session', { body: credentials })).status, 401);
    const [entry] = await auditOf(id);
    assert.deepEqual([entry?.erased.users, entry?.erased.administrators], [1, 1]);
  });

  test('leaves the others as they were', async () => {
    const { slug, admin } = setting;
    const { items } = (await admin('GET', '/users')).body as { items: { userName: string }[] };
    assert.deepEqual(items.map(({ userName }) => userName).sort(), ['o1', 'other', 'stays.csv', 'stays.scim']);
    const archived = await textOf(slug, 'batch/SLUG/complete/two/archived/upload.xml', 'utf16le');
    assert.ok(archived.startsWith('\uFEFF<?xml') && archived.includes('<UserId>o1</UserId>'));
    const failed = await textOf(slug, 'batch/SLUG/complete/one/failed/upload_failures.xml');
    assert.ok(failed.includes('<UserId>o2</UserId>') && failed.trimEnd().endsWith('</UserMaintenance>'));
    assert.equal(
      await textOf(slug, 'import/SLUG/processed/2026-01-01_a.csv'),
      csvOf('stays.csv;S-2;Stays;Behind;stays@example.com;;'),
    );
    const kept = await textOf(slug, 'import/SLUG/processed/2026-01-01_b.csv', 'utf16le');
    assert.equal(kept, `\uFEFF${csvOf('k;K-1;Keep;Me;keep@example.com;;')}`);
    assert.equal(await textOf(slug, 'import/SLUG/processed/2026-01-01_c.csv'), 'Keep;Me\n');
  });

  test('can be erased again: there is nothing left', async () => {
    const again = await setting.admin('POST', `/users/${id}/erase`);
    const { users, files, rows, mails } = again.body;
    assert.deepEqual([again.status, users, files, rows, mails], [200, 0, 0, 0, 0]);
  });

  test('reports failed rows whose file is gone', async () => {
    const { items } = (await setting.admin('GET', '/imports?limit=100')).body as { items: Record<string, string>[] };
    const run = items.find(({ kind }) => kind === 'csv-import');
    const answer = await setting.admin('GET', `/imports/${run?.id}/result.csv?part=failed`);
    assert.deepEqual([answer.status, answer.body.code], [404, 'notFound']);
    assert.equal((await setting.admin('GET', `/imports/${run?.id}/result.csv`)).status, 200);
  });
});

test('a person who was deleted before is nowhere after erasure by their id alone', async () => {
  const setting = await openAccount();
  const id = await bringIn(setting);
  assert.equal((await setting.admin('DELETE', `/users/${id}`)).status, 204);
  await setting.upload('csv', csvOf(gonesRow('x'.repeat(60)), `${FORMER.userName};;;;;${'x'.repeat(60)};`));
  await sleep(600);
  assert.ok((await whereAre(SECRETS)).length > 15);
  const answer = await setting.admin('POST', `/users/${id}/erase`);
  assert.deepEqual([answer.status, answer.body.users, answer.body.administrators], [200, 0, 1], answer.text);
  await sleep(600);
  assert.deepEqual(await whereAre(SECRETS), []);
});

describe('a person who was deleted before', () => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await openAccount();
    const id = await bringIn(setting);
    assert.equal((await setting.admin('DELETE', `/users/${id}`)).status, 204);
  });

  const erase = (body: unknown) => setting.admin('POST', '/erasures', body);

  test('is not looked for by what belongs to somebody who is here, or by nothing', async () => {
    const stranger = await erase({ userNames: [GONE.userName, 'stays.csv'] });
    assert.deepEqual([stranger.status, stranger.body.code], [400, 'invalidValue']);
    assert.match(stranger.text, /userNames/);
    const nothing = await erase({ names: [{ given: 'A', family: 'B' }] });
    assert.deepEqual([nothing.status, nothing.body.code], [400, 'required']);
    assert.ok((await whereAre([GONE.userName])).length > 0, 'nothing was erased');
  });

  test('is nowhere after erasure by what they were known by; the request itself tells nobody', async () => {
    const answer = await erase({
      userNames: [GONE.userName],
      externalIds: [GONE.externalId],
      emails: [GONE.email],
      phones: [GONE.phone],
      names: [{ given: GONE.given, family: GONE.family }],
    });
    assert.deepEqual([answer.status, answer.body.users, answer.body.unconfirmed], [200, 0, 0], answer.text);
    await sleep(600);
    assert.deepEqual(await whereAre(SECRETS), []);
  });
});

test('a manager who was named by a text and never came is unset where others wait for them', async () => {
  const { scim, admin } = await openAccount();
  const waits = {
    schemas: [USER],
    userName: 'waits',
    externalId: 'w',
    [ENTERPRISE]: { manager: { value: 'Never.Came' } },
  };
  const id = String((await scim('POST', '/Users', waits)).body.id);
  const erased = await admin('POST', '/erasures', { userNames: ['never.came'] });
  assert.deepEqual([erased.status, erased.body.reports], [200, 1]);
  const { body } = await scim('GET', `/Users/${id}`);
  assert.ok(!JSON.stringify(body).toLowerCase().includes('never.came'));
  assert.deepEqual(await whereAre(['never.came']), []);
});

test('what an erasure would take away is for whom may erase, and another account has no such user', async () => {
  const { slug, admin } = await openAccount();
  const body = { userName: 'counted', name: { givenName: 'Co', familyName: 'Unted' } };
  const id = idOf(await admin('POST', '/users', body));
  const other = await openAccount();
  assert.equal((await other.admin('GET', `/users/${id}/erasure`)).status, 404);
  const assistant = await api.administrator(slug, 'superior', { user: id });
  assert.equal((await assistant('GET', `/accounts/${slug}/users/${id}/erasure`)).status, 403);
});

test('erasure is for whom the table says, and another account has no such user', async () => {
  const [one, other] = [await openAccount(), await openAccount()];
  const id = idOf(await one.admin('POST', '/users', { userName: 'alien', externalId: 'alien' }));
  assert.equal((await other.admin('POST', `/users/${id}/erase`)).status, 404);
  await api.root('POST', `/accounts/${one.slug}/org-units`, { body: { code: 'North' } });
  const unit = await api.administrator(one.slug, 'orgUnitAdministrator', { orgUnit: 'North' });
  assert.equal((await unit('POST', `/accounts/${one.slug}/users/${id}/erase`)).status, 403);
  assert.equal((await one.admin('GET', `/users/${id}`)).status, 200);
  const stale = await api.root('POST', `/accounts/${one.slug}/users/${id}/erase`, { headers: { 'If-Match': 'W/"9"' } });
  assert.equal(stale.status, 412);
});

test('folders that are not there are no reason to fail', async () => {
  const setting = await openAccount();
  assert.equal((await setting.admin('POST', '/erasures', { userNames: ['nobody.was.here'] })).status, 200);
});

describe('what nothing confirms to be an identity', () => {
  const WORDS = ['schemas', 'title', 'email', 'users', 'role', 'userName', 'stays'];
  let setting: Setting;
  beforeAll(async () => {
    setting = await openAccount();
    await setting.scim('POST', '/Users', { schemas: [USER], userName: 'stays', externalId: 's', title: 'users' });
    await setting.upload('csv', csvOf(`stays;S-1;Stays;Here;stays@example.com;title;`));
    await sleep(600);
  });
  const everything = async () => {
    const { db } = api.server.database;
    const [events, rows] = await Promise.all(['events', 'runRows'].map((name) => db.collection(name).find().toArray()));
    return { events: events?.slice(0, -1), rows };
  };

  test('takes nothing, and the audit trail shows by hashes what was named', async () => {
    const before = await everything();
    const words = WORDS.filter((word) => word !== 'stays');
    const answer = await setting.admin('POST', '/erasures', {
      userNames: words,
      externalIds: words,
      emails: words,
      ids: ['users', 'data'],
      names: [{ given: 'schemas', family: 'title' }],
    });
    const { unconfirmed, ...erased } = answer.body as Record<string, number>;
    assert.equal(answer.status, 200, answer.text);
    assert.equal(unconfirmed, words.length * 3 + 3);
    assert.deepEqual(new Set(Object.values(erased)), new Set([0]));
    const after = await everything();
    assert.deepEqual(after.events?.slice(0, before.events?.length), before.events);
    assert.deepEqual(after.rows, before.rows);
    const entries = await api.server.database.db.collection('audit').find({ action: 'erase', subject: '' }).toArray();
    const entry = entries.at(-1);
    assert.equal(entry?.named.length, words.length + 1);
    assert.equal(entry?.erased.unconfirmed, unconfirmed);
    assert.ok(!JSON.stringify(entry?.named).includes('schemas'));
  });

  test('is refused if it is or was the identity of a user', async () => {
    assert.equal((await setting.admin('POST', '/erasures', { userNames: ['stays'] })).status, 400);
    const { items } = (await setting.admin('GET', '/users')).body as { items: { id: string }[] };
    const renamed = await setting.admin('PATCH', `/users/${items[0]?.id}`, { emails: [{ value: 'new@example.com' }] });
    assert.equal(renamed.status, 200, renamed.text);
    const answer = await setting.admin('POST', '/erasures', { emails: ['stays@example.com'] });
    assert.deepEqual([answer.status, answer.body.code], [400, 'invalidValue'], answer.text);
  });
});
