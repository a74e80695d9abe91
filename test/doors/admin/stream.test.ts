// The live stream of a connection: what comes, in which order, over several servers; who may see it, how many, and how it ends.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { newResourceId } from '../../../src/directory/ids.ts';
import { type AdminServer, type Api, cookieOf, idOf, openAdminServer } from '../../support/admin.ts';
import { type Call, createClient } from '../../support/http-client.ts';
import { type LiveStream, openStream } from '../../support/live-stream.ts';
import { openProfiler } from '../../support/profiler.ts';
import { userNamed } from '../../support/scim.ts';
import { openTestServer, type TestServer } from '../../support/server.ts';

/** Longer than a test may take: a server that waited for it would fail. */
const GRACE_MS = '120000';

let api: AdminServer;
/** Another server over the same database. */
let other: TestServer;
let account: string;
let token: string;
let watched: Watched;
const open: LiveStream[] = [];
const clients: { close(): void }[] = [];

type StoredEvent = { _id: string; account?: string } & Record<string, unknown>;

interface Watched {
  id: string;
  /** As the connection, over the first server and the other. */
  call: Call;
  callOther: Call;
}

beforeAll(async () => {
  api = await openAdminServer({ SHUTDOWN_GRACE_MS: GRACE_MS });
  other = await openTestServer({ MONGODB_DATABASE: api.server.database.name, SHUTDOWN_GRACE_MS: GRACE_MS });
  account = await api.account();
  token = await tokenOf(account);
  watched = await connection('watched');
});
afterAll(async () => {
  for (const each of [...open, ...clients]) each.close();
  await other.stop();
  await api.stop();
});

/** The personal token of a new administrator. */
async function tokenOf(slug: string, role: 'customerAdministrator' | 'orgUnitAssistant' = 'customerAdministrator') {
  const more = role === 'orgUnitAssistant' ? { orgUnit: await orgUnit(slug) } : {};
  const made = await api.newAdministrator(slug, role, more);
  const browser = await api.browser(made);
  return String((await browser('POST', '/session/tokens', { body: { name: 'stream' } })).body.token);
}

async function orgUnit(slug: string): Promise<string> {
  await api.root('POST', `/accounts/${slug}/org-units`, { body: { code: 'North' } });
  return 'North';
}

async function connection(name: string, slug = account): Promise<Watched> {
  const id = idOf(await api.root('POST', `/accounts/${slug}/connections`, { body: { name } }));
  const made = await api.root('POST', `/accounts/${slug}/connections/${id}/credentials`, { body: {} });
  const callOver = (base: string) => {
    const client = createClient(base, String(made.body.token));
    clients.push(client);
    return client.call;
  };
  return { id, call: callOver(api.server.base), callOther: callOver(other.base) };
}

const pathOf = (id = watched.id, query = '') => `/accounts/${account}/connections/${id}/stream${query}`;

async function stream(
  path = pathOf(),
  { server = api.server, headers = {} }: { server?: TestServer; headers?: Record<string, string> } = {},
): Promise<LiveStream> {
  const opened = await openStream(`${server.origin}/api/v1${path}`, { Authorization: `Bearer ${token}`, ...headers });
  open.push(opened);
  return opened;
}

/** Calls with these request ids, in turn over both servers. */
async function calls(names: readonly string[], { call, callOther } = watched): Promise<void> {
  for (const [index, name] of names.entries()) {
    const over = index % 2 ? callOther : call;
    await over('GET', `/Users?filter=${encodeURIComponent('userName eq "nobody"')}`, {
      headers: { 'X-Request-Id': name },
    });
  }
}

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
const namesOf = (...streams: LiveStream[]) =>
  streams.flatMap((each) => each.requests().map(({ request }) => request.split('~')[0] ?? ''));

