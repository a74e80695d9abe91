// Roles, organizations and enrollment profiles over the admin API: who has them, renamed, and removed only if nobody has them.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, type Api, idOf, openAdminServer, person } from '../../support/admin.ts';

let api: AdminServer;
let account: string;
let admin: Api;
beforeAll(async () => {
  api = await openAdminServer();
  account = await api.account();
  admin = await api.administrator(account, 'customerAdministrator');
});
afterAll(() => api.stop());

const at = (rest: string) => `/accounts/${account}${rest}`;

const CATALOGUES = [
  ['roles', 'role', (code: string) => ({ roles: [{ value: code }] })],
  ['organizations', 'organization', (code: string) => ({ organizations: [code] })],
  ['enrollment-profiles', 'enrollmentProfile', (code: string) => ({ enrollmentProfiles: [code] })],
] as const;

describe.each(CATALOGUES)('%s', (path, kind, held) => {
  const create = (code: string) => admin('POST', at(`/${path}`), { body: { code, name: 'First name' } });

  test('an entry is renamed, in the version that was read', async () => {
    const made = await create('RENAMED');
    const one = at(`/${path}/${idOf(made)}`);
    const renamed = await admin('PATCH', one, { body: { name: 'Second name' }, headers: { 'If-Match': 'W/"1"' } });
    assert.deepEqual([renamed.status, renamed.body.name, renamed.body.version], [200, 'Second name', 2]);
    const stale = await admin('PATCH', one, { body: { name: 'Third' }, headers: { 'If-Match': 'W/"1"' } });
    assert.equal(stale.status, 412);
    assert.equal((await admin('PATCH', one, { body: { code: 'OTHER' } })).status, 400);
    const { body } = await admin('GET', one);
    assert.deepEqual([body.code, body.name, body.users], ['RENAMED', 'Second name', 0]);
    assert.equal((await admin('PATCH', one, { body: { name: null } })).body.name, undefined);
    assert.equal((await admin('DELETE', one)).status, 204);
    assert.equal((await admin('GET', one)).status, 404);
  });

  test('users who have an entry are counted and listed, and keep it from being removed', async () => {
    const one = at(`/${path}/${idOf(await create('Held'))}`);
    const users = await Promise.all(
      ['a', 'b'].map((letter) =>
        admin('POST', at('/users'), { body: { ...person(`${kind}-${letter}`), ...held('Held') } }),
      ),
    );
    assert.deepEqual(
      users.map(({ status }) => status),
      [201, 201],
    );
    assert.equal((await admin('GET', one)).body.users, 2);
    const listed = await admin('GET', at(`/users?${kind}=held`));
    assert.deepEqual([listed.body.total, (listed.body.items as unknown[]).length], [2, 2]);
    const refused = await admin('DELETE', one);
    assert.equal(refused.status, 409);
    assert.match(String(refused.body.detail), /used by 2 users/);
    for (const user of users) await admin('DELETE', at(`/users/${idOf(user)}`));
    assert.equal((await admin('DELETE', one)).status, 204);
  });

  test('a code that nobody has and that is unknown is said to be unknown', async () => {
    await create('EMPTY');
    assert.deepEqual((await admin('GET', at(`/users?${kind}=empty`))).body.items, []);
    const unknown = await admin('GET', at(`/users?${kind}=typo`));
    assert.equal(unknown.status, 404);
    assert.match(unknown.text, /typo/);
  });

  test('of another account is not found', async () => {
    const other = await api.account();
    const theirs = idOf(await api.root('POST', `/accounts/${other}/${path}`, { body: { code: 'THEIRS' } }));
    for (const [method, body] of [['GET'], ['PATCH', { name: 'x' }], ['DELETE']] as const)
      assert.equal((await admin(method, at(`/${path}/${theirs}`), body ? { body } : {})).status, 404, method);
  });
});
