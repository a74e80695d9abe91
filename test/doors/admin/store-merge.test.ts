// The merge of stores: who would move, the steps, and what is refused.

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

let count = 0;
async function newStore(): Promise<{ id: string; refId: string }> {
  count += 1;
  const refId = `shop-${count}`;
  const made = await admin('POST', at('/stores'), { body: { refId, name: `Shop ${count}`, country: '32' } });
  assert.equal(made.status, 201, made.text);
  return { id: idOf(made), refId };
}

async function newUser(...refIds: string[]): Promise<string> {
  count += 1;
  const body = { ...person(`works-${count}`), stores: refIds.map((refId) => ({ refId })) };
  const made = await admin('POST', at('/users'), { body });
  assert.equal(made.status, 201, made.text);
  return idOf(made);
}

const storesOf = async (user: string) =>
  ((await admin('GET', at(`/users/${user}`))).body.stores as { refId: string }[]).map(({ refId }) => refId).sort();

describe('the merge of a store', () => {
  test('moves its users to the other one, and removes it', async () => {
    const [from, into] = [await newStore(), await newStore()];
    const [one, both, other] = [
      await newUser(from.refId),
      await newUser(from.refId, into.refId),
      await newUser(into.refId),
    ];
    const path = at(`/stores/${from.id}/merge/${into.id}`);
    const preview = await admin('GET', path);
    assert.deepEqual([preview.status, preview.body.users], [200, 2]);
    let moved = 0;
    let done = false;
    for (let steps = 0; !done; steps += 1) {
      assert.ok(steps < 5, 'the merge does not end');
      const step = await admin('POST', path);
      assert.equal(step.status, 200, step.text);
      moved += Number(step.body.moved);
      done = step.body.done === true;
    }
    assert.equal(moved, 2);
    for (const user of [one, both, other]) assert.deepEqual(await storesOf(user), [into.refId]);
    assert.equal((await admin('GET', at(`/stores/${from.id}`))).status, 404);
    assert.equal((await admin('GET', at(`/users?store=${into.refId}`))).body.total, 3);
  });

  test('is refused with itself, with one that is not there, of another account, and for who may not change stores', async () => {
    const [from, into] = [await newStore(), await newStore()];
    for (const method of ['GET', 'POST']) {
      const itself = await admin(method, at(`/stores/${from.id}/merge/${from.id}`));
      assert.deepEqual([itself.status, itself.body.code], [400, 'invalidValue']);
      assert.equal((await admin(method, at(`/stores/${from.id}/merge/nothing`))).status, 404);
      const other = await api.account();
      const foreign = `/accounts/${other}/stores/${from.id}/merge/${into.id}`;
      assert.equal((await api.root(method, foreign)).status, 404);
      const user = await newUser(from.refId);
      const superior = await api.administrator(account, 'superior', { user });
      assert.equal((await superior(method, at(`/stores/${from.id}/merge/${into.id}`))).status, 403);
    }
    assert.equal((await admin('GET', at(`/stores/${from.id}`))).status, 200);
  });

  test('leaves the user of the administrator, and says why', async () => {
    const [from, into] = [await newStore(), await newStore()];
    const user = await newUser(from.refId);
    const own = await api.administrator(account, 'customerAdministrator', { user });
    const other = await newUser(from.refId);
    const path = at(`/stores/${from.id}/merge/${into.id}`);
    const first = await own('POST', path);
    const { moved, done, next, stayed, refused } = first.body as Record<string, unknown>;
    assert.deepEqual([first.status, moved, done, next, stayed], [200, 1, false, undefined, 1], first.text);
    const [named] = refused as { user: string; userName: string; detail: string }[];
    assert.equal(named?.user, user);
    assert.match(`${named?.userName} ${named?.detail}`, /^works-\d+ \S/);
    const foreign = await own('POST', `${path}?cursor=eyJ4IjoxfQ`);
    assert.deepEqual([foreign.status, foreign.body.code], [400, 'invalidValue']);
    const second = await own('POST', path);
    assert.equal(second.status, 403, second.text);
    assert.deepEqual(await storesOf(other), [into.refId]);
    assert.deepEqual(await storesOf(user), [from.refId]);
  });
});
