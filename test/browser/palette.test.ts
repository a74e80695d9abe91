// The command palette and the saved filters of the list of users in a real browser; wide and on a phone, in light and dark.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type AdminServer, idOf, openAdminServer, person, ROOT } from '../support/admin.ts';
import { findChromium, launch, openPhone, type Phone } from '../support/chromium.ts';
import { packageFolder } from '../support/package-folder.ts';

const binary = findChromium();
if (binary === undefined)
  console.warn(
    'No Chromium on this machine: the tests of the command palette in a real browser are SKIPPED. Set CHROMIUM_BINARY to run them.',
  );
const suite = binary === undefined ? describe.skip : describe;

const WIDE = { width: 1280, height: 900 };

let browser: Browser;
let api: AdminServer;
let user: string;

beforeAll(async () => {
  if (binary === undefined) return;
  execFileSync(process.execPath, [packageFolder('scripts', 'console.mjs')], { stdio: 'ignore' });
  [api, browser] = await Promise.all([openAdminServer(), launch(binary)]);
  user = idOf(await api.root('POST', '/accounts/demo/users', { body: person('till-clerk') }));
  const other = person('night-guard', { name: { givenName: 'Bob', familyName: 'Example' }, active: false });
  idOf(await api.root('POST', '/accounts/demo/users', { body: other }));
}, 120_000);
afterAll(async () => {
  if (binary === undefined) return;
  await browser.close();
  await api.stop();
});

/** Colours change in steps. */
const SETTLED_MS = 400;

async function signedIn(locale: string, view = {}): Promise<Phone> {
  const phone = await openPhone(browser, api.server.origin, locale, view);
  await phone.page.goto(`${api.server.origin}/console/`);
  await phone.page.fill('input[name=username]', ROOT.email);
  await phone.page.fill('input[name=password]', ROOT.password);
  await phone.page.click('button[type=submit]');
  await phone.page.waitForSelector('.RaMenu-open, .RaLayout-content h2, .RaLayout-content p');
  return phone;
}

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.locator('[role=dialog] [role=combobox]:focus').waitFor();
}

suite('the command palette', () => {
  for (const [name, locale, view] of [
    ['wide, light', 'en-GB', WIDE],
    ['wide, dark', 'de-DE', { ...WIDE, colorScheme: 'dark' }],
    ['a phone, light', 'nl-BE', {}],
    ['a phone, dark', 'fr-BE', { colorScheme: 'dark' }],
  ] as const)
    test(`finds a user by any identifier: ${name}`, async () => {
      const phone = await signedIn(locale, view);
      await phone.page.locator('[data-palette]').click();
      const field = phone.page.getByRole('dialog').getByRole('combobox');
      await field.waitFor();
      await phone.page.waitForTimeout(SETTLED_MS);
      await phone.see(`palette pages ${name}`, locale.slice(0, 2));
      await field.fill('ext-till-clerk');
      const found = phone.page.getByRole('option', { name: 'Ann Example' });
      await found.waitFor();
      await phone.see(`palette user ${name}`, locale.slice(0, 2));
      await found.click();
      await phone.page.waitForURL(new RegExp(`users/${user}/show`));
      await phone.close();
    }, 120_000);

  test('opens pages and the timeline by the keyboard alone, and closes with Escape', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await openPalette(page);
    await page.keyboard.type('custom');
    await page.locator('[role=option][aria-selected=true]').getByText('Custom attributes').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/attributes/);
    await openPalette(page);
    await page.keyboard.type('nobody@example.com');
    await page.locator('[role=option][aria-selected=true]').getByText('Timeline of “nobody@example.com”').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/timeline\?search=nobody%40example\.com/);
    await page.getByText('Never sent').waitFor();
    await openPalette(page);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await phone.close();
  }, 120_000);
});

suite('the list of users', () => {
  test('saves a filter, which is there after a reload', async () => {
    const phone = await signedIn('de-DE', WIDE);
    const { page } = phone;
    await page.goto(`${api.server.origin}/console/#/users?filter=${encodeURIComponent('{"status":"inactive"}')}`);
    await page.getByText('night-guard').first().waitFor();
    await page.locator('.add-filter').click();
    await page.getByRole('menuitem', { name: 'Aktuellen Filter speichern' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('Wer ging');
    await page.waitForTimeout(SETTLED_MS);
    await phone.see('users save filter wide, light', 'de');
    await page.getByRole('dialog').getByRole('button', { name: 'Speichern' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.goto(`${api.server.origin}/console/#/users?filter=%7B%7D`);
    await page.reload();
    await page.getByText('till-clerk').first().waitFor();
    await page.locator('.add-filter').click();
    await page.getByRole('menuitem', { name: 'Wer ging' }).click();
    await page.getByText('till-clerk').first().waitFor({ state: 'detached' });
    assert.equal(await page.getByText('night-guard').first().isVisible(), true);
    await phone.close();
  }, 120_000);
});
