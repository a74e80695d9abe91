// What the pages of a registration and of a new password refuse: the page says what to do, nothing is changed, and a link that was not
// used still works.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { collectionsOf } from '../../src/mongo/collections.ts';
import { type Api, idOf, invitee } from '../support/admin.ts';
import type { Browser, BrowserPage } from '../support/browser.ts';
import { createBrowser, type LearnerServer, openLearnerServer, PASSWORD } from '../support/learners.ts';

const NEW_PASSWORD = 'nine quiet kettles of snow';
const WRONG_PASSWORDS: [what: string, password: string, words: RegExp][] = [
  ['no password', '', /at least 12 characters/],
  ['a short password', 'short', /at least 12 characters/],
  ['a password that everybody guesses', 'passwordpassword', /too easy to guess/],
  ['a password that is too long', 'long words '.repeat(1000), /too long/],
];

let server: LearnerServer;
let admin: Api;
let group: string;
let count = 0;
const next = () => {
  count += 1;
  return `refused-${count}`;
};
const browser = () => createBrowser(server.origin);
const collections = () => collectionsOf(server.api.server.database.db);

beforeAll(async () => {
  server = await openLearnerServer();
  admin = await server.api.administrator('demo', 'customerAdministrator');
  group = idOf(await admin('POST', '/accounts/demo/groups', { body: { name: 'Invited' } }));
});
afterAll(() => server.stop());

async function linkTo(name: string, path: 'register' | 'reset'): Promise<string> {
  const mail = await collections().outbox.findOne({ to: `${name}@example.com` }, { sort: { created: -1, _id: -1 } });
  const [link] = new RegExp(`http:\\S+/login/${path}/[\\w-]{43}`).exec(mail?.text ?? '') ?? [];
  assert.ok(link !== undefined, `no mail to ${name}`);
  return link;
}

/** A refusal in the words of a page, which leaves the browser as it was. */
function assertRefused(page: BrowserPage, status: number, words: RegExp): void {
  assert.equal(page.status, status, page.text);
  assert.match(page.text, words);
  assert.equal(page.headers.get('set-cookie'), null);
  assert.match(String(page.headers.get('content-security-policy')), /default-src 'none'/);
}

describe('a registration', () => {
  async function invited() {
    const name = next();
    const made = await admin('POST', '/accounts/demo/invitations', {
      body: invitee(name, group, { language: 'en' }),
    });
    assert.equal(made.status, 201, made.text);
    return { id: idOf(made), user: (made.body.user as { id: string }).id, link: await linkTo(name, 'register') };
  }
  const statusOf = async (user: string) => (await admin('GET', `/accounts/demo/users/${user}`)).body.status;

  /** Goes on to the page for a password. */
  async function toPassword(one: Browser, link: string): Promise<BrowserPage> {
    const page = await one.submit(await one.open(link), { language: 'en' });
    return one.submit(page, { accepted: 'yes' });
  }

  test.each(WRONG_PASSWORDS)(
    'is not complete with %s, and continues with a better one',
    async (_what, password, words) => {
      const { link, user } = await invited();
      const one = browser();
      const page = await one.submit(await toPassword(one, link), { password });
      assertRefused(page, 400, words);
      assert.equal(await statusOf(user), 'invited');
      assert.equal((await one.submit(page, { password: NEW_PASSWORD })).title, 'You are in');
      assert.equal(await statusOf(user), 'active');
    },
  );

  test('is not complete without the terms, nor with those of another version', async () => {
    const { link, user } = await invited();
    const one = browser();
    const terms = await one.submit(await one.open(link), { language: 'en' });
    assertRefused(await one.submit(terms), 400, /Tick the box/);
    const other = await one.submit(terms, { terms: 'another', accepted: 'yes', password: NEW_PASSWORD });
    assert.match(other.text, /name="accepted"/);
    assert.equal(await statusOf(user), 'invited');
  });

  test('begins with a language that the account offers', async () => {
    const { link, user } = await invited();
    const one = browser();
    const again = await one.submit(await one.open(link), { language: 'it', accepted: 'yes', password: NEW_PASSWORD });
    assert.match(again.text, /type="radio"/);
    assert.equal(await statusOf(user), 'invited');
  });

  test('takes no form of another site', async () => {
    const { link, user } = await invited();
    const one = browser();
    const page = await toPassword(one, link);
    const foreign = await one.submit(page, { password: NEW_PASSWORD }, { Origin: 'https://evil.example' });
    assertRefused(foreign, 403, /another site/);
    assert.equal(await statusOf(user), 'invited');
  });

  test('is over after the last day, also on a page that is open', async () => {
    const { id, link, user } = await invited();
    const one = browser();
    const page = await toPassword(one, link);
    // Time passes by moving what is stored.
    await collections().invitations.updateOne({ _id: id }, { $set: { ends: new Date(Date.now() - 1) } });
    assertRefused(await one.submit(page, { password: NEW_PASSWORD }), 410, /The time to register is over/);
    assertRefused(await browser().open(link), 410, /The time to register is over/);
    assert.equal(await statusOf(user), 'invited');
  });

  test('is over if the invitation is revoked while a page is open', async () => {
    const { id, link } = await invited();
    const one = browser();
    const page = await toPassword(one, link);
    assert.equal((await admin('DELETE', `/accounts/demo/invitations/${id}`)).status, 204);
    assertRefused(await one.submit(page, { password: NEW_PASSWORD }), 410, /not valid any more/);
  });

  test.each([
    ['block', 'unblock', /Your access is blocked/],
    ['deactivate', 'activate', /Your access is not active/],
  ])('stops after %s by an administrator until %s, and the page says so', async (action, undo, words) => {
    const { link, user } = await invited();
    const one = browser();
    const page = await toPassword(one, link);
    const done = await admin('POST', `/accounts/demo/users/${user}/${action}`);
    assert.equal(done.status, 200, done.text);
    assertRefused(await browser().open(link), 403, words);
    assertRefused(await one.submit(page, { password: NEW_PASSWORD }), 403, words);
    const access = await collections().learnerAccess.findOne({ _id: user });
    assert.equal(access?.passwordHash, undefined);
    assert.equal((await admin('POST', `/accounts/demo/users/${user}/${undo}`)).status, 200);
    assert.equal((await one.submit(page, { password: NEW_PASSWORD })).title, 'You are in');
  });

  test('has no page for a link that is mangled, and all of them read the same', async () => {
    const { link } = await invited();
    const texts = new Set<string>();
    for (const mangled of [link.slice(0, -1), `${link}A`, `${link.slice(0, -43)}${'x'.repeat(43)}`]) {
      const page = await browser().open(mangled);
      assertRefused(page, 404, /not complete or not right/);
      texts.add(page.text);
    }
    assert.equal(texts.size, 1);
  });
});

