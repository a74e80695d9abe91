// Links that commands print and mail lead to the server that runs on the database, also if the command has another environment.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from '@jest/globals';
import { type AdminServer, openAdminServer } from '../support/admin.ts';
import { createCli } from '../support/cli.ts';

let api: AdminServer;
let slug: string;
/** The public URL of the server: its own, because none is configured. */
let here: string;
beforeAll(async () => {
  api = await openAdminServer();
  here = api.server.origin;
  slug = await api.account({ crewplannerSlug: 'shops' });
  await api.root('POST', `/accounts/${slug}/connections`, { body: { name: 'entra' } });
  for (let looks = 0; looks < 100 && (await registrations().countDocuments({ publicUrl: here })) === 0; looks += 1)
    await sleep(50);
});
afterAll(() => api.stop());

const registrations = () => api.server.database.db.collection('leases');
const setupLink = async (settings: Record<string, string> = {}) => {
  const cli = createCli(api.server.database, { PORT: '4711', ...settings });
  const { out, err } = await cli('connection', 'setup-link', 'entra', '--account', slug);
  assert.match(out, /^http\S+\n$/, err);
  return out;
};

test('a set-up link, a link for a browser and the mail to an administrator lead to the running server', async () => {
  assert.ok((await setupLink()).startsWith(`${here}/setup/`));
  const cli = createCli(api.server.database, { PORT: '4711' });
  const printed = await cli('simulate', 'crewplanner', '--account', slug, '--set-up', '--print');
  assert.ok(printed.out.startsWith(`${here}/`), printed.out + printed.err);
  const email = 'mailed@example.com';
  const { body } = await api.root('POST', `/accounts/${slug}/administrators`, {
    body: { email, name: 'Mailed', role: 'customerAdministrator' },
  });
  const sent = await cli('administrator', 'send-link', email, '--account', slug);
  assert.equal(sent.code, 0, sent.err + String(body));
  const [mail] = await api.server.database.db.collection('outbox').find({ to: email }).sort({ _id: -1 }).toArray();
  assert.ok(String(mail?.text).includes(`${here}/set-password#`), String(mail?.text));
});

test('PUBLIC_URL of the command decides, if it is given', async () => {
  assert.ok((await setupLink({ PUBLIC_URL: 'https://other.example' })).startsWith('https://other.example/setup/'));
});

test('a server that was killed is forgotten, and one with more processes wins', async () => {
  const until = (ms: number) => new Date(Date.now() + ms);
  const other = 'https://elsewhere.example';
  const insert = (id: string, ms: number) =>
    registrations().insertOne({ _id: `server:${id}` as never, owner: id, until: until(ms), publicUrl: other });
  await insert('killed-1', -1000);
  await insert('killed-2', -1000);
  assert.ok((await setupLink()).startsWith(`${here}/setup/`));
  await insert('one', 60_000);
  await insert('two', 60_000);
  assert.ok((await setupLink()).startsWith(`${other}/setup/`));
  await registrations().deleteMany({ publicUrl: other });
});

test('while no server runs, links have the address of the command', async () => {
  const kept = await registrations().find({ publicUrl: here }).toArray();
  await registrations().deleteMany({ publicUrl: here });
  assert.ok((await setupLink()).startsWith('http://localhost:4711/setup/'));
  await registrations().insertMany(kept);
});
