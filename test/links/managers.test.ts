// Managers over SCIM: named by id, external ID or login name, by every form that clients send; not here yet, come later, gone.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { at } from '../support/pointer.ts';
import { ENTERPRISE, MOBIETRAIN_USER, patchBody, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
const tenants = new Map<string, Tenant>();
beforeAll(async () => {
  server = await openTenants();
  for (const requiredData of ['enforce', 'report'] as const) {
    tenants.set(requiredData, await server.tenant({ requiredData }));
  }
});
afterAll(() => server.stop());

const SERVED = `${ENTERPRISE},${MOBIETRAIN_USER}:missing,${MOBIETRAIN_USER}:status`;
const PATH = `${ENTERPRISE}:manager`;

for (const required of ['enforce', 'report'] as const) {
  describe(`managers (${required})`, () => {
    const tenant = () => tenants.get(required) as Tenant;
    const make = async (userName: string, more: object = {}) => {
      const reply = await tenant().call('POST', '/Users', { body: userNamed(userName, { ...more }) });
      assert.equal(reply.status, 201, reply.text);
      return String(reply.body.id);
    };
    const managed = (value: unknown) => ({ [ENTERPRISE]: { manager: value } });
    const patch = async (id: string, ...Operations: object[]) => {
      const reply = await tenant().call('PATCH', `/Users/${id}`, { body: patchBody(...Operations) });
      assert.equal(reply.status, 200, reply.text);
      return reply.body;
    };
    const read = async (id: string) => {
      const reply = await tenant().call('GET', `/Users/${id}?attributes=${SERVED}`);
      assert.equal(reply.status, 200, reply.text);
      return {
        manager: at(reply.body, `/${ENTERPRISE}/manager/value`),
        missing: at(reply.body, `/${MOBIETRAIN_USER}/missing`),
        status: at(reply.body, `/${MOBIETRAIN_USER}/status`),
      };
    };
    /** Reads again, a second long, until the manager is this one. */
    async function settled(id: string, manager: string) {
      for (let wait = 0; wait < 50 && (await read(id)).manager !== manager; wait += 1) await sleep(20);
      assert.deepEqual(await read(id), { manager, missing: undefined, status: 'active' });
    }

    test('every form that clients send is taken, and served as an object', async () => {
      const boss = await make('boss');
      const other = await make('other-boss');
      const id = await make('report');
      const forms: object[] = [
        { op: 'Add', path: PATH, value: boss },
        { op: 'Replace', path: PATH, value: { value: other } },
        { op: 'Replace', path: `${PATH}.value`, value: boss },
        { op: 'replace', value: { [PATH]: other } },
        { op: 'add', value: { [ENTERPRISE]: { manager: { value: boss } } } },
        { op: 'replace', value: { [`${PATH}.value`]: other } },
        { op: 'Replace', path: PATH, value: [{ value: boss }] },
      ];
      for (const [index, form] of forms.entries()) {
        const body = await patch(id, form);
        const expected = index % 2 ? other : boss;
        const manager = at(body, `/${ENTERPRISE}/manager`) as Record<string, unknown>;
        assert.equal(manager.value, expected, JSON.stringify(form));
        assert.ok(String(manager.$ref).endsWith(`/Users/${expected}`));
      }
      for (const form of [
        { op: 'Remove', path: PATH },
        { op: 'Replace', path: PATH, value: '' },
        { op: 'Replace', path: PATH, value: null },
        { op: 'Replace', path: PATH, value: { value: '' } },
      ]) {
        await patch(id, { op: 'Add', path: PATH, value: boss });
        const body = await patch(id, form);
        assert.equal(at(body, `/${ENTERPRISE}/manager`), undefined, JSON.stringify(form));
        assert.deepEqual(await read(id), { manager: undefined, missing: undefined, status: 'active' });
      }
    });
    test('one is found by external ID and by login name in any case', async () => {
      const boss = await make('found-boss');
      for (const [index, value] of [boss, 'ext-found-boss', 'FOUND-Boss'].entries()) {
        const id = await make(`finder-${index}`, managed({ value }));
        assert.deepEqual(await read(id), { manager: boss, missing: undefined, status: 'active' });
      }
    });
    test('one who is not here is kept as sent, never refused, and resolved when it comes', async () => {
      const references = ['ext-late-boss', 'late-boss', 'LATE-Boss'];
      const ids = [];
      for (const [index, value] of references.entries()) ids.push(await make(`waiting-${index}`, managed({ value })));
      for (const [index, id] of ids.entries()) {
        assert.deepEqual(await read(id), { manager: references[index], missing: ['manager'], status: 'incomplete' });
      }
      const boss = await make('late-boss');
      for (const id of ids) await settled(id, boss);
    });
    test('one who gets the external ID or the login name later is resolved then', async () => {
      const [one, two] = [
        await make('renamed-1', managed({ value: 'hr-77' })),
        await make('renamed-2', managed({ value: 'new-login' })),
      ];
      const boss = await make('renamed-boss');
      await patch(boss, { op: 'replace', path: 'externalId', value: 'hr-77' });
      await settled(one, boss);
      await patch(boss, { op: 'replace', path: 'userName', value: 'new-login' });
      await settled(two, boss);
    });
    test('reports and their manager that come at once all find each other', async () => {
      const reports = Promise.all(
        Array.from({ length: 12 }, (_, index) => make(`together-${index}`, managed({ value: 'ext-together' }))),
      );
      const [ids, boss] = await Promise.all([reports, make('together')]);
      for (const id of ids) await settled(id, boss);
    });
    test('a PUT with what was read changes nothing; one without a manager takes it away', async () => {
      const boss = await make('put-boss');
      const id = await make('put-report', managed({ value: 'ext-put-boss' }));
      const whole = await tenant().call('GET', `/Users/${id}`);
      const echo = await tenant().call('PUT', `/Users/${id}`, { body: whole.body });
      assert.equal(echo.status, 200, echo.text);
      assert.equal(at(echo.body, '/meta/version'), at(whole.body, '/meta/version'));
      assert.equal((await read(id)).manager, boss);
      await tenant().call('PUT', `/Users/${id}`, { body: userNamed('put-report') });
      assert.equal((await read(id)).manager, undefined);
    });
    test('one who is deleted is unset at the reports; one who is deactivated is not', async () => {
      const boss = await make('gone-boss');
      const [byId, byName] = [
        await make('gone-1', managed({ value: boss })),
        await make('gone-2', managed({ value: 'gone-boss' })),
      ];
      await patch(boss, { op: 'replace', path: 'active', value: false });
      assert.equal((await read(byId)).manager, boss);
      assert.equal((await tenant().call('DELETE', `/Users/${boss}`)).status, 204);
      for (const id of [byId, byName])
        assert.deepEqual(await read(id), { manager: undefined, missing: undefined, status: 'active' });
      const filter = encodeURIComponent(`${ENTERPRISE}:manager.value eq "${boss}"`);
      assert.equal((await tenant().call('GET', `/Users?filter=${filter}`)).body.totalResults, 0);
    });
    test('are filtered by id', async () => {
      const boss = await make('filter-boss');
      const id = await make('filter-report', managed({ value: 'ext-filter-boss' }));
      const filter = encodeURIComponent(`${ENTERPRISE}:manager.value eq "${boss}"`);
      const found = await tenant().call('GET', `/Users?filter=${filter}`);
      assert.deepEqual(at(found.body, '/Resources/*/id'), [id]);
    });
  });
}
