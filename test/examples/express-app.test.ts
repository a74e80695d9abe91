// The example application: one's own routes and the SCIM door side by side, over a real MongoDB.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import express from 'express';
import type { Provisioning } from '../../src/library.ts';
import { type Answer, send } from '../support/http-client.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';
import { packageFolder } from '../support/package-folder.ts';
import { GROUP, patchBody, userNamed } from '../support/scim.ts';

interface Example {
  app: RequestListener;
  accounts: Provisioning['accounts'];
  close(): Promise<void>;
}

type CreateApp = (settings: {
  mongodbUri: string;
  database: string;
  publicUrl: string;
  tokens?: Record<string, string>;
}) => Promise<Example>;

const { createApp } = (await import(pathToFileURL(`${packageFolder('examples')}/express-app/app.mjs`).href)) as {
  createApp: CreateApp;
};

interface Running {
  origin: string;
  accounts: Provisioning['accounts'];
  call(method: string, path: string, token: string | undefined, body?: unknown): Promise<Answer>;
  close(): Promise<void>;
}

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** The example behind a server; `around` puts it into another application. */
async function start(
  tokens?: Record<string, string>,
  around: (app: RequestListener) => RequestListener = (app) => app,
): Promise<Running> {
  const listener: { current?: RequestListener } = {};
  const server = createServer((request, response) => listener.current?.(request, response));
  const origin = await listen(server);
  const settings = { mongodbUri: database.uri, database: database.name, publicUrl: origin };
  const example = await createApp({ ...settings, ...(tokens ? { tokens } : {}) });
  listener.current = around(example.app);
  return {
    origin,
    accounts: example.accounts,
    call: (method, path, token, body) =>
      send(origin + path, {
        method,
        headers: {
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await example.close();
    },
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('an application with tokens of its own', () => {
  let example: Running;
  beforeAll(async () => {
    example = await start({ 'own-token': 'own' });
    await example.accounts.createAccount({ name: 'Own', slug: 'own', requiredData: 'report' });
  });
  afterAll(() => example.close());

  test('its own route is its own', async () => {
    const { status, body } = await example.call('GET', '/hello', undefined);
    assert.deepEqual([status, body], [200, { hello: 'world' }]);
  });

  test('a user is created, found, changed, put into a group and deleted', async () => {
    const made = await example.call('POST', '/scim/v2/Users', 'own-token', userNamed('ann'));
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.equal(made.headers.get('location'), `${example.origin}/scim/v2/Users/${made.body.id}`);
    const found = await example.call('GET', '/scim/v2/Users?filter=userName%20eq%20%22ann%22', 'own-token');
    assert.equal(found.body.totalResults, 1);
    const title = patchBody({ op: 'replace', path: 'title', value: 'Manager' });
    const changed = await example.call('PATCH', `/scim/v2/Users/${made.body.id}`, 'own-token', title);
    assert.equal(changed.body.title, 'Manager');
    const group = { schemas: [GROUP], displayName: 'Sales', members: [{ value: made.body.id }] };
    assert.equal((await example.call('POST', '/scim/v2/Groups', 'own-token', group)).status, 201);
    assert.equal((await example.call('DELETE', `/scim/v2/Users/${made.body.id}`, 'own-token')).status, 204);
    assert.equal((await example.call('GET', `/scim/v2/Users/${made.body.id}`, 'own-token')).status, 404);
  });

  for (const path of ['/scim/v2/Users', '/scim/v2', '/SCIM/v2/nothing', '/scim/v2/%55sers', '/scim/v2/Users/%zz']) {
    test(`${path} is 401 without a token`, async () => {
      const { status, headers, body } = await example.call('GET', path, undefined);
      assert.equal(status, 401);
      assert.equal(headers.get('www-authenticate'), 'Bearer realm="example"');
      assert.equal(body.status, '401');
      assert.ok(headers.get('x-request-id'));
    });
  }

  test('an error is in the form of SCIM', async () => {
    const { status, headers, body } = await example.call('GET', '/scim/v2/Nothing', 'own-token');
    assert.deepEqual([status, body.status], [404, '404']);
    assert.equal(headers.get('content-type'), 'application/scim+json; charset=utf-8');
  });
});

test('the tokens that the product issues are taken', async () => {
  const example = await start();
  const account = await example.accounts.createAccount({ name: 'Issued', slug: 'issued', requiredData: 'report' });
  assert.ok(account.ok);
  const connection = await example.accounts.ensureConnection(account.value, 'Entra');
  const { token } = await example.accounts.createCredential(connection);
  assert.equal((await example.call('GET', '/scim/v2/Users', token)).status, 200);
  assert.equal((await example.call('GET', '/scim/v2/Users', 'own-token')).status, 401);
  await example.close();
});

test('a body parser in front of the door does no harm, and its bounds hold', async () => {
  const example = await start({ 'own-token': 'own' }, (app) =>
    express()
      .use(express.json({ limit: '10mb' }))
      .use(app),
  );
  const made = await example.call('POST', '/scim/v2/Users', 'own-token', userNamed('parsed'));
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const large = userNamed('large', { title: 'x'.repeat(2_000_000) });
  assert.equal((await example.call('POST', '/scim/v2/Users', 'own-token', large)).status, 413);
  const deep = JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`);
  assert.equal((await example.call('POST', '/scim/v2/Users', 'own-token', deep)).status, 400);
  await example.close();
});
