// Redaction: what is stored of a request is a list of what is kept. No secret, External ID or value of a person is in a path, in a
// sentence or in a body; personal values stand apart from the body, with a hash by which erasure finds them.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { readableBody, readableFaults } from '../../src/directory/event.ts';
import { createIdentityHash } from '../../src/directory/identity-hash.ts';
import { loadSchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import { createRedactor } from '../../src/http/redaction.ts';
import { packageFolder } from '../support/package-folder.ts';
import { ENTERPRISE, MOBIETRAIN_USER, USER } from '../support/scim.ts';

const hash = createIdentityHash(Buffer.alloc(32, 7));
const redactor = createRedactor(loadSchemaCatalogue(packageFolder('scim-schemas')), hash);
const SECRET = 'hunter2-hunter2';
const EXTERNAL = 'e7c1f0aa-77';
const TOKEN = 'mbt_abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const ID = '019329a0-1111-7222-8333-444455556666';

/** The stored body and its values. */
function stored(body: unknown) {
  const bodies = redactor.bodies();
  const text = bodies.write(body);
  return { text, values: bodies.values, identities: bodies.identities };
}

const operation = (more: object) => ({ Operations: [{ op: 'replace', ...more }] });

describe('no secret and no External ID is stored of', () => {
  const bodies: unknown[] = [
    { password: SECRET, externalId: EXTERNAL },
    { Password: SECRET, EXTERNALID: EXTERNAL },
    { [`${USER}:password`]: SECRET, [`${USER}:externalId`]: EXTERNAL },
    { Operations: [{ path: 'externalId', value: EXTERNAL }, operation({ path: 'password', value: SECRET })] },
    { Operations: [{ value: SECRET, op: 'replace', path: `${USER}:password` }] },
    operation({ value: { externalId: EXTERNAL, password: SECRET } }),
    {
      Operations: [{ method: 'POST', data: { externalId: EXTERNAL, nested: [{ password: [SECRET, { a: SECRET }] }] } }],
    },
    operation({ path: 'password', value: { value: SECRET } }),
    operation({ path: 'password.value', value: SECRET }),
    operation({ path: 'PASSWORD.value', value: SECRET }),
    operation({ path: `password[value eq "${SECRET}"]`, value: SECRET }),
    operation({ path: `externalId[value eq "${EXTERNAL}"].value`, value: EXTERNAL }),
    operation({ path: SECRET, value: SECRET }),
    operation({ value: SECRET }),
    SECRET,
    [SECRET],
    { filter: `externalId eq "${EXTERNAL}" or ${USER}:externalId  EQ "${EXTERNAL}"` },
    { filter: `externalId sw "${EXTERNAL}` },
    { filter: `password eq "${SECRET}" and userName eq ${SECRET}` },
    { detail: `unexpected externalId eq "${EXTERNAL}"` },
    { detail: `no such token ${TOKEN}` },
    { passwd: SECRET, current: SECRET, newPassword: SECRET, currentPassword: SECRET, pin: SECRET },
    { client_secret: SECRET, api_key: SECRET, access_token: SECRET, code: SECRET, state: SECRET },
    { title: TOKEN, displayName: TOKEN, nickName: `Bearer ${TOKEN}` },
    { [TOKEN]: SECRET },
    JSON.parse(`{"__proto__": {"password": "${SECRET}"}, "constructor": {"externalId": "${EXTERNAL}"}}`),
  ];
  for (const body of bodies) {
    test(JSON.stringify(body).slice(0, 90), () => {
      const { text, values } = stored(body);
      const all = text + JSON.stringify(values);
      for (const hidden of [SECRET, EXTERNAL, 'abcdefghij']) assert.ok(!all.includes(hidden), all);
      assert.doesNotThrow(() => JSON.parse(readableBody(text, values)));
    });
  }
});

describe('personal values', () => {
  const body = {
    schemas: [USER],
    userName: 'Ann.Lee',
    name: { givenName: 'Ann', familyName: 'Lee' },
    nickName: 'Annie',
    emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
    title: 'Baker',
    roles: [{ value: 'Manager' }],
    [ENTERPRISE]: { department: 'Bread', employeeNumber: '77', manager: { value: 'boss' } },
    [MOBIETRAIN_USER]: { stores: [{ value: '12', display: 'Mill' }], companyId: 'C-9' },
  };

  test('stand apart from the body, and are shown in it', () => {
    const { text, values } = stored(body);
    for (const value of ['Ann', 'Lee', 'ann@example.com', '"77"', 'boss', 'C-9'])
      assert.ok(!text.includes(value), text);
    for (const kept of ['Baker', 'Manager', 'Bread', 'Mill', 'work']) assert.ok(text.includes(kept), text);
    assert.deepEqual(JSON.parse(readableBody(text, values)), body);
  });

  test('are found by their hashes: a full name by one', () => {
    const { values, identities } = stored(body);
    const hashOf = (value: string) => values.find(({ text }) => text === value)?.hash;
    assert.equal(hashOf('Ann.Lee'), hash('ann.lee'));
    assert.equal(hashOf('Annie'), hash('ANNIE '));
    assert.deepEqual([hashOf('Ann'), hashOf('Lee')], [hash('Ann Lee'), hash('Ann Lee')]);
    assert.deepEqual(new Set(identities), new Set([hash('ann.lee'), hash('ann@example.com'), hash('Ann Lee')]));
    assert.equal(hash('+32 470 12 34 56'), hash('+32470123456'));
  });

  test('that are erased are not shown, and a client cannot refer to them', () => {
    const { text, values } = stored({ userName: 'ann', title: '@0', displayName: 'x "@0" \\' });
    assert.deepEqual(JSON.parse(readableBody(text, values)), {
      userName: 'ann',
      title: '@0',
      displayName: 'x "@0" \\',
    });
    const erased = values.map(() => ({ hash: '' }));
    assert.deepEqual(JSON.parse(readableBody(text, erased)), {
      userName: '[erased]',
      title: '[erased]',
      displayName: '[erased]',
    });
  });

  test('of members are stored apart, and their ids are kept', () => {
    const { text } = stored({ members: [{ value: ID, display: 'Ann Lee' }, { value: 'ann.lee' }] });
    assert.equal(text, `{"members":[{"value":"${ID}","display":@0},{"value":@1}]}`);
  });

  test('are the same in both bodies', () => {
    const bodies = redactor.bodies();
    assert.equal(bodies.write({ userName: 'ann' }), '{"userName":@0}');
    assert.equal(bodies.write({ id: ID, userName: 'ann' }), `{"id":"${ID}","userName":@0}`);
    assert.equal(bodies.values.length, 1);
  });
});

test('a body stops at 16 KB, however large it is, in no time', () => {
  const huge = { members: Array.from({ length: 200_000 }, (_, index) => ({ value: `v${index}` })) };
  const started = process.cpuUsage();
  const { text, values } = stored(huge);
  assert.ok(text.length <= 16_385 && text.endsWith('…'));
  assert.ok(values.length <= 500);
  assert.ok(process.cpuUsage(started).user < 100_000);
});

describe('of an address', () => {
  for (const [address, expected] of [
    [
      `/Users?filter=externalId%20eq%20%22${EXTERNAL}%22&count=1&access_token=${SECRET}`,
      '/Users?filter=externalId eq "…"&count=1&…=…',
    ],
    ['/Users?filter=userName+eq+%22ann%22+and+active+eq+true', '/Users?filter=userName eq "…" and active eq true'],
    ['/Users?filter=userName+eq+ann.lee', '/Users?filter=userName eq …'],
    ['/Users?filter=externalId+sw+%22ann', '/Users?filter=externalId sw "…"'],
    [
      `/Users?filter=emails[value%20eq%20"ann@example.com"]&cursor=eyJhbm4i`,
      '/Users?filter=emails[value eq "…"]&cursor=…',
    ],
    [`/Users/${ID}`, `/Users/${ID}`],
    ['/Users/ann.lee', '/Users/…'],
    [`/Users/${TOKEN}`, '/Users/…'],
    ['/accounts/acme/users?search=Ann%20Lee&limit=5', '/accounts/acme/users?search=…&limit=5'],
    [`/session/oidc/callback?code=${SECRET}&state=${SECRET}`, '/session/oidc/callback?…=…&…=…'],
    [
      '/Users?api_key=x&client_secret=y&sortBy=userName&attributes=userName,ann',
      '/Users?…=…&…=…&sortBy=userName&attributes=userName,…',
    ],
    ['/Users/%zz?a=%zz', '/Users/…?…=…'],
    ['/Schemas/urn:ietf:params:scim:schemas:core:2.0:User', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User'],
  ] as const)
    test(address.slice(0, 80), () => assert.equal(redactor.url(address), expected));

  test('at most 2,000 characters are kept', () => {
    assert.ok(redactor.url(`/x?${'a='.repeat(5000)}`).length <= 2_001);
  });
});

describe('of a sentence', () => {
  for (const [sentence, expected] of [
    [
      'userName is taken by another resource of this account.',
      'userName is taken by another resource of this account.',
    ],
    [
      'schemas must be an array with "urn:ietf:params:scim:schemas:core:2.0:User".',
      'schemas must be an array with "urn:ietf:params:scim:schemas:core:2.0:User".',
    ],
    ['The member "ann.lee" does not exist.', 'The member "…" does not exist.'],
    ['The member "ann.lee', 'The member "…"'],
    ['User ann.lee not found', 'User … not found'],
    [`User ${ID} not found`, `User ${ID} not found`],
    [
      `userName "ann.lee" is taken by another user of this account (id ${ID}).`,
      `userName "…" is taken by another user of this account (id ${ID}).`,
    ],
    [`(id ${TOKEN}).`, '(id …).'],
    ["Users can't have ann@example.com twice.", "Users can't have … twice."],
  ] as const)
    test(sentence, () => assert.equal(redactor.sentence(sentence), expected));
});

describe('a fault', () => {
  const read = (body: unknown, detail: string, mayRead = true) => {
    const bodies = redactor.bodies();
    bodies.write(body);
    const kept = bodies.sentence(detail);
    const [shown] = readableFaults([{ code: 'x', ...kept }], mayRead ? bodies.values : undefined);
    return { shown, stored: kept.detail, values: bodies.values };
  };
  const taken = `userName "Ann \\"Lee\\"" is taken by another user of this account (id ${ID}).`;

  test('refers to what the body has, and is shown with it to those who may read it', () => {
    const { shown, stored, values } = read({ userName: 'Ann "Lee"' }, taken);
    assert.equal(stored, `userName "…" is taken by another user of this account (id ${ID}).`);
    assert.deepEqual(shown, { code: 'x', detail: taken });
    assert.equal(values.length, 1);
    assert.equal(read({ userName: 'Ann "Lee"' }, taken, false).shown?.detail, stored);
  });

  test('with several texts has each in its place, those of no body as …', () => {
    const body = { displayName: 'Sellers', members: [{ value: 'ann.lee' }] };
    const { shown, values } = read(body, 'Not "…" nor "bob" but "ann.lee", of a@"x" and "Sellers".');
    assert.equal(shown?.detail, 'Not "…" nor "…" but "ann.lee", of … and "Sellers".');
    assert.deepEqual(new Set(values.map((value) => value.hash)), new Set([hash('ann.lee'), hash('Sellers')]));
  });

  test('says of an erased value that it is', () => {
    const detail = 'The member "…" does not exist.';
    const [shown] = readableFaults([{ code: 'x', detail, quoted: [0] }], [{ hash: '' }]);
    assert.equal(shown?.detail, 'The member "[erased]" does not exist.');
  });

  test('never has a secret, a masked value or a token', () => {
    for (const [body, value] of [
      [{ password: SECRET }, SECRET],
      [{ externalId: EXTERNAL }, EXTERNAL],
      [{ title: TOKEN, nickName: TOKEN, displayName: TOKEN }, TOKEN],
      [{ filter: `userName eq "${SECRET}"`, comment: SECRET }, SECRET],
      [undefined, 'ann.lee'],
    ] as const) {
      const { shown, values } = read(body, `Unexpected "${value}".`);
      assert.equal(shown?.detail, 'Unexpected "…".');
      assert.ok(!JSON.stringify(values).includes(value) || value === 'ann.lee', value);
    }
  });
});

test('of a User-Agent, the products are kept', () => {
  assert.equal(redactor.userAgent(`Okta-Client/1.2 (ann.lee@example.com) ${TOKEN} node`), 'Okta-Client/1.2 node');
  assert.equal(redactor.userAgent(`Bearer/${SECRET}`), '');
});

test('hostile text takes no time', () => {
  const started = process.cpuUsage();
  for (const text of [
    `externalId eq "${'\\'.repeat(9000)}`,
    'externalId '.repeat(500),
    `externalId${' '.repeat(9000)}`,
    '"'.repeat(9000),
    `${'a'.repeat(9000)}@`,
  ]) {
    stored({ filter: text, detail: text, title: text, [text]: 1 });
    redactor.sentence(text);
    redactor.url(`/${text}?filter=${text}`);
  }
  assert.ok(process.cpuUsage(started).user < 200_000);
});
