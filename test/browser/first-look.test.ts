// What people see first, in a real browser: the set-up page in four languages, light and dark, wide and on a phone, and the console after a
// client has called. These tests make the pictures of the documents: `npm run docs:pictures`.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type AdminServer, idOf } from '../support/admin.ts';
import { settled } from '../support/chromium.ts';
import { createCli } from '../support/cli.ts';
import { consoleTests, LOOKS, WIDE } from '../support/console.ts';

let api: AdminServer;

const { suite, signedIn, openPhone } = consoleTests('what people see first', {
  settings: { DEMO_EXAMPLES: 'on' },
  async prepare(started) {
    api = started;
    const settings = { contact: 'the help desk', requiredData: 'report' };
    assert.equal((await api.root('PATCH', '/accounts/demo', { body: settings })).status, 200);
  },
});
async function connect(name: string): Promise<string> {
  return idOf(await api.root('POST', '/accounts/demo/connections', { body: { name } }));
}

async function linkOf(connection: string): Promise<string> {
  const made = await api.root('POST', `/accounts/demo/connections/${connection}/setup-links`, { body: {} });
  assert.equal(made.status, 201, made.text);
  return String(made.body.url);
}

/** A picture for the documents, of what fits on a screen; only if one is asked for. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.PICTURES;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

suite('the set-up page', () => {
  for (const [name, locale, view] of LOOKS)
    test(`leads through the steps of each product: ${name}`, async () => {
      const language = locale.slice(0, 2);
      const phone = await openPhone(locale, view);
      const { page } = phone;
      const url = await linkOf(await connect(`directory, ${name}`));
      await page.goto(url);
      await phone.see(`set-up choose ${name}`, language);
      for (const client of ['entra', 'okta', 'onelogin', 'jumpcloud', 'other']) {
        await page.goto(url);
        const again = page.locator('form:has(input[name=client][value=choose]) button');
        if ((await again.count()) > 0) await again.click();
        const choice = page.locator(`input[name=client][value=${client}]`);
        await choice.check();
        await page.locator('form:has(input[type=radio]) button').click();
        await page.waitForLoadState('load');
        await phone.see(`set-up ${client} ${name}`, language);
        if (name !== 'wide, light') continue;
        if (client === 'entra') await picture(page, 'set-up-entra');
        if (client === 'okta') {
          await page.getByRole('heading', { name: 'Steps: Okta' }).evaluate((heading) => heading.scrollIntoView());
          await picture(page, 'set-up-okta');
        }
      }
      await page.goto(`${url}x`);
      await phone.see(`set-up unknown ${name}`, language);
      await phone.close();
    }, 120_000);

  test('shows the token once, and ticks off what the client sends while it is open', async () => {
    const phone = await openPhone('en-GB', WIDE);
    const { page } = phone;
    await page.goto(await linkOf(await connect('entra')));
    await page.getByRole('button', { name: 'Create the secret token' }).click();
    const token = await page.locator('#token').inputValue();
    assert.match(token, /^mbt_/);
    const cli = createCli({ uri: 'mongodb://127.0.0.1:1/', name: 'none' });
    const ran = await cli('simulate', 'entra', '--base-url', api.server.base, '--token', token, '--json');
    assert.equal(ran.code, 0, ran.err);
    await page.locator('li.open').first().waitFor({ state: 'detached', timeout: 30_000 });
    assert.equal(await page.locator('li.done').count(), 5);
    await phone.see('set-up ticked', 'en');
    await page.reload();
    assert.equal((await page.content()).includes(token), false);
    await phone.close();
  }, 120_000);
});

suite('the console after the first calls', () => {
  test('has an overview, a timeline with its verdict and a connection', async () => {
    assert.equal((await api.server.call('POST', '/Users', { userName: 'kai@example.com', schemas: [] })).status, 201);
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    const open = async (path: string, words: string) => {
      await page.goto(`${api.server.origin}/console/#/${path}`);
      await page.getByText(words).first().waitFor();
      await settled(page);
    };
    await page.waitForSelector('.RaLayout-content h2');
    await open('', 'What needs you');
    await phone.see('first console', 'en');
    await picture(page, 'console');
    await open('timeline?search=kai@example.com', 'kai@example.com');
    await phone.see('first timeline', 'en');
    await picture(page, 'timeline');
    const { items } = (await api.root('GET', '/accounts/demo/connections')).body;
    const entra = (items as { id: string; name: string }[]).find(({ name }) => name === 'entra');
    await open(`connections/${entra?.id}/show`, 'entra');
    await phone.see('first connection', 'en');
    await picture(page, 'connection');
    await phone.close();
  }, 120_000);
});
