// The timeline as a support person uses it: the verdict with cause and fix, the section about it, and texts for mails to customers.

import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type AdminServer, type Api, idOf, invitee, person } from '../support/admin.ts';
import { documentOf, goodBlock } from '../support/batch.ts';
import { type Phone, settled } from '../support/chromium.ts';
import { consoleTests, LOOKS, openPage, signInToConsole, WIDE } from '../support/console.ts';
import { MOBIETRAIN_USER, USER } from '../support/scim.ts';
import { runEnded, until } from '../support/until.ts';

let browser: Browser;
let api: AdminServer;
let slug: string;
let send: Api;
let token: string;
const at = (path: string) => `/accounts/${slug}${path}`;
const scim = (method: string, path: string, body?: unknown) =>
  api.server.call(method, path, body, { Authorization: `Bearer ${token}` });

const { suite } = consoleTests('the timeline', {
  async prepare(...started) {
    [api, browser] = started;
    slug = await api.account({ requiredData: 'report' });
    send = await api.administrator(slug, 'customerAdministrator');
    await api.root('POST', at('/connections'), { body: { name: 'Okta, new' } });
    const connection = idOf(await api.root('POST', at('/connections'), { body: { name: 'Entra of Shops' } }));
    token = String((await api.root('POST', at(`/connections/${connection}/credentials`), { body: {} })).body.token);
    await refusedPerson();
    await changedPerson();
    await peopleOfFiles();
    const group = idOf(await send('POST', at('/groups'), { body: { name: 'Guests' } }));
    assert.equal((await send('POST', at('/invitations'), { body: invitee('iris', group) })).status, 201);
    const lacking = { schemas: [USER], userName: 'lacking', externalId: 'lacking-1', name: { familyName: 'Lacking' } };
    assert.equal((await scim('POST', '/Users', lacking)).status, 201);
    await until(
      () => items('/history?search=lacking'),
      ({ length }) => length >= 2,
    );
  },
});

const items = async (path: string) => (await send('GET', at(path))).body.items as Record<string, unknown>[];

/** Sent by SCIM with e-mails of another type. */
async function refusedPerson(): Promise<void> {
  const body = {
    schemas: [USER, MOBIETRAIN_USER],
    userName: 'rita@example.com',
    externalId: 'rita-1',
    name: { givenName: 'Rita', familyName: 'Refused' },
    emails: 7,
  };
  assert.equal((await scim('POST', '/Users', body)).status, 400);
}

/** Gets a store and a group, which is deleted afterwards. */
async function changedPerson(): Promise<void> {
  const group = idOf(await send('POST', at('/groups'), { body: { name: 'Short-lived' } }));
  const id = idOf(await send('POST', at('/users'), { body: person('carl', { externalId: 'carl-1' }) }));
  const body = { groups: [group], stores: [{ refId: '4711', name: 'Ghent North', country: '32' }] };
  assert.equal((await send('PATCH', at(`/users/${id}`), { body })).status, 200);
  assert.equal((await send('DELETE', at(`/groups/${group}`))).status, 204);
}

/** A row that is accepted and one that is refused, and a block that fails. */
async function peopleOfFiles(): Promise<void> {
  const csv = `Uid;FirstName;LastName;Email;Title\r\nrow-1;Ro;One;row1@example.com;\r\nrow-2;Ro;Two;row2@example.com;${'x'.repeat(60)}\r\n`;
  const body = documentOf(goodBlock('block', { CountryCode: 'XX' }));
  const runs = [
    await send('POST', at('/imports/csv?fileName=people.csv'), { body: csv, headers: { 'Content-Type': 'text/csv' } }),
    await send('POST', at('/imports/xml?fileName=night.xml'), { body, headers: { 'Content-Type': 'application/xml' } }),
  ];
  for (const run of runs) await runEnded(send, at('/imports'), run);
}

/** Signs in where the clock is that of Brussels, with the clipboard. */
async function signedIn(locale: string, view = {}): Promise<Phone> {
  const options = { locale, view: { ...view, timezoneId: 'Europe/Brussels' }, account: slug };
  const phone = await signInToConsole(browser, api, options);
  await phone.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  return phone;
}

const go = (page: Page, path: string) => openPage(api, page, path);
const find = (page: Page, text: string) => go(page, `timeline?search=${encodeURIComponent(text)}`);
const verdict = (page: Page) => page.locator('.RaLayout-content .MuiAlert-message');

/** Presses the button of the verdict, or of an open line. */
async function copied(page: Page, place: ReturnType<Page['locator']>): Promise<string> {
  await place.getByRole('button', { name: /Copy for|Kopi|Copier|Kopie/ }).click();
  return String(await page.evaluate('navigator.clipboard.readText()'));
}

