// Which index each query of each endpoint uses: the real endpoints run under MongoDB's profiler, which keeps every statement
// with the plan that it ran by, those inside of transactions too; then the statements are explained once more. No collection
// is scanned, every index begins with the account, and a match reads what it finds.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db, Document } from 'mongodb';
import { at } from '../support/pointer.ts';
import { ENTERPRISE, GROUP, PATCH, userNamed } from '../support/server.ts';
import { type CallOptions, MOBIETRAIN_USER, openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

const PEOPLE = 240;
const GROUPS = 60;
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const WATCHED = new Set(['users', 'groups', 'stores', 'credentials', 'connections', 'accounts', 'tombstones']);
/** What an index may begin with: the account, or one value that has one owner. */
const LEADING = new Set(['account', 'hash', 'slug']);
/** A job over all accounts drains by these. */
const JOB_LEADING = new Set(['changes.at', 'pending', '_id']);

/** A statement as the profiler keeps it. */
interface Statement {
  op: string;
  ns: string;
  command: Document;
  planSummary?: string;
  docsExamined?: number;
  keysExamined?: number;
  nreturned?: number;
}

let server: Tenants;
let tenant: Tenant;
let db: Db;
let ids: string[];
let groups: string[];

before(async () => {
  server = await openTenants();
  db = server.database.db;
  tenant = await server.tenant();
  const neighbour = await server.tenant();
  await populate(neighbour);
  ({ ids, groups } = await populate(tenant));
  await db.createCollection('system.profile', { capped: true, size: 64 * 1024 * 1024 });
});
after(() => server.stop());

/** People in groups and stores, every tenth named as a manager. */
async function populate({ call }: Tenant): Promise<{ ids: string[]; groups: string[] }> {
  const Operations = Array.from({ length: PEOPLE }, (_, index) => ({
    method: 'POST',
    path: '/Users',
    bulkId: `u${index}`,
    data: userNamed(`person-${index}`, {
      displayName: `Person ${index}`,
      title: index % 3 ? 'Clerk' : 'Lead',
      [ENTERPRISE]: { employeeNumber: `E${index}`, manager: { value: `ext-person-${index % 10}` } },
      [MOBIETRAIN_USER]: {
        stores: [{ value: `s-${index % 20}`, display: `Store ${index % 20}`, country: '32' }],
        userGroups: [{ value: `g-${index % GROUPS}`, display: `Group ${index % GROUPS}`, type: 'Department' }],
      },
    }),
  }));
  const reply = await call('POST', '/Bulk', { body: { schemas: [BULK], Operations } });
  const statuses = at(reply.body, '/Operations/*/status') as string[];
  assert.ok(
    statuses.every((status) => status === '201'),
    reply.text.slice(0, 1000),
  );
  const made = at(reply.body, '/Operations/*/location') as string[];
  const listed = await call('GET', `/Groups?count=${GROUPS}&excludedAttributes=members`);
  return {
    ids: made.map((location) => location.slice(location.lastIndexOf('/') + 1)),
    // Bulk operations that have nothing to do with each other run at once: the groups come in any order.
    groups: Array.from({ length: GROUPS }, (_, index) =>
      String(at(listed.body, `/Resources[externalId=g-${index}]/id`)),
    ),
  };
}

/** The statements that the server sent while `work` ran. */
async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  const profile = db.collection<Statement>('system.profile');
  const isOurs = { appName: 'mobietrain-provisioning' };
  const seen = await profile.countDocuments(isOurs);
  await db.command({ profile: 2 });
  try {
    await work();
  } finally {
    await db.command({ profile: 0 });
  }
  const all = await profile.find(isOurs).skip(seen).toArray();
  return all.filter((statement) => WATCHED.has(collectionOf(statement)) && isQuery(statement));
}

const collectionOf = ({ ns }: Statement) => ns.slice(ns.indexOf('.') + 1);

function isQuery({ op, command }: Statement): boolean {
  if (op === 'insert' || op === 'getmore') return false;
  return op !== 'command' || ['aggregate', 'count', 'distinct', 'findAndModify'].some((name) => name in command);
}

const filterOf = ({ command }: Statement): unknown =>
  command.filter ?? command.q ?? command.query ?? (command.pipeline as Document[] | undefined)?.[0]?.$match;

