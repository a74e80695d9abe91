// The CrewPlanner link over the whole server: a click signs in, the first visit asks for language and terms, refusals say what to do.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { SignJWT } from 'jose';
import type { Browser, BrowserPage } from '../support/browser.ts';
import { send } from '../support/http-client.ts';
import { APP, createBrowser, type LearnerServer, openLearnerServer } from '../support/learners.ts';

const START = 'http://localhost:9/start';
let server: LearnerServer;
let secret: string;
beforeAll(async () => {
  server = await openLearnerServer();
  await server.settings({ crewplannerSlug: 'acme', login: 'link', contact: 'the planning team' });
  secret = String((await server.api.root('POST', '/accounts/demo/link-secrets')).body.secret);
});
afterAll(() => server.stop());

let tokens = 0;
interface LinkOptions {
  key?: string;
  lifetime?: string;
}
async function linkOf(
  sub: string,
  claims: object = {},
  { key = secret, lifetime = '2m' }: LinkOptions = {},
): Promise<string> {
  tokens += 1;
  const token = await new SignJWT({ email: `${sub}@example.com`, given_name: 'Ann', family_name: 'Example', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('https://acme.crewplanner.com')
    .setAudience('demo')
    .setSubject(sub)
    .setJti(`link-${tokens}`)
    .setIssuedAt(lifetime.startsWith('-') ? '-10m' : undefined)
    .setExpirationTime(lifetime)
    .sign(new TextEncoder().encode(key));
  return `${server.origin}/login/external/demo/crewplanner?token=${token}`;
}
const click = (browser: Browser, link: string): Promise<BrowserPage> => browser.open(link);
const userOf = async (externalId: string) => {
  const filter = encodeURIComponent(`externalId eq "${externalId}"`);
  const { body } = await server.api.server.call('GET', `/Users?filter=${filter}`);
  return (body.Resources as Record<string, unknown>[])[0];
};

describe('a click', () => {
  test('signs in: the first visit asks for language and terms, the second for nothing', async () => {
    const browser = createBrowser(server.origin);
    assert.equal((await click(browser, await linkOf('crew-1', { department: 'Bakery' }))).url, START);
    let { page } = await server.begin(browser);
    assert.match(page.text, /type="radio"/);
    page = await browser.submit(page, { language: 'fr' });
    assert.match(page.text, /name="accepted"/);
    page = await browser.submit(page, { accepted: 'yes' });
    assert.ok(page.url.startsWith(APP), page.text);
    assert.equal((await userOf('crew-1'))?.preferredLanguage, 'fr');
    const second = createBrowser(server.origin);
    await click(second, await linkOf('crew-1'));
    assert.ok((await server.begin(second)).page.url.startsWith(APP));
  });

  test('by a form that CrewPlanner sends works, too', async () => {
    const [address = '', token = ''] = (await linkOf('crew-2')).split('?token=');
    const posted = await send(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'https://acme.crewplanner.com' },
      body: `token=${token}`,
    });
    assert.deepEqual([posted.status, posted.headers.get('location')], [303, START], posted.text);
  });

  test('20 times at once on one link gives one session', async () => {
    const link = await linkOf('crew-3');
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(link)));
    assert.deepEqual(
      answers
        .map(({ status }) => status)
        .sort()
        .slice(0, 2),
      [303, 403],
    );
    assert.equal(answers.filter(({ status }) => status === 303).length, 1);
    assert.match(answers.find(({ status }) => status === 403)?.text ?? '', /used already/);
  });

  test('a HEAD request does not use the link up', async () => {
    const link = await linkOf('crew-4');
    await send(link, { method: 'HEAD' });
    assert.equal((await send(link)).status, 303);
  });
});

describe('nobody gets in', () => {
  test.each<[string, () => Promise<string>, number, RegExp]>([
    [
      'with another secret',
      () => linkOf('crew-5', {}, { key: 'a secret that nobody here knows!' }),
      403,
      /does not work/,
    ],
    ['with a link that has expired', () => linkOf('crew-5', {}, { lifetime: '-5m' }), 403, /too old/],
    ['without a token', async () => `${server.origin}/login/external/demo/crewplanner`, 403, /does not work/],
    ['with claims of the wrong form', () => linkOf('crew-5', { email: { $ne: 1 } }), 403, /the planning team/],
    [
      'into an account that is not there',
      async () => (await linkOf('crew-5')).replace('/demo/', '/nowhere/'),
      404,
      /no such way/,
    ],
  ])('%s', async (_what, link, status, words) => {
    const refused = await send(await link());
    assert.equal(refused.status, status, refused.text);
    assert.match(refused.text, words);
    assert.equal(refused.headers.get('set-cookie'), null);
    assert.equal(await userOf('crew-5'), undefined);
  });

  test('who is deactivated or blocked here; who is a manager without a store learns whom to ask', async () => {
    await send(await linkOf('crew-6'));
    const id = String((await userOf('crew-6'))?.id);
    await server.api.root('POST', `/accounts/demo/users/${id}/deactivate`);
    assert.match((await send(await linkOf('crew-6', { active: true }))).text, /not active/);
    await server.api.root('POST', `/accounts/demo/users/${id}/activate`);
    await server.api.root('POST', `/accounts/demo/users/${id}/block`);
    assert.match((await send(await linkOf('crew-6'))).text, /blocked/);
    assert.equal((await userOf('crew-6'))?.id, id);
  });

  test('into an account without CrewPlanner', async () => {
    const slug = await server.api.account();
    const refused = await send((await linkOf('crew-7')).replace('/demo/', `/${slug}/`));
    assert.deepEqual([refused.status, refused.headers.get('set-cookie')], [403, null]);
    assert.match(refused.text, /not set up/);
  });

  test('and the event says why, without the token', async () => {
    const link = await linkOf('crew-8', {}, { key: 'a secret that nobody here knows!' });
    await send(link);
    for (let looks = 0; looks < 100; looks += 1) {
      const { items } = (await server.api.root('GET', '/accounts/demo/events?door=learners&failed=true')).body as {
        items: { faults?: { code: string }[]; path: string }[];
      };
      const found = items.find(({ faults }) => faults?.[0]?.code === 'signature');
      if (found) {
        assert.equal(JSON.stringify(items).includes(link.slice(-40)), false, found.path);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail('there is no event');
  });
});
