// The console in a browser, as an administrator who signs in opens it.

import type { Browser, Page } from 'playwright-core';
import { type AdminServer, ROOT } from './admin.ts';
import { openPhone, type Phone } from './chromium.ts';

/** A wide screen. */
export const WIDE = { width: 1280, height: 800 };

/** The four looks in which pages are seen, each in another language. */
export const LOOKS = [
  ['wide, light', 'en-GB', WIDE],
  ['wide, dark', 'de-DE', { ...WIDE, colorScheme: 'dark' }],
  ['a phone, light', 'nl-BE', {}],
  ['a phone, dark', 'fr-BE', { colorScheme: 'dark' }],
] as const;

/** Colours change in steps. */
const SETTLED_MS = 400;

/** Opens a page of the console and waits until it is there as a whole. */
export async function openPage({ server }: AdminServer, page: Page, path: string): Promise<void> {
  await page.goto(`${server.origin}/console/#/${path}`);
  await page.waitForLoadState('networkidle');
  // The title comes with the page, which is loaded when it is first opened.
  await page.locator('#react-admin-title').filter({ hasText: /\S/ }).waitFor({ state: 'attached' });
  await page.locator('[role=progressbar]').first().waitFor({ state: 'detached' });
  await page.waitForTimeout(SETTLED_MS);
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
