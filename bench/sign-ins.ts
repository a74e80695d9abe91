// What it costs to get in: sign-ins with a password over OpenID Connect, and clicks on links of CrewPlanner, against the server as in
// production. The cost of argon2 is measured apart. Run: npm run bench -- sign-ins [--people 1000]

import { createHash, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { SignJWT } from 'jose';
import { createLinkSecrets } from '../src/auth/link-secrets.ts';
import { hashPassword, inQueue, verifyPassword } from '../src/auth/passwords/hashing.ts';
import { newResourceId } from '../src/directory/ids.ts';
import { createAccounts } from '../src/mongo/accounts/accounts.ts';
import { createLinkSecretStore } from '../src/mongo/accounts/link-secrets.ts';
import { connectMongo } from '../src/mongo/client/connection.ts';
import { collectionsOf } from '../src/mongo/collections.ts';
import { createLearnerStore } from '../src/mongo/learners/access.ts';
import { createClients } from '../src/mongo/learners/clients.ts';
import { openFrame, say } from './frame.ts';
import { cpuMs, end, memoryMib, startOurs } from './speed-targets.ts';

const { values: options } = parseArgs({
  options: {
    people: { type: 'string', default: '1000' },
    connections: { type: 'string', default: '16' },
    port: { type: 'string', default: '3190' },
    /** Flags for the Node of the server, separated by blanks. */
    node: { type: 'string', default: '' },
  },
});

const PEOPLE = bounded('people', 20_000);
const CONNECTIONS = bounded('connections', 256);
const PORT = bounded('port', 65_535);
const TOKEN = 'bench-0123456789-0123456789-0123456789';
const PASSWORD = 'seven green buckets of rain';
const BACK = 'http://localhost:9/in';
const HASHES = 200;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

function bounded(name: 'people' | 'connections' | 'port', most: number): number {
  const value = Number(options[name]);
  if (!Number.isInteger(value) || value < 1 || value > most) throw new Error(`--${name}: a number from 1 to ${most}`);
  return value;
}

interface Answer {
  status: number;
  location: string;
  cookies: string[];
  body: string;
}

/** A browser behind a proxy: its address differs from that of the others, and it keeps its cookies. */
function createVisitor(number: number) {
  const cookies = new Map<string, string>();
  const address = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  return async (path: string, form?: Record<string, string>): Promise<Answer> => {
    const headers: Record<string, string> = {
      'X-Forwarded-For': address,
      Cookie: [...cookies].map((pair) => pair.join('=')).join('; '),
    };
    const body = form && new URLSearchParams(form).toString();
    if (body !== undefined) {
      headers['Content-Type'] = 'application/x-www-form-urlencoded';
      headers['Content-Length'] = String(Buffer.byteLength(body));
      // The application asks for tokens without a browser.
      if (path !== '/oidc/token') headers.Origin = `http://localhost:${PORT}`;
    }
    const answer = await new Promise<Answer>((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port: PORT, path, method: body === undefined ? 'GET' : 'POST', headers, agent },
        (incoming) => {
          text(incoming).then((content) => {
            const { location = '', 'set-cookie': lines = [] } = incoming.headers;
            resolve({ status: incoming.statusCode ?? 0, location, cookies: lines, body: content });
          }, reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    for (const line of answer.cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
}

const pathOf = (location: string): string => location.replace(/^https?:\/\/[^/]+/, '');
const expect = (answer: Answer, status: number): Answer => {
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.body.slice(0, 300)}`);
  return answer;
};

/** One sign-in: the application's request, the page, the password, the way back and the tokens. Five requests. */
async function signIn(number: number, client: string): Promise<void> {
  const visit = createVisitor(number);
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    redirect_uri: BACK,
    scope: 'openid profile groups stores',
    state: 'bench',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const page = pathOf(expect(await visit(`/oidc/auth?${query.toString()}`), 303).location);
  expect(await visit(page), 200);
  const signedIn = expect(await visit(page, { name: `learner-${number}`, password: PASSWORD }), 303);
  const { location } = expect(await visit(pathOf(signedIn.location)), 303);
  const code = new URL(location).searchParams.get('code') ?? '';
  const grant = { grant_type: 'authorization_code', client_id: client, redirect_uri: BACK };
  expect(await visit('/oidc/token', { ...grant, code, code_verifier: verifier }), 200);
}

async function linkOf(number: number, secret: Uint8Array): Promise<string> {
  const token = await new SignJWT({
    email: `crew-${number}@example.com`,
    given_name: 'Ann',
    family_name: `Example ${number}`,
    department: 'Bakery',
    stores: [{ ref_id: `S${number % 50}`, name: `Store ${number % 50}`, country: '32' }],
  })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('https://acme.crewplanner.com')
    .setAudience('demo')
    .setSubject(`crew-${number}`)
    .setJti(newResourceId())
    .setIssuedAt()
    .setExpirationTime('4m')
    .sign(secret);
  return `/login/external/demo/crewplanner?token=${token}`;
}

interface Row {
  what: string;
  perSecond: number;
  p50: number;
  p99: number;
  cpuMs: number;
  rss: { now: number; peak: number };
}

/** Does something once for each number, on all connections at once. */
async function measure(what: string, server: number, work: (number: number) => Promise<unknown>): Promise<Row> {
  const latencies: number[] = [];
  let next = 0;
  const cpuBefore = cpuMs(server);
  const startedAt = performance.now();
  const worker = async (): Promise<void> => {
    for (let number = next++; number < PEOPLE; number = next++) {
      const begun = performance.now();
      await work(number);
      latencies.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  const used = cpuMs(server) - cpuBefore;
  const row: Row = {
    what,
    perSecond: PEOPLE / seconds,
    p50: at(0.5),
    p99: at(0.99),
    cpuMs: used / PEOPLE,
    rss: memoryMib(server),
  };
  return row;
}

/** How long one check of a password takes alone, and how many a second this machine makes. */
async function measureHash(): Promise<void> {
  const hash = await hashPassword(PASSWORD);
  const check = () => inQueue((place) => verifyPassword(place, hash, PASSWORD));
  await check();
  const alone = performance.now();
  for (let done = 0; done < HASHES; done += 1) await check();
  const aloneMs = (performance.now() - alone) / HASHES;
  const together = performance.now();
  const worker = async (): Promise<void> => {
    for (let done = 0; done < HASHES / CONNECTIONS; done += 1) await check();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const perSecond = HASHES / ((performance.now() - together) / 1000);
  say(
    `argon2id alone: ${aloneMs.toFixed(1)} ms a check; ${perSecond.toFixed(0)} checks a second on this machine, ${CONNECTIONS} at once`,
  );
}

/** The people who sign in: they have the password and have accepted the terms, so that a sign-in asks for nothing else. */
async function prepare(uri: string, database: string) {
  const mongo = await connectMongo(uri, { database, poolSizeMax: 10, timeoutMs: 30_000 });
  try {
    const { db } = mongo;
    const accounts = createAccounts(mongo.connection);
    const account = await accounts.setAccount('demo', { crewplannerSlug: 'acme', requiredData: 'report' });
    if (!account) throw new Error('The server has no account demo');
    const made = await createLinkSecrets(createLinkSecretStore(db), () => new Date()).create(account.id);
    if (!made.ok) throw new Error('The account has two secrets already');
    const client = newResourceId();
    const addresses = { redirectUris: [BACK], postLogoutRedirectUris: [], startUrl: 'http://localhost:9/start' };
    await createClients(db).addClient({
      id: client,
      account: account.id,
      name: 'Bench',
      ...addresses,
      created: new Date(),
    });
    const hash = await hashPassword(PASSWORD);
    const access = createLearnerStore(db);
    for (let number = 0; number < PEOPLE; number += 1) {
      const user = await createUser(number);
      await access.setPassword(user, account.id, hash);
    }
    await collectionsOf(db).users.updateMany(
      { account: account.id },
      { $set: { termsAccepted: { version: '1', at: new Date() } } },
    );
    return { client, secret: new TextEncoder().encode(made.value.secret) };
  } finally {
    await mongo.close();
  }
}

async function createUser(number: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${PORT}/scim/v2/Users`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/scim+json' },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: `learner-${number}`,
      externalId: `learner-${number}`,
      name: { givenName: 'Ann', familyName: `Example ${number}` },
      emails: [{ value: `learner-${number}@example.com`, primary: true }],
    }),
  });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

// Each visitor has an address of their own, as in a network of many people.
process.env.TRUSTED_PROXIES = '1';
const frame = await openFrame('sign-ins', { cacheGb: 0.5 });
frame.atEnd(() => agent.destroy());
try {
  await measureHash();
  const { uri } = frame.mongod;
  const server = await startOurs(PORT, uri, 'bench', TOKEN, { flags: options.node.split(' ').filter(Boolean) });
  frame.atEnd(() => end(server));
  const pid = server.pid ?? 0;
  const { client, secret } = await prepare(uri, 'bench');
  say(`RSS before: ${memoryMib(pid).now.toFixed(0)} MiB`);
  const click = async (number: number) => expect(await createVisitor(number)(await linkOf(number, secret)), 303);
  const rows = [
    await measure('sign-in with a password, up to the tokens (5 requests)', pid, (number) => signIn(number, client)),
    await measure('CrewPlanner, first click (makes the user)', pid, click),
    await measure('CrewPlanner, second click', pid, click),
  ];
  say(`\n${PEOPLE} of each, ${CONNECTIONS} connections`);
  say('| | a second | p50 ms | p99 ms | CPU ms each | RSS MiB | peak |');
  say('|---|---|---|---|---|---|---|');
  for (const { what, perSecond, p50, p99, cpuMs: cpu, rss } of rows)
    say(`| ${what} | ${[perSecond, p50, p99, cpu, rss.now, rss.peak].map((value) => value.toFixed(1)).join(' | ')} |`);
} finally {
  await frame.end();
}