async function openLine(page: Page, words: RegExp): Promise<ReturnType<Page['locator']>> {
  const line = page.locator('.MuiAccordion-root').filter({ hasText: words }).first();
  await line.locator('.MuiAccordionSummary-root').click();
  const details = line.locator('.MuiAccordionDetails-root');
  await details.waitFor();
  await settled(page);
  return details;
}

const ZONE = /\d{1,2} \w+ \d{4}.*\d\d:\d\d:\d\d.*GMT\+0[12]:00 \(Europe\/Brussels\)/;

suite('the timeline', () => {
  test('of a person who was refused: verdict, cause, fix, the section about it, and the mail to the customer', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await find(page, 'rita-1');
    const said = String(await verdict(page).textContent());
    assert.match(said, /Sent and refused on .*emails[\s\S]*Cause:[\s\S]*What to do:[\s\S]*Read more/);
    const mail = await copied(page, verdict(page));
    const order = [
      'A request was refused',
      'When: ',
      'Who: rita-1',
      'Through: Entra of Shops',
      'What was sent: create a user (POST /scim/v2/Users)',
      'Request id: ',
      'What was wrong:\n- emails',
      'Cause: ',
      'What to do: ',
      `Read more: ${api.server.origin}/docs/troubleshooting#`,
      'The request, without secrets:\n{',
      'The answer, without secrets:\n{',
    ].map((part) => mail.indexOf(part));
    assert.ok(!order.includes(-1), mail);
    assert.deepEqual(
      order,
      [...order].sort((one, other) => one - other),
      mail,
    );
    assert.match(mail, ZONE);
    const opening = phone.context.waitForEvent('page');
    await verdict(page)
      .getByRole('link', { name: /Read more/ })
      .click();
    const section = await opening;
    await section.waitForLoadState();
    const [, anchor = ''] = section.url().split('#');
    assert.equal(section.url(), `${api.server.origin}/docs/troubleshooting#${anchor}`);
    assert.ok(await section.locator(`[id="${anchor}"]`).isVisible());
    await phone.close();
  }, 60_000);

  test('of a person who was never sent: the period, what to check in which product, and the mail', async () => {
    const phone = await signedIn('nl-BE', WIDE);
    const { page } = phone;
    await find(page, 'nobody@example.com');
    const said = String(await verdict(page).textContent());
    assert.match(said, /Nooit gestuurd[\s\S]*Periode: [\s\S]*na te kijken in Entra ID[\s\S]*na te kijken in Okta/);
    const mail = await copied(page, verdict(page));
    assert.match(mail, /^nobody@example\.com werd nooit gestuurd\n\nGezocht naar: nobody@example\.com/);
    assert.match(mail, /- Okta, new: nog geen aanroep/);
    assert.match(mail, /- Entra of Shops: laatste aanroep \d/);
    assert.match(mail, /Entra ID:\n1\. Enterprise applications[\s\S]*Okta:\n1\. Applications/);
    assert.match(mail, ZONE);
    await phone.close();
  }, 60_000);

  test('of a person who was never sent: that calls with a revoked token came, which may have been about anybody', async () => {
    const old = idOf(await api.root('POST', at('/connections'), { body: { name: 'Old Entra' } }));
    const made = await api.root('POST', at(`/connections/${old}/credentials`), { body: {} });
    const revoked = String(made.body.token);
    const credentials = await items('/credentials');
    const one = credentials.find(({ connection }) => JSON.stringify(connection).includes(old));
    assert.ok((await api.root('DELETE', at(`/credentials/${String(one?.id)}`))).status < 300);
    const headers = { Authorization: `Bearer ${revoked}` };
    const body = { schemas: [USER], userName: 'tom@example.com' };
    await until(
      () => api.server.call('POST', '/Users', body, headers),
      ({ status }) => status === 401,
    );
    await until(
      () => items('/events?failed=true&door=scim'),
      (events) => events.some(({ status }) => status === 401),
    );
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await find(page, 'tom@example.org');
    const said = /a call with a token that is not accepted came through Old Entra\. Such a call does not say whom/;
    assert.match(String(await verdict(page).textContent()), said);
    assert.match(await copied(page, verdict(page)), said);
    await phone.close();
  }, 60_000);

  test('of a changed person: names instead of ids, also of what is gone, and the mail', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await find(page, 'carl-1');
    const details = await openLine(page, /changed: .*Stores/);
    const shown = String(await details.textContent());
    assert.match(shown, /Stores \(mobietrain\.stores\): – → Ghent North \(4711\)/);
    assert.match(shown, /User groups \(mobietrain\.userGroups\): – → [0-9a-f-]{36} \(no longer there\)/);
    const mail = await copied(page, details);
    assert.match(mail, /^A change was made\n\nWhen: [\s\S]*Who: .*\(carl.*\)[\s\S]*What changed: User changed/);
    assert.match(mail, /→ Ghent North \(4711\)/);
    await phone.close();
  }, 60_000);

  test('of people in files: the row and the block, with a link to the row, and the mail', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await find(page, 'row2@example.com');
    const mail = await copied(page, verdict(page));
    assert.match(
      mail,
      /^A row of a file was refused[\s\S]*What was sent: row 2 of the file people\.csv, line 3[\s\S]*Title/,
    );
    const row = await openLine(page, /Row \d of a file/);
    await row.getByRole('link', { name: 'Open this row' }).click();
    await page.getByText(/Line 3: /).waitFor();
    assert.equal(await page.getByText(/Line 2: /).count(), 0);
    await find(page, 'block@example.com');
    const block = await copied(page, verdict(page));
    assert.match(block, /^A block of an XML file was refused[\s\S]*night\.xml[\s\S]*The block as received:\n<User/);
    await find(page, 'row1@example.com');
    const accepted = await openLine(page, /Row \d of a file/);
    assert.match(
      await copied(page, accepted),
      /^A row of a file was accepted[\s\S]*row 1 of the file people\.csv, line 2/,
    );
    await phone.close();
  }, 60_000);

  test('of people who are here and cannot sign in: what is missing in words, and what to do after an invitation', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await find(page, 'lacking');
    const said = String(await verdict(page).textContent());
    assert.match(
      said,
      /First name \(name\.givenName\), E-mail \/ Phone \(emails\)[\s\S]*What to do: Fill it in at the source/,
    );
    await find(page, 'iris@example.com');
    const invited = String(await verdict(page).textContent());
    assert.match(invited, /Invited, and not registered yet\. Invited on .* works until .*What to do: Ask the person/s);
    assert.match(await copied(page, verdict(page)), /^Who: iris@example\.com[\s\S]*What to do: Ask the person/);
    await phone.close();
  }, 60_000);

  test('of a user whom the client deactivated, and one who was blocked: since when, and by whom', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    const [found] = await items('/users?search=row1');
    const path = at(`/users/${String(found?.id)}`);
    const changes = async () =>
      (await items('/history?search=row1@example.com')).filter((entry) => 'change' in entry).length;
    for (const [action, said] of [
      ['deactivate', /The user is inactive\. Since .*, by root@/],
      ['activate', /: Accepted/],
      ['block', /the user is blocked\. Since .*, by root@/],
    ] as const) {
      const before = await changes();
      assert.ok((await api.root('POST', `${path}/${action}`)).status < 300);
      await until(changes, (found) => found > before);
      await find(page, 'row1@example.com');
      // The same search once more shows what came meanwhile.
      await page.getByRole('button', { name: 'Search', exact: true }).click();
      await page
        .getByText(said)
        .first()
        .waitFor({ timeout: 10_000 })
        .catch(() => undefined);
      assert.match(String(await verdict(page).textContent()), said);
    }
    assert.ok((await api.root('POST', `${path}/unblock`)).status < 300);
    await phone.close();
  }, 60_000);

  test('who put what has its time, and a link to the row', async () => {
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    const [found] = await items('/users?search=row1');
    await go(page, `users/${String(found?.id)}/show/sources`);
    const line = page
      .getByText(/^Last name|^name: |^Name/)
      .or(page.getByText(/^E-mail \(emails\)/))
      .first();
    await line.getByRole('link', { name: /^since \d/ }).click();
    await page.getByText(/Line 2: /).waitFor();
    await phone.close();
  }, 60_000);

  for (const [name, locale, view] of LOOKS)
    test(`looks well: ${name}`, async () => {
      const phone = await signedIn(locale, view);
      const { page } = phone;
      const language = locale.slice(0, 2);
      for (const [what, text, line] of [
        ['refused', 'rita-1', /POST/],
        ['never', 'nobody@example.com', undefined],
        ['changed', 'carl-1', /4711|carl/],
        ['row', 'row2@example.com', /csv/],
        ['invited', 'iris@example.com', undefined],
        ['missing', 'lacking', undefined],
      ] as const) {
        await find(page, text);
        if (line) await openLine(page, line);
        await phone.see(`timeline ${what} ${name}`, language);
      }
      const [found] = await items('/users?search=row1');
      await go(page, `users/${String(found?.id)}/show/sources`);
      await phone.see(`timeline sources ${name}`, language);
      await go(page, '');
      await phone.see(`timeline home ${name}`, language);
      await page.goto(`${api.server.origin}/docs/troubleshooting${language === 'en' ? '' : `/${language}`}#uniqueness`);
      await phone.see(`timeline troubleshooting ${name}`, language);
      await phone.close();
    }, 120_000);
});
