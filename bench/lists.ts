// How long the lists and the timeline of the admin API take with many users and events, and what the database reads for each.
// Run: npm run bench -- lists [--users 100000] [--events 1000000]

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Db } from 'mongodb';
import { v7 } from 'uuid';
import { packageRoot } from '../src/config.ts';
import type { RecordedEvent } from '../src/directory/event.ts';
import { createIdentityHash } from '../src/directory/identity-hash.ts';
import { loadSchemaCatalogue } from '../src/directory/schema/catalogue.ts';
import { connectMongo } from '../src/mongo/client/connection.ts';
import { sharedKey } from '../src/mongo/client/shared-keys.ts';
import { collectionsOf } from '../src/mongo/collections.ts';
import { openFrame, say } from './frame.ts';
import { userNameOf } from './speed-people.ts';
import { seed } from './speed-seed.ts';
import { end, startOurs } from './speed-targets.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    events: { type: 'string', default: '1000000' },
    port: { type: 'string', default: '3190' },
  },
});

const USERS = Math.min(Number(options.users), 500_000);
const EVENTS = Math.min(Number(options.events), 5_000_000);
const PORT = Number(options.port);
const DATABASE = 'bench_lists';
const TOKEN = 'bench-0123456789-0123456789-0123456789';
const PASSWORD = 'a long enough secret of the bench';
const BATCH = 5_000;
const ASKED = 15;
/** Events lie so far apart that a million of them are a month. */
const MONTH_MS = 30 * 86_400_000;
const base = `http://127.0.0.1:${PORT}/api/v1`;

/** Copies of real events, each about another user, over a month. One in ten was refused. */
async function fillEvents(db: Db, ids: readonly string[], account: string): Promise<void> {
  const { events } = collectionsOf(db);
  const hash = createIdentityHash(await sharedKey(db, 'identity'));
  const began = Date.now() - MONTH_MS;
  for (let from = 0; from < EVENTS; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, EVENTS - from) }, (_, index): RecordedEvent => {
      const number = from + index;
      const at = new Date(began + (number * MONTH_MS) / EVENTS);
      const person = (number * 7) % ids.length;
      const isRefused = number % 10 === 0;
      const isRead = !isRefused && number % 3 === 0;
      return {
        _id: v7({ msecs: at.getTime() }),
        at,
        account,
        connection: 'con_seed',
        credential: 'tok_seed',
        door: 'scim',
        request: v7({ msecs: at.getTime() }),
        method: isRead ? 'GET' : 'PATCH',
        isRead,
        path: `/scim/v2/Users/${ids[person]}`,
        status: isRefused ? 400 : 200,
        durationMs: 5,
        ...(isRefused
          ? {
              faults: [{ code: 'invalidValue', detail: 'storeCountry: BE is a country code; its calling code is 32.' }],
            }
          : {}),
        subject: { type: 'User', id: String(ids[person]) },
        about: [String(ids[person]), hash(userNameOf(person))],
      } as RecordedEvent;
    });
    await events.insertMany(batch, { ordered: false, writeConcern: { w: 1 } });
  }
}

interface Session {
  cookie: string;
}

async function signIn(): Promise<Session> {
  const response = await fetch(`${base}/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'bench@example.com', password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
  return { cookie: (response.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '' };
}

async function timed({ cookie }: Session, path: string): Promise<{ ms: number; bytes: number; status: number }> {
  const began = performance.now();
  const response = await fetch(base + path, { headers: { Cookie: cookie } });
  const { byteLength } = await response.arrayBuffer();
  return { ms: performance.now() - began, bytes: byteLength, status: response.status };
}

/** What statements of the list read at most, as the profiler of mongod saw it. */
async function readBy(db: Db, work: () => Promise<void>): Promise<{ documents: number; scans: number }> {
  await db
    .collection('system.profile')
    .drop()
    .catch(() => false);
  await db.command({ profile: 2 });
  await work();
  await db.command({ profile: 0 });
  const seen = await db
    .collection('system.profile')
    .find({
      ns: { $regex: `^${DATABASE}\\.(users|events|audit|groups|stores|runs)$` },
      docsExamined: { $exists: true },
    })
    .toArray();
  return {
    documents: Math.max(0, ...seen.map(({ docsExamined }) => Number(docsExamined))),
    scans: seen.filter(({ planSummary }) => String(planSummary).includes('COLLSCAN')).length,
  };
}

const middle = (list: number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

async function measure(db: Db, ids: readonly string[]): Promise<void> {
  const session = await signIn();
  const one = Math.floor(ids.length / 2);
  const at = (path: string) => `/accounts/demo${path}`;
  const paths = [
    at('/users?limit=25'),
    at('/users?limit=25&sort=userName'),
    at('/users?limit=25&sort=modified'),
    at('/users?limit=25&status=inactive'),
    at(`/users?limit=25&search=${userNameOf(one)}`),
    at('/users?limit=25&search=person'),
    at('/groups?limit=25'),
    at('/stores?limit=25'),
    at('/events?limit=25'),
    at('/events?limit=25&failed=true'),
    at('/events?limit=25&door=scim'),
    at('/audit?limit=25'),
    at(`/users/${ids[one]}/history`),
    at(`/history?search=${encodeURIComponent(userNameOf(one))}`),
    at('/history?search=nobody-at-all'),
    at('/invitations?limit=25'),
    at('/imports?limit=25'),
    at('/health'),
  ];
  say('| path | status | p50 ms | most ms | KB | documents read by a statement, at most | scans of a collection |');
  say('|---|---|---|---|---|---|---|');
  for (const path of paths) {
    const asked = [];
    for (let count = 0; count < ASKED; count += 1) asked.push(await timed(session, path));
    const { documents, scans } = await readBy(db, async () => void (await timed(session, path)));
    const times = asked.map(({ ms }) => ms);
    const shown = path
      .replace(String(ids[one]), 'ID')
      .replace(encodeURIComponent(userNameOf(one)), 'PERSON')
      .replace(userNameOf(one), 'PERSON');
    say(
      `| ${shown} | ${asked[0]?.status} | ${middle(times).toFixed(0)} | ${Math.max(...times).toFixed(0)} | ${((asked[0]?.bytes ?? 0) / 1000).toFixed(0)} | ${documents} | ${scans} |`,
    );
  }
}

const frame = await openFrame('lists', { cacheGb: 1, supervise: true });
try {
  say(`Seeding ${USERS} users …`);
  const catalogue = loadSchemaCatalogue(join(packageRoot, 'scim-schemas'));
  const { uri } = frame.mongod;
  const { ids, account } = await seed(uri, [DATABASE], catalogue, { stored: USERS, spares: 0, groups: [] });
  const mongo = await connectMongo(uri, { database: DATABASE, poolSizeMax: 4, timeoutMs: 60_000 });
  frame.atEnd(() => mongo.close());
  say(`Seeding ${EVENTS} events …`);
  await fillEvents(mongo.db, ids, account);
  process.env.ADMIN_EMAIL = 'bench@example.com';
  process.env.ADMIN_PASSWORD = PASSWORD;
  const server = await startOurs(PORT, uri, DATABASE, TOKEN);
  frame.atEnd(() => end(server));
  await measure(mongo.db, ids);
} finally {
  await frame.end();
}
