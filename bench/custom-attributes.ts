// What custom attributes cost: the same requests to an account without any, to one that has ten and sends no values, and to one that
// sends a value for each, against one server as in production, in alternating bursts. Run: npm run bench -- custom-attributes

import { parseArgs } from 'node:util';
import { accountUrn } from '../src/directory/schema/account-attributes.ts';
import { createAccounts } from '../src/mongo/accounts/accounts.ts';
import { connectMongo } from '../src/mongo/client/connection.ts';
import { openFrame, say } from './frame.ts';
import { personBody } from './speed-people.ts';
import { cpuMs, end, startOurs } from './speed-targets.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '2' },
    port: { type: 'string', default: '3190' },
  },
});

const ROUNDS = Math.min(Number(options.rounds), 50);
const BURST_MS = Math.min(Number(options.seconds), 30) * 1_000;
const PORT = Number(options.port);
const CONNECTIONS = 16;
const ATTRIBUTES = 10;
const MATCHING = 2;
const WARM_MS = 1_500;
const TOKEN = 'bench-0123456789-0123456789-0123456789';
const PATCH_URN = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

interface Tenant {
  name: string;
  token: string;
  /** The values that are sent for each person. */
  own: (number: number) => Record<string, unknown>;
  ids: string[];
  made: number;
}

type Kind = 'POST user' | 'GET by id' | 'PATCH active' | 'filter userName eq';
const KINDS: Kind[] = ['POST user', 'GET by id', 'PATCH active', 'filter userName eq'];

interface Measured {
  requests: number;
  ms: number;
  cpu: number;
}

async function send(tenant: Tenant, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${PORT}/scim/v2${path}`, {
    method,
    headers: { Authorization: `Bearer ${tenant.token}`, 'Content-Type': 'application/scim+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}

async function shoot(tenant: Tenant, kind: Kind): Promise<void> {
  const id = tenant.ids[Math.floor(Math.random() * tenant.ids.length)] ?? '';
  if (kind === 'GET by id') await send(tenant, 'GET', `/Users/${id}`);
  else if (kind === 'filter userName eq') {
    const { userName } = personBody(Math.floor(Math.random() * tenant.made)) as { userName: string };
    await send(tenant, 'GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`);
  } else if (kind === 'PATCH active') {
    const Operations = [{ op: 'replace', path: 'active', value: Math.random() < 0.5 }];
    await send(tenant, 'PATCH', `/Users/${id}`, { schemas: [PATCH_URN], Operations });
  } else {
    const number = tenant.made;
    tenant.made += 1;
    const made = await send(tenant, 'POST', '/Users', { ...personBody(number), ...tenant.own(number) });
    tenant.ids.push(String(made.id));
  }
}

/** Sends requests for a time; gives how many were answered, and the CPU time of the server. */
async function burst(tenant: Tenant, kind: Kind, ms: number, pid: number): Promise<Measured> {
  const [began, before] = [performance.now(), cpuMs(pid)];
  let requests = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() - began < ms) {
        await shoot(tenant, kind);
        requests += 1;
      }
    }),
  );
  return { requests, ms: performance.now() - began, cpu: cpuMs(pid) - before };
}

async function openTenants(uri: string, database: string): Promise<Tenant[]> {
  const mongo = await connectMongo(uri, { database, poolSizeMax: 5, timeoutMs: 30_000 });
  const accounts = createAccounts(mongo.connection);
  const tenants: Tenant[] = [];
  for (const [name, has, sends] of [
    ['none', false, false],
    ['ten, no values', true, false],
    ['ten with values', true, true],
  ] as const) {
    const slug = `bench-${tenants.length}`;
    const made = await accounts.createAccount({ name: slug, slug });
    if (!made.ok) throw new Error('the account was not made');
    for (let number = 0; has && number < ATTRIBUTES; number += 1) {
      const rest = { type: 'string' as const, multiValued: false, required: false, matching: number < MATCHING };
      await accounts.addAttribute(made.value.id, { name: `attribute${number}`, ...rest });
    }
    const connection = await accounts.ensureConnection(made.value, 'bench');
    const { token } = await accounts.createCredential(connection);
    const value = (number: number) =>
      Object.fromEntries(Array.from({ length: ATTRIBUTES }, (_, at) => [`attribute${at}`, `value ${at} of ${number}`]));
    tenants.push({
      name,
      token,
      own: (number) => (sends ? { [accountUrn(slug)]: value(number) } : {}),
      ids: [],
      made: 0,
    });
  }
  await mongo.close();
  return tenants;
}

async function measure(tenants: Tenant[], pid: number): Promise<void> {
  say(
    `${ROUNDS} rounds of ${BURST_MS / 1_000} s, ${CONNECTIONS} connections, ${ATTRIBUTES} attributes, ${MATCHING} of them matching`,
  );
  say('| operation | custom attributes | a second | CPU ms of the server | CPU : none |');
  say('|---|---|---|---|---|');
  for (const kind of KINDS) {
    const sums = tenants.map((): Measured => ({ requests: 0, ms: 0, cpu: 0 }));
    for (const tenant of tenants) await burst(tenant, kind, WARM_MS, pid);
    for (let round = 0; round < ROUNDS; round += 1)
      for (let turn = 0; turn < tenants.length; turn += 1) {
        const index = (round + turn) % tenants.length;
        const tenant = tenants[index];
        const sum = sums[index];
        if (!tenant || !sum) continue;
        const { requests, ms, cpu } = await burst(tenant, kind, BURST_MS, pid);
        Object.assign(sum, { requests: sum.requests + requests, ms: sum.ms + ms, cpu: sum.cpu + cpu });
      }
    const base = sums[0] ? sums[0].cpu / sums[0].requests : 1;
    for (const [index, { requests, ms, cpu }] of sums.entries()) {
      const each = cpu / requests;
      const rate = Math.round((requests * 1_000) / ms);
      say(`| ${kind} | ${tenants[index]?.name} | ${rate} | ${each.toFixed(2)} | ${(each / base).toFixed(2)} |`);
    }
  }
}

const frame = await openFrame('custom-attributes', { cacheGb: 1, supervise: true });
try {
  const { uri } = frame.mongod;
  const server = await startOurs(PORT, uri, 'bench', TOKEN);
  frame.atEnd(() => end(server));
  await measure(await openTenants(uri, 'bench'), server.pid ?? 0);
} finally {
  await frame.end();
}
