// `simulate crewplanner` against our own server: the first and the second visit, links that are refused, and nothing that stays.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { createCli, type Ran } from '../support/cli.ts';
import { createBrowser, type LearnerServer, openLearnerServer } from '../support/learners.ts';

let server: LearnerServer;
let simulate: (...words: string[]) => Promise<Ran>;
beforeAll(async () => {
  server = await openLearnerServer();
  const cli = createCli(server.api.server.database);
  simulate = (...words) =>
    cli('simulate', 'crewplanner', '--account', 'demo', '--base-url', `${server.origin}/`, ...words);
});
afterAll(() => server.stop());

interface Report {
  link: string;
  employee: string;
  steps: { step: string; status: number; outcome: string; words: string; verdict: string }[];
  passed: number;
  failed: number;
  removed: boolean;
}
const CLAIMS = '{"given_name": "Ann", "family_name": "Example", "email": "ann@example.com"}';
const usersLike = async (text: string) =>
  (await server.api.server.call('GET', `/Users?filter=${encodeURIComponent(`externalId sw "${text}"`)}&count=0`)).body
    .totalResults;

test('an account without CrewPlanner: the message says how to set it up, and nothing is stored', async () => {
  const ran = await simulate('--json');
  assert.equal(ran.code, 1);
  assert.match(ran.err, /add --set-up/);
  const { body } = await server.api.root('GET', '/accounts/demo');
  assert.equal(body.crewplannerSlug, undefined);
});

test('a made-up employee gets through both visits, bad links are refused, and nobody stays', async () => {
  const ran = await simulate('--set-up', '--json', '--claims', '{"department": "Bakery"}');
  assert.equal(ran.code, 0, ran.err + ran.out);
  const report = JSON.parse(ran.out) as Report;
  assert.deepEqual(
    report.steps.slice(0, 6).map(({ outcome }) => outcome),
    ['session', 'language', 'terms', 'in', 'session', 'in'],
  );
  const bad = report.steps.slice(6);
  assert.ok(bad.length >= 14 && bad.every(({ outcome }) => outcome === 'refused'), ran.out);
  assert.match(bad[0]?.words ?? '', /used already/);
  assert.deepEqual([report.failed, report.removed, await usersLike('simulated-')], [0, true, 0]);
});

test('as a table, with the pages in words; an employee who is named stays, and accepts nothing', async () => {
  const ran = await simulate('--employee', 'crew-77', '--claims', CLAIMS);
  assert.equal(ran.code, 0, ran.err + ran.out);
  assert.match(ran.out, /^http:\/\/localhost:\d+\/login\/external\/demo\/crewplanner\?token=/);
  assert.match(ran.out, /the application opens +200 +language +passed/);
  assert.doesNotMatch(ran.out, / terms /);
  assert.equal(await usersLike('crew-77'), 1);
});

test('who is blocked is refused with the words of the page, and the exit code is 1', async () => {
  const { body } = await server.api.server.call(
    'GET',
    `/Users?filter=${encodeURIComponent('externalId eq "crew-77"')}`,
  );
  const [user] = body.Resources as { id: string }[];
  await server.api.root('POST', `/accounts/demo/users/${user?.id}/block`);
  const ran = await simulate('--employee', 'crew-77', '--json');
  const [click] = (JSON.parse(ran.out) as Report).steps;
  assert.deepEqual([ran.code, click?.outcome, click?.status], [1, 'refused', 403]);
  assert.match(click?.words ?? '', /Your access is blocked/);
});

test('with a wrong secret the good link fails; --print gives a link that works', async () => {
  const wrong = await simulate('--secret', 'not the secret of this account at all', '--json');
  assert.equal((JSON.parse(wrong.out) as Report).steps[0]?.outcome, 'refused');
  const printed = await simulate('--print', '--employee', 'crew-78', '--claims', CLAIMS);
  assert.equal(printed.code, 0, printed.err);
  const page = await createBrowser(server.origin).open(printed.out.trim());
  assert.equal(page.url, 'http://localhost:9/start');
});
