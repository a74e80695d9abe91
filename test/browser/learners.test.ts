// Learners get in with a real browser at the size of a phone: the whole way, and every page in four languages.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { SignJWT } from 'jose';
import type { Browser } from 'playwright-core';
import { LANGUAGES, type Language } from '../../src/directory/accounts/settings.ts';
import type { Account } from '../../src/directory/model.ts';
import type { WrittenPage } from '../../src/doors/html.ts';
import * as pages from '../../src/doors/learners/pages/pages.ts';
import { collectionsOf } from '../../src/mongo/collections.ts';
import { idOf, invitee } from '../support/admin.ts';
import { launch, openPhone, type Phone } from '../support/chromium.ts';
import { chromiumFor } from '../support/console.ts';
import { type LearnerServer, openLearnerServer, PASSWORD } from '../support/learners.ts';
import { type Mailbox, openMailbox } from '../support/smtp.ts';

const binary = chromiumFor('learners');
const suite = binary === undefined ? describe.skip : describe;

const LOCALES: Record<Language, string> = { en: 'en-GB', nl: 'nl-BE', fr: 'fr-BE', de: 'de-DE' };
const NEW_PASSWORD = 'nine quiet kettles of snow';

let browser: Browser;
let server: LearnerServer;
let mailbox: Mailbox;
let app: string;
let secret: string;
let group: string;

beforeAll(async () => {
  if (binary === undefined) return;
  mailbox = await openMailbox();
  [server, browser] = await Promise.all([
    openLearnerServer({ DEMO_EXAMPLES: 'on', SMTP_URL: mailbox.url }),
    launch(binary),
  ]);
  app = `${server.origin}/demo-app`;
  await server.settings({ crewplannerSlug: 'acme', contact: 'the help desk', termsUrl: 'https://example.com/terms' });
  secret = String((await server.api.root('POST', '/accounts/demo/link-secrets')).body.secret);
  group = idOf(await server.api.root('POST', '/accounts/demo/groups', { body: { name: 'Learners' } }));
});
afterAll(async () => {
  if (binary === undefined) return;
  await browser.close();
  await server.stop();
  await mailbox.close();
});

const phoneIn = (language: Language) => openPhone(browser, server.origin, LOCALES[language]);

async function withPhone(language: Language, work: (phone: Phone) => Promise<void>): Promise<void> {
  const phone = await phoneIn(language);
  try {
    await work(phone);
  } finally {
    await phone.close();
  }
}

async function invite(name: string, language: Language): Promise<{ id: string; link: string }> {
  const body = invitee(name, group, { language });
  const id = idOf(await server.api.root('POST', '/accounts/demo/invitations', { body }));
  const [mail] = await mailbox.mailsTo(`${name}@example.com`);
  const [link = ''] = /http:\/\/localhost:\d+\/login\/register\/[\w-]{43}/.exec(mail?.text ?? '') ?? [];
  return { id, link };
}

let tokens = 0;
async function crewLink(sub: string, { lifetime = '2m', key = secret, slug = 'demo' } = {}): Promise<string> {
  tokens += 1;
  const claims = { email: `${sub}@example.com`, given_name: 'Ann', family_name: 'Example', locale: sub.slice(0, 2) };
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('https://acme.crewplanner.com')
    .setAudience(slug)
    .setSubject(sub)
    .setJti(`browser-${tokens}`)
    .setIssuedAt(lifetime.startsWith('-') ? '-10m' : undefined)
    .setExpirationTime(lifetime)
    .sign(new TextEncoder().encode(key));
  return `${server.origin}/login/external/${slug}/crewplanner?token=${token}`;
}

const signIn = async ({ page }: Phone, name: string, password = PASSWORD) => {
  await page.fill('#name', name);
  await page.fill('#password', password);
  await page.click('button');
};
const badgeOf = ({ page }: Phone) => page.textContent('#badge');

