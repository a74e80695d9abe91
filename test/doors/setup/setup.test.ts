// The set-up page as the people of a customer see it: the link, one token, the steps, and a checklist that the real clients tick off.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, type Api, idOf, openAdminServer } from '../../support/admin.ts';
import { type BrowserPage, createBrowser } from '../../support/browser.ts';
import { createCli } from '../../support/cli.ts';
import { MOBIETRAIN_USER } from '../../support/scim.ts';

let api: AdminServer;
let admin: Api;
let slug: string;
beforeAll(async () => {
  api = await openAdminServer();
  slug = await api.account({ requiredData: 'report', contact: 'the help desk' });
  admin = await api.administrator(slug, 'customerAdministrator');
});
afterAll(() => api.stop());

let count = 0;
async function linkOf(name: string, body: Record<string, unknown> = {}) {
  count += 1;
  const connection = idOf(await admin('POST', `/accounts/${slug}/connections`, { body: { name: `${name} ${count}` } }));
  const made = await admin('POST', `/accounts/${slug}/connections/${connection}/setup-links`, { body });
  assert.equal(made.status, 201, made.text);
  return { connection, id: idOf(made), url: String(made.body.url) };
}
const open = (url: string) => createBrowser(api.server.origin).open(url);
const tokenIn = ({ text }: BrowserPage) => /id="token" type="text" value="([^"]+)"/.exec(text)?.[1];
const ticksIn = ({ text }: BrowserPage) => [...text.matchAll(/<li class="(done|open)">/g)].map(([, state]) => state);

/** What a call with a token is answered. */
const statusOf = async (token: string | undefined) =>
  (await api.server.raw('/Users?startIndex=1&count=2', { headers: { Authorization: `Bearer ${token}` } })).status;

/** The checklist, when it has this text. */
async function statusWith(url: string, wanted: RegExp): Promise<string> {
  let text = '';
  for (let looks = 0; looks < 100 && !wanted.test(text); looks += 1) {
    if (looks > 0) await sleep(100);
    ({ text } = await open(`${url}/status`));
  }
  assert.match(text, wanted);
  return text;
}

/** The page with this form: a page has several. */
async function submit(page: BrowserPage, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return api.server.raw(page.url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      Origin: api.server.origin,
      Accept: 'text/html',
      ...headers,
    },
    body: new URLSearchParams(fields).toString(),
  });
}

