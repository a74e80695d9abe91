// `simulate`: both clients get through against our own server; against a server with faults, each is found and said.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { StepResult } from '../../src/cli/simulate/verdict.ts';
import { createCli, type Ran } from '../support/cli.ts';
import { openTestServer, type TestServer } from '../support/server.ts';
import { openWrongServer } from '../support/wrong-scim-server.ts';

/** No database: the command needs none. */
const cli = createCli({ uri: 'mongodb://127.0.0.1:1/', name: 'none' });
const simulate = (client: string, base: string, token: string, ...more: string[]): Promise<Ran> =>
  cli('simulate', client, '--base-url', base, '--token', token, ...more);

interface Report {
  stopped: number;
  differs: number;
  skipped: number;
  passed: number;
  removed: number;
  left: string[];
  run: string;
  steps: StepResult[];
}

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

describe('against our own server', () => {
  for (const [client, query] of [
    // The set-up page shows the Tenant URL of Entra ID with this flag.
    ['entra', '?aadOptscim062020'],
    ['okta', ''],
  ] as const)
    test(`${client} gets through, and nothing stays`, async () => {
      const ran = await simulate(client, server.base + query, server.token, '--users', '2', '--json');
      const report = JSON.parse(ran.out) as Report;
      const failed = report.steps.filter(({ verdict }) => verdict !== 'passed');
      assert.deepEqual([ran.code, failed], [0, []]);
      assert.ok(report.passed > 40 && report.removed > 5, `${report.passed} passed, ${report.removed} removed`);
      const { totalResults } = (await server.call('GET', `/Users?filter=userName co "${report.run}"&count=0`)).body;
      assert.deepEqual([totalResults, report.left], [0, []]);
    });
});

describe('against a server with faults', () => {
  const verdictOf = ({ steps }: Report, exchange: string, step: string) =>
    steps.find((one) => one.exchange === exchange && one.step === step);

  test('Entra ID is stopped where it must be, with the reason and the source', async () => {
    const wrong = await openWrongServer();
    try {
      const ran = await simulate('entra', wrong.base, openWrongServer.token, '--json');
      const report = JSON.parse(ran.out) as Report;
      assert.equal(ran.code, 1);
      const capitals = verdictOf(report, 'initial-cycle', 'matched in capitals');
      assert.equal(capitals?.verdict, 'stopped');
      assert.match(capitals?.reason ?? '', /^\/totalResults is 0, expected 1; .*userName has no case/);
      assert.match(capitals?.source ?? '', /^RFC 7644 §3\.4\.2\.2; Microsoft Learn/);
      const disabled = verdictOf(report, 'disable-and-restore', 'answered as a boolean');
      assert.match(disabled?.reason ?? '', /^\/active is "False", expected false/);
      const emptied = verdictOf(report, 'group-push', 'the other stays');
      assert.match(emptied?.reason ?? '', /members.*takes access away/);
      const flagged = verdictOf(report, 'incremental-flagged', 'keys are paths');
      assert.match(flagged?.reason ?? '', /^It answers 400, expected 200 or 204 \("no path"\)\. /);
      // Text instead of an Error body, and another media type, do not stop it.
      const secret = verdictOf(report, 'connection-test', 'an outdated secret');
      assert.deepEqual([secret?.verdict, secret?.status], ['differs', 401]);
      assert.deepEqual([report.left, wrong.left()], [[], []]);
    } finally {
      await wrong.stop();
    }
  });

  test('Okta gets a table that people can read, and a note of what stays behind', async () => {
    const wrong = await openWrongServer({ deletes: false });
    try {
      const ran = await simulate('okta', wrong.base, openWrongServer.token);
      assert.equal(ran.code, 1);
      assert.match(ran.out, /^STEP +REQUEST +STATUS +EXPECTED +VERDICT$/m);
      assert.match(ran.out, /^read +GET \/Users\/\d+ +200 +200 +passed$/m);
      assert.match(ran.out, /^off +PATCH \/Users\/\d+ +400 +200, 204 +stopped$/m);
      // What is read after a change that was not accepted says nothing new.
      assert.match(ran.out, /^off +GET \/Users\/\d+ +200 +200 +skipped$/m);
      assert.match(ran.out, /Okta would be stopped at \d+ steps of \d+\./);
      assert.match(ran.err, /Not removed, please delete .*\/Groups\/\d+/);
      assert.deepEqual(wrong.active(), []);
    } finally {
      await wrong.stop();
    }
  });

  test('removes what was created without an answer', async () => {
    const wrong = await openWrongServer({ breaksOff: true });
    try {
      const ran = await simulate('entra', wrong.base, openWrongServer.token, '--json');
      const report = JSON.parse(ran.out) as Report;
      const created = verdictOf(report, 'initial-cycle', 'create boss');
      assert.deepEqual([created?.verdict, created?.reason], ['stopped', 'It closed the connection without an answer.']);
      assert.equal(verdictOf(report, 'initial-cycle', 'reference pass')?.verdict, 'skipped');
      // Three requests without an answer are enough: the rest would only take time.
      assert.match(ran.err, /3 requests in succession were not answered/);
      assert.deepEqual([ran.code, report.removed >= 3, report.left, wrong.left()], [1, true, [], []]);
    } finally {
      await wrong.stop();
    }
  });

  test('says in words that the URL leads to something else', async () => {
    const page = createServer((request, response) => {
      if (request.url?.startsWith('/slow')) return;
      if (request.url?.startsWith('/moved')) response.writeHead(301, { Location: 'https://host.example/scim' });
      response.end('<html>');
    });
    await new Promise<void>((resolve) => {
      page.listen(0, '127.0.0.1', resolve);
    });
    const origin = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    try {
      const cases: [string, string, string, RegExp][] = [
        [server.base, 'wrong', 'unauthorized', /The token is not accepted \(401\)\. Entra ID would stop here/],
        [origin, 'x', 'notScim', /This is not a SCIM endpoint: it answers 200/],
        [`${origin}/moved`, 'x', 'notScim', /redirects to https:\/\/host\.example\/scim/],
        [`${origin}/slow`, 'x', 'unreachable', /did not answer within 1 s/],
        [origin.replace('http:', 'https:'), 'x', 'unreachable', /TLS failed/],
        ['http://127.0.0.1:1/scim', 'x', 'unreachable', /Nothing listens at 127\.0\.0\.1:1/],
        ['host.example', 'x', 'usage', /Must be an http or https URL/],
      ];
      for (const [base, token, code, words] of cases) {
        const ran = await simulate('entra', base, token, '--timeout', '1', '--json');
        const { error } = JSON.parse(ran.err.trim().split('\n').at(-1) ?? '') as { error: Record<string, string> };
        assert.deepEqual([ran.code, error.code, ran.out], [1, code, ''], JSON.stringify(error));
        assert.match(error.message ?? '', words);
      }
    } finally {
      page.closeAllConnections();
      page.close();
    }
  });
});
