// The merge of groups in a real browser: what would move, the steps, an interruption; wide and on a phone, in light and dark.

import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type AdminServer, idOf, person } from '../support/admin.ts';
import { settled } from '../support/chromium.ts';
import { consoleTests, LOOKS, WIDE } from '../support/console.ts';

const GROUPS = '/accounts/demo/groups';

let api: AdminServer;

const { suite, signedIn } = consoleTests('the merge of groups', {
  async prepare(started) {
    api = started;
    await made('Warehouse night', 'Shift');
  },
});
async function made(name: string, type = 'Department', members: string[] = []): Promise<string> {
  const answer = await api.root('POST', GROUPS, { body: { name, type, members } });
  assert.equal(answer.status, 201, answer.text);
  return idOf(answer);
}

let count = 0;
/** A group with two members and one that stays. */
async function pair(): Promise<{ from: string; into: string; number: number }> {
  count += 1;
  const users = ['a', 'b'].map((letter) =>
    api.root('POST', '/accounts/demo/users', { body: person(`merge-${count}-${letter}`) }),
  );
  const ids = (await Promise.all(users)).map(idOf);
  const [from, into] = [await made(`Sales ${count}`, 'Department', ids), await made(`Shop floor ${count}`)];
  const course = { title: 'Tills', link: 'https://learn.example/tills', groups: [from] };
  assert.equal((await api.root('POST', '/accounts/demo/courses', { body: course })).status, 201);
  return { from, into, number: count };
}

/** Opens the dialog of a group and chooses the group that stays. */
async function choose(page: Page, from: string, into: string): Promise<void> {
  await page.goto(`${api.server.origin}/console/#/groups/${from}/show`);
  await page.locator('[data-merge]').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').fill(into);
  await page.getByRole('option', { name: into, exact: true }).click();
  await dialog.locator('table').waitFor();
  await settled(page);
}

suite('the merge of groups', () => {
  for (const [name, locale, view] of LOOKS)
    test(`shows what would move, and moves it: ${name}`, async () => {
      const { from, into, number } = await pair();
      const phone = await signedIn(locale, view);
      await choose(phone.page, from, `Shop floor ${number}`);
      const counts = await phone.page.getByRole('dialog').locator('td').allInnerTexts();
      assert.deepEqual(counts, ['2', '1', '0']);
      await phone.see(`group merge ${name}`, locale.slice(0, 2));
      await phone.page.locator('[data-merge-submit]').click();
      await phone.page.waitForURL(new RegExp(`groups/${into}/show`));
      await phone.page.getByText('Ann Example').first().waitFor();
      assert.equal((await api.root('GET', `${GROUPS}/${from}`)).status, 404);
      assert.equal((await api.root('GET', `/accounts/demo/users?group=${into}`)).body.total, 2);
      await phone.close();
    }, 120_000);

  test('offers only groups of the same type', async () => {
    const { from, number } = await pair();
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await choose(page, from, `Shop floor ${number}`);
    await page.getByRole('combobox').fill('Warehouse');
    await page.getByText('There is no other group of this type.').waitFor();
    assert.equal(await page.getByRole('option').count(), 0);
    await phone.close();
  }, 120_000);

  test('an interruption is shown in the dialog, and the same button continues', async () => {
    const { from, into, number } = await pair();
    const phone = await signedIn('en-GB', WIDE);
    const { page } = phone;
    await choose(page, from, `Shop floor ${number}`);
    let sent = 0;
    await page.route('**/merge/*', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      sent += 1;
      const body = JSON.stringify({ moved: 1, done: false });
      const answers = [
        { status: 200, contentType: 'application/json', body },
        {
          status: 409,
          contentType: 'application/json',
          body: JSON.stringify({ detail: 'Somebody else changes the group.' }),
        },
      ];
      const answer = answers[sent - 1];
      return answer ? route.fulfill(answer) : route.continue();
    });
    await page.locator('[data-merge-submit]').click();
    const alert = page.getByRole('dialog').getByRole('alert').filter({ hasText: 'Somebody else' });
    await alert.waitFor();
    assert.match((await alert.textContent()) ?? '', /What moved stays moved/);
    await page.locator('[data-merge-submit]').click();
    await page.waitForURL(new RegExp(`groups/${into}/show`));
    assert.equal(sent, 3);
    await phone.close();
  }, 120_000);
});
