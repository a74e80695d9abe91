// The limit of the speed bench: Express 5 and the MongoDB driver doing the same storage work as the server (same documents,
// indexes, links, count, durability), but without SCIM: no checks, no schema, no PATCH semantics, no events, no tokens.
// Arguments: port, MongoDB URI, database, account.

import express, { type Request, type Response } from 'express';
import { v7 } from 'uuid';
import { loadConfig } from '../src/config.ts';
import type { StoredGroup, StoredUser } from '../src/directory/model.ts';
import { connectMongo } from '../src/mongo/client/connection.ts';
import { createTotals } from '../src/mongo/query/totals.ts';

const [port = '', uri = '', database = '', account = ''] = process.argv.slice(2);
const { mongoPoolSizeMax: poolSizeMax, mongoTimeoutMs: timeoutMs } = loadConfig();
const { db } = await connectMongo(uri, { database, poolSizeMax, timeoutMs });
const users = db.collection<StoredUser>('users');
const groups = db.collection<StoredGroup>('groups');
const totals = createTotals(users, () => new Date());
const SERVED = { projection: { fold: 0, changes: 0 } } as const;

/** Converts all texts to lower case: the minimal cost of the folded mirror for filters. */
function folded(value: unknown): unknown {
  if (typeof value === 'string') return value.toLowerCase();
  if (Array.isArray(value)) return value.map(folded);
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, folded(inner)]));
}

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

function record(action: 'create' | 'update' | 'link') {
  const id = v7();
  const by = { account, door: 'scim' as const, connection: 'con_bare', credential: 'tok_bare', request: id };
  return { id, at: new Date(), ...by, action };
}

function document(body: Record<string, unknown>): StoredUser {
  const { [ENTERPRISE]: enterprise, schemas: _schemas, ...core } = body;
  const data = { ...core, enterprise } as unknown as StoredUser['data'];
  const now = new Date();
  return {
    _id: v7(),
    account,
    version: 1,
    revision: 1,
    created: now,
    modified: now,
    schemaVersion: 1,
    data,
    fold: folded(data) as StoredUser['fold'],
    groups: [],
    stores: [],
    phones: (body.phoneNumbers as { value: string }[]).map((phone) => phone.value.replaceAll(' ', '')),
    missing: [],
    lifecycle: 'registered',
    blocked: false,
    sources: { '*': 'con_bare' },
    changes: [record('create')],
  };
}

const app = express();
app.disable('x-powered-by');
app.set('etag', false);
app.use(express.json({ type: 'application/scim+json', limit: '10mb' }));

app.post('/scim/v2/Users', async (request: Request, response: Response) => {
  const user = document(request.body as Record<string, unknown>);
  await users.insertOne(user);
  response.status(201).json({ id: user._id, ...user.data });
});

app.get('/scim/v2/Users/:id', async (request: Request<{ id: string }>, response: Response) => {
  response.json(await users.findOne({ _id: request.params.id, account }, SERVED));
});

app.get('/scim/v2/Users', async (request: Request, response: Response) => {
  const { filter, cursor, startIndex = '1', count = '100' } = request.query as Record<string, string | undefined>;
  if (filter !== undefined) {
    const userName = filter.slice('userName eq "'.length, -1);
    const found = await users.find({ account, 'fold.userName': userName }, SERVED).limit(100).toArray();
    response.json({ totalResults: found.length, Resources: found });
    return;
  }
  const total = totals.of(account);
  const limit = Number(count);
  if (cursor !== undefined) {
    const query = cursor === '' ? { account } : { account, _id: { $gt: cursor } };
    const found = await users.find(query, SERVED).sort({ _id: 1 }).limit(limit).toArray();
    const last = found.length === limit ? { nextCursor: found.at(-1)?._id } : {};
    response.json({ totalResults: await total, ...last, Resources: found });
    return;
  }
  const found = await users
    .find({ account }, SERVED)
    .sort({ _id: 1 })
    .skip(Number(startIndex) - 1)
    .limit(limit)
    .toArray();
  response.json({ totalResults: await total, Resources: found });
});

interface PatchBody {
  Operations: { value: unknown }[];
}

app.patch('/scim/v2/Users/:id', async (request: Request<{ id: string }>, response: Response) => {
  const active = (request.body as PatchBody).Operations[0]?.value;
  const after = await users.findOneAndUpdate(
    { _id: request.params.id, account },
    {
      $set: { 'data.active': active, modified: new Date() },
      $inc: { version: 1, revision: 1 },
      $push: { changes: record('update') },
    } as object,
    { returnDocument: 'after', ...SERVED },
  );
  response.json(after);
});

app.get('/scim/v2/Groups', async (request: Request, response: Response) => {
  const name = String(request.query.filter).slice('displayName eq "'.length, -1);
  const found = await groups.find({ account, nameFold: name.toLowerCase() }, SERVED).limit(100).toArray();
  response.json({ totalResults: found.length, Resources: found });
});

app.post('/scim/v2/Groups', async (request: Request, response: Response) => {
  const { displayName: name } = request.body as { displayName: string };
  const now = new Date();
  const fields = { name, nameFold: name.toLowerCase(), type: '', typeFold: '', claimed: true, derived: false };
  const found = { identities: [], holdsName: true };
  const group = { _id: v7(), account, version: 1, created: now, modified: now, ...fields, ...found, changes: [] };
  await groups.insertOne(group);
  response.status(201).json({ id: group._id });
});

// A member's link and the group's version as two plain writes, without the transaction that holds them together.
app.patch('/scim/v2/Groups/:id', async (request: Request<{ id: string }>, response: Response) => {
  const { id } = request.params;
  const members = (request.body as PatchBody).Operations[0]?.value as { value: string }[];
  const change = record('link');
  const link = { to: id, origins: ['push:con_bare' as const] };
  await users.updateMany(
    { account, _id: { $in: members.map(({ value }) => value) }, 'groups.to': { $ne: id } },
    {
      $push: { groups: link, changes: change },
      $inc: { version: 1, revision: 1 },
      $set: { modified: change.at },
    },
  );
  await groups.updateOne(
    { _id: id, account },
    { $set: { modified: change.at }, $inc: { version: 1 }, $push: { changes: change } },
  );
  response.status(204).end();
});

app.post('/scim/v2/Bulk', async (request: Request, response: Response) => {
  const { Operations } = request.body as { Operations: { data: Record<string, unknown> }[] };
  const made = Operations.map(({ data }) => document(data));
  await users.insertMany(made, { ordered: false });
  response.json({ Operations: made.map(({ _id }) => ({ location: _id, status: '201' })) });
});

app.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
