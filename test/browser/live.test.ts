// The requests of a connection as they come in, with a real browser: what comes, what waits, what is filtered, and how it ends; and
// the workbench, which sends some.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type AdminServer, idOf } from '../support/admin.ts';
import { type Phone, settled } from '../support/chromium.ts';
import { consoleTests, LOOKS, WIDE } from '../support/console.ts';
import { type Call, createClient } from '../support/http-client.ts';
import { type LiveStream, openStream } from '../support/live-stream.ts';
import { userNamed } from '../support/scim.ts';

/** Not `execFileSync`, which would hold up the server, too. */
const run = promisify(execFile);

let api: AdminServer;
let account: string;

const { suite, signedIn: signIn } = consoleTests('live requests', {
  async prepare(started) {
    api = started;
    account = await api.account();
  },
});
interface Watcher {
  phone: Phone;
  page: Page;
  /** The path of the administrator. */
  path: string;
  id: string;
  email: string;
  password: string;
}

/** A new administrator, signed in. */
async function signedIn(locale = 'en-GB', view: object = WIDE): Promise<Watcher> {
  const made = await api.newAdministrator(account, 'customerAdministrator');
  const phone = await signIn(locale, view, made);
  return { phone, page: phone.page, ...made };
}

/** A connection for tests. */
async function sandbox(name: string): Promise<string> {
  return idOf(await api.root('POST', `/accounts/${account}/connections`, { body: { name, sandbox: true } }));
}

/** A connection with a client. */
async function connection(name: string): Promise<{ id: string; call: Call }> {
  const id = idOf(await api.root('POST', `/accounts/${account}/connections`, { body: { name } }));
  const made = await api.root('POST', `/accounts/${account}/connections/${id}/credentials`, { body: {} });
  return { id, call: createClient(api.server.base, String(made.body.token)).call };
}

const watch = (page: Page, id: string) => page.goto(`${api.server.origin}/console/#/connections/${id}/show/live`);
const rows = (page: Page, text: string | RegExp) => page.locator('.MuiAccordion-root').filter({ hasText: text });

