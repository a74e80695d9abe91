// Catalogues and empty lists of the console in a real browser: a role is made, renamed, found in use and removed; lists without anything say
// what to do next, in four languages.

import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type AdminServer, idOf, person } from '../support/admin.ts';
import { consoleTests, LOOKS, openPage, signInToConsole, WIDE } from '../support/console.ts';

let browser: Browser;
let api: AdminServer;

const { suite } = consoleTests('catalogues', {
  async prepare(...started) {
    [api, browser] = started;
  },
});

const LISTS = [
  ['users', /directory|annuaire|Verzeichnis/],
  ['invitations', /mail/i],
  ['groups', /directory|annuaire|Verzeichnis/],
  ['stores', /directory|annuaire|Verzeichnis/],
  ['org-units', /Retail\/Benelux/],
  ['roles', /bestand|fichier|file|Datei/],
  ['organizations', /bestand|fichier|file|Datei/],
  ['enrollment-profiles', /bestand|fichier|file|Datei/],
  ['courses', /user groups|gebruikersgroepen|groupes|Benutzergruppen/],
  ['imports', /CSV/],
  ['attributes', /people|mensen|personnes|Personen/],
  ['administrators', /link|lien|Link/],
] as const;

suite('lists without anything', () => {
  test.each(LOOKS)(
    'say what to do next: %s',
    async (name, locale, view) => {
      const account = await api.account();
      const phone = await signInToConsole(browser, api, { locale, view, account });
      for (const [path, next] of LISTS) {
        await openPage(api, phone.page, path);
        const text = await phone.see(`empty ${path} ${name}`, locale.slice(0, 2));
        assert.match(text, next, `${path}: ${name}`);
        assert.doesNotMatch(
          text,
          / de (administrateurs|utilisateurs|unités|organisations|imports)\b|Noch keine Benutzer\b/,
        );
      }
      await phone.close();
    },
    180_000,
  );
});

suite('a catalogue', () => {
  test('an entry is made, renamed, found in use by its users, and removed when nobody has it', async () => {
    const account = await api.account();
    const phone = await signInToConsole(browser, api, { view: WIDE, account });
    const { page } = phone;
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    await openPage(api, page, 'roles');
    await page.getByRole('link', { name: 'New role' }).click();
    await page.getByLabel('Code').fill('CASHIER');
    await page.getByLabel('Name to show').fill('Till');
    await press('Save');
    await page.getByText('CASHIER was created.').waitFor();
    await page.getByRole('cell', { name: 'CASHIER', exact: true }).click();
    await page.getByText('Nobody has it.').waitFor();
    await page.getByLabel('Name to show').fill('Cashier at the till');
    await press('Save');
    await page.getByText('CASHIER was updated.').waitFor();
    await page.getByRole('cell', { name: 'Cashier at the till' }).waitFor();
    const body = { ...person('tess'), roles: [{ value: 'cashier' }] };
    const user = await api.root('POST', `/accounts/${account}/users`, { body });
    assert.equal(user.status, 201, user.text);
    await page.reload();
    await page.getByRole('cell', { name: 'CASHIER', exact: true }).click();
    await page.getByText('1 user has it.').waitFor();
    await phone.see('role in use', 'en');
    await press('Delete');
    await page.getByText('1 user still has it.').waitFor();
    await phone.see('role refused', 'en');
    await page.getByRole('dialog').getByRole('link', { name: 'Show these users' }).click();
    await page.getByRole('cell', { name: 'tess@example.com' }).first().waitFor();
    assert.equal((await api.root('DELETE', `/accounts/${account}/users/${idOf(user)}`)).status, 204);
    await openPage(api, page, 'roles');
    await page.getByRole('cell', { name: 'CASHIER', exact: true }).click();
    await page.getByText('Nobody has it.').waitFor();
    await press('Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('CASHIER was deleted.').waitFor();
    await page.getByText('There are no roles yet.').waitFor();
    assert.deepEqual((await api.root('GET', `/accounts/${account}/roles`)).body.items, []);
    await phone.close();
  }, 90_000);

  test('a store with users is not removed, and the way leads to them', async () => {
    const account = await api.account();
    const body = { ...person('sam'), stores: [{ refId: '4711', name: 'Ghent', country: '32' }] };
    assert.equal((await api.root('POST', `/accounts/${account}/users`, { body })).status, 201);
    const phone = await signInToConsole(browser, api, { view: WIDE, account });
    const { page } = phone;
    await openPage(api, page, 'stores');
    await page.getByRole('cell', { name: '4711' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText(/used by one user/).waitFor();
    await page.getByRole('dialog').getByRole('link', { name: 'Show these users' }).click();
    await page.getByRole('cell', { name: 'sam@example.com' }).first().waitFor();
    await phone.close();
  }, 60_000);

  test('a role that may not change catalogues sees them, and nothing to change them with', async () => {
    const account = await api.account();
    await api.root('POST', `/accounts/${account}/org-units`, { body: { code: 'North' } });
    await api.root('POST', `/accounts/${account}/roles`, { body: { code: 'CASHIER' } });
    const as = await api.newAdministrator(account, 'orgUnitAssistant', { orgUnit: 'North' });
    const phone = await signInToConsole(browser, api, { view: WIDE, account, as });
    const { page } = phone;
    await openPage(api, page, 'roles');
    await page.getByRole('cell', { name: 'CASHIER', exact: true }).click();
    await page.getByRole('link', { name: 'Show these users' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Create' }).count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0);
    await phone.close();
  }, 60_000);
});
