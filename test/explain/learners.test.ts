// Which index each query uses when learners get in: sign-in to an application up to the tokens, a forgotten password, a registration, a
// link of CrewPlanner, signing out; and how many statements a sign-in sends.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { SignJWT } from 'jose';
import * as oidc from 'openid-client';
import { collectionsOf } from '../../src/mongo/collections.ts';
import { idOf, invitee } from '../support/admin.ts';
import { type Explained, type ExplainedAccount, openExplained } from '../support/explained.ts';
import { type App, createBrowser, openApp, PASSWORD } from '../support/learners.ts';
import { collectionOf, isOfJob } from '../support/profiler.ts';
import { userNamed } from '../support/scim.ts';

/** Of a sign-in up to the tokens, which is five requests. */
const STATEMENTS_MAX = 44;

let server: Explained;
let account: ExplainedAccount;
let app: App;
let origin: string;
let secret: string;

beforeAll(async () => {
  server = await openExplained();
  await server.account({ requiredData: 'report' });
  account = await server.account({ requiredData: 'report', passwordSync: true, crewplannerSlug: 'acme' });
  origin = server.api.server.origin;
  app = await openApp(origin, server.api.root, account.slug);
  secret = String((await server.api.root('POST', `/accounts/${account.slug}/link-secrets`)).body.secret);
  for (const name of ['ann', 'bea', 'cas', 'dirk', 'eva'])
    await account.succeeds('POST', '/Users', { body: userNamed(name, { password: PASSWORD }) });
  // Others who are signed in, so that a scan of what the provider keeps shows.
  for (const name of ['ann', 'bea', 'cas', 'dirk']) await app.tokens(await app.signIn(createBrowser(origin), name));
});
afterAll(() => server.stop());

/** Collections that only the background work of a server asks, at times of its own. */
const BACKGROUND: ReadonlySet<string> = new Set(['leases', 'callCounts', 'censuses', 'dailyTurns', 'migrations']);

/** Checks, and that these collections were asked at all. */
async function asks(work: () => Promise<unknown>, ...collections: string[]): Promise<string[]> {
  const statements = await server.check(work);
  const ofRequests = statements.filter((statement) => !isOfJob(statement)).map(collectionOf);
  const asked = ofRequests.filter((name) => !BACKGROUND.has(name));
  for (const name of collections) assert.ok(asked.includes(name), `${name} was not asked`);
  return asked;
}

test('the first sign-in with language and terms, user info, another token, and signing out', async () => {
  await asks(
    async () => {
      const browser = createBrowser(origin);
      const tokens = await app.tokens(await app.signIn(browser, 'eva@example.com'));
      await oidc.fetchUserInfo(app.config, tokens.access_token, tokens.claims()?.sub ?? '');
      await oidc.refreshTokenGrant(app.config, tokens.refresh_token ?? '');
      const asked = await browser.open(`${origin}/oidc/session/end?client_id=${app.clientId}`);
      assert.equal((await browser.submit(asked, { everywhere: 'yes' })).title, 'You are signed out');
    },
    'oidcValues',
    'oidcClients',
    'learnerAccess',
    'signInFailures',
    'users',
  );
});

test('a later sign-in sends a bounded number of statements', async () => {
  const browser = createBrowser(origin);
  const asked = await asks(async () => app.tokens(await app.signIn(browser, 'ann')), 'oidcValues');
  const counts = new Map<string, number>();
  for (const name of asked) counts.set(name, (counts.get(name) ?? 0) + 1);
  assert.ok(asked.length <= STATEMENTS_MAX, JSON.stringify([...counts]));
});

test('a forgotten password, and its link', async () => {
  await asks(async () => {
    const browser = createBrowser(origin);
    const { page } = await app.begin(browser);
    const [, path = ''] = /href="([^"]*forgot[^"]*)"/.exec(page.text) ?? [];
    const forgot = await browser.open(new URL(path.replace('&amp;', '&'), page.url).href);
    assert.equal((await browser.submit(forgot, { name: 'bea@example.com' })).status, 200);
    const mail = await collectionsOf(server.db).outbox.findOne({ to: 'bea@example.com' }, { sort: { _id: -1 } });
    const [link = ''] = /http:\S+\/login\/reset\/[\w-]{43}/.exec(mail?.text ?? '') ?? [];
    const set = await browser.submit(await browser.open(link), { password: 'nine quiet kettles of snow' });
    assert.equal(set.title, 'Je wachtwoord is ingesteld');
  }, 'resetLinks');
});

test('a registration over the link of an invitation', async () => {
  const below = `/accounts/${account.slug}`;
  const group = idOf(await server.api.root('POST', `${below}/groups`, { body: { name: 'Invited' } }));
  const made = await server.api.root('POST', `${below}/invitations`, { body: invitee('invited', group) });
  const mail = await collectionsOf(server.db).outbox.findOne({ _id: `invite:${idOf(made)}` });
  const [link = ''] = /http:\S+\/login\/register\/[\w-]{43}/.exec(mail?.text ?? '') ?? [];
  await asks(async () => {
    const browser = createBrowser(origin);
    let page = await browser.submit(await browser.open(link), { language: 'nl' });
    page = await browser.submit(page, { accepted: 'yes' });
    page = await browser.submit(page, { password: PASSWORD });
    assert.equal(page.status, 200, page.text);
    assert.equal((await browser.open(link)).status, 410);
  }, 'invitations');
});

test('a link of CrewPlanner: a new employee, a known one, and one that was used', async () => {
  const linkOf = async (id: string) => {
    const token = await new SignJWT({ given_name: 'Ann', family_name: 'Example', email: 'crew@example.com' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('https://acme.crewplanner.com')
      .setAudience(account.slug)
      .setSubject('crew-1')
      .setJti(id)
      .setIssuedAt()
      .setExpirationTime('2m')
      .sign(new TextEncoder().encode(secret));
    return `${origin}/login/external/${account.slug}/crewplanner?token=${token}`;
  };
  await asks(async () => {
    for (const id of ['one', 'two'])
      assert.equal((await createBrowser(origin).open(await linkOf(id))).url, 'http://localhost:9/start');
    assert.equal((await createBrowser(origin).open(await linkOf('two'))).status, 403);
  }, 'linkSecrets');
});
