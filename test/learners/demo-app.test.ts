// The demo app as a newcomer walks through it, in a browser without scripts: what a first start prints gets in.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type RunningServer, startServer } from '../../src/app/server.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { collectionsOf } from '../../src/mongo/collections.ts';
import { startMessage } from '../../src/start-message.ts';
import { createBrowser } from '../support/browser.ts';
import { createCli } from '../support/cli.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';

let database: TestDatabase;
let server: RunningServer;
let config: Config;
let app: string;

const start = (settings: Record<string, string> = {}) => {
  config = loadConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    MONGODB_URI: database.uri,
    MONGODB_DATABASE: database.name,
    LOG_LEVEL: 'error',
    SHUTDOWN_NOTICE_MS: '0',
    SHUTDOWN_GRACE_MS: '250',
    NODE_ENV: 'development',
    ...settings,
  });
  return startServer(config, createLog({ level: 'error' }), () => undefined);
};
beforeAll(async () => {
  database = await openTestDatabase();
  server = await start();
  app = server.demo?.appUrl ?? '';
});
afterAll(async () => {
  await server.stop();
  await database.close();
});

const people = () => server.demo?.people ?? assert.fail('no people');
const browser = () => createBrowser(new URL(app).origin);

describe('who is in the start message', () => {
  test('the learner signs in, sees who they are and the courses, and the badge is zero afterwards', async () => {
    const one = browser();
    const welcome = await one.open(app);
    assert.equal(welcome.title, 'Welcome');
    let page = await one.open(`${app}/sign-in`);
    page = await one.submit(page, { name: people().learner, password: people().password });
    page = await one.submit(page, { language: 'en' });
    page = await one.submit(page, { accepted: 'yes' });
    assert.deepEqual([page.url, page.title], [app, 'Hello, Ben Example'], page.text);
    assert.match(page.text, /<strong id="badge">2<\/strong>/);
    assert.match(page.text, /<li>Example Sales<\/li>[\s\S]*<li>Example Store Ghent<\/li>/);
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    const courses = await one.open(`${app}/courses`);
    assert.match(courses.text, /Welcome to the shop/);
    assert.doesNotMatch(courses.text, /Lift without/);
    assert.match((await one.open(app)).text, /<strong id="badge">0<\/strong>/);
    const asked = await one.submit(await one.open(app));
    assert.equal(asked.title, 'Sign out');
    const out = await one.submit(asked);
    assert.deepEqual([out.url, out.title], [app, 'Welcome']);
    assert.equal((await one.open(`${app}/sign-in`)).title, 'Sign in');
  });

  test('the manager without a store is stopped after the language', async () => {
    const one = browser();
    let page = await one.open(`${app}/sign-in`);
    page = await one.submit(page, { name: people().managerWithoutStore, password: people().password });
    page = await one.submit(page, { language: 'en' });
    assert.deepEqual([page.status, page.title], [403, 'You cannot get in']);
  });

  test('the link of CrewPlanner leads to the demo app; the second one needs no page', async () => {
    const link = async () => {
      const words = /cli -- (simulate crewplanner .*)$/m.exec(startMessage(server, config))?.[1] ?? '';
      const ran = await createCli(database)(...words.split(' '));
      assert.equal(ran.code, 0, ran.err);
      return ran.out.trim();
    };
    const one = browser();
    let page = await one.open(await link());
    assert.match(page.text, /type="radio"/);
    page = await one.submit(page, {});
    page = await one.submit(page, { accepted: 'yes' });
    assert.equal(page.title, 'Hello, Chloe Example');
    assert.equal((await browser().open(await link())).title, 'Hello, Chloe Example');
  });

  test('is named with addresses and secrets; of production there is nothing', async () => {
    const message = startMessage(server, config);
    for (const words of [app, people().learner, people().password, people().managerWithoutStore, 'hugo@example.com'])
      assert.ok(message.includes(words), `${words} is not in\n${message}`);
  });
});

describe('the app', () => {
  test('takes no answer that is not of its own sign-in, and no cookie that it did not make', async () => {
    const one = browser();
    const forged = await one.open(`${app}/callback?code=x&state=y`);
    assert.deepEqual([forged.status, forged.title], [400, 'Welcome']);
    await one.open(`${app}/sign-in`);
    const other = await one.open(`${app}/callback?code=x&state=y`);
    assert.equal(other.status, 400);
    one.cookies.set('mobietrain_demo', 'eyJhbGciOiJub25lIn0.e30.');
    assert.equal((await one.open(app)).title, 'Welcome');
    assert.equal((await one.open(`${app}/nothing`)).status, 404);
  });

  test('says that the session has ended, if somebody was blocked', async () => {
    const one = browser();
    let page = await one.open(`${app}/sign-in`);
    page = await one.submit(page, { name: people().learner, password: people().password });
    assert.equal(page.title, 'Hello, Ben Example');
    const { users } = collectionsOf(database.db);
    await users.updateOne({ 'data.userName': people().learner }, { $set: { blocked: true } });
    page = await one.open(app);
    assert.match(page.text, /not signed in any more/);
    await users.updateOne({ 'data.userName': people().learner }, { $set: { blocked: false } });
  });
});

test('a later start keeps the password and has one client, at its own address; production has no demo', async () => {
  const { password } = people();
  await server.stop();
  server = await start({ PORT: '0' });
  assert.equal(people().password, password);
  const { oidcClients } = collectionsOf(database.db);
  const clients = await oidcClients.find({}).toArray();
  assert.deepEqual(
    clients.map(({ redirectUris }) => redirectUris),
    [[`${server.demo?.appUrl}/callback`]],
  );
  const production = await start({ NODE_ENV: 'production', ADMIN_PASSWORD: 'a glass of cold plum soup' });
  const gone = await browserAt(production).open(`${new URL(production.scimBaseUrl).origin}/demo-app`);
  assert.deepEqual([production.demo, gone.status], [undefined, 404]);
  assert.doesNotMatch(startMessage(production, config), /demo|crewplanner|ben@|vera@|hugo@/i);
  await production.stop();
});

const browserAt = (one: RunningServer) => createBrowser(new URL(one.scimBaseUrl).origin);
