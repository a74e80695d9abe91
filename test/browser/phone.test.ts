// A store manager with a phone: the people of their store, one of them deactivated, somebody invited, an invitation sent again. Nothing is
// wider than the screen, and what is pressed is as high as a thumb.

import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import { type AdminServer, idOf, person } from '../support/admin.ts';
import { consoleTests, openPage, signInToConsole } from '../support/console.ts';

const THUMB = 44;
let browser: Browser;
let api: AdminServer;
let store: string;
let as: { email: string; password: string };

const { suite } = consoleTests('the console on a phone', {
  settings: { MAIL_PREVIEW: 'on' },
  async prepare(...started) {
    [api, browser] = started;
    store = '4711';
    const made = async (path: string, body: object) => {
      const answer = await api.root('POST', `/accounts/demo/${path}`, { body });
      assert.equal(answer.status, 201, answer.text);
      return idOf(answer);
    };
    await made('stores', { refId: store, name: 'Ghent North', country: '32' });
    await made('stores', { refId: '4712', name: 'Bruges', country: '32' });
    await made('groups', { name: 'Sellers' });
    const user = await made('users', { ...person('mia-manager'), stores: [{ refId: store }] });
    await made('users', { ...person('sam-seller'), stores: [{ refId: store }] });
    await made('users', { ...person('bea-bruges'), stores: [{ refId: '4712' }] });
    as = await api.newAdministrator('demo', 'superior', { user });
  },
});

async function press(button: Locator): Promise<void> {
  // Waits until the button has come to rest and can be pressed: a page that is still being laid out moves it.
  await button.click({ trial: true });
  const box = await button.boundingBox();
  assert.ok(box && box.height >= THUMB && box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box));
  await button.click();
}

suite('a store manager with a phone', () => {
  test.each(['light', 'dark'] as const)(
    'finds, deactivates, invites and sends again: %s',
    async (colorScheme) => {
      const phone = await signInToConsole(browser, api, { view: { colorScheme }, as });
      const { page } = phone;
      await phone.see(`manager home ${colorScheme}`, 'en');
      await openPage(api, page, 'users');
      const list = await phone.see(`manager users ${colorScheme}`, 'en');
      assert.match(list, /sam-seller/);
      assert.doesNotMatch(list, /bea-bruges/);
      assert.equal(
        await page.locator('#react-admin-title').evaluate((title) => title.scrollWidth <= title.clientWidth),
        true,
      );
      await press(page.getByRole('link', { name: /sam-seller/ }).first());
      await page.getByText('sam-seller').first().waitFor();
      await phone.see(`manager user ${colorScheme}`, 'en');
      await press(page.getByRole('button', { name: 'Deactivate' }));
      await page.getByText('Ann Example: done (Deactivate).').waitFor();
      await press(page.getByRole('button', { name: 'Activate', exact: true }));
      await page.getByRole('button', { name: 'Deactivate' }).waitFor();
      const name = `new-${colorScheme}`;
      await openPage(api, page, 'invitations/create');
      await page.locator('input[name="name.givenName"]').fill('Nora');
      await page.locator('input[name="name.familyName"]').fill(name);
      await page.locator('input[name=address]').fill(`${name}@example.com`);
      await page.getByRole('combobox', { name: 'User groups' }).fill('Sell');
      await page.getByRole('option', { name: 'Sellers' }).click();
      await page.getByRole('combobox', { name: 'Stores' }).fill(store);
      await page.getByRole('option', { name: `Ghent North (${store})` }).click();
      await page.getByLabel('The person may be written to').check();
      await phone.see(`manager invites ${colorScheme}`, 'en');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText(`Nora ${name} was created.`).waitFor();
      await page.getByText(`${name}@example.com`).waitFor();
      await phone.see(`manager invitations ${colorScheme}`, 'en');
      const card = page
        .locator('.MuiCard-root .MuiCard-root, .MuiCard-root')
        .filter({ hasText: `${name}@example.com` })
        .last();
      await press(card.getByRole('button', { name: 'Send again' }));
      await card.getByText('Can be sent again from').waitFor();
      const { items } = (await api.root('GET', `/accounts/demo/users?store=${store}&search=${name}`)).body;
      assert.equal((items as object[]).length, 1, 'the invited person has the chosen store');
      await phone.close();
    },
    180_000,
  );

  test('the menu has the account, the language and the theme, and the title its width', async () => {
    const phone = await signInToConsole(browser, api, {});
    const { page } = phone;
    await openPage(api, page, 'enrollment-profiles');
    assert.equal(
      await page.locator('#react-admin-title').evaluate((title) => title.scrollWidth <= title.clientWidth),
      true,
    );
    await page.getByRole('button', { name: 'Open menu' }).click();
    await page.getByRole('combobox', { name: 'Account' }).waitFor();
    await page.waitForTimeout(400);
    await phone.see('phone menu', 'en');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('menuitem', { name: 'Nederlands' }).click();
    await page.getByText('Inschrijvingsprofielen').first().waitFor();
    await phone.close();
  }, 90_000);
});
