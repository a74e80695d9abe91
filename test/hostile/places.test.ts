// Clients that hold on to what they get: hundreds of uploads and bodies that trickle. Everybody else is still served: both accounts over
// SCIM, sign-in, the System Administrator and the health checks.

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, cookieOf, idOf, openAdminServer, ROOT } from '../support/admin.ts';
import type { Answer } from '../support/http-client.ts';
import { userNamed } from '../support/scim.ts';

interface Tenant {
  slug: string;
  /** The personal token of an administrator. */
  token: string;
  /** The bearer token of a SCIM connection. */
  scim: string;
}

const BATCH_DIR = join(tmpdir(), `mobietrain-places-${process.pid}`);
let api: AdminServer;
let tenants: Tenant[];
const sockets = new Set<Socket>();

beforeAll(async () => {
  api = await openAdminServer({ BATCH_DIR });
  tenants = [await tenant(), await tenant()];
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await api.stop();
  await rm(BATCH_DIR, { recursive: true, force: true });
});

async function tenant(): Promise<Tenant> {
  const slug = await api.account({ requiredData: 'report' });
  const signIn = { email: `attack-${slug}@example.com`, password: `the attack on ${slug}, in its words` };
  const place = `/accounts/${slug}/administrators`;
  await api.root('POST', place, { body: { ...signIn, name: 'Attack', role: 'customerAdministrator' } });
  const session = await api.anonymous('POST', '/session', { body: signIn });
  const headers = { Cookie: cookieOf(session), 'X-CSRF-Token': String(session.body.csrfToken) };
  const minted = await api.anonymous('POST', '/session/tokens', { body: { name: 'attack' }, headers });
  const token = String(minted.body.token);
  const admin = api.withToken(token);
  const connection = idOf(await admin('POST', `/accounts/${slug}/connections`, { body: { name: 'entra' } }));
  const made = await admin('POST', `/accounts/${slug}/connections/${connection}/credentials`, { body: {} });
  return { slug, token, scim: String(made.body.token) };
}

/** Opens a connection, sends the text, and sends nothing more than single bytes; what comes back first. */
function trickle(text: string): { answer: () => string } {
  let heard = '';
  const socket = connect(Number(new URL(api.base).port), '127.0.0.1');
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.on('data', (piece: Buffer) => {
    heard += piece.toString();
  });
  socket.write(text);
  const timer = setInterval(() => socket.write('x'), 500);
  socket.on('close', () => {
    clearInterval(timer);
    sockets.delete(socket);
  });
  return { answer: () => heard };
}

const head = (path: string, token: string, type: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${type}\r\nContent-Length: 900000\r\n\r\n`;

function uploads(number: number, { slug, token }: Tenant) {
  return Array.from({ length: number }, (_, index) => {
    const [format, type] = index % 2 === 0 ? ['csv', 'text/csv'] : ['xml', 'application/xml'];
    return trickle(`${head(`/api/v1/accounts/${slug}/imports/${format}`, token, type)}FirstName;`);
  });
}

/** Everything that others do. What has no place waits for one for some seconds, then it is 503 and not what is expected here. */
async function everybodyElse(): Promise<void> {
  const scim = (method: string, { scim: token }: Tenant, body?: object) =>
    api.server.raw('/Users', {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  const { origin } = api.server;
  const [first, second] = tenants as [Tenant, Tenant];
  const calls: [string, number, () => Promise<Answer>][] = [
    ['a list of the first account', 200, () => scim('GET', first)],
    ['a list of the second account', 200, () => scim('GET', second)],
    ['a new user of the first account', 201, () => scim('POST', first, userNamed(`u${Math.random()}`))],
    ['a new user of the second account', 201, () => scim('POST', second, userNamed(`u${Math.random()}`))],
    ['sign-in', 200, () => api.anonymous('POST', '/session', { body: ROOT })],
    ['the System Administrator', 200, () => api.root('GET', '/accounts')],
    ['the System Administrator in an account', 200, () => api.root('GET', `/accounts/${first.slug}/users`)],
    ['an administrator', 200, () => api.withToken(second.token)('GET', `/accounts/${second.slug}/users`)],
    ['livez', 200, () => api.server.raw(`${origin}/livez`)],
    ['readyz', 200, () => api.server.raw(`${origin}/readyz`)],
  ];
  for (const [what, status, call] of calls) {
    const answer = await call();
    assert.equal(answer.status, status, `${what}: ${answer.text}`);
  }
}

describe('who holds on', () => {
  test('192 uploads of one account and 64 of another that trickle', async () => {
    const [first, second] = tenants as [Tenant, Tenant];
    const all = [...uploads(192, first), ...uploads(64, second)];
    await sleep(1_000);
    await everybodyElse();
    const statuses = all.map(({ answer }) => answer().slice(9, 12));
    assert.deepEqual([...new Set(statuses)].sort(), ['', '429']);
    assert.ok(
      statuses.filter((status) => status === '').length >= 4,
      'two uploads of each person wait for their bytes',
    );
    const refused = all.find(({ answer }) => answer() !== '')?.answer() ?? '';
    assert.match(refused, /Retry-After: \d[\s\S]*Too many uploads/);
  });

  test('300 JSON bodies that trickle, of SCIM and of the admin API', async () => {
    for (const { slug, token, scim } of tenants) {
      for (let index = 0; index < 75; index += 1) {
        trickle(`${head('/scim/v2/Bulk', scim, 'application/scim+json')}{`);
        trickle(`${head(`/api/v1/accounts/${slug}/users`, token, 'application/json')}{`);
      }
    }
    await sleep(1_000);
    await everybodyElse();
  });
});
