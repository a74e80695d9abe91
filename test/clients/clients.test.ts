// Replays the files of this folder: what Entra ID, Okta and other clients send, one exchange or short sequence each (RFC 7644 §3).
// A file has steps; a step sends a request, looks at the answer and keeps values for later steps. `<run>`, `<uuid1>`… and
// what was kept stand for their values.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { packageFolder } from '../support/package-folder.ts';
import { at } from '../support/pointer.ts';
import { openTenants, type Tenants } from '../support/tenants.ts';

interface Step {
  say: string;
  /** Method and path. */
  send: string;
  body?: unknown;
  headers?: Record<string, string>;
  token?: string;
  /** Asked again for some seconds: the server does this off the request path. */
  eventually?: boolean;
  expect: { status: number[]; see?: Record<string, unknown> };
  /** Names and the pointers of their values. */
  keep?: Record<string, string>;
}

interface Exchange {
  name: string;
  client: string;
  about: string;
  /** The public document that describes it. */
  source: string;
  steps: Step[];
}

const HEADERS: Record<string, Record<string, string>> = {
  entra: { Accept: 'application/scim+json', 'Content-Type': 'application/scim+json; charset=utf-8' },
  okta: {
    Accept: 'application/scim+json',
    'Accept-Charset': 'utf-8',
    'Content-Type': 'application/scim+json; charset=utf-8',
    'User-Agent': 'Okta SCIM Client 1.0.0',
  },
};
/** The headers of every other client. */
const OTHERS = { Accept: 'application/scim+json', 'Content-Type': 'application/scim+json' };
const EVENTUALLY_MS = 5_000;

const folder = packageFolder('test', 'clients');
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .sort();

let server: Tenants;
beforeAll(async () => {
  server = await openTenants();
});
afterAll(() => server.stop());

describe('clients', () => {
  for (const file of files) {
    const exchange = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Exchange;
    test(`${exchange.client}: ${exchange.name}`, () => replay(exchange));
  }
});

async function replay(exchange: Exchange): Promise<void> {
  const names = new Map<string, string>([['run', randomBytes(4).toString('hex')]]);
  for (let index = 1; index <= 9; index += 1) names.set(`uuid${index}`, randomUUID());
  for (const template of exchange.steps) {
    const step = filled(template, names) as Step;
    const answer = await perform(exchange, step);
    for (const [name, pointer] of Object.entries(step.keep ?? {})) names.set(name, String(at(answer.body, pointer)));
  }
}

/** Sends a step until what it expects is there, once where nothing is said of waiting. */
async function perform(exchange: Exchange, step: Step): Promise<Answer> {
  const end = Date.now() + (step.eventually === true ? EVENTUALLY_MS : 0);
  for (;;) {
    const answer = await sendStep(exchange, step);
    try {
      judge(exchange, step, answer);
      return answer;
    } catch (error) {
      if (Date.now() >= end) throw error;
      await sleep(100);
    }
  }
}

function sendStep(exchange: Exchange, step: Step): Promise<Answer> {
  const space = step.send.indexOf(' ');
  const headers: Record<string, string> = { ...(HEADERS[exchange.client] ?? OTHERS), ...step.headers };
  if (step.body === undefined) delete headers['Content-Type'];
  return server.call(step.send.slice(0, space), step.send.slice(space + 1), {
    ...(step.body === undefined ? {} : { body: step.body }),
    ...(step.token === undefined ? {} : { token: step.token }),
    headers,
  });
}

function judge({ name }: Exchange, step: Step, answer: Answer): void {
  const where = `${name}: ${step.say}`;
  assert.ok(step.expect.status.includes(answer.status), `${where}: ${answer.status} ${answer.text.slice(0, 500)}`);
  if (answer.text !== '') assert.match(String(answer.headers.get('content-type')), /^application\/scim\+json/, where);
  for (const [pointer, wanted] of Object.entries(step.expect.see ?? {})) {
    look(at(answer.body, pointer), wanted, `${where}: ${pointer} in ${answer.text.slice(0, 2000)}`);
  }
}

/** An object with one key says how to look; everything else is the value itself. */
function look(value: unknown, wanted: unknown, where: string): void {
  const [how, than] =
    typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)
      ? (Object.entries(wanted)[0] as [string, unknown])
      : ['equals', wanted];
  switch (how) {
    case 'absent':
      assert.equal(value, undefined, where);
      break;
    case 'present':
      assert.ok(value !== undefined && value !== null && value !== '', where);
      break;
    case 'unassigned':
      assert.ok(value === undefined || value === null || (value as string).length === 0, where);
      break;
    case 'integer':
      assert.ok(Number.isInteger(value), where);
      break;
    case 'length':
      assert.equal(Array.isArray(value) ? value.length : undefined, than, where);
      break;
    case 'includes':
      assert.ok((value as string | undefined)?.includes(than as string), where);
      break;
    case 'set':
      assert.deepEqual([...(value as string[])].sort(), [...(than as string[])].sort(), where);
      break;
    case 'equals':
      assert.deepEqual(value, than, where);
      break;
    default:
      assert.fail(`${where}: nothing is known of "${how}"`);
      break;
  }
}

/** A copy with every `<name>` replaced; a name that nobody kept is a mistake of the file. */
function filled(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') {
    return value.replace(/<(\w+)>/g, (_all, name: string) => {
      const known = names.get(name);
      assert.ok(known !== undefined, `"${name}" was not kept`);
      return known;
    });
  }
  if (Array.isArray(value)) return value.map((element) => filled(element, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [filled(key, names) as string, filled(inner, names)]),
  );
}