describe('a set-up link', () => {
  test('of a connection without a kind asks for the product, and shows its steps in four languages', async () => {
    const { url } = await linkOf('directory');
    const page = await open(url);
    assert.equal(page.status, 200, page.text);
    for (const name of ['Microsoft Entra ID', 'Okta', 'OneLogin', 'JumpCloud', 'Another product'])
      assert.ok(page.text.includes(name), name);
    assert.equal((await submit(page, { client: 'okta', lang: 'fr' })).status, 303);
    for (const [language, words] of [
      ['en', 'Test Connector Configuration'],
      ['nl', 'Vink “Push New Users”'],
      ['fr', 'Cochez « Push New Users »'],
      ['de', 'Haken Sie „Push New Users“'],
    ] as const) {
      const steps = await open(`${url}?lang=${language}`);
      assert.ok(steps.text.includes(words), language);
      assert.ok(steps.text.replaceAll('<wbr>', '').includes(MOBIETRAIN_USER), language);
    }
    assert.equal((await submit(page, { client: 'nobody' })).status, 400);
  });

  test('makes two tokens at most, each shown once, and one for twenty requests at once', async () => {
    const { url } = await linkOf('entra');
    const page = await open(url);
    assert.equal(tokenIn(page), undefined);
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(page, { made: '0' })));
    const shown = answers.flatMap((answer) => tokenIn(answer as BrowserPage) ?? []);
    assert.equal(shown.length, 1);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array<number>(19).fill(409)]);
    assert.ok(answers.find(({ status }) => status === 409)?.text.includes('in another window'));
    const again = await open(url);
    assert.equal(again.text.includes(shown[0] ?? '-'), false);
    assert.match(again.text, /begins with mbt_.{4} was made here at .* and no call has come with it yet/);
    assert.equal(await statusOf(shown[0]), 200);
    const second = tokenIn((await submit(await open(url), { made: '1' })) as BrowserPage);
    assert.ok(second !== undefined && second !== shown[0]);
    for (const token of [shown[0], second]) assert.equal(await statusOf(token), 200);
    const both = await open(url);
    assert.ok(both.text.includes('Two secret tokens of this page are in use'));
    assert.equal((await submit(both, { made: '2' })).status, 409);
  });

  test('replaces a token that was lost before it was used, and ten times at most', async () => {
    const { url } = await linkOf('entra');
    const tokens: string[] = [];
    for (let made = 0; made < 10; made += 1) {
      const token = tokenIn((await submit(await open(url), { made: String(made) })) as BrowserPage);
      assert.ok(token !== undefined, `token ${made}`);
      tokens.push(token);
    }
    assert.equal((await submit(await open(url), { made: '10' })).status, 409);
    for (const token of tokens.slice(0, -1)) assert.equal(await statusOf(token), 401);
    assert.equal(await statusOf(tokens.at(-1)), 200);
  });

  test('says after a reload that the token was shown once, and when, and makes no other', async () => {
    const { url } = await linkOf('entra');
    const page = await open(url);
    const form = /name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const token = tokenIn((await submit(page, { made: '0', form })) as BrowserPage) ?? '';
    const reloaded = await submit(page, { made: '0', form });
    assert.equal(reloaded.status, 200);
    assert.match(reloaded.text, /class="notice"[^>]*>A secret token that begins with mbt_.{4} was made here at .* UTC/);
    assert.equal(reloaded.text.includes('in another window'), false);
    assert.equal(reloaded.text.includes(token), false);
    assert.equal(await statusOf(token), 200);
    const elsewhere = await submit(page, { made: '0', form: '00000000-0000-4000-8000-000000000000' });
    assert.equal(elsewhere.status, 409);
    assert.ok(elsewhere.text.includes('in another window'));
  });

  test('that expired, was withdrawn or is not complete says so, and makes nothing', async () => {
    const expired = await linkOf('entra');
    const page = await open(expired.url);
    const links = api.server.database.db.collection('setupLinks');
    await links.updateOne({ _id: expired.id as never }, { $set: { expires: new Date(Date.now() - 1000) } });
    const gone = await open(expired.url);
    assert.deepEqual([gone.status, gone.title], [410, 'This set-up link has expired']);
    assert.ok(gone.text.includes('Ask the help desk for a new one'));
    assert.equal((await submit(page, { made: '0' })).status, 410);
    const withdrawn = await linkOf('entra');
    assert.equal((await admin('DELETE', `/accounts/${slug}/setup-links/${withdrawn.id}`)).status, 204);
    assert.equal((await open(withdrawn.url)).title, 'This set-up link was withdrawn');
    assert.equal((await open(withdrawn.url.slice(0, -1))).title, 'This set-up link does not work');
    assert.equal((await open(`${withdrawn.url}/other`)).status, 404);
    const listed = (await admin('GET', `/accounts/${slug}/setup-links`)).body.items as { tokens: number }[];
    assert.ok(listed.length > 2);
    assert.equal(JSON.stringify(listed).includes('/setup/'), false);
  });

  test('takes no form from another site, and lasts at most thirty days', async () => {
    const { url, connection } = await linkOf('entra');
    const page = await open(url);
    assert.equal((await submit(page, { made: '0' }, { Origin: 'https://evil.example' })).status, 403);
    assert.ok((await open(url)).text.includes('Create the secret token'));
    const body = { expiresInDays: 31 };
    const refused = await admin('POST', `/accounts/${slug}/connections/${connection}/setup-links`, { body });
    assert.equal(refused.status, 400, refused.text);
  });

  test('breaks the URNs of the mapping for Okta behind colons only', async () => {
    const { url } = await linkOf('okta');
    const { text } = await open(url);
    assert.ok(text.includes('<code>urn:<wbr>ietf:<wbr>params:<wbr>scim:<wbr>'), text);
    assert.ok(text.includes('.scroll :is(th,td,code){overflow-wrap:normal}'));
  });

  test('has a policy that lets nothing else in, and sends no referrer', async () => {
    const page = await open((await linkOf('okta')).url);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(
      policy,
      /^default-src 'none'; script-src 'sha256-[^']+'; connect-src 'self'; style-src 'sha256-[^']+';/,
    );
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
  });
});

