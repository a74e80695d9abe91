// What administrators look after in the console, in a real browser: other administrators, stores that become one, and files that are read
// otherwise than they were detected.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type AdminServer, idOf, person } from '../support/admin.ts';
import { consoleTests, LOOKS, openPage, signInToConsole, WIDE } from '../support/console.ts';

let browser: Browser;
let api: AdminServer;
let folder = '';

const { suite } = consoleTests('administration', {
  settings: { MAIL_PREVIEW: 'on' },
  async prepare(...started) {
    [api, browser] = started;
    folder = await mkdtemp(join(tmpdir(), 'mobietrain-administration-'));
  },
});
afterAll(async () => {
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

suite('an administrator', () => {
  test('is made with a role and its limit, gets a link, is disabled and enabled, and removed', async () => {
    const account = await api.account();
    const user = await api.root('POST', `/accounts/${account}/users`, { body: person('maud') });
    assert.equal(user.status, 201, user.text);
    const phone = await signInToConsole(browser, api, { view: WIDE, account });
    const { page } = phone;
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    await openPage(api, page, 'administrators/create');
    await page.getByLabel('E-mail').fill('maud@example.com');
    await page.getByLabel('Name').fill('Maud');
    await page.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Superior' }).click();
    await page.getByText('Looks after the people of their stores').waitFor();
    await page.getByRole('combobox', { name: 'Their own user' }).fill('maud');
    await page.getByRole('option', { name: /maud/ }).click();
    await phone.see('administrator new', 'en');
    await press('Save');
    await page.getByText('The mail is queued.').waitFor();
    await page.getByRole('cell', { name: 'maud@example.com' }).click();
    await page.getByText('Not signed in at the moment.').waitFor();
    await press('Disable');
    await page.getByText('This administrator cannot sign in.').waitFor();
    const list = async () =>
      (await api.root('GET', `/accounts/${account}/administrators`)).body.items as {
        role: string;
        user: string;
        disabled: boolean;
      }[];
    const [made] = await list();
    assert.deepEqual([made?.role, made?.user, made?.disabled], ['superior', idOf(user), true]);
    await press('Enable again');
    await page.getByText('This administrator cannot sign in.').waitFor({ state: 'detached' });
    await press('Delete');
    await press('Confirm');
    await page.getByText('The account has no administrators of its own yet.').waitFor();
    assert.deepEqual(await list(), []);
    await phone.close();
  }, 90_000);

  test.each(LOOKS)(
    'has sessions that end: %s',
    async (name, locale, view) => {
      const account = await api.account();
      const other = await api.newAdministrator(account, 'customerAdministrator');
      const elsewhere = await signInToConsole(browser, api, { account, as: other });
      const phone = await signInToConsole(browser, api, { locale, view, account });
      const { page } = phone;
      await openPage(api, page, `administrators/${other.id}`);
      const ends = page.getByRole('button', { name: /^(End|Beëindigen|Terminer|Beenden)$/ });
      await ends.first().waitFor();
      await phone.see(`administrator ${name}`, locale.slice(0, 2));
      for (let left = await ends.count(); left > 0; left -= 1) {
        await ends.first().click();
        await page.waitForTimeout(400);
      }
      const { items } = (await api.root('GET', `/accounts/${account}/administrators/${other.id}/sessions`)).body;
      assert.deepEqual(items, []);
      await elsewhere.close();
      await phone.close();
    },
    120_000,
  );
});

suite('a store', () => {
  test.each(LOOKS)(
    'is merged into another one after a look at who would move: %s',
    async (name, locale, view) => {
      const account = await api.account();
      const made = async (refId: string, store: string) =>
        idOf(await api.root('POST', `/accounts/${account}/stores`, { body: { refId, name: store, country: '32' } }));
      const [from, into] = [await made('1', 'Old market'), await made('2', 'New market')];
      const body = { ...person('stan'), stores: [{ refId: '1' }] };
      const user = idOf(await api.root('POST', `/accounts/${account}/users`, { body }));
      const phone = await signInToConsole(browser, api, { locale, view, account });
      const { page } = phone;
      await openPage(api, page, `stores/${from}`);
      await page
        .getByRole('button', { name: /^(Merge into|Samenvoegen met|Fusionner avec|Mit einer anderen)/ })
        .click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('combobox').fill('New');
      await page.getByRole('option', { name: 'New market (2)' }).click();
      await dialog.locator('strong', { hasText: '1' }).waitFor();
      await page.waitForTimeout(400);
      await phone.see(`store merge ${name}`, locale.slice(0, 2));
      await dialog.getByRole('button', { name: /^(Merge|Samenvoegen|Fusionner|Zusammenführen)$/ }).click();
      await dialog.waitFor({ state: 'detached' });
      assert.equal((await api.root('GET', `/accounts/${account}/stores/${from}`)).status, 404);
      const { stores } = (await api.root('GET', `/accounts/${account}/users/${user}`)).body;
      assert.deepEqual(
        (stores as { refId: string }[]).map(({ refId }) => refId),
        ['2'],
      );
      assert.equal((await api.root('GET', `/accounts/${account}/stores/${into}`)).status, 200);
      await phone.close();
    },
    120_000,
  );
});

suite('a simulated file', () => {
  test.each(LOOKS)(
    'shows changes, says what will be missing, and is read otherwise: %s',
    async (name, locale, view) => {
      const account = await api.account({ requiredData: 'report' });
      const csv = (rows: string) => Buffer.from(`ExternalId;FirstName;LastName;Email\n${rows}`);
      const headers = { 'Content-Type': 'text/csv' };
      const first = csv('F1;Jan;Maes;f1@example.com\n');
      const imported = await api.root('POST', `/accounts/${account}/imports/csv`, { headers, body: first });
      assert.equal(imported.status, 202, imported.text);
      const file = join(folder, `people-${name.replaceAll(/\W+/g, '-')}.csv`);
      await writeFile(file, csv('F1;Jan;Müller;f1@example.com\nF2;;Two;f2@example.com\n'));
      const phone = await signInToConsole(browser, api, { locale, view, account });
      const { page } = phone;
      await openPage(api, page, 'imports');
      await page.setInputFiles('input[type=file]', file);
      await page.locator('form button[type=submit]').click();
      await page.getByText(/FirstName: .*incomplete and cannot sign in/).waitFor();
      await page.getByRole('cell', { name: 'Müller' }).waitFor();
      await page.getByRole('cell', { name: 'Maes' }).waitFor();
      await page.getByText(/utf-8/).first().waitFor();
      await phone.see(`simulation ${name}`, locale.slice(0, 2));
      const before = page.url();
      await page.getByRole('button', { name: /^(Read otherwise|Anders lezen|Lire autrement|Anders lesen)$/ }).click();
      await page.locator('#main-content').getByRole('combobox').first().fill('windows-1252');
      await page
        .getByRole('button', { name: /^(Simulate again|Opnieuw simuleren|Simuler à nouveau|Noch einmal)/ })
        .click();
      await page.waitForURL((url) => String(url) !== before);
      await page
        .getByText(/windows-1252/)
        .first()
        .waitFor();
      await page.getByRole('cell', { name: 'MÃ¼ller' }).waitFor();
      await page.reload();
      await page.getByRole('cell', { name: 'MÃ¼ller' }).waitFor();
      await phone.close();
    },
    120_000,
  );
});
