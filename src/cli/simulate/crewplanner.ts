// The command `simulate crewplanner`: signs a link as CrewPlanner does, opens it in a browser of its own, and tries links that must be
// refused. A made-up employee is deleted again.

import { createHash, randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { LinkSetUp } from '../../app/crewplanner.ts';
import type { Client } from '../../auth/provider/provider-store.ts';
import { CommandError } from '../frame/errors.ts';
import { print, printJson, write } from '../frame/output.ts';
import { createTable } from '../frame/table.ts';
import { accountOptions, type OpenAccount, perform, settingsFor, withAccount } from '../session.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { badLinks, goodToken, type LinkSetting } from './links.ts';
import { askedBy, createPageWalk, type Page, type PageWalk } from './page-walk.ts';

/** What a step of a visit came to. */
interface LinkStep {
  step: string;
  status: number;
  outcome: 'session' | 'language' | 'terms' | 'in' | 'refused' | 'other';
  /** What the page says, or where the browser is led. */
  words: string;
  verdict: 'passed' | 'failed';
}

interface CrewPlannerOptions {
  account: string;
  json?: boolean;
  baseUrl?: URL;
  employee?: string;
  claims: Record<string, unknown>;
  secret?: string;
  secretStdin?: boolean;
  setUp?: boolean;
  keep?: boolean;
  print?: boolean;
  timeout: number;
}

/** Parsers that the commands of this group share. */
interface Parsers {
  baseUrl: (text: string) => URL;
  claims: (text: string) => Record<string, unknown>;
  timeout: (text: string) => number;
}

/** Adds `simulate crewplanner`. */
export function crewPlannerCommand(simulate: Command, parse: Parsers): void {
  accountOptions(simulate.command('crewplanner'))
    .description(
      'sign a link as CrewPlanner does, open it like a browser, and try links that must be refused; exits with 1 if one step fails',
    )
    .option(
      '--base-url <url>',
      'URL of the server; by default the one that this command line is set up for',
      parse.baseUrl,
    )
    .option('--employee <id>', 'External ID of the employee; by default a made-up one, who is deleted again')
    .option('--claims <json>', 'further claims, such as {"department": "Bakery"}', parse.claims, {})
    .option('--secret <secret>', 'the secret to sign with; by default that of the account')
    .option('--secret-stdin', 'read the secret from stdin')
    .option('--set-up', 'set up CrewPlanner for the account if it is not: a subdomain and a secret')
    .option('--keep', 'do not delete the made-up employee')
    .option('--print', 'only print a link for a browser; it works once, for two minutes')
    .option('--timeout <seconds>', 'how long a request may take', parse.timeout, 30)
    .action((options: CrewPlannerOptions) => withAccount(options.account, (open) => run(open, options)));
}

async function run(open: OpenAccount, options: CrewPlannerOptions): Promise<void> {
  const { linkSetUp, setUpLinks } = await import('../../app/crewplanner.ts');
  const { store } = open;
  const account = options.setUp ? await setUpLinks(store.mongo, store.accounts, open.account) : open.account;
  const setUp = await linkSetUp(store.mongo, account);
  const employee = options.employee ?? `simulated-${randomBytes(4).toString('hex')}`;
  const setting: LinkSetting = {
    issuer: setUp.issuer ?? missing('no subdomain (crewplannerSlug)', account.slug),
    audience: account.slug,
    secret: new TextEncoder().encode(await secretOf(setUp, options, account.slug)),
    employee,
    claims: { ...(options.employee === undefined ? madeUp(employee) : {}), ...options.claims },
  };
  const base = options.baseUrl ?? new URL((await settingsFor(store)).publicUrl);
  const addressOf = (token: string) => linkOf(base, account.slug, token);
  if (options.print) {
    const link = addressOf(await goodToken(setting)).href;
    if (options.json) printJson({ link });
    else print(link);
    return;
  }
  const http = createHttpClient(new URL(base.origin), options.timeout * 1000);
  try {
    await visit(open, options, { setting, base, http, addressOf, client: setUp.client });
  } finally {
    http.close();
  }
}

/** Claims with all that a user needs who gets in. */
function madeUp(employee: string): Record<string, unknown> {
  return { given_name: 'Simulated', family_name: 'Employee', email: `${employee}@example.com`, locale: 'en' };
}

interface Visit {
  setting: LinkSetting;
  base: URL;
  http: HttpClient;
  addressOf: (token: string) => URL;
  client: Client | undefined;
}

async function visit(open: OpenAccount, options: CrewPlannerOptions, parts: Visit): Promise<void> {
  const { setting, addressOf } = parts;
  const { employee } = setting;
  const link = addressOf(await goodToken(setting));
  let steps: LinkStep[] = [];
  let removed = false;
  try {
    steps = [...(await openGood(parts, link, options.employee === undefined)), ...(await tryBad(parts, link))];
  } finally {
    if (options.employee === undefined && !options.keep) removed = await removeEmployee(open, employee);
  }
  const failed = steps.filter(({ verdict }) => verdict === 'failed').length;
  if (options.json) printJson({ link: link.href, employee, steps, passed: steps.length - failed, failed, removed });
  else {
    await write(`${link.href}\n\n${createTable(COLUMNS, steps).whole}\n\n`);
    print(summaryOf(steps.length, failed, employee, removed));
  }
  if (failed > 0) process.exitCode = 1;
}

const COLUMNS = [
  { title: 'STEP', of: ({ step }: LinkStep) => step, shrinks: true },
  { title: 'STATUS', of: ({ status }: LinkStep) => String(status) },
  { title: 'OUTCOME', of: ({ outcome }: LinkStep) => outcome },
  { title: 'VERDICT', of: ({ verdict }: LinkStep) => verdict },
  { title: 'WORDS', of: ({ words }: LinkStep) => words, shrinks: true },
];

function summaryOf(steps: number, failed: number, employee: string, removed: boolean): string {
  const verdict = failed === 0 ? `All ${steps} steps passed.` : `${failed} of ${steps} steps failed.`;
  return removed ? `${verdict} The employee ${employee} was deleted again.` : `${verdict} The employee is ${employee}.`;
}

/**
 * Clicks the good link, begins a sign-in at the application of the account, and does what is asked if the employee is made up; then the
 * second visit, which asks for nothing.
 */
async function openGood(parts: Visit, link: URL, isMadeUp: boolean): Promise<LinkStep[]> {
  const { http, base, client, setting, addressOf } = parts;
  const walk = createPageWalk(http, base.origin, client?.redirectUris[0]);
  const clicked = await walk.open(link, false);
  const steps = [clickStep('the link is clicked', clicked, walk)];
  if (!walk.hasSession() || !client) return steps;
  const authorization = authorizationUrl(base, client);
  steps.push(...(await pagesOf(walk, await walk.open(authorization), client, isMadeUp)));
  if (!isMadeUp || steps.some(({ verdict }) => verdict === 'failed')) return steps;
  const later = createPageWalk(http, base.origin, client.redirectUris[0]);
  const again = await later.open(addressOf(await goodToken(setting)), false);
  steps.push(clickStep('a second link is clicked later', again, later));
  steps.push(stepOf('the application opens at once', await later.open(authorization), client, ['in']));
  return steps;
}

function clickStep(step: string, page: Page, walk: PageWalk): LinkStep {
  const outcome = walk.hasSession() ? 'session' : 'refused';
  return {
    step,
    status: page.status,
    outcome,
    words: wordsOf(page),
    verdict: outcome === 'session' ? 'passed' : 'failed',
  };
}

/** The pages between the link and the application. Only for a made-up employee, a language is chosen and the terms are accepted. */
async function pagesOf(walk: PageWalk, first: Page, client: Client, isMadeUp: boolean): Promise<LinkStep[]> {
  const steps: LinkStep[] = [];
  let page = first;
  for (let number = 1; number <= PAGES_MAX; number += 1) {
    const step = stepOf('the application opens', page, client, ['in', 'language', 'terms']);
    steps.push(step);
    if (!isMadeUp || (step.outcome !== 'language' && step.outcome !== 'terms')) break;
    page = await walk.submit(page, step.outcome === 'terms' ? { accepted: 'yes' } : {});
  }
  return steps;
}

const PAGES_MAX = 4;

function stepOf(step: string, page: Page, client: Client, expected: readonly LinkStep['outcome'][]): LinkStep {
  const outcome = outcomeOf(page, client);
  const verdict = expected.includes(outcome) ? 'passed' : 'failed';
  return { step, status: page.status, outcome, words: wordsOf(page), verdict };
}

function outcomeOf(page: Page, { redirectUris: [back = ''] }: Client): LinkStep['outcome'] {
  if (page.url.href.startsWith(back) && page.url.searchParams.has('code')) return 'in';
  if (page.status >= 400) return 'refused';
  const asked = askedBy(page);
  return asked === 'language' || asked === 'terms' ? asked : 'other';
}

/** What a page says; of an address that is not opened, the address without what is secret in it. */
function wordsOf({ words, location, url }: Page): string {
  return location === undefined ? words : `leads to ${url.origin}${url.pathname}`;
}

/** Each bad link in a browser of its own, and the good one once more. */
async function tryBad({ http, base, setting, addressOf }: Visit, used: URL): Promise<LinkStep[]> {
  const links = (await badLinks(setting)).map(({ what, token }) => ({ what, url: addressOf(token) }));
  const steps: LinkStep[] = [];
  for (const { what, url } of [{ what: 'used before', url: used }, ...links]) {
    const walk = createPageWalk(http, base.origin);
    const page = await walk.open(url, false);
    const isRefused = page.status >= 400 && page.status < 500 && !walk.hasSession();
    const outcome = isRefused ? 'refused' : walk.hasSession() ? 'session' : 'other';
    steps.push({
      step: `a bad link: ${what}`,
      status: page.status,
      outcome,
      words: wordsOf(page),
      verdict: isRefused ? 'passed' : 'failed',
    });
  }
  return steps;
}

async function removeEmployee(open: OpenAccount, employee: string): Promise<boolean> {
  const [user] = await open.directory.records.usersWith(open.account.id, 'externalId', employee, 1);
  if (user !== undefined) await perform(open, { method: 'DELETE', path: `/users/${user}` });
  return user !== undefined;
}

function linkOf(base: URL, slug: string, token: string): URL {
  const url = new URL(`${base.href.replace(/\/$/, '')}/login/external/${slug}/crewplanner`);
  url.searchParams.set('token', token);
  return url;
}

/** Where an application begins a sign-in (RFC 6749 §4.1.1, RFC 7636 §4.3). Its answer is not used, so that the verifier is not kept. */
function authorizationUrl(base: URL, { id, redirectUris: [redirect = ''] }: Client): URL {
  const url = new URL(`${base.href.replace(/\/$/, '')}/oidc/auth`);
  const challenge = createHash('sha256').update(randomBytes(32)).digest('base64url');
  const query = { response_type: 'code', client_id: id, redirect_uri: redirect, scope: 'openid', state: 'simulated' };
  for (const [name, value] of Object.entries({ ...query, code_challenge: challenge, code_challenge_method: 'S256' }))
    url.searchParams.set(name, value);
  return url;
}

async function secretOf({ algorithm, secrets }: LinkSetUp, options: CrewPlannerOptions, slug: string): Promise<string> {
  const given = options.secretStdin ? (await text(process.stdin)).trim() : options.secret;
  if (given) return given;
  if (algorithm !== 'HS256')
    throw new CommandError(`CrewPlanner signs links to this account with a key of its own (${algorithm}).`, 'usage');
  return secrets[0] ?? missing('no secret', slug);
}

function missing(what: string, slug: string): never {
  throw new CommandError(
    `The account "${slug}" has ${what} for CrewPlanner: add --set-up, or set it up as docs/crewplanner.md says.`,
    'usage',
  );
}