suite('the whole way', () => {
  test('invited by mail, registered, in the demo app, the courses seen, the badge zero; signed out', async () => {
    await withPhone('en', async (phone) => {
      const { page } = phone;
      const { link } = await invite('walker', 'en');
      await page.goto(link);
      await page.click('button');
      await page.check('[name=accepted]');
      await page.click('button');
      await page.fill('#password', NEW_PASSWORD);
      await page.click('button');
      await page.click('a.button');
      await phone.see('demo-person', 'en');
      assert.equal(page.url(), app);
      assert.equal(await badgeOf(phone), '1');
      await page.click('a.button');
      assert.match(await phone.see('demo-courses', 'en'), /Welcome to the shop/);
      await page.click('a.button');
      assert.equal(await badgeOf(phone), '0');
      await page.click('button');
      await page.click('button');
      assert.match(await phone.see('demo-welcome', 'en'), /Sign in/);
    });
  });

  test('by a link of CrewPlanner: language and terms the first time, straight in the second', async () => {
    await withPhone('nl', async ({ page }) => {
      await page.goto(await crewLink('nl-crew'));
      assert.equal(await page.getAttribute('html', 'lang'), 'nl');
      await page.click('button');
      await page.check('[name=accepted]');
      await page.click('button');
      assert.equal(page.url(), app);
    });
    await withPhone('nl', async ({ page }) => {
      await page.goto(await crewLink('nl-crew'));
      assert.equal(page.url(), app);
    });
  });
});

/** Looks at the pages of one language; each begins with the language in the name of its picture. */
async function pagesIn(language: Language): Promise<Map<string, string>> {
  const seen = new Map<string, string>();
  const person = (name: string, more: Record<string, unknown> = {}) =>
    server.user(`${language}-${name}`, { preferredLanguage: language, ...more });
  await withPhone(language, async (phone) => {
    const see = async (name: string) => seen.set(name, await phone.see(`${language}-${name}`, language));
    await signInPages(phone, language, see, await person('ann'));
    await registrationPages(phone, language, see);
    await person('farah', { roles: [{ value: 'Manager' }] });
    await server.api.root('POST', `/accounts/demo/users/${await person('bob')}/block`);
    await person('ida', { active: false });
    await person('hal', { name: { givenName: 'Hal' } });
    for (const [name, what] of [
      ['bob', 'refused-blocked'],
      ['ida', 'refused-inactive'],
      ['hal', 'refused-incomplete'],
      ['farah', 'refused-manager'],
    ] as const) {
      await phone.context.clearCookies();
      await phone.page.goto(`${app}/sign-in`);
      await signIn(phone, `${language}-${name}`);
      if (name === 'farah') await phone.page.click('button');
      await see(what);
    }
    await brokenPages(phone, language, see);
  });
  return seen;
}

type See = (name: string) => Promise<unknown>;

async function signInPages(phone: Phone, language: Language, see: See, id: string): Promise<void> {
  const { page } = phone;
  const name = `${language}-ann`;
  await page.goto(`${app}/sign-in`);
  await see('sign-in');
  await signIn(phone, name, 'not the password');
  await see('wrong-password');
  await page.click('p a[href*=forgot]');
  await see('forgot');
  await page.fill('#name', name);
  await page.click('button');
  await see('forgot-sent');
  const [mail] = await mailbox.mailsTo(`${name}@example.com`);
  const [link = ''] = /http:\/\/localhost:\d+\/login\/reset\/[\w-]{43}/.exec(mail?.text ?? '') ?? [];
  await page.goto(link);
  await see('reset');
  await page.fill('#password', 'password12345');
  await page.click('button');
  await see('reset-weak');
  await page.fill('#password', NEW_PASSWORD);
  await page.click('button');
  await see('reset-done');
  await page.goto(link);
  await see('reset-used');
  await page.goto(`${app}/sign-in`);
  await signIn(phone, name, NEW_PASSWORD);
  await see('language');
  await page.click('button');
  await see('terms');
  await page.check('[name=accepted]');
  await page.click('button');
  assert.equal(page.url(), app, id);
  await page.click('button');
  await see('sign-out');
  await page.goto(`${server.origin}/oidc/session/end?client_id=${server.clientId}`);
  await page.click('button');
  await see('signed-out');
}

