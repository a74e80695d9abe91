// The console with a real browser: an administrator's day, on a wide screen and on a phone, in light and dark.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from '@jest/globals';
import { type AdminServer, idOf, invitee, person, ROOT } from '../support/admin.ts';
import { documentOf, goodBlock } from '../support/batch.ts';
import { consoleTests, LOOKS, WIDE } from '../support/console.ts';
import { until } from '../support/until.ts';

const SCRIPT = '<img src=x onerror="window.broken=1">';

let api: AdminServer;
let folder: string;

const { suite, signedIn, openPhone, go } = consoleTests('the console', {
  settings: { DEMO_EXAMPLES: 'on' },
  async prepare(started) {
    api = started;
    folder = await mkdtemp(join(tmpdir(), 'mobietrain-console-'));
    const group = idOf(await api.root('POST', '/accounts/demo/groups', { body: { name: `Sellers ${SCRIPT}` } }));
    for (const attribute of [
      { name: 'badgeNumber', description: SCRIPT },
      { name: 'firstAider', type: 'boolean' },
    ])
      assert.equal((await api.root('POST', '/accounts/demo/attributes', { body: attribute })).status, 201);
    const user = person('zoe', { name: { givenName: 'Zoë', familyName: SCRIPT }, title: SCRIPT, groups: [group] });
    assert.equal((await api.root('POST', '/accounts/demo/users', { body: user })).status, 201);
    const invited = await api.root('POST', '/accounts/demo/invitations', { body: invitee('iris', group) });
    assert.equal(invited.status, 201, invited.text);
    assert.equal((await api.server.call('POST', '/Users', { schemas: [], externalId: 'refused-1' })).status, 400);
  },
});
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true, force: true });
});

const PAGES = [
  '',
  'users',
  'users/create',
  'timeline?search=zoe',
  'timeline?search=nobody-at-all',
  'invitations',
  'invitations/create',
  'groups',
  'stores',
  'org-units',
  'roles',
  'roles/create',
  'organizations',
  'enrollment-profiles',
  'courses',
  'imports',
  'connections',
  'events',
  'audit',
  'attributes',
  'mails',
  'attributes/create',
  'administrators',
  'settings',
];

