// The health of connections in a real browser: the panel of a connection, the list and the overview, wide and on a phone, in light and dark.

import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { type Call, countCall, emptyHour } from '../../src/directory/health/calls.ts';
import { createCallSink } from '../../src/mongo/call-counts.ts';
import { type AdminServer, idOf } from '../support/admin.ts';
import { consoleTests, LOOKS, WIDE } from '../support/console.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let api: AdminServer;
const ids: Record<string, string> = {};

const { suite, signedIn, go } = consoleTests('the health of connections', {
  settings: { DEMO_EXAMPLES: 'on' },
  async prepare(started) {
    api = started;
    const made = async (name: string, expiresInDays: number) => {
      const id = idOf(await api.root('POST', '/accounts/demo/connections', { body: { name } }));
      const token = await api.root('POST', `/accounts/demo/connections/${id}/credentials`, { body: { expiresInDays } });
      assert.equal(token.status, 201);
      const created = new Date(Date.now() - 60 * DAY_MS);
      await api.server.database.db.collection('credentials').updateOne({ connection: id }, { $set: { created } });
      ids[name] = id;
      return id;
    };
    await made('Entra, failing', 7);
    await made('Okta, fine', 300);
    await made('JumpCloud, new', 300);
    await calls(ids['Entra, failing'] ?? '', 0.6);
    await calls(ids['Okta, fine'] ?? '', 0);
  },
});
/** A month of syncs every 40 minutes, of which this share failed in the last two days. */
async function calls(connection: string, share: number): Promise<void> {
  const { db } = api.server.database;
  const account = (await db.collection<{ _id: string }>('accounts').findOne({ slug: 'demo' }))?._id ?? '';
  const now = Date.now();
  const hours = Array.from({ length: 30 * 24 }, (_, index) => {
    const at = new Date(now - index * HOUR_MS);
    const base = { account, connection, at, method: 'PATCH', isRead: false };
    const hour = emptyHour(base);
    const busy = 120 + 80 * Math.sin(index / 4);
    for (let number = 0; number < busy; number += 1) {
      const isFailing = index * HOUR_MS < 2 * DAY_MS && number < share * busy;
      const minute = new Date(at.getTime() - (at.getTime() % HOUR_MS) + ((number % 2) * 40 + 3) * 60_000);
      countCall(hour, { ...base, at: minute, ...(isFailing ? REFUSALS[number % 3] : { status: 200 }) } as Call);
    }
    hour.client = share > 0 ? 'entra' : 'okta';
    if (share === 0 && index === 5) hour.listedUsers = { total: 3, at };
    return hour;
  });
  await createCallSink(db).addCalls(`month of ${connection}`, hours);
}

const REFUSALS = [
  { status: 409, faults: [{ code: 'uniqueness', detail: '' }] },
  { status: 400, faults: [{ code: 'required', detail: '' }] },
  { status: 503, faults: [{ code: 'busy', detail: '' }] },
];

suite('the health of connections', () => {
  for (const [name, locale, view] of LOOKS)
    test(`every page of it: ${name}`, async () => {
      const phone = await signedIn(locale, view);
      const language = locale.slice(0, 2);
      const pages = { overview: '', list: 'connections', failing: `connections/${ids['Entra, failing']}/show` };
      for (const [page, path] of Object.entries({ ...pages, new: `connections/${ids['JumpCloud, new']}/show` })) {
        await go(phone.page, path);
        await phone.page.locator('svg[role=img], .MuiChip-root').first().waitFor();
        await phone.see(`health ${page} ${name}`, language);
      }
      await phone.close();
    }, 120_000);

  test('the panel says what is wrong, in numbers, and what to do', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await go(page, `connections/${ids['Entra, failing']}/show`);
    const panel = page.getByRole('region', { name: 'Health', exact: true });
    await panel.getByText('The token expires in 7 days.').waitFor();
    await panel.getByText('Microsoft Entra ID').waitFor();
    await panel.getByText('40 minutes observed, about 40 minutes, as its maker says').waitFor();
    await panel.getByText(/of [\d,]+ operations failed in the last 24 hours \(\d+(\.\d)? %\)/).waitFor();
    for (const code of ['uniqueness', 'required', 'busy']) await panel.getByText(code, { exact: true }).waitFor();
    await panel
      .getByText(/matching attribute|Match by an attribute/)
      .first()
      .waitFor();
    await phone.close();
  }, 60_000);

  test('the chart is also a sentence and a table, by hour and by day', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await go(page, `connections/${ids['Entra, failing']}/show`);
    const image = page.getByRole('img', { name: /^Calls: Last 48 hours: [\d,]+ requests, [\d,]+ refused/ });
    await image.waitFor();
    await page.getByText('Show as a table').focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('details tbody tr').count(), 48);
    await page.getByRole('button', { name: 'Last 30 days' }).click();
    await page.getByRole('img', { name: /^Calls: Last 30 days/ }).waitFor();
    assert.equal(await page.locator('details tbody tr').count(), 30);
    await phone.close();
  }, 60_000);

  test('the refused requests of a connection are its own, and the filter says so', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    for (const [name, path] of [
      ['Entra, failing', '/Users/of-entra'],
      ['Okta, fine', '/Users/of-okta'],
    ] as const) {
      const made = await api.root('POST', `/accounts/demo/connections/${ids[name]}/credentials`, { body: {} });
      const headers = { Authorization: `Bearer ${made.body.token}` };
      assert.equal((await api.server.raw(path, { headers })).status, 404);
    }
    await go(page, `connections/${ids['Entra, failing']}/show`);
    await page.getByRole('link', { name: 'Show the refused requests' }).click();
    await page.getByRole('combobox', { name: 'Connection' }).getByText('Entra, failing').waitFor();
    await page.getByText(/^GET .*\/Users\//).waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(await page.getByText(/^GET .*\/Users\//).count(), 1);
    assert.ok(await page.getByLabel('Only refused').isChecked());
    await page.getByRole('combobox', { name: 'Connection' }).click();
    await page.getByRole('option', { name: 'Clear value' }).click();
    await page
      .getByText(/^GET .*\/Users\//)
      .nth(1)
      .waitFor();
    await page.getByLabel('Only refused').uncheck();
    await page.waitForURL((url) => !url.hash.includes('failed'));
    await phone.close();
  }, 60_000);

  test('the list and the overview warn, and lead to the connection', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await go(page, 'connections');
    for (const [connection, status] of [
      ['Entra, failing', 'Look at it'],
      ['Okta, fine', 'Works'],
      ['JumpCloud, new', 'No call yet'],
    ] as const)
      await page.getByRole('row', { name: new RegExp(`${connection}.*${status}`) }).waitFor();
    await go(page, '');
    await page.getByRole('img', { name: /^Requests and refusals, last 30 days: [\d,]+ requests/ }).waitFor();
    await page.getByRole('img', { name: /^Users, last 30 days: \d+ users, \d+ of them active/ }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Okta, fine' }).count(), 0);
    await page.getByRole('link', { name: 'Entra, failing' }).click();
    await page.getByText('The token expires in 7 days.').waitFor();
    await phone.close();
  }, 60_000);
});