describe('what comes', () => {
  test('each request of the connection once, in the order of the events, from both servers and nobody else', async () => {
    const stranger = await connection('stranger');
    const first = await stream();
    const second = await stream(pathOf(), { server: other });
    assert.equal(first.headers['content-type'], 'text/event-stream; charset=utf-8');
    assert.equal(first.headers['x-accel-buffering'], 'no');
    const names = numbered('order', 40);
    await Promise.all([calls(names), calls(numbered('foreign', 10), stranger)]);
    for (const each of [first, second]) {
      await each.until(() => namesOf(each).length >= names.length);
      assert.deepEqual(namesOf(each).sort(), [...names].sort());
      const ids = each.requests().map(({ id }) => id);
      assert.deepEqual(ids, [...ids].sort());
      each.close();
    }
    const listed = await api.root('GET', `/accounts/${account}/events?door=scim&limit=500`);
    const shown = (listed.body.items as { id: string; connection: string }[]).filter(
      (each) => each.connection === watched.id,
    );
    assert.deepEqual(first.requests(), shown.reverse());
  });

  test('after a break it continues behind the last message, on another server, without loss or doubles', async () => {
    const first = await stream();
    const names = numbered('resume', 30);
    const sending = calls(names);
    await first.until(() => namesOf(first).length >= 5);
    first.close();
    await sending;
    const headers = { 'Last-Event-ID': first.lastId() };
    const second = await stream(pathOf(), { server: other, headers });
    await second.until(() => namesOf(first, second).length >= names.length);
    await calls(['resume-last']);
    await second.until(() => namesOf(second).includes('resume-last'));
    assert.deepEqual(namesOf(first, second).sort(), [...names, 'resume-last'].sort());
    second.close();
  });

  test('a silent stream tells its position, from which it continues', async () => {
    const stranger = await connection('busy stranger');
    await calls(numbered('busy', 10), stranger);
    const first = await stream();
    first.close();
    await calls(['missed']);
    const query = `?after=${first.lastId()}`;
    const second = await stream(pathOf(watched.id, query));
    await second.until(() => namesOf(second).length > 0);
    assert.deepEqual(namesOf(second), ['missed']);
    second.close();
  });

  test('from far behind it reads everything in steps, by the index', async () => {
    const quiet = await connection('quiet');
    const begin = newResourceId();
    const events = api.server.database.db.collection<StoredEvent>('events');
    const at = new Date();
    const accountId = (await events.findOne({ connection: watched.id }))?.account ?? '';
    const rows = Array.from({ length: 1_500 }, (_, index) => ({
      _id: newResourceId(),
      at,
      account: accountId,
      connection: index % 100 ? watched.id : quiet.id,
      door: 'scim',
      request: `far-${index}~x`,
      method: 'GET',
      path: '/Users',
      status: 200,
      durationMs: 1,
    }));
    await events.insertMany(rows);
    const profiler = await openProfiler(api.server.database.db);
    await profiler.check(async () => {
      const far = await stream(pathOf(quiet.id, `?after=${begin}`));
      await far.until(() => namesOf(far).length >= 15);
      assert.deepEqual(
        namesOf(far),
        Array.from({ length: 15 }, (_, index) => `far-${index * 100}`),
      );
      far.close();
    });
  });

  test('no password and no token, and external IDs are masked', async () => {
    const seen = await stream();
    const body = userNamed('streamed', { externalId: 'EMP-STREAM-1', password: 'Str3amed-Pa55' });
    assert.equal((await watched.call('POST', '/Users', { body })).status, 201);
    const wrong = { ...body, userName: '', password: 'Str3amed-Pa56' };
    assert.equal((await watched.call('POST', '/Users', { body: wrong })).status, 400);
    await seen.until(() => seen.requests().length >= 2);
    assert.match(String(seen.requests()[0]?.requestBody), /streamed/);
    for (const secret of ['EMP-STREAM-1', 'Str3amed', 'mbt_', 'mbp_']) assert.ok(!seen.text().includes(secret), secret);
    seen.close();
  });

  test('filters', async () => {
    const queries = ['?outcome=refused', '?outcome=accepted', '?method=POST', '?status=4xx', '?status=2xx&method=GET'];
    const streams: LiveStream[] = [];
    for (const query of queries) streams.push(await stream(pathOf(watched.id, query), { headers: await another() }));
    const headers = (name: string) => ({ headers: { 'X-Request-Id': name } });
    await watched.call('POST', '/Users', { body: userNamed('filtered'), ...headers('made') });
    await watched.call('GET', '/Users/nobody', headers('missing'));
    await watched.call('GET', '/NoSuchType', headers('unknown'));
    await watched.call('GET', '/Users?count=0', headers('read'));
    // Who asks for somebody and finds nobody is not refused.
    const expected = [['unknown'], ['made', 'missing', 'read'], ['made'], ['missing', 'unknown'], ['read']];
    for (const [index, each] of streams.entries()) {
      await each.until(() => namesOf(each).length >= (expected[index]?.length ?? 0));
      assert.deepEqual(namesOf(each), expected[index], queries[index]);
      each.close();
    }
  });
});

