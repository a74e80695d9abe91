// People in the console, in a real browser: erased after a look at what goes, invited with the mail in view, and mails as they look.

import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { type AdminServer, idOf, invitee, person } from '../support/admin.ts';
import { consoleTests, LOOKS, openPage, signInToConsole, WIDE } from '../support/console.ts';

let browser: Browser;
let api: AdminServer;

const { suite } = consoleTests('people', {
  settings: { MAIL_PREVIEW: 'on' },
  async prepare(...started) {
    [api, browser] = started;
  },
});

let count = 0;
async function newUser(): Promise<{ id: string; userName: string }> {
  count += 1;
  const body = person(`erin-${count}`);
  const made = await api.root('POST', '/accounts/demo/users', { body });
  assert.equal(made.status, 201, made.text);
  return { id: idOf(made), userName: String(made.body.userName) };
}

async function newGroup(): Promise<string> {
  count += 1;
  return idOf(await api.root('POST', '/accounts/demo/groups', { body: { name: `Group ${count}` } }));
}

suite('an erasure', () => {
  test.each(LOOKS)(
    'says what goes, and asks for the login name: %s',
    async (name, locale, view) => {
      const { id, userName } = await newUser();
      const phone = await signInToConsole(browser, api, { locale, view });
      const { page } = phone;
      await openPage(api, page, `users/${id}/show`);
      await page.getByRole('button', { name: /^(Erase|Wissen|Effacer|Löschen \(DSGVO\))$/ }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('row').nth(8).waitFor();
      const text = await phone.see(`erase ${name}`, locale.slice(0, 2));
      assert.ok(text.includes(userName));
      const submit = dialog.locator('button[type=submit]');
      assert.equal(await submit.isDisabled(), true);
      await dialog.getByRole('textbox').fill(userName.slice(0, -1));
      assert.equal(await submit.isDisabled(), true);
      await dialog.getByRole('textbox').fill(userName);
      // The answer is held back, so that the progress can be seen.
      let goOn = () => {};
      const held = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      await page.route('**/erase', async (route) => {
        await held;
        await route.continue();
      });
      await submit.click();
      await dialog.getByRole('progressbar').waitFor();
      await dialog.getByRole('status').waitFor();
      await phone.see(`erasing ${name}`, locale.slice(0, 2));
      goOn();
      await dialog.getByRole('heading', { name: 'Ann Example' }).waitFor();
      await dialog.getByRole('row').nth(6).waitFor();
      await phone.see(`erased ${name}`, locale.slice(0, 2));
      await dialog.getByRole('button').click();
      await dialog.waitFor({ state: 'detached' });
      assert.equal((await api.root('GET', `/accounts/demo/users/${id}`)).status, 404);
      await phone.close();
    },
    120_000,
  );
});

suite('an invitation', () => {
  test.each(LOOKS)(
    'shows the mail before it is sent: %s',
    async (name, locale, view) => {
      const phone = await signInToConsole(browser, api, { locale, view });
      const { page } = phone;
      await openPage(api, page, 'invitations/create');
      await page.locator('input[name="name.givenName"]').fill('Ada');
      const frame = page.frameLocator('iframe');
      await frame.getByText('Ada').first().waitFor();
      const color = await frame
        .locator('a')
        .first()
        .evaluate((link) => link.ownerDocument.defaultView?.getComputedStyle(link).backgroundColor);
      assert.equal(color, 'rgb(31, 79, 163)', 'the button looks as in the mail');
      assert.equal(await page.locator('iframe').getAttribute('sandbox'), '');
      await phone.see(`invite ${name}`, locale.slice(0, 2));
      await phone.close();
    },
    120_000,
  );

  test('is shown in the chosen language and with the text of the account, as a text message without an address', async () => {
    const body = { subject: 'Dag {name}!', text: 'Kom erbij voor {lastDay}.\n\n{url}' };
    const template = '/accounts/demo/mail-templates/invite/nl';
    assert.equal((await api.root('PUT', template, { body })).status, 200);
    const phone = await signInToConsole(browser, api, { view: WIDE });
    const { page } = phone;
    await openPage(api, page, 'invitations/create');
    await page.locator('input[name="name.givenName"]').fill('Ada');
    await page.getByLabel('Language of the mail').click();
    await page.getByRole('option', { name: 'nl' }).click();
    await page.getByText('Dag Ada!').waitFor();
    await page.frameLocator('iframe').getByText('Kom erbij voor').waitFor();
    await page.locator('input[name=phone]').fill('+32470123456');
    await page.getByText('The text message that this person gets').waitFor();
    await page.locator('iframe').waitFor({ state: 'detached' });
    await page.locator('input[name=address]').fill('ada@example.com');
    await page.locator('iframe').waitFor();
    assert.equal((await api.root('DELETE', template)).status, 204);
    await phone.close();
  }, 60_000);
});

suite('a list of invitations', () => {
  test.each(LOOKS)(
    'is used with a thumb: %s',
    async (name, locale, view) => {
      const group = await newGroup();
      const made = await api.root('POST', '/accounts/demo/invitations', { body: invitee(`thumb-${count}`, group) });
      assert.equal(made.status, 201, made.text);
      const phone = await signInToConsole(browser, api, { locale, view });
      const { page } = phone;
      await openPage(api, page, 'invitations');
      await phone.see(`invitations ${name}`, locale.slice(0, 2));
      const resend = page
        .locator('button:not([disabled])', { hasText: /^(Send again|Opnieuw sturen|Renvoyer|Erneut senden)$/ })
        .first();
      const box = await resend.boundingBox();
      if (name.startsWith('a phone')) assert.ok((box?.height ?? 0) >= 44 && (box?.x ?? 400) < 390, JSON.stringify(box));
      await resend.click();
      await page.locator('[role=alert], .MuiSnackbar-root').first().waitFor();
      await phone.close();
    },
    90_000,
  );
});

suite('a mail that is only shown', () => {
  test.each(LOOKS)(
    'is read as it looks, with its text: %s',
    async (name, locale, view) => {
      const group = await newGroup();
      const made = await api.root('POST', '/accounts/demo/invitations', { body: invitee(`kept-${count}`, group) });
      assert.equal(made.status, 201, made.text);
      const phone = await signInToConsole(browser, api, { locale, view });
      const { page } = phone;
      await openPage(api, page, 'mails');
      await page.locator('#main-content').getByRole('combobox').first().click();
      await page.getByRole('option').nth(2).click();
      await page
        .getByRole('button', { name: /^(Show|Tonen|Afficher|Anzeigen)$/ })
        .first()
        .click();
      const dialog = page.getByRole('dialog');
      await dialog.locator('iframe').waitFor();
      await page.waitForTimeout(400);
      await phone.see(`kept mail ${name}`, locale.slice(0, 2));
      const link = page.frameLocator('[role=dialog] iframe').locator('a').first();
      assert.match((await link.getAttribute('href')) ?? '', /login\/register/);
      await phone.close();
    },
    90_000,
  );
});
