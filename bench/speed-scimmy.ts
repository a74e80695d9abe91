// The peer of the speed bench: the stock scimmy-routers server over an array in memory, as in its documentation.
// Arguments: port, users to hold at the start.

import express from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';
import { v7 } from 'uuid';
import { personBody } from './speed-people.ts';

const [port = '', stored = '0'] = process.argv.slice(2);

interface Held {
  id: string;
  meta: { created: Date; lastModified: Date };
  [attribute: string]: unknown;
}

/** The properties of the library's resource that a handler reads. */
interface Asked {
  id?: string;
  filter?: { match(list: Held[]): Held[] };
}

const held = new Map<string, Held>();

function hold(body: object, id = v7()): Held {
  const now = new Date();
  const user = { ...body, id, meta: { created: held.get(id)?.meta.created ?? now, lastModified: now } };
  held.set(id, user);
  return user;
}

for (let number = 0; number < Number(stored); number += 1) hold(personBody(number));

SCIMMY.Resources.declare(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser), {
  egress: (resource: Asked) => {
    const one = resource.id === undefined ? undefined : held.get(resource.id);
    if (resource.id !== undefined) return (one ?? []) as never;
    const all = [...held.values()];
    return (resource.filter ? resource.filter.match(all) : all) as never;
  },
  ingress: (resource: Asked, instance: object) =>
    hold(JSON.parse(JSON.stringify(instance)) as object, resource.id) as never,
  degress: (resource: Asked) => {
    if (resource.id !== undefined) held.delete(resource.id);
  },
});

const app = express();
app.get('/ids', (_request, response) => {
  response.json([...held.keys()]);
});
app.use('/scim/v2', new SCIMMYRouters({ type: 'bearer', handler: () => 'bench' }));
app.listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