async function registrationPages({ page }: Phone, language: Language, see: See): Promise<void> {
  const [open, expired, revoked] = await Promise.all(
    ['open', 'expired', 'revoked'].map((name) => invite(`${language}-${name}`, language)),
  );
  await page.goto(open?.link ?? '');
  await see('register-language');
  await page.click('button');
  await see('register-terms');
  await page.check('[name=accepted]');
  await page.click('button');
  await see('register-password');
  await page.fill('#password', 'password12345');
  await page.click('button');
  await see('register-weak');
  await page.fill('#password', NEW_PASSWORD);
  await page.click('button');
  await see('registered');
  await page.goto(open?.link ?? '');
  await see('link-used');
  const { invitations } = collectionsOf(server.api.server.database.db);
  await invitations.updateOne({ _id: expired?.id ?? '' }, { $set: { ends: new Date(Date.now() - 1000) } });
  await page.goto(expired?.link ?? '');
  await see('link-expired');
  await server.api.root('DELETE', `/accounts/demo/invitations/${revoked?.id}`);
  await page.goto(revoked?.link ?? '');
  await see('link-revoked');
  await page.goto((revoked?.link ?? '').slice(0, -3));
  await see('link-mangled');
}

async function brokenPages({ page, context }: Phone, language: Language, see: See): Promise<void> {
  await context.clearCookies();
  const crew = `${language}-crew-2`;
  const used = await crewLink(crew);
  await page.goto(used);
  await context.clearCookies();
  const other = await server.api.account();
  for (const [name, url] of [
    ['old-page', `${server.origin}/login/interaction/nothing`],
    ['no-way', `${server.origin}/login/external/demo/nothing`],
    ['wrong-request', `${server.origin}/oidc/auth?client_id=nothing`],
    ['crewplanner-used', used],
    ['crewplanner-expired', await crewLink(crew, { lifetime: '-5m' })],
    ['crewplanner-wrong', await crewLink(crew, { key: 'a secret that nobody here knows!' })],
    ['crewplanner-off', await crewLink(crew, { slug: other })],
  ] as const) {
    await page.goto(url);
    await see(name);
  }
}

suite('every page', () => {
  const seen = new Map<Language, Map<string, string>>();

  // Two at a time: most of the time is waiting for mails.
  test.each<Language[]>([
    ['en', 'nl'],
    ['fr', 'de'],
  ])('is accessible, fits and is quiet: %s and %s', async (...languages) => {
    const pages = await Promise.all(languages.map(async (language) => [language, await pagesIn(language)] as const));
    for (const [language, found] of pages) seen.set(language, found);
  });

  test('says something else in each language', () => {
    const english = seen.get('en') ?? new Map<string, string>();
    assert.deepEqual([seen.size, english.size >= 30], [LANGUAGES.length, true], `${english.size} pages`);
    for (const [name, text] of english)
      for (const language of LANGUAGES.filter((one) => one !== 'en'))
        assert.notEqual(seen.get(language)?.get(name), text, `${name} in ${language}`);
  });
});

