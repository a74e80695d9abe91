// A wrong password costs the same work for a name that is known and for one that is not: the same checks of passwords, and the same
// statements to the database. Times are not measured; answers come at multiples of 200 ms besides.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createBrowser, type LearnerServer, openLearnerServer } from '../support/learners.ts';
import { collectionOf, isOfJob, openProfiler, type Profiler } from '../support/profiler.ts';
import { freePort } from '../support/server.ts';
import { until } from '../support/until.ts';

const QUIET_MS = 150;
const ASKED = new Set(['administrators', 'users', 'learnerAccess', 'signInFailures']);

let server: LearnerServer;
let profiler: Profiler;
let metrics: string;

beforeAll(async () => {
  const port = await freePort();
  metrics = `http://127.0.0.1:${port}/metrics`;
  server = await openLearnerServer({ METRICS_PORT: String(port) });
  profiler = await openProfiler(server.api.server.database.db);
});
afterAll(() => server.stop());

async function passwordChecks(): Promise<number> {
  const text = await (await fetch(metrics)).text();
  const [, count] = /^password_checks_total (\d+)$/m.exec(text) ?? [];
  return Number(count);
}

async function statementsOf(work: () => Promise<unknown>) {
  const found = await profiler.statementsOf(work);
  return found.filter((each) => ASKED.has(collectionOf(each)) && !isOfJob(each));
}

/** Waits until nothing goes on any more after a user was made: users who named the new one as their manager are looked for then. */
async function untilQuiet(): Promise<void> {
  await until(
    () => statementsOf(() => sleep(QUIET_MS)),
    (statements) => statements.length === 0,
  );
}

/** The checks and the statements of a piece of work. */
async function workOf(work: () => Promise<unknown>): Promise<{ checks: number; statements: string[] }> {
  await untilQuiet();
  const before = await passwordChecks();
  const statements = await statementsOf(work);
  return {
    checks: (await passwordChecks()) - before,
    statements: statements.map((each) => `${each.op} ${collectionOf(each)}`).sort(),
  };
}

describe('a wrong password', () => {
  test('of an administrator', async () => {
    const { email } = await server.api.newAdministrator('demo', 'customerAdministrator');
    const tried = (name: string) =>
      workOf(async () => {
        const answer = await server.api.anonymous('POST', '/session', { body: { email: name, password: 'wrong' } });
        assert.equal(answer.status, 401, answer.text);
      });
    const known = await tried(email);
    assert.deepEqual(await tried('nobody@example.com'), known);
    assert.equal(known.checks, 1);
    assert.ok(
      known.statements.some((each) => each.endsWith('administrators')),
      JSON.stringify(known),
    );
  });

  test.each([
    ['a login name', 'known', 'nobody'],
    ['a login name that is an address', 'known@login.example', 'nobody@login.example'],
    ['an e-mail', 'known@example.com', 'nobody@example.com'],
    ['the login name of a user without a password', 'bare', 'none'],
  ])('of a learner by %s', async (_what, here, missing) => {
    if (here === 'bare') await server.user(here, { password: undefined });
    else if (!here.endsWith('@example.com')) await server.user(here);
    const tried = (name: string) =>
      workOf(async () => {
        const { page } = await server.signIn(createBrowser(server.origin), name, 'wrong');
        assert.ok(page.url.startsWith(server.origin), page.url);
      });
    const known = await tried(here);
    assert.deepEqual(await tried(missing), known);
    assert.equal(known.checks, 1);
    for (const collection of ['users', 'learnerAccess'])
      assert.ok(
        known.statements.some((each) => each.endsWith(collection)),
        JSON.stringify(known),
      );
  });
});
