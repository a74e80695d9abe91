// Replays the files of assets/clients/: what Entra ID, Okta and other clients send, one exchange or short sequence each (RFC 7644 §3).
// A file has steps; a step sends a request, looks at the answer and keeps values for later steps. `<run>`, `<uuid1>`… and
// what was kept stand for their values.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import {
  differencesOf,
  type Exchange,
  filled,
  type JudgedAnswer,
  keptNames,
  loadExchanges,
  type Step,
} from '../../src/cli/simulate/exchange.ts';
import { CLIENTS } from '../../src/cli/simulate/replay.ts';
import { openTenants, type Tenants } from '../support/tenants.ts';

/** The headers of clients other than Entra ID and Okta. */
const OTHERS = { Accept: 'application/scim+json', 'Content-Type': 'application/scim+json' };
const EVENTUALLY_MS = 5_000;

let server: Tenants;
beforeAll(async () => {
  server = await openTenants();
});
afterAll(() => server.stop());

describe('clients', () => {
  for (const exchange of loadExchanges()) test(`${exchange.client}: ${exchange.name}`, () => replay(exchange));
});

async function replay(exchange: Exchange): Promise<void> {
  const names = new Map<string, string>([['run', randomBytes(4).toString('hex')]]);
  for (let index = 1; index <= 9; index += 1) names.set(`uuid${index}`, randomUUID());
  for (const template of exchange.steps) {
    const step = filled(template, names);
    const answer = await perform(exchange, step);
    for (const [name, value] of keptNames(step, answer)) names.set(name, value);
  }
}

/** Sends a step until what it expects is there, once where nothing is said of waiting. */
async function perform(exchange: Exchange, step: Step): Promise<JudgedAnswer> {
  const end = Date.now() + (step.eventually === true ? EVENTUALLY_MS : 0);
  for (;;) {
    const answer = await sendStep(exchange, step);
    const differences = differencesOf(step, answer, { own: true });
    if (differences.length === 0) return answer;
    const found = differences.map(({ words }) => words).join('; ');
    assert.ok(Date.now() < end, `${exchange.name}: ${step.say}: ${found} in ${answer.text.slice(0, 2000)}`);
    await sleep(100);
  }
}

async function sendStep({ client }: Exchange, step: Step): Promise<JudgedAnswer> {
  const space = step.send.indexOf(' ');
  const own = Object.entries(CLIENTS).find(([kind]) => kind === client)?.[1].headers;
  const content = { 'Content-Type': 'application/scim+json; charset=utf-8' };
  const headers: Record<string, string> = { ...(own ? { ...own, ...content } : OTHERS), ...step.headers };
  if (step.body === undefined) delete headers['Content-Type'];
  const answer = await server.call(step.send.slice(0, space), step.send.slice(space + 1), {
    ...(step.body === undefined ? {} : { body: step.body }),
    ...(step.token === undefined ? {} : { token: step.token }),
    headers,
  });
  return {
    status: answer.status,
    mediaType: answer.headers.get('content-type') ?? '',
    text: answer.text,
    body: answer.text === '' ? undefined : answer.body,
  };
}