describe('the checklist', () => {
  /** No database: the command needs none. */
  const cli = createCli({ uri: 'mongodb://127.0.0.1:1/', name: 'none' });

  for (const client of ['entra', 'okta'])
    test(`is ticked off by what ${client} really sends`, async () => {
      const { url } = await linkOf(client);
      const page = await open(url);
      assert.deepEqual(ticksIn(page), Array<string>(5).fill('open'));
      assert.ok(page.text.includes('No call has arrived yet.'));
      const token = tokenIn((await submit(page, { made: '0' })) as BrowserPage) ?? '';
      const ran = await cli('simulate', client, '--base-url', api.server.base, '--token', token, '--json');
      assert.equal(ran.code, 0, ran.err);
      let status = await open(`${url}/status`);
      for (let looks = 0; looks < 100 && ticksIn(status).includes('open'); looks += 1) {
        await sleep(100);
        status = await open(`${url}/status`);
      }
      assert.deepEqual(ticksIn(status), Array<string>(5).fill('done'), status.text);
      // What the client means to be refused is not a failure.
      assert.equal(/class="error".*/.exec(status.text)?.[0], undefined);
      assert.ok(status.text.includes('http-equiv="refresh"'));
    }, 60_000);

  test('says what a refused call meant, until one of the kind succeeds', async () => {
    const { url } = await linkOf('entra');
    const token = tokenIn((await submit(await open(url), { made: '0' })) as BrowserPage) ?? '';
    const post = (userName: unknown) =>
      api.server.raw('/Users', {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
        body: JSON.stringify({
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
          userName,
          externalId: 'setup-1',
        }),
      });
    assert.equal((await post(undefined)).status, 400);
    const shown = async (wanted: boolean) => {
      for (let looks = 0; looks < 100; looks += 1) {
        const { text } = await open(`${url}/status`);
        if (text.includes('A call was refused') === wanted) return text;
        await sleep(100);
      }
      throw new Error(`the refusal is ${wanted ? 'not shown' : 'still shown'}`);
    };
    const text = await shown(true);
    assert.match(text, /POST \/Users was answered 400\. .*userName/);
    const [, page = ''] = /href="(\/docs\/troubleshooting#required)">Read more: required</.exec(text) ?? [];
    assert.equal((await api.server.raw(new URL(page, api.server.origin).href)).status, 200, text);
    assert.equal((await post('<b>setup</b>')).status, 201);
    assert.equal((await shown(false)).includes('<b>setup'), false);
  });

  test('of Okta ticks the connection test from the list that it reads, not from what it writes or looks for', async () => {
    const { url } = await linkOf('okta');
    const token = tokenIn((await submit(await open(url), { made: '0' })) as BrowserPage) ?? '';
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' };
    const person = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'okta.first' };
    const filter = encodeURIComponent('userName eq "okta.first"');
    assert.equal((await api.server.raw(`/Users?filter=${filter}&startIndex=1&count=100`, { headers })).status, 200);
    assert.equal(
      (await api.server.raw('/Users', { method: 'POST', headers, body: JSON.stringify(person) })).status,
      201,
    );
    const text = await statusWith(url, /A person was created: \d/);
    assert.match(text, /Connection test: waiting/);
    assert.equal(await statusOf(token), 200);
    await statusWith(url, /Connection test: \d/);
  });

  test('shows calls with a token that was revoked, has expired, or was not copied whole', async () => {
    const { url, connection } = await linkOf('entra');
    const token = tokenIn((await submit(await open(url), { made: '0' })) as BrowserPage) ?? '';
    const head = token.slice(0, 8);
    assert.match((await open(`${url}/status`)).text, /If your product says that the credentials are wrong/);
    for (const wrong of [token.slice(0, -3), `Bearer ${token}`, token.slice(0, 20)]) {
      await api.server.database.db.collection('refusedRequests').deleteMany({});
      assert.equal(await statusOf(wrong), 401, wrong);
      await statusWith(url, new RegExp(`a call came with a token that begins with ${head}, as one of this connection`));
    }
    assert.equal(await statusOf(token), 200);
    await statusWith(url, /Connection test: \d/);
    const credentials = api.server.database.db.collection<{ _id: string }>('credentials');
    const found = await credentials.findOne({ connection: connection });
    await credentials.updateOne({ connection: connection }, { $set: { expires: new Date(Date.now() - 1000) } });
    await sleep(1_000);
    assert.equal(await statusOf(token), 401);
    await statusWith(url, new RegExp(`a token of this connection that has expired\\. It begins with ${head}`));
    await admin('DELETE', `/accounts/${slug}/credentials/${found?._id}`);
    assert.equal(await statusOf(token), 401);
    await statusWith(url, new RegExp(`a token of this connection that was revoked\\. It begins with ${head}`));
  });

  test('shows nothing of a token that belongs to another connection or to nobody', async () => {
    const mine = await linkOf('entra');
    const other = await linkOf('entra');
    assert.ok(tokenIn((await submit(await open(mine.url), { made: '0' })) as BrowserPage));
    const token = tokenIn((await submit(await open(other.url), { made: '0' })) as BrowserPage) ?? '';
    assert.equal(await statusOf(`${token.slice(0, 30)}x`.padEnd(47, 'x')), 401);
    assert.equal(await statusOf(`mbt_0000${'x'.repeat(39)}`), 401);
    await statusWith(other.url, /A call came with a wrong token/);
    assert.equal((await open(`${mine.url}/status`)).text.includes('A call came with a wrong token'), false);
  });
});