suite('the console', () => {
  for (const [name, locale, view] of LOOKS)
    test(`every page: ${name}`, async () => {
      const phone = await openPhone(locale, view);
      const language = locale.slice(0, 2);
      await phone.page.goto(`${api.server.origin}/console/`);
      await phone.page.waitForSelector('input[name=username]');
      await phone.see(`console sign-in ${name}`, language);
      await phone.close();
      const signed = await signedIn(locale, view);
      for (const path of PAGES) {
        await go(signed.page, path);
        await signed.see(`console ${path || 'home'} ${name}`.replaceAll('/', '-'), language);
      }
      assert.equal(
        await signed.page.evaluate(() => (globalThis as { broken?: number }).broken),
        undefined,
        'a script in a name has run',
      );
      await signed.close();
    }, 180_000);

  test('a wrong password says so, and nothing else is shown', async () => {
    const phone = await openPhone('en-GB', WIDE);
    await phone.page.goto(`${api.server.origin}/console/#/users`);
    await phone.page.fill('input[name=username]', ROOT.email);
    await phone.page.fill('input[name=password]', 'not the password at all');
    await phone.page.click('button[type=submit]');
    await phone.page.waitForSelector('[role=alert]');
    assert.equal(await phone.page.locator('table').count(), 0);
    await phone.close();
  });

  test('a user is found, read, changed, blocked and unblocked', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await go(page, 'users');
    await page.fill('input[name=search]', 'zoe');
    await page.locator('tbody tr').first().filter({ hasText: 'zoe' }).click();
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByLabel('Company ID').fill('C-4711');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('C-4711').waitFor();
    await page.getByRole('button', { name: 'Block' }).click();
    await page.getByText('Blocked').waitFor();
    await page.getByRole('button', { name: 'Unblock' }).click();
    await page.getByText('Active', { exact: true }).waitFor();
    const { items } = (await api.root('GET', '/accounts/demo/users?search=zoe')).body;
    const [user] = items as { companyId: string; groups: unknown[]; status: string }[];
    assert.deepEqual([user?.companyId, user?.groups.length, user?.status], ['C-4711', 1, 'active']);
    await phone.close();
  }, 60_000);

  test('of two who change one user, the second sees what changed, and decides', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    const { items } = (await api.root('GET', '/accounts/demo/users?search=zoe')).body;
    const [{ id } = { id: '' }] = items as { id: string }[];
    const read = async () => (await api.root('GET', `/accounts/demo/users/${id}`)).body;
    const elsewhere = async (body: object) =>
      assert.equal((await api.root('PATCH', `/accounts/demo/users/${id}`, { body })).status, 200);
    const begin = async (number: string) => {
      await go(page, `users/${id}`);
      await page.getByLabel('Employee number').fill(number);
    };
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
    await begin('E-1');
    await elsewhere({ title: 'Changed elsewhere' });
    await press('Save');
    await page.getByRole('cell', { name: 'Changed elsewhere' }).waitFor();
    await phone.see('console conflict apart', 'en');
    await press('Save mine, too');
    await page.getByText('E-1', { exact: true }).waitFor();
    assert.deepEqual([(await read()).title, (await read()).employeeNumber], ['Changed elsewhere', 'E-1']);
    await begin('E-2');
    await elsewhere({ employeeNumber: 'E-3' });
    await press('Save');
    await page.getByRole('cell', { name: 'E-2' }).waitFor();
    await phone.see('console conflict', 'en');
    await press('Take theirs');
    await page.getByText('E-3', { exact: true }).waitFor();
    await begin('E-4');
    await elsewhere({ employeeNumber: 'E-5' });
    await press('Save');
    await press('Keep mine');
    await page.getByText('E-4', { exact: true }).waitFor();
    assert.equal((await read()).employeeNumber, 'E-4');
    await begin('E-6');
    await elsewhere({ title: 'Changed again' });
    await press('Save');
    await press('Back to the form');
    assert.equal(await page.getByLabel('Employee number').inputValue(), 'E-6');
    assert.equal((await read()).employeeNumber, 'E-4');
    await phone.close();
  }, 90_000);

  test('a session that ends while a form is filled in loses nothing', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await go(page, 'stores/create');
    await page.locator('input[name=refId]').fill('9-session');
    await page.locator('input[name=name]').fill('Ghent');
    await page.locator('input[name=country]').fill('32');
    await api.server.database.db.collection('sessions').deleteMany({});
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Sign in again').waitFor();
    await phone.see('console sign in again', 'en');
    await page.locator('input[name=password]').fill('not the password at all');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.locator('[role=dialog] [role=alert]').waitFor();
    await page.locator('input[name=password]').fill(ROOT.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Sign in again').waitFor({ state: 'detached' });
    const found = async () => (await api.root('GET', '/accounts/demo/stores?search=9-session')).body.items as unknown[];
    await until(found, ({ length }) => length > 0);
    await phone.close();
  }, 60_000);

  test('an attribute is added to the users, filled in for one, and removed again', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await go(page, 'attributes/create');
    await page.getByLabel('Name').fill('shoeSize');
    await page.getByLabel('Type').click();
    await page.getByRole('option', { name: 'integer' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(':2.0:User:shoeSize').waitFor();
    const { items } = (await api.root('GET', '/accounts/demo/users?search=zoe')).body;
    const [{ id } = { id: '' }] = items as { id: string }[];
    await go(page, `users/${id}`);
    await page.getByLabel('shoeSize').fill('39');
    await page.getByLabel('badgeNumber').fill('B-7');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('B-7').waitFor();
    const read = async () => (await api.root('GET', `/accounts/demo/users/${id}`)).body.customAttributes;
    assert.deepEqual(await read(), { badgeNumber: 'B-7', shoeSize: 39 });
    await go(page, 'attributes');
    await page.locator('tr', { hasText: 'shoeSize' }).getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The values of all users are removed, too').waitFor();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText(':2.0:User:shoeSize').waitFor({ state: 'detached' });
    assert.deepEqual(await read(), { badgeNumber: 'B-7' });
    await phone.close();
  }, 60_000);

  test('the timeline begins with the verdict', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await go(page, 'timeline?search=refused-1');
    await page.getByText(/Sent and refused on .*userName/).waitFor();
    await go(page, 'timeline?search=never-seen');
    await page.getByText('Never sent: no request or change is known').waitFor();
    await go(page, 'timeline?search=iris@example.com');
    await page.getByText('Invited, and not registered yet.').waitFor();
    const box = page.locator('input[name=search]');
    for (const text of ['never-one', 'never-two']) {
      await box.fill(text);
      await page.getByRole('button', { name: 'Search', exact: true }).click();
      await page.getByText(`${text} (demo):`).waitFor();
    }
    await page.goBack();
    await page.getByText('never-one (demo):').waitFor();
    assert.equal(await box.inputValue(), 'never-one');
    await page.goBack();
    await page.getByText('iris@example.com (demo):').waitFor();
    assert.equal(await box.inputValue(), 'iris@example.com');
    await phone.close();
  }, 60_000);

  test('a file is simulated, looked through and imported', async () => {
    const file = join(folder, 'people.csv');
    await writeFile(file, 'ExternalId;FirstName;LastName;Email\nC1;Cas;One;cas@example.com\nC2;;Two;not an address\n');
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await go(page, 'imports');
    await page.setInputFiles('input[type=file]', file);
    await page.getByRole('button', { name: 'Simulate' }).click();
    await page.getByText('2 / 2, 1 created, 0 updated, 0 unchanged, 1 refused').waitFor();
    await page
      .getByText(/Email: may contain/)
      .first()
      .waitFor();
    assert.deepEqual((await api.root('GET', '/accounts/demo/users?search=cas')).body.items, []);
    await page.getByRole('button', { name: 'Import this file' }).click();
    await page.getByText(/^Import: people.csv/).waitFor();
    await page.getByText('2 / 2, 1 created').waitFor();
    await page.reload();
    await page.getByText('2 / 2, 1 created').waitFor();
    const { items } = (await api.root('GET', '/accounts/demo/users?search=cas')).body;
    assert.equal((items as unknown[]).length, 1);
    await phone.close();
  }, 60_000);

  test('a batch is simulated and reviewed: each failed block with its code, its words and its XML', async () => {
    const file = join(folder, 'nightly.xml');
    await writeFile(file, documentOf(goodBlock('x-1'), goodBlock('x-2', { CountryCode: 'Atlantis' })));
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await go(page, 'imports');
    await page.setInputFiles('input[type=file]', file);
    await page.getByLabel('Fileset').fill('nightly');
    await page.getByRole('button', { name: 'Simulate' }).click();
    await page.getByText('INVALID_COUNTRY_CODE').first().waitFor();
    await page.getByText('The block as received').last().click();
    await page.getByText('Atlantis').first().waitFor();
    await phone.see('console batch review', 'en');
    assert.equal((await api.root('GET', '/accounts/demo/users?search=x-1')).body.total ?? 0, 0);
    await phone.close();
  }, 60_000);

  test('a mail is written, looked at and given back to the server', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await go(page, 'mails');
    await page.getByText('With example values').waitFor();
    await page.getByLabel('Subject').fill('Welcome to {account}');
    await page.getByLabel('Text', { exact: false }).last().fill('No link here');
    await page.getByRole('alert').filter({ hasText: 'url' }).waitFor();
    await page.getByLabel('Text', { exact: false }).last().fill(`Dear {name} ${SCRIPT}\n\n{url}`);
    await page.getByText('Welcome to Demo').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    const written = async () =>
      (await api.root('GET', '/accounts/demo/mail-templates')).body.items as { subject: string }[];
    await page.getByRole('button', { name: "Bring the server's mail back" }).waitFor();
    assert.deepEqual(
      (await written()).map(({ subject }) => subject),
      ['Welcome to {account}'],
    );
    await page.getByRole('button', { name: "Bring the server's mail back" }).click();
    await page.getByRole('button', { name: "Bring the server's mail back" }).waitFor({ state: 'detached' });
    assert.deepEqual(await written(), []);
    await phone.close();
  }, 60_000);

  test('a token and a set-up link are shown once', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await go(page, 'connections/create');
    await page.getByLabel(/Name/).fill('okta');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'New token' }).click();
    const token = await page.getByRole('textbox', { name: 'Copy the token now.' }).inputValue();
    assert.match(token, /^mbt_/);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Set-up link' }).click();
    const url = await page.getByRole('textbox', { name: 'Send this address' }).inputValue();
    assert.equal((await api.server.raw(url)).status, 200);
    await page.reload();
    await page.getByRole('button', { name: 'New token' }).waitFor();
    assert.equal((await page.content()).includes(token), false);
    await phone.close();
  }, 60_000);

  test('a connection is made and edited with all of its settings', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    const stored = async () =>
      ((await api.root('GET', '/accounts/demo/connections')).body.items as Record<string, unknown>[]).find(
        ({ name }) => name === 'Shops and people',
      );
    await go(page, 'connections/create');
    await page.getByLabel(/Name/).fill('Shops and people');
    await page.getByLabel('Unknown attributes').click();
    await page.getByRole('option', { name: 'Ignore, with a note in the request' }).click();
    await page.getByLabel('Writes stores and org units').check();
    await phone.see('connection create', 'en');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Edit' }).waitFor();
    const { kind, unknownAttributes, writesStoresAndUnits } = (await stored()) ?? {};
    assert.deepEqual([kind, unknownAttributes, writesStoresAndUnits], ['other', 'ignore', true]);
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByLabel('Kind').click();
    await page.getByRole('option', { name: 'entra' }).click();
    await page.getByLabel('Unknown attributes').click();
    await page.getByRole('option', { name: 'Refuse (400)' }).click();
    await page.getByLabel('Writes stores and org units').uncheck();
    await phone.see('connection edit', 'en');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Edit' }).waitFor();
    const changed = (await stored()) ?? {};
    assert.deepEqual(
      [changed.kind, changed.unknownAttributes, changed.writesStoresAndUnits],
      ['entra', 'refuse', false],
    );
    await phone.close();
  }, 60_000);

  test('a role sees what it may, and no more', async () => {
    const assistant = await api.newAdministrator('demo', 'orgUnitAssistant', { orgUnit: 'Example' });
    const phone = await openPhone('en-GB', WIDE);
    await phone.page.goto(`${api.server.origin}/console/`);
    await phone.page.fill('input[name=username]', assistant.email);
    await phone.page.fill('input[name=password]', assistant.password);
    await phone.page.click('button[type=submit]');
    await phone.page.getByRole('menuitem', { name: 'Users' }).waitFor();
    for (const hidden of ['Connections', 'Settings', 'Administrators', 'Requests', 'Imports'])
      assert.equal(await phone.page.getByRole('menuitem', { name: hidden }).count(), 0, hidden);
    await phone.close();
  }, 60_000);
});

suite('the files of the console', () => {
  test('are kept for good, compressed, and few: at most 300 KB for the first page', async () => {
    const page = await api.server.raw(`${api.server.origin}/console/`);
    const files = [...page.text.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(([, file]) => String(file));
    let bytes = 0;
    for (const file of files) {
      const answer = await fetch(api.server.origin + file, { headers: { 'Accept-Encoding': 'br' } });
      assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable');
      assert.equal(answer.headers.get('content-encoding'), 'br');
      bytes += Number(answer.headers.get('content-length'));
    }
    assert.ok(files.length > 1 && bytes < 300_000, `${files.length} files, ${bytes} bytes`);
    assert.equal((await api.server.raw(`${api.server.origin}/console/assets/../../package.json`)).status, 404);
    assert.equal((await api.server.raw(`${api.server.origin}/console/`, { method: 'POST' })).status, 405);
  });
});
