// An account that enforces required data checks only what an update changes: users that were accepted while it
// only reported are changed piece by piece, and data that they lack already does not block that.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { at } from '../support/pointer.ts';
import { MOBIETRAIN_USER, patchBody, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
let lax: Tenant;
let strict: Tenant;
beforeAll(async () => {
  server = await openTenants();
  lax = await server.tenant({ requiredData: 'report' });
  for (const [what, more] of Object.entries(BROKEN)) {
    const userName = nextName();
    const made = await lax.call('POST', '/Users', { body: userNamed(userName, more) });
    assert.equal(made.status, 201, made.text);
    broken[what] = { path: `/Users/${String(made.body.id)}`, userName };
    const other = await lax.call('POST', '/Users', { body: userNamed(nextName(), more) });
    leavers[what] = `/Users/${String(other.body.id)}`;
  }
  await server.accounts.setAccount(lax.account.slug, { requiredData: 'enforce' });
  // The settings of an account are cached with a credential; a new one has none yet.
  strict = await server.connect(lax.account, 'strict');
});
afterAll(() => server.stop());

let counter = 0;
const nextName = (): string => {
  counter += 1;
  return `updated-${counter}`;
};
const extension = (values: object) => ({ [MOBIETRAIN_USER]: values });
const replace = (path: string, value: unknown) => ({ op: 'Replace', path, value });
const STORES = `${MOBIETRAIN_USER}:stores`;

/** Made while the account reported. */
const broken: Record<string, { path: string; userName: string }> = {};
/** Others of the same kinds, by their paths. */
const leavers: Record<string, string> = {};
const BROKEN: Record<string, Record<string, unknown>> = {
  nameless: { name: undefined },
  'without first name': { name: { familyName: 'Example', formatted: 'Example' } },
  'without e-mail': { emails: undefined },
  'with a bad phone': { emails: undefined, phoneNumbers: [{ value: '0470 12', type: 'work' }] },
  'with a bad e-mail': {
    emails: [
      { value: 'nope', type: 'work' },
      { value: 'fine@example.com', type: 'home' },
    ],
  },
  'without external ID': { externalId: undefined },
  'with a bad country': extension({ country: 'XX' }),
  'with a bad store': extension({ stores: [{ value: 'bad-1', display: 'Bad', country: '999' }] }),
  'with a store without ref id': extension({ stores: [{ display: 'Refless', country: '32' }] }),
  'with a bad flat country': extension({ storeCountry: 'Belgium' }),
  'with a flat name alone': extension({ storeName: 'Alone' }),
};

async function patch(what: string, ...Operations: object[]) {
  return strict.call('PATCH', broken[what]?.path ?? '', { body: patchBody(...Operations) });
}
async function accepted(what: string, ...Operations: object[]) {
  const reply = await patch(what, ...Operations);
  assert.equal(reply.status, 200, `${what}: ${reply.text}`);
  return reply.body;
}
async function refused(what: string, path: string, ...Operations: object[]) {
  const before_ = await strict.call('GET', broken[what]?.path ?? '');
  const reply = await patch(what, ...Operations);
  assert.equal(reply.status, 400, `${what}: ${reply.text}`);
  assert.equal(reply.body.scimType, 'invalidValue');
  assert.ok(String(reply.body.detail).includes(path), String(reply.body.detail));
  assert.deepEqual((await strict.call('GET', broken[what]?.path ?? '')).body, before_.body, 'nothing is changed');
}
const missing = async (what: string) => {
  const reply = await strict.call('GET', `${broken[what]?.path ?? ''}?attributes=${MOBIETRAIN_USER}:missing`);
  return at(reply.body, `/${MOBIETRAIN_USER}/missing`);
};

describe('what an update leaves alone', () => {
  for (const what of Object.keys(BROKEN)) {
    test(`a user ${what} gets another title, leaves, loses more, and comes back complete`, async () => {
      await accepted(what, replace('title', 'Lead'));
      await accepted(what, { op: 'replace', value: { [`${MOBIETRAIN_USER}:companyId`]: 'C' } });
      const leaver = (...Operations: object[]) =>
        strict.call('PATCH', leavers[what] ?? '', { body: patchBody(...Operations) });
      assert.equal((await leaver(replace('active', 'False'))).status, 200);
      const lost = await leaver({ op: 'remove', path: 'emails' }, { op: 'remove', path: 'name' });
      assert.equal(lost.status, 200, lost.text);
      const back = await leaver(replace('active', 'True'));
      assert.equal(back.status, 400, back.text);
      assert.match(String(back.body.detail), /name\.givenName/);
      const complete = await leaver(
        replace('active', 'True'),
        replace('externalId', `back-${what}`),
        replace('name', { givenName: 'Ann', familyName: 'Example' }),
        replace('emails', [{ value: 'back@example.com' }]),
        replace(`${MOBIETRAIN_USER}:country`, 'BE'),
        { op: 'remove', path: STORES },
        ...['storeCountry', 'storeName'].map((name) => ({ op: 'remove', path: `${MOBIETRAIN_USER}:${name}` })),
      );
      assert.equal(complete.status, 200, complete.text);
    });
  }
  test('another part of the name', async () => {
    await accepted('without first name', replace('name.formatted', 'E. Example'));
    await accepted('without first name', replace('name.familyName', 'Other'));
    await refused('without first name', 'name.familyName', replace('name.familyName', ''));
    assert.deepEqual(await missing('without first name'), ['name.givenName']);
    await accepted('without first name', replace('name.givenName', 'Ann'));
    assert.equal(await missing('without first name'), undefined);
    await refused('without first name', 'name.givenName', { op: 'remove', path: 'name.givenName' });
  });
  test('another e-mail', async () => {
    await accepted('with a bad e-mail', replace('emails[type eq "home"].value', 'other@example.com'));
    await refused('with a bad e-mail', 'emails[1].value', replace('emails[type eq "home"].value', 'nope either'));
    await refused('with a bad e-mail', 'emails[0].value', replace('emails[type eq "work"].value', 'still nope'));
    await accepted('with a bad e-mail', replace('emails[type eq "work"].value', 'good@example.com'));
    assert.equal(await missing('with a bad e-mail'), undefined);
  });
  test('a phone and an e-mail', async () => {
    await refused(
      'with a bad phone',
      'phoneNumbers[0].value',
      replace('phoneNumbers[type eq "work"].value', '0471 12'),
    );
    await accepted('with a bad phone', replace('phoneNumbers[type eq "work"].value', '+32 470 123 456'));
    await accepted('without e-mail', replace('emails[type eq "work"].value', 'now@example.com'));
    await refused('without e-mail', 'emails', { op: 'remove', path: 'emails' });
  });
  test('another store beside a bad one, in any place', async () => {
    const what = 'with a bad store';
    const good = { value: 'good-1', display: 'Good', country: '32' };
    await accepted(what, { op: 'add', path: STORES, value: [good] });
    await accepted(what, replace(STORES, [good, { value: 'bad-1', display: 'Bad', country: '999' }]));
    assert.deepEqual(await missing(what), ['stores[1].country']);
    await refused(
      what,
      'stores[1].country',
      replace(STORES, [good, { value: 'bad-2', display: 'Worse', country: '997' }]),
    );
    await refused(what, 'stores[0].country', replace(STORES, [{ value: 'bad-2', display: 'Worse', country: '997' }]));
    await refused(what, 'stores[2].country', {
      op: 'add',
      path: STORES,
      value: [{ value: 'bad-3', display: 'Third' }],
    });
    await accepted(what, { op: 'remove', path: `${STORES}[value eq "bad-1"]` });
    assert.equal(await missing(what), undefined);
  });
  test('an entry without a ref id', async () => {
    const what = 'with a store without ref id';
    await accepted(what, { op: 'add', path: STORES, value: [{ value: 'good-2', display: 'Good 2', country: '32' }] });
    await refused(what, 'stores[0].value', replace(`${STORES}[display eq "Refless"].display`, 'Renamed'));
    await accepted(what, replace(`${STORES}[display eq "Refless"].value`, 'refful'));
    assert.equal(await missing(what), undefined);
  });
  test('a bad flat value', async () => {
    await refused('with a bad flat country', 'storeCountry', replace(`${MOBIETRAIN_USER}:storeCountry`, 'Belgique'));
    await accepted('with a bad flat country', replace(`${MOBIETRAIN_USER}:storeCountry`, '32'));
    await accepted('with a flat name alone', replace(`${MOBIETRAIN_USER}:storeCountry`, '32'));
    await accepted('with a flat name alone', replace(`${MOBIETRAIN_USER}:storeRefId`, 'alone-1'));
    assert.equal(await missing('with a flat name alone'), undefined);
  });
  test('a PUT of what was read, and one with a change', async () => {
    for (const what of ['nameless', 'without external ID', 'with a bad country']) {
      const path = broken[what]?.path ?? '';
      const whole = (await strict.call('GET', path)).body;
      const echo = await strict.call('PUT', path, { body: whole });
      assert.equal(echo.status, 200, echo.text);
      const changed = await strict.call('PUT', path, { body: { ...whole, nickName: 'Nick' } });
      assert.equal(changed.status, 200, changed.text);
      const worse = await strict.call('PUT', path, { body: { ...whole, emails: [] } });
      assert.equal(worse.status, 400, worse.text);
      const off = await strict.call('PUT', path, { body: { ...whole, emails: [], active: false } });
      assert.equal(off.status, 200, 'a deactivation is never refused');
    }
  });
});
