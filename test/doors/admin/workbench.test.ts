// Tokens of the workbench: for connections that were created for tests alone, for minutes, kept nowhere, and ordinary at the SCIM door.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from '@jest/globals';
import { type AdminServer, type Api, idOf, openAdminServer } from '../../support/admin.ts';
import type { Answer } from '../../support/http-client.ts';

let api: AdminServer;
let account: string;
let browser: Api;
let byToken: Api;
beforeAll(async () => {
  api = await openAdminServer();
  account = await api.account();
  const made = await api.newAdministrator(account, 'customerAdministrator');
  byToken = made.byToken;
  browser = await api.browser(made);
});
afterAll(() => api.stop());

let count = 0;
async function connection(draft: object = { sandbox: true }): Promise<string> {
  count += 1;
  const made = await browser('POST', `/accounts/${account}/connections`, { body: { name: `c${count}`, ...draft } });
  assert.equal(made.status, 201, made.text);
  return idOf(made);
}

const ask = (id: string, by: Api = browser, headers: Record<string, string> = {}): Promise<Answer> =>
  by('POST', `/accounts/${account}/connections/${id}/workbench-token`, { headers });
const send = (token: unknown) =>
  api.server.raw('/Users?count=0', { headers: { Authorization: `Bearer ${String(token)}` } });

test('a token for minutes, which the SCIM door takes as one of the connection', async () => {
  const id = await connection();
  const made = await ask(id, browser, { 'X-Request-Id': 'asked' });
  assert.equal(made.status, 201, made.text);
  const left = Date.parse(String(made.body.expires)) - Date.now();
  assert.ok(left > 60_000 && left <= 10 * 60_000, String(left));
  const answer = await send(made.body.token);
  assert.equal(answer.status, 200, answer.text);
  const events = api.server.database.db.collection('events');
  const recorded = async (filter: object) => {
    for (let tries = 0; tries < 100; tries += 1) {
      const found = await events.findOne(filter);
      if (found) return found;
      await sleep(50);
    }
    return assert.fail('not recorded');
  };
  const sent = await recorded({ request: answer.headers.get('x-request-id') });
  const asked = await recorded({ request: /^asked~/ });
  assert.equal(sent.connection, id);
  assert.deepEqual(asked.subject, { type: 'Credential', id: sent.credential });
  assert.equal(asked.actor.kind, 'administrator');
  for (const event of [sent, asked]) assert.ok(!JSON.stringify(event).includes(String(made.body.token)));
});

test('it is in no list, and is removed once it has expired; there are fifty at most', async () => {
  const id = await connection();
  const credentials = api.server.database.db.collection('credentials');
  const first = await ask(id);
  const past = new Date(Date.now() - 1);
  await credentials.updateMany({ connection: id }, { $set: { expires: past } });
  assert.equal((await send(first.body.token)).status, 401);
  const { items } = (await browser('GET', `/accounts/${account}/credentials`)).body;
  assert.deepEqual(
    (items as { connection: string }[]).filter((each) => each.connection === id),
    [],
  );
  let refused: Answer | undefined;
  let made = 0;
  for (; made <= 60 && !refused; made += 1) {
    const answer = await ask(id);
    if (answer.status !== 201) refused = answer;
  }
  assert.equal(refused?.status, 400, refused?.text);
  assert.match(String(refused?.text), /tooMany/);
  const stored = await credentials.countDocuments({ workbench: true });
  assert.equal(stored, 50);
  await credentials.updateMany({ workbench: true }, { $set: { expires: past } });
  assert.equal((await ask(id)).status, 201);
  assert.equal(await credentials.countDocuments({ workbench: true }), 1);
});

test('not for the connection of a client, which cannot become one for tests', async () => {
  const id = await connection({});
  const refused = await ask(id);
  assert.equal(refused.status, 400, refused.text);
  assert.match(refused.text, /connection: belongs to a client/);
  const path = `/accounts/${account}/connections/${id}`;
  assert.equal((await browser('PATCH', path, { body: { sandbox: true } })).status, 400);
  const { items } = (await browser('GET', `/accounts/${account}/connections`)).body;
  assert.equal((items as { id: string; sandbox: boolean }[]).find((each) => each.id === id)?.sandbox, false);
});

test('not for a personal token, not without the CSRF token, and not for a name that is taken', async () => {
  const id = await connection();
  assert.equal((await ask(id, byToken)).status, 403);
  assert.equal((await ask(id, browser, { 'X-CSRF-Token': 'wrong' })).status, 403);
  assert.equal((await ask('con_nothing')).status, 404);
  const taken = await browser('POST', `/accounts/${account}/connections`, {
    body: { name: `C${count}`, sandbox: true },
  });
  assert.equal(taken.status, 409, taken.text);
});