/** States of pages that take an outage, a race or an attack to get to: written as they are served, under their own policy. */
function rareStates(setting: pages.Setting): Record<string, WrittenPage> {
  const signIn = (error: pages.SignInError) => pages.signInPage(setting, { name: 'ann', forgot: '?', error });
  const password = (error: pages.PasswordError) => pages.passwordPage(setting, { loginName: 'ann', fields: {}, error });
  const { languages = LANGUAGES } = setting.account ?? {};
  return {
    'sign-in-ambiguous': signIn({ reason: 'ambiguous' }),
    'sign-in-limited': signIn({ reason: 'limited', waitSeconds: 300 }),
    'sign-in-busy': signIn({ reason: 'busy' }),
    'sign-in-empty': signIn({ reason: 'empty' }),
    'forgot-limited': pages.forgotPage(setting, { back: '?', isLimited: true }),
    'terms-missing': pages.termsPage(setting, { version: '2026-11', url: undefined, fields: {}, isMissing: true }),
    'language-unnamed': pages.languagePage(setting, { name: '', choices: languages, preferred: setting.language }),
    'password-short': password('short'),
    'password-long': password('long'),
    'password-busy': password('busy'),
    'registered-later': pages.registeredPage(setting, undefined),
    'link-used-by-link': pages.linkPage(setting, 'usedByLink'),
    'refused-link-only': pages.refusedPage(setting, { kind: 'refused', reason: 'linkOnly' }, undefined),
    'refused-not-registered': pages.refusedPage(setting, { kind: 'refused', reason: 'notRegistered' }, '?'),
    'failed-foreign': pages.failedPage(setting, 'foreign'),
    'failed-server': pages.failedPage(setting, 'server'),
    'failed-busy': pages.failedPage(setting, 'busy'),
    'failed-link-refused': pages.failedPage(setting, 'linkRefused'),
  };
}

suite('rare states of pages', () => {
  let shown: WrittenPage | undefined;
  let gallery: Server;
  let origin: string;
  const LOGO = `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="900" height="120"><rect width="900" height="120" fill="#0a5c36"/></svg>').toString('base64')}`;
  const ACCOUNT = {
    id: 'acc_1',
    slug: 'shops',
    name: 'Donaudampfschifffahrtsgesellschaftskapitänsmützengeschäfte',
    requiredData: 'enforce',
    derivedGroups: [],
  } as const satisfies Account;

  beforeAll(async () => {
    gallery = createServer((_request, response) => {
      response.setHeader('Content-Security-Policy', shown?.policy ?? '');
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(shown?.html);
    });
    await new Promise<void>((resolve) => gallery.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(gallery.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => gallery.close(resolve)));

  test.each([
    ['without a name for a field', '<input>', /label/],
    ['in a colour that is hard to read', '<p style="color:#ccc">Pale</p>', /color-contrast/],
    ['wider than the screen', '<p style="width:600px">Wide</p>', /px wide/],
    ['with something of another host', '<img alt="" src="https://elsewhere.example/x.png">', /a request to https:/],
    ['with an error in a script', '<script>throw new Error("broken")</script>', /broken/],
  ])('are not taken %s', async (_what, html, words) => {
    const main = `<main><h1>Wrong</h1>${html}</main>`;
    shown = {
      policy: '',
      html: `<!doctype html><html lang="en"><head><title>Wrong</title></head><body>${main}</body></html>`,
    };
    const phone = await openPhone(browser, origin, 'en-GB');
    try {
      await phone.page.goto(`${origin}/wrong`);
      await assert.rejects(phone.see('wrong', 'en'), words);
    } finally {
      await phone.close();
    }
  });

  /** A long name; a pale colour and a wide logo. */
  const looks: Account[] = [ACCOUNT, { ...ACCOUNT, name: 'Shops', colour: '#ffe14d', logo: LOGO }];
  test.each(LANGUAGES)('are accessible, fit and are quiet: %s', async (language) => {
    const phone = await openPhone(browser, origin, LOCALES[language]);
    try {
      // The states take turns in how they look.
      for (const [look, account] of looks.entries()) {
        const states = Object.entries(rareStates({ account, language, canSwitch: true }));
        for (const [name, page] of states.filter((_state, index) => index % looks.length === look)) {
          shown = page;
          await phone.page.goto(`${origin}/${name}`);
          await phone.see(`${language}-${name}`, language);
        }
      }
    } finally {
      await phone.close();
    }
  });
});
