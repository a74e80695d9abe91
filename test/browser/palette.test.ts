// The command palette and the saved filters of the list of users in a real browser; wide and on a phone, in light and dark.

import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type AdminServer, idOf, person } from '../support/admin.ts';
import { settled } from '../support/chromium.ts';
import { consoleTests, LOOKS, WIDE } from '../support/console.ts';

let api: AdminServer;
let user: string;

const { suite, signedIn } = consoleTests('the command palette', {
  async prepare(started) {
    api = started;
    user = idOf(await api.root('POST', '/accounts/demo/users', { body: person('till-clerk') }));
    const other = person('night-guard', { name: { givenName: 'Bob', familyName: 'Example' }, active: false });
    idOf(await api.root('POST', '/accounts/demo/users', { body: other }));
  },
});
async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.locator('[role=dialog] [role=combobox]:focus').waitFor();
}

suite('the command palette', () => {
  for (const [name, locale, view] of LOOKS)
    test(`finds a user by any identifier: ${name}`, async () => {
      const phone = await signedIn(locale, view);
      await phone.page.locator('[data-palette]').click();
      const field = phone.page.getByRole('dialog').getByRole('combobox');
      await field.waitFor();
      await settled(phone.page);
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
    await settled(page);
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