describe('a new password', () => {
  async function ask(name: string): Promise<BrowserPage> {
    const one = browser();
    const { page } = await server.begin(one);
    const [, path = ''] = /href="([^"]*forgot[^"]*)"/.exec(page.text) ?? [];
    const form = await one.open(new URL(path.replaceAll('&amp;', '&'), page.url).href);
    return one.submit(form, { name });
  }
  async function withLink() {
    const name = next();
    const user = await server.user(name, { preferredLanguage: 'en' });
    assert.equal((await ask(name)).status, 200);
    return { name, user, link: await linkTo(name, 'reset') };
  }
  const getsIn = async (name: string, password: string) =>
    (await server.signIn(browser(), name, password)).page.url.startsWith('http://localhost:9/in');

  test.each(WRONG_PASSWORDS)('is not %s, and the old one stays', async (_what, password, words) => {
    const { name, user, link } = await withLink();
    const before = await collections().learnerAccess.findOne({ _id: user });
    const one = browser();
    const page = await one.submit(await one.open(link), { password });
    assertRefused(page, 400, words);
    assert.deepEqual(await collections().learnerAccess.findOne({ _id: user }), before);
    assert.equal((await one.submit(page, { password: NEW_PASSWORD })).title, 'Your password is set');
    assert.equal(await getsIn(name, PASSWORD), false);
    assert.ok(await getsIn(name, NEW_PASSWORD));
  });

  test('is set once by a link, however many send the page at once', async () => {
    const { name, link } = await withLink();
    const one = browser();
    const page = await one.open(link);
    const sent = await Promise.all(Array.from({ length: 4 }, () => one.submit(page, { password: NEW_PASSWORD })));
    assert.deepEqual(sent.map(({ status }) => status).sort(), [200, 410, 410, 410]);
    assertRefused(await browser().open(link), 410, /Ask for a new one/);
    assert.ok(await getsIn(name, NEW_PASSWORD));
  });

  test('is not set after an hour, nor by a form of another site, nor for a person who is blocked', async () => {
    const { name, user, link } = await withLink();
    const one = browser();
    const page = await one.open(link);
    const foreign = await one.submit(page, { password: NEW_PASSWORD }, { Origin: 'https://evil.example' });
    assertRefused(foreign, 403, /another site/);
    assert.equal((await admin('POST', `/accounts/demo/users/${user}/block`)).status, 200);
    assertRefused(await one.submit(page, { password: NEW_PASSWORD }), 410, /Ask for a new one/);
    assert.equal((await admin('POST', `/accounts/demo/users/${user}/unblock`)).status, 200);
    // Time passes by moving what is stored.
    await collections().resetLinks.updateMany({ user }, { $set: { expires: new Date(Date.now() - 1) } });
    assertRefused(await one.submit(page, { password: NEW_PASSWORD }), 410, /Ask for a new one/);
    assert.ok(await getsIn(name, PASSWORD));
  });

  test('is set by the newest link only', async () => {
    const { name, link } = await withLink();
    await ask(name);
    assertRefused(await browser().open(link), 410, /Ask for a new one/);
  });

  test('has the same answer for every name, and only users who may sign in get a mail', async () => {
    const known = next();
    await server.user(known);
    const blocked = next();
    const user = await server.user(blocked);
    assert.equal((await admin('POST', `/accounts/demo/users/${user}/block`)).status, 200);
    const words = new Set<string>();
    for (const name of [
      known,
      blocked,
      'nobody-here',
      'nobody@example.com',
      'a@b.example\r\nBcc: eve@example.com',
      '',
    ]) {
      const page = await ask(name);
      assert.equal(page.status, 200, page.text);
      words.add(page.text.replaceAll(/\/login\/interaction\/[\w-]+/g, ''));
    }
    assert.equal(await collections().outbox.countDocuments({ to: `${known}@example.com` }), 1);
    for (const to of [`${blocked}@example.com`, 'nobody@example.com', /eve@/])
      assert.equal(await collections().outbox.countDocuments({ to }), 0);
    assert.equal(words.size, 1, [...words].join('\n\n'));
  });
});
