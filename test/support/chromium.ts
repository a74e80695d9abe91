// A real Chromium at the size of a phone. Each page that is looked at is checked: accessibility by axe, nothing wider than the screen, no
// error in the console, no request to another host.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';

const WIDTH = 390;
const HEIGHT = 844;
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const OPTIONS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser of this machine; undefined if there is none. In CI, as root, it is installed. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_BINARY;
  const found = named ? [named].find((path) => existsSync(path)) : PLACES.find((path) => existsSync(path));
  if (found !== undefined || named) return found;
  if (!process.env.CI || process.getuid?.() !== 0) return undefined;
  try {
    execFileSync('apt-get', ['install', '-y', '-qq', 'chromium'], { stdio: 'ignore', timeout: 300_000 });
  } catch {
    return undefined;
  }
  return PLACES.find((path) => existsSync(path));
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: OPTIONS });
}

/** A phone: a browser context of its own with one page. */
export interface Phone {
  page: Page;
  context: BrowserContext;
  /** Looks at the page that is open; `language` is that of its text. */
  see(name: string, language: string): Promise<string>;
  close(): Promise<void>;
}

/** The screen, if it is not that of a phone. */
interface View {
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
  /** Such as `Europe/Brussels`; that of the machine by default. */
  timezoneId?: string;
}

/** Opens a phone in a language such as `nl-BE`, for the server of this origin. */
export async function openPhone(
  browser: Browser,
  origin: string,
  locale: string,
  { width = WIDTH, height = HEIGHT, colorScheme = 'light', timezoneId }: View = {},
): Promise<Phone> {
  const context = await browser.newContext({
    locale,
    colorScheme,
    viewport: { width, height },
    ...(timezoneId ? { timezoneId } : {}),
  });
  const page = await context.newPage();
  const devTools = await context.newCDPSession(page);
  const problems: string[] = [];
  page.on('console', (message) => {
    // A page that is answered 403 or 404 is meant to be.
    const isStatus = /the server responded with a status of 4\d\d/.test(message.text());
    if (message.type() === 'error' && !isStatus) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.origin !== origin) problems.push(`a request to ${url.origin}`);
  });
  return {
    page,
    context,
    async see(name, language) {
      await page.waitForLoadState('load');
      const found = await inspect(devTools);
      await takePicture(page, name);
      assert.deepEqual(problems.splice(0), [], name);
      assert.deepEqual(found.violations, [], name);
      assert.equal(found.language, language, `${name}: the language of the page`);
      assert.ok(found.width <= width, `${name} is ${found.width} px wide`);
      assert.doesNotMatch(found.text, /\{\w+\}|undefined|\[object|\bmt\.[a-z]/, name);
      return found.text;
    },
    close: () => context.close(),
  };
}

interface Found {
  violations: string[];
  language: string;
  width: number;
  text: string;
}

const LOOK = `axe.run(document).then(({ violations }) => JSON.stringify({
  violations: violations.map(({ id, help, nodes }) => id + ': ' + help + ' ' + nodes.map(({ html }) => html).join(' ')),
  language: document.documentElement.lang,
  width: document.documentElement.scrollWidth,
  text: document.body.innerText,
}))`;

/** By the developer tools, which the Content-Security-Policy of the page does not hold back. */
async function inspect(devTools: CDPSession): Promise<Found> {
  await devTools.send('Runtime.evaluate', { expression: axe.source });
  const looked = { expression: LOOK, awaitPromise: true, returnByValue: true };
  const { result, exceptionDetails } = await devTools.send('Runtime.evaluate', looked);
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return JSON.parse(String(result.value)) as Found;
}

/** A picture of the whole page in the folder SCREENSHOTS, for people to look at. */
async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
