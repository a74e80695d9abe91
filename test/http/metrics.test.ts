// Metrics on their own port: requests by route and outcome, without ids, and what waits in the database.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { send } from '../support/http-client.ts';
import { packageFolder } from '../support/package-folder.ts';
import { userNamed } from '../support/scim.ts';
import { freePort, openTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let port: number;
beforeAll(async () => {
  port = await freePort();
  server = await openTestServer({ METRICS_PORT: String(port) });
});
afterAll(() => server.stop());

describe('metrics', () => {
  test('count requests by route and outcome, never by id or name', async () => {
    const made = await server.call('POST', '/Users', userNamed('counted'));
    await server.call('GET', `/Users/${made.body.id}`);
    await server.call('GET', '/Users/nobody-here');
    const { status, text } = await send(`http://127.0.0.1:${port}/metrics`);
    assert.equal(status, 200);
    const count = (method: string, route: string, code: number) =>
      `http_request_duration_seconds_count{door="scim",method="${method}",route="${route}",status="${code}"} 1`;
    for (const line of [
      count('POST', '/Users', 201),
      count('GET', '/Users/{id}', 200),
      count('GET', '/Users/{id}', 404),
    ])
      assert.ok(text.includes(line), line);
    assert.doesNotMatch(text, /nobody-here|counted/);
    assert.ok(!text.includes(String(made.body.id)));
  });

  for (const name of [
    'nodejs_eventloop_lag_seconds',
    'mongodb_pool_connections_in_use',
    'audit_relay_lag_seconds',
    'password_checks_total',
    'runs_open',
    'mails_waiting',
  ])
    test(`have ${name}`, async () =>
      assert.match((await send(`http://127.0.0.1:${port}/metrics`)).text, new RegExp(`^${name} [0-9.e-]+$`, 'm')));

  test('are those of the table in docs/operations.md, with their types and labels', async () => {
    const { text } = await send(`http://127.0.0.1:${port}/metrics`);
    const documented = readFileSync(packageFolder('docs', 'operations.md'), 'utf8').matchAll(
      /^\| `(\w+)` \| (\w+) \| (.*?) ?\| \S/gm,
    );
    const rows = [...documented].map(([, name = '', type, labels = '']) => {
      // A histogram has the label `le` in its buckets only.
      const [, written = ''] = new RegExp(`^${name}(?:_count)?\\{(.*)\\} `, 'm').exec(text) ?? [];
      const own = [...written.matchAll(/(\w+)="/g)].map(([, label]) => `\`${label}\``).join(', ');
      assert.equal(own, labels, name);
      return `${name} ${type}`;
    });
    const served = [...text.matchAll(/^# TYPE (\w+ \w+)$/gm)].map(([, metric = '']) => metric);
    const own = served.filter((metric) => !/^(?:nodejs|process)_/.test(metric));
    assert.deepEqual(rows.sort(), own.sort());
  });

  test('are not served to clients', async () =>
    assert.equal((await server.raw(`${server.origin}/metrics`)).status, 404));
});