suite('live requests', () => {
  for (const [name, locale, view] of LOOKS)
    test(`the list grows, and can be used: ${name}`, async () => {
      const { id, call } = await connection(`live ${name}`);
      const { phone, page } = await signedIn(locale, view);
      await watch(page, id);
      assert.equal((await call('POST', '/Users', { body: userNamed(name.replace(/\W+/g, '-')) })).status, 201);
      assert.equal((await call('GET', '/NoSuchType')).status, 404);
      await rows(page, 'POST /Users').first().waitFor();
      await rows(page, '404').first().waitFor();
      await rows(page, 'POST /Users').locator('.MuiAccordionSummary-root').click();
      await rows(page, 'POST /Users').locator('pre').first().waitFor();
      await settled(page);
      await phone.see(`console live ${name}`, locale.slice(0, 2));
      await phone.close();
    }, 120_000);

  test('what comes while it is stopped waits, a filter empties the list, and the text is for the customer', async () => {
    const { id, call } = await connection('paused');
    const { phone, page } = await signedIn();
    await phone.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await watch(page, id);
    await page.getByText('Requests appear here').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    const secret = 'Br0wser-Pa55word';
    assert.equal((await call('POST', '/Users', { body: userNamed('copied', { password: secret }) })).status, 201);
    assert.equal((await call('GET', '/NoSuchType')).status, 404);
    await page.getByRole('button', { name: 'Continue (2 wait)' }).waitFor();
    assert.equal(await rows(page, /./).count(), 0);
    await page.getByRole('button', { name: 'Continue' }).click();
    await rows(page, 'POST /Users').locator('.MuiAccordionSummary-root').click();
    await page.getByRole('button', { name: 'Copy for the customer' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    assert.match(String(copied), /create a user \(POST \/scim\/v2\/Users\)[\s\S]+Answer: 201[\s\S]+"copied"/);
    assert.ok(!String(copied).includes(secret) && !(await page.content()).includes(secret));
    await page.getByRole('combobox', { name: 'Outcome' }).click();
    await page.getByRole('option', { name: 'Refused' }).click();
    await rows(page, '404').first().waitFor();
    assert.equal(await rows(page, 'POST /Users').count(), 0);
    await phone.close();
  }, 120_000);

  test('a screen reader hears how many have come, not each of them', async () => {
    const { id, call } = await connection('spoken');
    const { phone, page } = await signedIn();
    await watch(page, id);
    await page.getByText('Requests appear here').waitFor();
    for (let times = 0; times < 3; times += 1) await call('GET', '/Users?count=0');
    await page.getByRole('status').filter({ hasText: '3 new requests' }).waitFor({ state: 'attached' });
    await phone.close();
  }, 120_000);

  test('it says why it waits and connects again; after the end of the session it does not', async () => {
    const { id, call } = await connection('again');
    const { phone, page, path, email, password } = await signedIn();
    const other = await api.browser({ email, password });
    const token = String((await other('POST', '/session/tokens', { body: { name: 'streams' } })).body.token);
    const streams: LiveStream[] = [];
    for (let count = 0; count < 4; count += 1) {
      const url = `${api.base}/accounts/${account}/connections/${id}/stream`;
      streams.push(await openStream(url, { Authorization: `Bearer ${token}` }));
    }
    await watch(page, id);
    await page.getByText('Too many live streams').waitFor();
    for (const each of streams) each.close();
    await page.getByText('Requests appear here').waitFor();
    await call('GET', '/Users/nobody');
    await rows(page, '404').first().waitFor();
    assert.equal((await api.root('DELETE', `${path}/sessions`)).status, 200);
    await page.getByText('Your session has ended').waitFor();
    await phone.close();
  }, 120_000);
});

const SEND = { 'en-GB': 'Send', 'de-DE': 'Senden', 'nl-BE': 'Verzenden', 'fr-BE': 'Envoyer' };
const openBench = (page: Page, id: string) =>
  page.goto(`${api.server.origin}/console/#/connections/${id}/show/workbench`);
const answer = (page: Page) => page.getByRole('region', { name: 'Answer' });

async function choose(page: Page, template: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Begin with' }).click();
  await page.getByRole('option', { name: template }).click();
}

suite('the workbench', () => {
  for (const [name, locale, view] of LOOKS)
    test(`a request is sent, and seen: ${name}`, async () => {
      const id = await sandbox(`bench ${name}`);
      const { phone, page } = await signedIn(locale, view);
      await openBench(page, id);
      await page.getByRole('button', { name: SEND[locale] }).click();
      await page.locator('section .MuiAccordion-root').filter({ hasText: 'GET /Users' }).waitFor();
      await settled(page);
      await phone.see(`console workbench ${name}`, locale.slice(0, 2));
      await phone.close();
    }, 120_000);

  test('a user is created, found in the record, deactivated and deleted, and exported as curl', async () => {
    const id = await sandbox('with curl');
    const { phone, page } = await signedIn();
    const tokens: string[] = [];
    page.on('request', (request) => {
      const [, token] = /^Bearer (.+)$/.exec(request.headers().authorization ?? '') ?? [];
      if (token !== undefined) tokens.push(token);
    });
    await phone.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await openBench(page, id);
    await choose(page, 'Create a user');
    await page.getByRole('button', { name: 'Send' }).click();
    await answer(page).getByText('201', { exact: true }).first().waitFor();
    await answer(page).locator('.MuiAccordion-root').filter({ hasText: 'POST /Users' }).waitFor();
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await page.getByText('Set TOKEN to a token of the connection').waitFor();
    const curl = String(await page.evaluate('navigator.clipboard.readText()'));
    await choose(page, 'Deactivate a user');
    await page.getByRole('button', { name: 'Send' }).click();
    await answer(page).getByText('"active": false').first().waitFor();
    await choose(page, 'Delete a user');
    await page.getByRole('button', { name: 'Send' }).click();
    await answer(page).getByText('204', { exact: true }).first().waitFor();
    await page
      .getByRole('navigation', { name: 'Sent since this page was loaded' })
      .getByText('201 POST /Users')
      .click();
    await answer(page).getByText('201', { exact: true }).first().waitFor();
    assert.ok(tokens.length === 3 && new Set(tokens).size === 1, 'one token for all of them');
    const [token = ''] = tokens;
    assert.ok(!(await page.content()).includes(token) && !curl.includes(token));
    assert.ok(
      !((await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')) as string).includes(token),
    );

    const made = await api.root('POST', `/accounts/${account}/connections/${id}/credentials`, { body: {} });
    const env = { ...process.env, TOKEN: String(made.body.token) };
    const { stdout: printed } = await run('sh', ['-c', `${curl} --silent --max-time 60`], { env });
    assert.equal(JSON.parse(printed).userName, 'test.person@example.com', printed);
    await phone.close();
  }, 120_000);

  test('what is wrong is said before it is sent, and no path leads out of SCIM', async () => {
    const id = await sandbox('strict');
    const { phone, page } = await signedIn();
    await openBench(page, id);
    const send = page.getByRole('button', { name: 'Send' });
    const path = page.getByRole('textbox', { name: 'Path' });
    for (const wrong of [
      'Users',
      '/../../api/v1/session',
      '/%2e%2e/%2E%2e/api/v1/session',
      '/Users#x',
      '//../../api/v1/session',
    ]) {
      await path.fill(wrong);
      await page.getByText('Must begin with / and stay below /scim/v2.').waitFor();
      assert.equal(await send.isDisabled(), true, wrong);
    }
    await path.fill('/Users');
    const headers = page.getByRole('textbox', { name: 'Headers' });
    for (const wrong of ['no header', 'Authorization: Bearer x', 'Cookie: a=b']) {
      await headers.fill(wrong);
      await page.getByText(`Not a header that can be set: ${wrong}`).waitFor();
      assert.equal(await send.isDisabled(), true, wrong);
    }
    await headers.fill('If-None-Match: W/"1"');
    await choose(page, 'Create a user');
    await page.getByRole('textbox', { name: 'Body' }).fill('{"a": }');
    await page.getByText('Not JSON:').waitFor();
    assert.equal(await send.isDisabled(), true);
    await phone.close();
  }, 120_000);

  test('the connection of a client has none; one for tests is made in its place', async () => {
    const { id } = await connection('of a client');
    const { phone, page } = await signedIn();
    await openBench(page, id);
    await page.getByText('This connection belongs to a client.').waitFor();
    await page.getByRole('link', { name: 'Create a connection for tests' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('tab', { name: 'Workbench' }).click();
    await page.getByText('as the connection “Workbench”').waitFor();
    await phone.close();
  }, 120_000);
});