/** The header of another administrator, who has streams of their own. */
async function another(): Promise<Record<string, string>> {
  return { Authorization: `Bearer ${await tokenOf(account)}` };
}

describe('who may see it', () => {
  test('what is not known is refused with its name', async () => {
    const id = newResourceId();
    for (const [query, headers, words] of [
      ['?outcomes=refused', {}, /outcomes: is not known.*outcome, method, status, after/],
      ['?outcome=maybe', {}, /outcome/],
      ['?method=get', {}, /method/],
      ['?status=404', {}, /status/],
      ['?after=1', {}, /after: must be the id of an event/],
      [`?after=${id.toUpperCase()}`, {}, /after/],
      ['', { 'Last-Event-ID': '$gt' }, /Last-Event-ID: must be the id of an event/],
    ] as const) {
      const refused = await stream(pathOf(watched.id, query), { headers });
      assert.equal(refused.status, 400, refused.text());
      assert.match(refused.text(), words);
    }
  });

  test('not another account, not another role, not a connection, not nobody', async () => {
    const away = await api.account();
    const theirs = await connection('theirs', away);
    assert.equal((await stream(pathOf(theirs.id))).status, 404);
    assert.equal((await stream(`/accounts/${away}/connections/${theirs.id}/stream`)).status, 404);
    const assistant = await tokenOf(account, 'orgUnitAssistant');
    for (const [authorization, status] of [
      [`Bearer ${assistant}`, 403],
      [`Bearer ${api.server.token}`, 403],
      ['Bearer mbp_nothing', 401],
    ] as const)
      assert.equal((await stream(pathOf(), { headers: { Authorization: authorization } })).status, status);
  });

  test('a session that is ended ends its stream, and so does a role that is taken away', async () => {
    const made = await api.newAdministrator(account, 'customerAdministrator');
    const signedIn = await api.anonymous('POST', '/session', { body: { email: made.email, password: made.password } });
    const cookie = { Cookie: cookieOf(signedIn) };
    const opened = await openStream(`${api.base}${pathOf()}`, cookie);
    open.push(opened);
    assert.equal(opened.status, 200);
    const headers = { ...cookie, 'X-CSRF-Token': String(signedIn.body.csrfToken) };
    assert.equal((await api.anonymous('DELETE', '/session', { headers })).status, 204);
    await opened.until(() => opened.isClosed());
    assert.equal(opened.end(), 'unauthorized');

    const demoted = await api.newAdministrator(account, 'customerAdministrator');
    const browser = await api.browser(demoted);
    const own = String((await browser('POST', '/session/tokens', { body: { name: 'own' } })).body.token);
    const second = await stream(pathOf(), { headers: { Authorization: `Bearer ${own}` } });
    const body = { role: 'orgUnitAssistant', orgUnit: await orgUnit(account) };
    assert.equal((await api.root('PATCH', demoted.path, { body })).status, 200);
    await second.until(() => second.isClosed());
    assert.equal(second.end(), 'unauthorized');
  });
});

