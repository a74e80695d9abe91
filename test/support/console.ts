// The console in a browser: a server, a Chromium, and an administrator who signs in and opens pages.

import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type AdminServer, openAdminServer, ROOT } from './admin.ts';
import { findChromium, launch, openPhone, type Phone, settled } from './chromium.ts';
import { packageFolder } from './package-folder.ts';

/** A wide screen. */
export const WIDE = { width: 1280, height: 800 };

/** The four looks in which pages are seen, each in another language. */
export const LOOKS = [
  ['wide, light', 'en-GB', WIDE],
  ['wide, dark', 'de-DE', { ...WIDE, colorScheme: 'dark' }],
  ['a phone, light', 'nl-BE', {}],
  ['a phone, dark', 'fr-BE', { colorScheme: 'dark' }],
] as const;

const START_MS_MAX = 120_000;

/** Opens a page of the console and waits until it is there as a whole. */
export async function openPage({ server }: AdminServer, page: Page, path: string): Promise<void> {
  await page.goto(`${server.origin}/console/#/${path}`);
  // The title comes with the page, which is loaded when it is first opened.
  await page.locator('#react-admin-title').filter({ hasText: /\S/ }).waitFor({ state: 'attached' });
  await page.locator('[role=progressbar]').first().waitFor({ state: 'detached' });
  await settled(page);
}

/** Signs in to an account. */
export async function signInToConsole(
  browser: Browser,
  { server }: AdminServer,
  {
    locale = 'en-GB',
    view = {},
    account = 'demo',
    as = ROOT,
  }: { locale?: string; view?: object; account?: string; as?: { email: string; password: string } } = {},
): Promise<Phone> {
  const phone = await openPhone(browser, server.origin, locale, view);
  await phone.page.goto(`${server.origin}/console/`);
  await phone.page.evaluate(`localStorage.setItem('mobietrain-account', ${JSON.stringify(account)})`);
  await phone.page.fill('input[name=username]', as.email);
  await phone.page.fill('input[name=password]', as.password);
  await phone.page.click('button[type=submit]');
  await phone.page.waitForSelector('.RaMenu-open, .RaLayout-content h2, .RaLayout-content p');
  return phone;
}

interface Credentials {
  email: string;
  password: string;
}

interface ConsoleOptions {
  /** Variables of the configuration of the server. */
  settings?: Record<string, string>;
  /** What is there before the first test. */
  prepare: (api: AdminServer, browser: Browser) => Promise<unknown>;
}

/** What the tests of a file share. */
interface ConsoleTests {
  /** `describe`; its tests are skipped without a Chromium. */
  suite: typeof describe;
  /** Opens a browser in which nobody has signed in. */
  openPhone: (locale: string, view?: object) => Promise<Phone>;
  /** Opens a browser in which an administrator has signed in, the System Administrator if none is named. */
  signedIn: (locale: string, view?: object, credentials?: Credentials) => Promise<Phone>;
  /** Opens a page of the console, and waits until it is drawn. */
  go: (page: Page, path: string) => Promise<void>;
}

/** Whether there is a Chromium, for tests of this subject; said if there is none. */
export function chromiumFor(subject: string): string | undefined {
  const binary = findChromium();
  if (binary === undefined)
    console.warn(
      `No Chromium on this machine: the tests of ${subject} in a real browser are SKIPPED. Set CHROMIUM_BINARY to run them.`,
    );
  return binary;
}

/** Builds the console if it is not, as `npm start` does. */
function buildConsole(): void {
  execFileSync(process.execPath, [packageFolder('scripts', 'console.mjs')], { stdio: 'ignore' });
}

/** Starts a server and a browser before the tests of a file, and stops them after. */
export function consoleTests(subject: string, { settings, prepare }: ConsoleOptions): ConsoleTests {
  const binary = chromiumFor(subject);
  let [api, browser]: [AdminServer?, Browser?] = [];
  beforeAll(async () => {
    if (binary === undefined) return;
    buildConsole();
    [api, browser] = await Promise.all([openAdminServer(settings), launch(binary)]);
    await prepare(api, browser);
  }, START_MS_MAX);
  afterAll(async () => {
    await browser?.close();
    await api?.stop();
  });
  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('The server starts before the first test.');
    return part;
  };
  return {
    suite: binary === undefined ? (describe.skip as typeof describe) : describe,
    openPhone: (locale, view) => openPhone(started(browser), started(api).server.origin, locale, view),
    signedIn: (locale, view = {}, as = ROOT) => signInToConsole(started(browser), started(api), { locale, view, as }),
    go: (page, path) => openPage(started(api), page, path),
  };
}
