// Limits of sign-in: counted before the password is looked at, by person and by network, and never a lock that somebody else can cause.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createHashQueue } from '../../src/auth/passwords/hash-queue.ts';
import { type AdminServer, openAdminServer, ROOT } from '../support/admin.ts';
import type { Answer } from '../support/http-client.ts';

let api: AdminServer;
beforeAll(async () => {
  api = await openAdminServer({ TRUSTED_PROXIES: 'loopback' });
});
afterAll(() => api.stop());

/** A sign-in from an address. */
const signIn = (email: string, password: string, address: string): Promise<Answer> =>
  api.anonymous('POST', '/session', { body: { email, password }, headers: { 'X-Forwarded-For': address } });
const countOf = (answers: Answer[], status: number) => answers.filter((answer) => answer.status === status).length;
const attempts = () => api.server.database.db.collection('signInFailures');

describe('wrong passwords', () => {
  test('ten are tried, then one in 15 seconds: 429 with Retry-After, also for the right one, for this person only', async () => {
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess += 1)
      statuses.push((await signIn(made.email, `guess ${guess}`, '192.0.2.1')).status);
    assert.deepEqual(statuses, [...Array<number>(10).fill(401), 429, 429]);
    const right = await signIn(made.email, made.password, '192.0.2.1');
    assert.equal(right.status, 429);
    const wait = Number(right.headers.get('retry-after'));
    assert.ok(wait > 0 && wait <= 15, String(wait));
    assert.equal((await signIn(ROOT.email, ROOT.password, '192.0.2.1')).status, 200);
    await attempts().updateMany({ key: /^pause:/ }, { $set: { expire: new Date(Date.now() - 1) } });
    assert.equal((await signIn(made.email, made.password, '192.0.2.1')).status, 200, 'after the pause');
    assert.equal((await signIn(made.email, 'wrong again', '192.0.2.1')).status, 401, 'the right one ends the count');
  });

  test('that come at the same time are counted before they are tried', async () => {
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const guesses = Array.from({ length: 120 }, (_, guess) => signIn(made.email, `guess ${guess}`, '192.0.2.2'));
    const answers = await Promise.all(guesses);
    assert.ok(countOf(answers, 401) <= 11, `${countOf(answers, 401)} were tried`);
    assert.equal(countOf(answers, 401) + countOf(answers, 429) + countOf(answers, 503), 120);
  });

  test('from elsewhere lock nobody out: the right password gets in from another network, after a short delay', async () => {
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    for (let network = 0; network < 10; network += 1) {
      const guesses = Array.from({ length: 12 }, (_, guess) =>
        signIn(made.email, `guess ${guess}`, `198.51.100.${network}`),
      );
      await Promise.all(guesses);
    }
    const startedAt = performance.now();
    const right = await signIn(made.email, made.password, '203.0.113.1');
    assert.equal(right.status, 200, right.text);
    assert.ok(performance.now() - startedAt < 10_000);
  });

  test('for many people from one network lock nobody out, there or elsewhere', async () => {
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    for (let round = 0; round < 20; round += 1) {
      const guesses = Array.from({ length: 10 }, (_, guess) =>
        signIn(`nobody-${round}-${guess}@example.com`, 'x', '198.51.100.200'),
      );
      await Promise.all(guesses);
    }
    for (const address of ['198.51.100.200', '203.0.113.2'])
      assert.equal((await signIn(made.email, made.password, address)).status, 200, address);
  });

  test('are counted by the network of IPv6 addresses', async () => {
    const statuses = new Set<number>();
    for (let host = 0; host < 12; host += 1)
      statuses.add((await signIn('six@example.com', 'x', `2001:db8::${host + 1}`)).status);
    assert.deepEqual([...statuses], [401, 429]);
  });
});

test('an address that nobody trusted to state is not believed', async () => {
  const plain = await openAdminServer();
  try {
    const statuses = new Set<number>();
    for (let host = 0; host < 12; host += 1) {
      const headers = { 'X-Forwarded-For': `192.0.2.${host}` };
      const body = { email: 'x@example.com', password: 'x' };
      statuses.add((await plain.anonymous('POST', '/session', { body, headers })).status);
    }
    assert.deepEqual([...statuses], [401, 429]);
  } finally {
    await plain.stop();
  }
});

test('a known and an unknown name are refused at the same moments', async () => {
  const made = await api.newAdministrator('demo', 'customerAdministrator');
  const spent = async (email: string, host: number) => {
    const startedAt = performance.now();
    assert.equal((await signIn(email, 'wrong', `192.0.2.${host}`)).status, 401);
    return performance.now() - startedAt;
  };
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < 15; round += 1) {
    times[0].push(await spent(made.email, 50 + round));
    times[1].push(await spent('nobody@example.com', 50 + round));
  }
  const [known = 0, unknown = 0] = times.map((all) => all.sort((a, b) => a - b)[7]);
  assert.ok(Math.min(...times.flat()) >= 199);
  // Both medians lie just behind the same multiple of 200 ms.
  assert.equal(Math.round(known / 200), Math.round(unknown / 200), `${known} ${unknown}`);
});

test('four hundred sign-ins at once: a few are tried, the rest are asked to come back, and others are served', async () => {
  let isOver = false;
  // Each on a connection of its own, so that all of them arrive at once.
  const flood = Array.from({ length: 400 }, (_, person) =>
    fetch(`${api.base}/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': `10.${person % 250}.1.1` },
      body: JSON.stringify({ email: `flood-${person}@example.com`, password: 'x' }),
    }),
  );
  const all = Promise.all(flood).finally(() => {
    isOver = true;
  });
  let servedMeanwhile = 0;
  while (!isOver) {
    assert.equal((await fetch(`${api.server.origin}/livez`)).status, 200);
    if (!isOver) servedMeanwhile += 1;
  }
  const answers = await all;
  const refused = answers.find(({ status }) => status === 503);
  assert.equal(answers.filter(({ status }) => status === 401 || status === 503).length, 400);
  assert.ok(Number(refused?.headers.get('retry-after')) > 0);
  assert.ok(servedMeanwhile >= 5, `/livez answered ${servedMeanwhile} times before the last sign-in`);
});

describe('the queue of hashes', () => {
  test('runs a few at a time, in turn, and has a bounded number of places', async () => {
    const queue = createHashQueue({ atOnce: 2, placesMax: 4 });
    const places = Array.from({ length: 5 }, () => queue.enter());
    assert.deepEqual(
      places.map((place) => place !== undefined),
      [true, true, true, true, false],
    );
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const work = async (turn: number) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(turn);
      running -= 1;
    };
    await Promise.all(places.map(async (place, turn) => place?.run(() => work(turn))));
    assert.deepEqual([most, order], [2, [0, 1, 2, 3]]);
    await assert.rejects(async () => places[0]?.run(() => Promise.reject(new Error('failed'))), /failed/);
    for (const place of places) place?.leave();
    places[0]?.leave();
    assert.deepEqual(
      Array.from({ length: 5 }, () => queue.enter() !== undefined),
      [true, true, true, true, false],
    );
  });
});