describe('how many there are, and how they end', () => {
  test('an administrator has four streams and an account eight; one that is left makes room', async () => {
    const busy = await api.account();
    const { id } = await connection('limited', busy);
    const path = `/accounts/${busy}/connections/${id}/stream`;
    const headers = async () => ({ headers: { Authorization: `Bearer ${await tokenOf(busy)}` } });
    const owners = [await headers(), await headers(), await headers()];
    const opened: LiveStream[] = [];
    for (const owner of owners.slice(0, 2)) {
      for (let streams = 0; streams < 4; streams += 1) opened.push(await stream(path, owner));
      const refused = await stream(path, owner);
      assert.equal(refused.status, 429, refused.text());
      assert.match(refused.text(), /Too many live streams/);
      assert.ok(Number(refused.headers['retry-after']) > 0);
    }
    assert.deepEqual(new Set(opened.map(({ status }) => status)), new Set([200]));
    assert.equal((await stream(path, owners[2])).status, 429, 'the account has its eight');
    opened[0]?.close();
    let status = 429;
    for (let tries = 0; tries < 100 && status === 429; tries += 1) {
      await sleep(100);
      status = (await stream(path, owners[2])).status;
    }
    assert.equal(status, 200);
    for (const each of open.splice(0)) each.close();
  });

  test('a stream is one event, with what its reader sent', async () => {
    const opened = await stream(pathOf(watched.id, '?outcome=refused'), { headers: { 'X-Request-Id': 'the-stream' } });
    await watched.call('GET', '/NoSuchType');
    await opened.until(() => opened.requests().length > 0);
    opened.close();
    const events = api.server.database.db.collection('events');
    let found: Record<string, unknown>[] = [];
    for (let tries = 0; tries < 200 && found.length === 0; tries += 1) {
      await sleep(50);
      found = await events.find({ request: /^the-stream~/ }).toArray();
    }
    assert.equal(found.length, 1);
    assert.deepEqual([found[0]?.status, found[0]?.isRead, found[0]?.responseBody], [200, true, undefined]);
  });

  test('HEAD answers at once and holds no stream', async () => {
    const call: Api = api.withToken(await tokenOf(account));
    for (let times = 0; times < 6; times += 1) assert.equal((await call('HEAD', pathOf())).status, 200);
  });

  test('a reader who takes nothing is cut off, and nothing piles up for them', async () => {
    const flood = await connection('flood');
    const begin = newResourceId();
    const events = api.server.database.db.collection<StoredEvent>('events');
    const accountId = (await events.findOne({ connection: watched.id }))?.account ?? '';
    const body = JSON.stringify({ text: 'x'.repeat(16_000) });
    for (let batch = 0; batch < 8; batch += 1) {
      const rows = Array.from({ length: 250 }, () => ({
        _id: newResourceId(),
        at: new Date(),
        account: accountId,
        connection: flood.id,
        door: 'scim',
        request: 'flood~x',
        method: 'POST',
        path: '/Users',
        status: 400,
        durationMs: 1,
        requestBody: body,
      }));
      await events.insertMany(rows);
    }
    const bearer = await tokenOf(account);
    const { port } = new URL(api.server.origin);
    const socket = connect({ port: Number(port), host: '127.0.0.1' });
    socket.on('error', () => undefined);
    const query = `?after=${begin}`;
    socket.write(
      `GET /api/v1${pathOf(flood.id, query)} HTTP/1.1\r\nHost: x\r\nX-Request-Id: slow\r\nAuthorization: Bearer ${bearer}\r\n\r\n`,
    );
    socket.pause();
    let found: Record<string, unknown> | null = null;
    for (let tries = 0; tries < 900 && found === null; tries += 1) {
      await sleep(100);
      found = await events.findOne({ request: /^slow~/ });
    }
    assert.ok(found, 'the stream has ended');
    let bytes = 0;
    socket.on('data', (piece) => {
      bytes += piece.length;
    });
    await new Promise((resolve) => socket.once('close', resolve).resume());
    assert.ok(bytes < 2_000 * 16_000, `${bytes} bytes were sent to nobody`);
  });

  test('a server that stops says so to its readers, and does not wait for them', async () => {
    const third = await openTestServer({ MONGODB_DATABASE: api.server.database.name, SHUTDOWN_GRACE_MS: GRACE_MS });
    const opened = await stream(pathOf(), { server: third, headers: await another() });
    await third.stop();
    await opened.until(() => opened.isClosed());
    assert.equal(opened.end(), 'stopping');
    await calls(['after-the-stop']);
    const headers = { ...(await another()), 'Last-Event-ID': opened.lastId() };
    const next = await stream(pathOf(), { headers });
    await next.until(() => namesOf(next).length > 0);
    assert.deepEqual(namesOf(next), ['after-the-stop']);
    next.close();
  }, 60_000);
});
