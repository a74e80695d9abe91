// The load generator of the speed bench, in its own process: receives one burst after the other over IPC and returns the measurements.
// One client with keep-alive connections, which sends the next request as soon as the last response has arrived.

import { Agent, request } from 'node:http';
import { personBody, userNameOf } from './speed-people.ts';

/** Pages of 100 by startIndex: the first one, a random one, a random one of the last tenth, and those of the last tenth in turn. */
type ListKind = 'first' | 'list' | 'deep' | 'walk';

/** A burst. Without `seconds` it ends after `count` requests. */
export interface Burst {
  target: string;
  port: number;
  token: string;
  kind: 'get' | 'filter' | 'active' | 'post' | ListKind | 'cursor' | 'member' | 'members100' | 'bulk' | 'group';
  connections: number;
  seconds?: number;
  count?: number;
  ids: string[];
  /** The number of stored people: the range of numbers and start indexes. */
  stored: number;
  group?: string;
}

/** The result of a burst; only successful responses count. Latencies are in milliseconds, unsorted. */
export interface BurstResult {
  requests: number;
  elapsedMs: number;
  latencies: number[];
  bytes: number;
  failures: string[];
}

interface Shot {
  method: string;
  path: string;
  body?: string | undefined;
}

const PATCH_URN = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const BULK_URN = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const BULK_SIZE = 200;
const FAILURES_KEPT = 3;

const agents = new Map<number, Agent>();
/** By target: the next unused number of a person, and the position of a walk over ids. */
const fresh = new Map<string, number>();
const walked = new Map<string, number>();

function next(counters: Map<string, number>, key: string, from: number): number {
  const value = counters.get(key) ?? from;
  counters.set(key, value + 1);
  return value;
}

const pick = <T>(list: T[]): T => list[Math.floor(Math.random() * list.length)] as T;
const patch = (operations: object[]): string => JSON.stringify({ schemas: [PATCH_URN], Operations: operations });

const PAGE = 100;

function startIndexOf(kind: ListKind, stored: number, target: string): number {
  const tenth = Math.floor(stored / 10);
  const random = (range: number): number => Math.floor(Math.random() * (range - PAGE));
  switch (kind) {
    case 'first':
      return 1;
    case 'list':
      return 1 + random(stored);
    case 'deep':
      return 1 + stored - tenth + random(tenth);
    case 'walk':
      return 1 + stored - tenth + PAGE * (next(walked, `walk ${target}`, 0) % Math.floor(tenth / PAGE));
  }
}

/** The next request; `last` is the last response on the connection, for walks by cursor. */
function shot(burst: Burst, last: string | undefined): Shot {
  const { kind, ids, stored, target } = burst;
  switch (kind) {
    case 'get':
      return { method: 'GET', path: `/Users/${pick(ids)}` };
    case 'group':
      return { method: 'GET', path: `/Groups/${burst.group}` };
    case 'filter': {
      const name = userNameOf(Math.floor(Math.random() * stored)).toLowerCase();
      return { method: 'GET', path: `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}` };
    }
    case 'active': {
      // Every pass over the ids toggles the value, so that every PATCH changes something.
      const step = next(walked, `active ${target}`, 0);
      const value = Math.floor(step / ids.length) % 2 === 1;
      return {
        method: 'PATCH',
        path: `/Users/${ids[step % ids.length]}`,
        body: patch([{ op: 'replace', path: 'active', value }]),
      };
    }
    case 'post':
      return {
        method: 'POST',
        path: '/Users',
        body: JSON.stringify(personBody(next(fresh, target, 10_000_000))),
      };
    case 'first':
    case 'list':
    case 'deep':
    case 'walk':
      return { method: 'GET', path: `/Users?startIndex=${startIndexOf(kind, stored, target)}&count=${PAGE}` };
    case 'cursor': {
      const cursor = /"nextCursor":"([^"]*)"/.exec(last?.slice(0, 1000) ?? '')?.[1] ?? '';
      return { method: 'GET', path: `/Users?cursor=${encodeURIComponent(cursor)}&count=100` };
    }
    case 'member': {
      const id = ids[next(walked, `member ${target} ${burst.group}`, 0)] ?? '';
      return {
        method: 'PATCH',
        path: `/Groups/${burst.group}`,
        body: patch([{ op: 'add', path: 'members', value: [{ value: id }] }]),
      };
    }
    case 'members100': {
      const from = 100 * next(walked, `members100 ${target} ${burst.group}`, 0);
      const value = ids.slice(from, from + 100).map((id) => ({ value: id }));
      return { method: 'PATCH', path: `/Groups/${burst.group}`, body: patch([{ op: 'add', path: 'members', value }]) };
    }
    case 'bulk': {
      const operations = Array.from({ length: BULK_SIZE }, (_, index) => ({
        method: 'POST',
        path: '/Users',
        bulkId: `b${index}`,
        data: personBody(next(fresh, target, 10_000_000)),
      }));
      return { method: 'POST', path: '/Bulk', body: JSON.stringify({ schemas: [BULK_URN], Operations: operations }) };
    }
  }
}

function send(burst: Burst, agent: Agent, { method, path, body }: Shot): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | number> = { Authorization: `Bearer ${burst.token}` };
    if (body !== undefined) {
      headers['Content-Type'] = 'application/scim+json';
      headers['Content-Length'] = Buffer.byteLength(body);
    }
    const sent = request(
      { host: '127.0.0.1', port: burst.port, agent, method, path: `/scim/v2${path}`, headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('latin1') }),
        );
        response.on('error', reject);
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The server had just closed the idle connection, so the request was not processed.
      if (sent.reusedSocket && error.code === 'ECONNRESET')
        send(burst, agent, { method, path, body }).then(resolve, reject);
      else reject(error);
    });
    sent.end(body);
  });
}

async function run(burst: Burst): Promise<BurstResult> {
  const agent = agents.get(burst.port) ?? new Agent({ keepAlive: true, maxSockets: 64 });
  agents.set(burst.port, agent);
  const result: BurstResult = { requests: 0, elapsedMs: 0, latencies: [], bytes: 0, failures: [] };
  const begun = performance.now();
  const end = burst.seconds === undefined ? Number.POSITIVE_INFINITY : begun + burst.seconds * 1000;
  let left = burst.count ?? Number.POSITIVE_INFINITY;
  const connection = async (): Promise<void> => {
    let last: string | undefined;
    while (left > 0 && performance.now() < end) {
      left -= 1;
      const what = shot(burst, last);
      const at = performance.now();
      const { status, text } = await send(burst, agent, what);
      last = text;
      if (status >= 400) {
        if (result.failures.length < FAILURES_KEPT)
          result.failures.push(`${what.method} ${what.path.slice(0, 80)} ${status} ${text.slice(0, 80)}`);
        continue;
      }
      result.latencies.push(performance.now() - at);
      result.requests += 1;
      result.bytes += text.length;
    }
  };
  await Promise.all(Array.from({ length: burst.connections }, connection));
  result.elapsedMs = performance.now() - begun;
  return result;
}

process.on('message', (burst: Burst) => {
  run(burst).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      const failed: BurstResult = { requests: 0, elapsedMs: 1, latencies: [], bytes: 0, failures: [String(error)] };
      process.send?.(failed);
    },
  );
});
