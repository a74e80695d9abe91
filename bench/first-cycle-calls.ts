// What Entra sends in its first cycle, and a client that sends it: as fast as a number of connections can, or at a fixed rate.

import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { personBody, userNameOf } from './speed-people.ts';

/** The size of a cycle. */
export interface CycleSize {
  /** The number of the first person; the cycles of one server must not overlap. */
  from: number;
  users: number;
  groups: number;
  /** How many of the groups each user is in; the same for all. */
  groupsPerUser: number;
}

/** A server that serves `/scim/v2` on this port. */
export interface Server {
  port: number;
  token: string;
}

/** One request, and what is done with its answer. */
interface Call {
  method: 'GET' | 'POST' | 'PATCH';
  path: string;
  body?: object;
  onAnswer?: (body: string) => void;
}

/** A part of the cycle: works that can be done at the same time, each of calls in a row. */
export interface Phase {
  name: string;
  works: (() => Generator<Call>)[];
}

/** What was measured of a phase. Latencies are in milliseconds. */
export interface Sent {
  latencies: number[];
  elapsedMs: number;
  failures: string[];
  /** The time was up before everything was sent. */
  isCut: boolean;
}

const MEMBERS_PER_PATCH = 100;
const FAILURES_KEPT = 3;
const USER_MANAGER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager';
const REPORTS = 10;

const patch = (path: string, value: unknown): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'Add', path, value }],
});
const filtered = (path: string, attribute: string, value: string): string =>
  `${path}filter=${encodeURIComponent(`${attribute} eq "${value}"`)}`;
const idIn = (body: string): string => (JSON.parse(body) as { id: string }).id;

/** The phases of a first cycle, to be sent one after the other: users, their managers, groups without members, members. */
export function firstCycle({ from, users, groups, groupsPerUser }: CycleSize): Phase[] {
  const userIds: string[] = Array.from({ length: users });
  const groupIds: string[] = Array.from({ length: groups });
  const each = (count: number, work: (index: number) => Generator<Call>) =>
    Array.from({ length: count }, (_, index) => () => work(index));
  const perGroup = Math.floor((users * groupsPerUser) / groups);
  const patches = Math.ceil(perGroup / MEMBERS_PER_PATCH);
  return [
    {
      name: 'users: lookup, create',
      works: each(users, function* (index) {
        const number = from + index;
        yield { method: 'GET', path: filtered('/Users?', 'userName', userNameOf(number).toLowerCase()) };
        const onAnswer = (body: string): void => {
          userIds[index] = idIn(body);
        };
        yield { method: 'POST', path: '/Users', body: personBody(number), onAnswer };
      }),
    },
    {
      name: 'managers',
      works: each(users - 1, function* (index) {
        const manager = userIds[Math.floor(index / REPORTS)];
        yield { method: 'PATCH', path: `/Users/${userIds[index + 1]}`, body: patch(USER_MANAGER, manager) };
      }),
    },
    {
      name: 'groups: lookup, create',
      works: each(groups, function* (index) {
        const displayName = `Shops ${from + index}`;
        yield { method: 'GET', path: filtered('/Groups?excludedAttributes=members&', 'displayName', displayName) };
        const schemas = ['urn:ietf:params:scim:schemas:core:2.0:Group'];
        const body = { schemas, displayName, externalId: `group-${from + index}` };
        const onAnswer = (answer: string): void => {
          groupIds[index] = idIn(answer);
        };
        yield { method: 'POST', path: '/Groups', body, onAnswer };
      }),
    },
    {
      name: `members by ${MEMBERS_PER_PATCH}s`,
      works: each(groups, function* (index) {
        for (let step = 0; step < patches; step += 1) {
          const count = Math.min(MEMBERS_PER_PATCH, perGroup - step * MEMBERS_PER_PATCH);
          const first = index * perGroup + step * MEMBERS_PER_PATCH;
          const value = Array.from({ length: count }, (_, place) => ({
            $ref: null,
            value: userIds[(first + place) % users],
          }));
          yield { method: 'PATCH', path: `/Groups/${groupIds[index]}`, body: patch('members', value) };
        }
      }),
    },
  ];
}

/** How many change records a cycle leaves: of users, managers, groups, changes of groups, and links. */
export function recordsOf({ users, groups, groupsPerUser }: CycleSize): number {
  const perGroup = Math.floor((users * groupsPerUser) / groups);
  return users + (users - 1) + groups * (1 + Math.ceil(perGroup / MEMBERS_PER_PATCH) + perGroup);
}

/** Sends a phase with this many connections, at most `perSecond` calls a second if given, until it is done or the time is up. */
export async function send(
  { works }: Phase,
  server: Server,
  options: { connections: number; perSecond?: number; endsAt: number },
): Promise<Sent> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const sent: Sent = { latencies: [], elapsedMs: 0, failures: [], isCut: false };
  const begun = performance.now();
  const waiting = works[Symbol.iterator]();
  let calls = 0;
  const connection = async (): Promise<void> => {
    for (const work of waiting) {
      for (const call of work()) {
        if (performance.now() > options.endsAt) {
          sent.isCut = true;
          return;
        }
        const due = options.perSecond === undefined ? 0 : begun + (calls * 1000) / options.perSecond;
        calls += 1;
        if (due > performance.now()) await sleep(due - performance.now());
        await carryOut(call, server, agent, sent);
      }
    }
  };
  await Promise.all(Array.from({ length: options.connections }, connection));
  sent.elapsedMs = performance.now() - begun;
  agent.destroy();
  return sent;
}

async function carryOut(call: Call, server: Server, agent: Agent, sent: Sent): Promise<void> {
  const at = performance.now();
  const { status, text } = await answerOf(call, server, agent);
  if (status >= 400) {
    if (sent.failures.length < FAILURES_KEPT)
      sent.failures.push(`${call.method} ${call.path.slice(0, 80)} ${status} ${text.slice(0, 200)}`);
    return;
  }
  sent.latencies.push(performance.now() - at);
  call.onAnswer?.(text);
}

function answerOf(
  { method, path, body }: Call,
  { port, token }: Server,
  agent: Agent,
): Promise<{ status: number; text: string }> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    Authorization: `Bearer ${token}`,
    ...(text === undefined
      ? {}
      : { 'Content-Type': 'application/scim+json', 'Content-Length': String(Buffer.byteLength(text)) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent, method, path: `/scim/v2${path}`, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(text);
  });
}
