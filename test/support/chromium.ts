// A real Chromium at the size of a phone. Each page that is looked at is checked: accessibility by axe, nothing wider than the screen, no
// error in the console, no request to another host.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import axe from 'axe-core';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page, type Request } from 'playwright-core';

const WIDTH = 390;
const HEIGHT = 844;
const PLACES = [
  // Chromium without the windows, menus and start pages of a browser for people, which cost a third of the time.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const INSTALL_MS_MAX = 300_000;
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
  if (named) return existsSync(named) ? named : undefined;
  if (process.env.CI && process.getuid?.() === 0) install();
  return PLACES.find((path) => existsSync(path));
}

/** Installs the first browser that this system has a package for, unless there is one. */
function install(): void {
  for (const name of ['chromium-headless-shell', 'chromium']) {
    if (existsSync(`/usr/bin/${name}`)) return;
    try {
      // Another worker of the tests may be installing it at this moment.
      execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=240', 'install', '-y', '-qq', name], {
        stdio: 'ignore',
        timeout: INSTALL_MS_MAX,
      });
      return;
    } catch {
      // Not a package of this system.
    }
  }
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
  followRequests(page);
  return {
    page,
    context,
    async see(name, language) {
      await page.waitForLoadState('load');
      await settled(page);
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

/** The requests of a page that have not been answered, and when the last one began or ended. */
interface Traffic {
  waiting: Set<Request>;
  changedAt: number;
}

const trafficOf = new WeakMap<Page, Traffic>();

function followRequests(page: Page): void {
  const traffic: Traffic = { waiting: new Set(), changedAt: Date.now() };
  trafficOf.set(page, traffic);
  const change = (request: Request, isWaiting: boolean) => {
    if (isWaiting) traffic.waiting.add(request);
    else traffic.waiting.delete(request);
    traffic.changedAt = Date.now();
  };
  page.on('request', (request) => change(request, !request.url().startsWith('data:')));
  page.on('requestfinished', (request) => change(request, false));
  page.on('requestfailed', (request) => change(request, false));
  // A stream of events never ends.
  page.on('response', (response) => {
    if (response.headers()['content-type']?.startsWith('text/event-stream')) change(response.request(), false);
  });
}

/**
 * Resolves when the script of a page has nothing to do and nothing moves or fades any more; what turns without end, such as a progress ring,
 * does not count.
 */
const AT_REST = `(async () => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const isMoving = ({ playState, effect }) =>
    playState === 'running' && Number.isFinite(effect.getComputedTiming().endTime);
  await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 5000 }));
  for (let quiet = 0, end = Date.now() + 10000; quiet < 3 && Date.now() < end; ) {
    await frame();
    quiet = document.getAnimations().some(isMoving) ? 0 : quiet + 1;
  }
})()`;

/** How long no request may be under way before a page counts as loaded: a script or data may be asked for after another. */
const QUIET_MS = 200;
const LOADED_MS_MAX = 20_000;

/** Waits until a page has its data and has come to rest. */
export async function settled(page: Page): Promise<void> {
  const traffic = trafficOf.get(page);
  const isLoaded = () => !traffic || (traffic.waiting.size === 0 && Date.now() - traffic.changedAt >= QUIET_MS);
  for (const end = Date.now() + LOADED_MS_MAX; ; await sleep(20)) {
    await page.evaluate(AT_REST);
    if (isLoaded() || Date.now() > end) return;
  }
}

interface Found {
  violations: string[];
  language: string;
  width: number;
  text: string;
}

const LOOK = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => JSON.stringify({
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