/** The indexes of a plan summary such as `IXSCAN { account: 1, fold.userName: 1 }, IXSCAN { … }`: their first fields. */
const leadingOf = (summary: string) => [...summary.matchAll(/\{ ([\w.]+):/g)].map((match) => match[1] as string);

/** Whether a statement is of the job that drains changes over all accounts: it goes on beside every request. */
function isOfJob({ command }: Statement): boolean {
  const filter = (command.filter ?? {}) as Document;
  const update = (command.u ?? {}) as Document;
  return (
    'changes.at' in filter ||
    'pending' in filter ||
    (update.$pull as Document | undefined)?.changes !== undefined ||
    (update.$set as Document | undefined)?.pending === false
  );
}

function judge(statement: Statement): void {
  const isJob = isOfJob(statement);
  const where = `${statement.op} ${collectionOf(statement)} by ${statement.planSummary}: ${JSON.stringify(filterOf(statement))}`;
  const summary = statement.planSummary ?? '';
  assert.ok(summary !== '' && !summary.includes('COLLSCAN'), where);
  if (summary === 'EOF') return;
  const filter = JSON.stringify(filterOf(statement));
  for (const leading of summary.startsWith('IDHACK') ? ['_id'] : leadingOf(summary)) {
    if (isJob && JOB_LEADING.has(leading)) continue;
    // By its own id a document is found at once; that it is the account's is part of the condition all the same.
    if (leading === '_id') assert.match(filter, /"account"|^\{"_id":"(?:acc|con|tok)_/, where);
    else assert.ok(LEADING.has(leading), where);
  }
}

/** Explains a statement again; the stages of the plan that wins, all the way down. */
async function stagesOf({ command, op, ...rest }: Statement): Promise<string[]> {
  const collection = collectionOf({ command, op, ...rest });
  const { filter, sort, skip, limit, query, hint, pipeline, q, u, multi } = command;
  const options = hint === undefined ? {} : { hint };
  const explainable: Document =
    'find' in command
      ? { find: collection, filter, ...(sort ? { sort } : {}), ...(skip ? { skip } : {}), ...(limit ? { limit } : {}) }
      : 'count' in command
        ? { count: collection, query, ...options }
        : 'aggregate' in command
          ? { aggregate: collection, pipeline, cursor: {} }
          : 'findAndModify' in command
            ? { find: collection, filter: query }
            : op === 'update'
              ? { update: collection, updates: [{ q, u, multi: multi === true }] }
              : { delete: collection, deletes: [{ q, limit: 0 }] };
  const plan = await db.command({ explain: explainable, verbosity: 'queryPlanner' });
  return [
    ...JSON.stringify(plan, (key, value: unknown) => (key === 'rejectedPlans' ? undefined : value)).matchAll(
      /"stage":"(\w+)"/g,
    ),
  ].map((match) => match[1] as string);
}

async function check(work: () => Promise<unknown>): Promise<Statement[]> {
  const statements = await statementsOf(work);
  assert.ok(statements.length > 0, 'nothing was asked');
  for (const statement of statements) {
    judge(statement);
    assert.ok(!(await stagesOf(statement)).includes('COLLSCAN'), JSON.stringify(statement.command));
  }
  return statements;
}

async function succeeds(method: string, path: string, options?: CallOptions) {
  const reply = await tenant.call(method, path, options);
  assert.ok(reply.status < 300, `${method} ${path}: ${reply.text.slice(0, 500)}`);
  return reply;
}
const patch = (path: string, ...Operations: object[]) =>
  succeeds('PATCH', path, { body: { schemas: [PATCH], Operations } });

/** Filters that clients match on, how many they find, and what they may read at most. */
const MATCHES: [endpoint: string, filter: () => string, found: number][] = [
  ['/Users', () => 'userName eq "PERSON-7"', 1],
  ['/Users', () => 'externalId eq "ext-person-7"', 1],
  ['/Users', () => `id eq "${ids[7]}"`, 1],
  ['/Users', () => 'displayName eq "person 7"', 1],
  ['/Users', () => 'emails.value eq "person-7@example.com"', 1],
  ['/Users', () => 'emails eq "person-7@example.com"', 1],
  ['/Users', () => 'emails[type eq "work"].value eq "Person-7@Example.com"', 1],
  ['/Users', () => 'emails[type eq "work" and value eq "person-7@example.com"]', 1],
  ['/Users', () => `${ENTERPRISE}:employeeNumber eq "E7"`, 1],
  ['/Users', () => 'userName eq "person-7" and active eq true', 1],
  ['/Users', () => 'userName eq "person-7" or externalId eq "ext-person-8"', 2],
  ['/Users', () => 'userName eq "nobody"', 0],
  ['/Users', () => 'userName sw "person-23"', 11],
  ['/Users', () => `groups.value eq "${groups[3]}"`, PEOPLE / GROUPS],
  ['/Users', () => `${MOBIETRAIN_USER}:stores.value eq "s-3"`, PEOPLE / 20],
  ['/Users', () => `${ENTERPRISE}:manager.value eq "${ids[3]}"`, PEOPLE / 10],
  ['/Groups', () => 'displayName eq "GROUP 7"', 1],
  ['/Groups', () => 'externalId eq "g-7"', 1],
  ['/Groups', () => `id eq "${groups[3]}"`, 1],
  ['/Groups', () => `members.value eq "${ids[3]}"`, 1],
  ['/Groups', () => `members[value eq "${ids[3]}"]`, 1],
  ['/Groups', () => `id eq "${groups[3]}" and members[value eq "${ids[3]}"]`, 1],
];

describe('a matching query reads what it finds', () => {
  for (const [endpoint, filter, found] of MATCHES) {
    test(`${endpoint} ${filter.toString().slice(6)}`, async () => {
      const path = `${endpoint}?excludedAttributes=members&filter=${encodeURIComponent(filter())}`;
      const statements = await check(async () => {
        const reply = await succeeds('GET', path);
        assert.equal(reply.body.totalResults, found, reply.text.slice(0, 500));
      });
      const [main] = statements.filter(
        (each) => collectionOf(each) === endpoint.slice(1).toLowerCase() && !isOfJob(each),
      );
      assert.ok((main?.docsExamined ?? 0) <= found + 2, `${main?.docsExamined} read by ${main?.planSummary}`);
    });
  }
});

describe('lists', () => {
  const PATHS = [
    '/Users',
    '/Users?count=0',
    '/Users?startIndex=101&count=50',
    '/Users?sortBy=userName&count=10',
    '/Users?sortBy=userName&sortOrder=descending&count=10',
    '/Users?sortBy=title&count=10',
    '/Users?sortBy=meta.lastModified&count=10',
    '/Users?sortBy=name.familyName&count=10',
    '/Users?filter=active%20eq%20true&count=10',
    '/Users?filter=meta.lastModified%20gt%20%222020-01-01T00:00:00Z%22&count=10',
    '/Users?filter=title%20co%20%22lead%22&count=10',
    '/Groups?count=10',
    '/Groups?sortBy=displayName&count=10&excludedAttributes=members',
    '/Groups?filter=displayName%20sw%20%22Group%201%22',
  ];
  for (const path of PATHS) {
    test(path, async () => {
      await check(() => succeeds('GET', path));
    });
  }
  test('by cursor, page after page, in three orders', async () => {
    await check(async () => {
      for (const order of ['', '&sortBy=userName', '&sortBy=title']) {
        let next = '';
        let seen = 0;
        do {
          const page = await succeeds('GET', `/Users?count=100&cursor=${encodeURIComponent(next)}${order}`);
          seen += (page.body.Resources as unknown[]).length;
          next = String(page.body.nextCursor ?? '');
        } while (next !== '');
        assert.equal(seen, PEOPLE);
      }
    });
  });
  test('a page by cursor reads no more than it holds, however far in', async () => {
    let next = '';
    for (let page = 0; page < 2; page += 1) {
      const reply = await succeeds('GET', `/Users?count=100&cursor=${encodeURIComponent(next)}`);
      next = String(reply.body.nextCursor);
    }
    const statements = await check(() => succeeds('GET', `/Users?count=100&cursor=${encodeURIComponent(next)}`));
    const main = statements.find((each) => 'find' in each.command && collectionOf(each) === 'users');
    assert.ok((main?.docsExamined ?? 0) <= 101, String(main?.docsExamined));
  });
});

describe('changes', () => {
  test('of a user: GET, PUT, PATCH, POST, DELETE', async () => {
    const statements = await check(async () => {
      const made = await succeeds('POST', '/Users', {
        body: userNamed('plain', {
          [ENTERPRISE]: { manager: { value: 'ext-person-3' } },
          [MOBIETRAIN_USER]: { stores: [{ value: 's-3' }], userGroups: [{ display: 'Group 5', type: 'Department' }] },
        }),
      });
      const path = `/Users/${String(made.body.id)}`;
      await succeeds('GET', path);
      await succeeds('PUT', path, { body: userNamed('plain', { title: 'Clerk' }) });
      await patch(path, { op: 'Replace', path: 'active', value: 'False' });
      await patch(path, { op: 'Replace', path: `${ENTERPRISE}:manager`, value: 'ext-person-4' });
      await patch(path, { op: 'Replace', path: `${MOBIETRAIN_USER}:userGroupId`, value: 'g-6' });
      await succeeds('DELETE', path);
      // What a new user may be awaited by, and what a deleted one leaves, is done off the request path.
      await sleep(150);
    });
    for (const each of statements.filter((statement) => !isOfJob(statement))) {
      assert.ok(
        (each.docsExamined ?? 0) <= 12,
        `${each.docsExamined} by ${each.planSummary}: ${JSON.stringify(filterOf(each))}`,
      );
    }
  });
  test('of members read those who change, not those who stay', async () => {
    const members = ids.slice(0, 200).map((value) => ({ value }));
    const made = await succeeds('POST', '/Groups', { body: { schemas: [GROUP], displayName: 'Large', members } });
    const path = `/Groups/${String(made.body.id)}`;
    const one = ids[220] as string;
    const statements = await check(async () => {
      await patch(path, { op: 'add', path: 'members', value: [{ value: one }] });
      await patch(path, { op: 'remove', path: `members[value eq "${one}"]` });
      await patch(path, { op: 'Add', path: 'members', value: [{ value: one }] });
      await patch(path, { op: 'Remove', path: 'members', value: [{ value: one }] });
      await patch(path, { op: 'replace', value: { displayName: 'Larger' } });
    });
    for (const each of statements.filter((statement) => !isOfJob(statement))) {
      assert.ok(
        (each.docsExamined ?? 0) <= 2,
        `${each.docsExamined} by ${each.planSummary}: ${JSON.stringify(each.command)}`,
      );
    }
    await check(async () => {
      await succeeds('GET', path);
      await succeeds('PUT', path, { body: { schemas: [GROUP], displayName: 'Large', members: members.slice(0, 50) } });
      await patch(path, { op: 'remove', path: 'members' });
      await succeeds('DELETE', path);
    });
  });
  test('a group that is made, claimed, deleted', async () => {
    await check(async () => {
      const body = { schemas: [GROUP], displayName: 'Claimed', externalId: 'g-8' };
      const claimed = await succeeds('POST', '/Groups', { body });
      await succeeds('DELETE', `/Groups/${String(claimed.body.id)}`);
    });
  });
});

test('authentication finds a token by its hash, its account and connection by their ids', async () => {
  const fresh = await server.connect(tenant.account, 'fresh');
  const statements = await check(async () => {
    assert.equal((await fresh.call('GET', '/Users?count=0')).status, 200);
    assert.equal((await fresh.call('GET', '/Users', { token: 'x'.repeat(40) })).status, 401);
  });
  assert.ok(statements.some((each) => each.planSummary?.includes('{ hash: 1 }')));
});

test('the relay of changes drains by its index, over all accounts', async () => {
  const statements = await check(async () => {
    await patch(`/Users/${ids[1]}`, { op: 'replace', path: 'title', value: 'Relayed' });
    await sleep(3_600);
  });
  assert.ok(statements.some((each) => isOfJob(each) && each.planSummary?.includes('{ changes.at: 1 }')));
});

test('a search for who is incomplete has an index', async () => {
  await check(() => succeeds('GET', `/Users?filter=${encodeURIComponent(`${MOBIETRAIN_USER}:missing pr`)}`));
});
