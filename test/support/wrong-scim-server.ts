// A small SCIM server with the faults of real ones: login names have case, a removal of one member empties the group, the text
// False stays a text, PATCH without a path is refused, and errors are plain text. It keeps everything in memory.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Resource = Record<string, unknown> & { id: string };

interface Operation {
  op: string;
  path?: string;
  value?: unknown;
}

export interface WrongServer {
  base: string;
  /** Everything that was created and not deleted. */
  left: () => string[];
  /** The users who are active. */
  active: () => string[];
  stop: () => Promise<void>;
}

const TOKEN = 'the-right-token';

/** Starts the server. `deletes: false` answers DELETE with 405; `breaksOff` creates users and then closes the connection. */
export async function openWrongServer({
  deletes = true,
  breaksOff = false,
}: {
  deletes?: boolean;
  breaksOff?: boolean;
} = {}): Promise<WrongServer> {
  const resources = new Map<string, Resource>();
  let next = 1;

  async function handle(request: IncomingMessage): Promise<[status: number, body?: unknown]> {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return [401, 'who are you?'];
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const [, , endpoint = '', id = ''] = pathname.split('/');
    const body = (request.method === 'GET' ? {} : JSON.parse((await text(request)) || '{}')) as Record<string, unknown>;
    const key = `${endpoint}/${id}`;
    const found = resources.get(key);
    if (request.method === 'POST') {
      const made = { ...body, id: String(next) };
      next += 1;
      resources.set(`${endpoint}/${made.id}`, made);
      return [201, made];
    }
    if (id === '') return listed(endpoint, searchParams.get('filter'));
    if (!found) return [404, 'no such thing'];
    if (request.method === 'DELETE' && !deletes) return [405, 'never'];
    if (request.method === 'DELETE') return resources.delete(key) ? [204] : [404, 'no such thing'];
    if (request.method === 'PUT') Object.assign(found, body);
    if (request.method !== 'PATCH') return [200, found];
    for (const operation of (body.Operations ?? []) as Operation[]) {
      if (operation.path === undefined) return [400, 'no path'];
      patch(found, operation);
    }
    return [200, found];
  }

  function listed(endpoint: string, filter: string | null): [number, unknown] {
    const [, attribute = '', value = ''] = /^(\w+) eq "(.*)"$/.exec(filter ?? '') ?? [];
    const all = [...resources].filter(([key]) => key.startsWith(`${endpoint}/`)).map(([, resource]) => resource);
    const found = filter === null ? all : all.filter((resource) => resource[attribute] === value);
    return [200, { totalResults: found.length, startIndex: 1, itemsPerPage: found.length, Resources: found }];
  }

  const server = createServer((request, response) => {
    void handle(request).then(([status, body]) => {
      if (breaksOff && request.method === 'POST') request.socket.destroy();
      else answer(response, status, body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim`,
    left: () => [...resources.keys()],
    active: () => [...resources].filter(([, { active }]) => active === true).map(([key]) => key),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

openWrongServer.token = TOKEN;

function patch(resource: Resource, { op, path = '', value }: Operation): void {
  if (op.toLowerCase() === 'remove') delete resource[path];
  else if (path === 'members') resource.members = [...((resource.members ?? []) as unknown[]), ...(value as unknown[])];
  else resource[path] = value;
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const content = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': typeof body === 'string' ? 'text/plain' : 'application/json' });
  response.end(body === undefined ? '' : content);
}
