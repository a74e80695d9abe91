// The leanest server that does the job of the speed bench: Express 5 and the MongoDB driver with one document a person, `_id`, one
// unique index on the login name, `w: majority`. No tenants, tokens, checks, groups, events or audit. It fills its own database.
// Arguments: port, MongoDB URI, database, number of people.

import { randomUUID } from 'node:crypto';
import express, { type Request, type Response } from 'express';
import { MongoClient } from 'mongodb';
import { personBody } from './speed-people.ts';

type Body = Record<string, unknown> & { userName: string };
interface Person {
  _id: string;
  key: string;
  version: number;
  created: Date;
  modified: Date;
  data: Body;
}

const [port = '', uri = '', database = '', stored = ''] = process.argv.slice(2);
const BATCH = 1000;
const client = await new MongoClient(uri, { writeConcern: { w: 'majority' } }).connect();
const people = client.db(database).collection<Person>('people');
await people.createIndex({ key: 1 }, { unique: true });

const base = `http://127.0.0.1:${port}/scim/v2/Users/`;
function person(data: Body): Person {
  const now = new Date();
  return { _id: randomUUID(), key: data.userName.toLowerCase(), version: 1, created: now, modified: now, data };
}
function resource({ _id: id, version, created, modified, data }: Person): object {
  const meta = {
    resourceType: 'User',
    created,
    lastModified: modified,
    location: base + id,
    version: `W/"${version}"`,
  };
  return { ...data, id, meta };
}

const ids: string[] = [];
for (let from = 0; from < Number(stored); from += BATCH) {
  const length = Math.min(BATCH, Number(stored) - from);
  const batch = Array.from({ length }, (_, index) => person(personBody(from + index) as Body));
  ids.push(...batch.map(({ _id }) => _id));
  await people.insertMany(batch);
}

const app = express();
app.use(express.json({ type: 'application/scim+json', limit: '10mb' }));

app.get('/ids', (_request, response) => void response.json(ids));

app.post('/scim/v2/Users', async (request: Request, response: Response) => {
  const made = person(request.body as Body);
  await people.insertOne(made);
  response.status(201).json(resource(made));
});

app.get('/scim/v2/Users/:id', async (request: Request<{ id: string }>, response: Response) => {
  const found = await people.findOne({ _id: request.params.id });
  if (found) response.json(resource(found));
  else response.status(404).end();
});

app.get('/scim/v2/Users', async (request: Request, response: Response) => {
  const { filter, startIndex = '1', count = '100' } = request.query as Record<string, string | undefined>;
  const query = filter === undefined ? {} : { key: filter.slice('userName eq "'.length, -1).toLowerCase() };
  const page = people
    .find(query)
    .sort({ _id: 1 })
    .skip(Number(startIndex) - 1)
    .limit(Number(count));
  const total = filter === undefined ? people.estimatedDocumentCount() : people.countDocuments(query);
  const [found, totalResults] = await Promise.all([page.toArray(), total]);
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];
  response.json({
    schemas,
    totalResults,
    startIndex: Number(startIndex),
    itemsPerPage: found.length,
    Resources: found.map(resource),
  });
});

app.patch('/scim/v2/Users/:id', async (request: Request<{ id: string }>, response: Response) => {
  const { Operations } = request.body as { Operations: { value: unknown }[] };
  const after = await people.findOneAndUpdate(
    { _id: request.params.id },
    { $set: { 'data.active': Operations[0]?.value, modified: new Date() }, $inc: { version: 1 } },
    { returnDocument: 'after' },
  );
  if (after) response.json(resource(after));
  else response.status(404).end();
});

app.post('/scim/v2/Bulk', async (request: Request, response: Response) => {
  const { Operations } = request.body as { Operations: { data: Body }[] };
  const made = Operations.map(({ data }) => person(data));
  await people.insertMany(made, { ordered: false });
  response.json({ Operations: made.map(({ _id }) => ({ location: base + _id, status: '201' })) });
});

app.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
