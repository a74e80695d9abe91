// The OpenAPI document is valid, names every operation that is served.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { OPERATIONS } from '../../../src/directory/administration/permissions.ts';
import { type AdminServer, openAdminServer } from '../../support/admin.ts';

interface Described {
  operationId: string;
  description?: string;
  security: object[];
  responses: Record<string, unknown>;
}

let api: AdminServer;
beforeAll(async () => {
  api = await openAdminServer();
});
afterAll(() => api.stop());

test('the document is valid OpenAPI 3.1', async () => {
  const { status, body } = await api.server.raw(`${api.server.origin}/openapi.json`);
  assert.equal(status, 200);
  const result = await new Validator().validate(body);
  assert.deepEqual([result.valid, result.valid ? undefined : result.errors], [true, undefined]);
  assert.equal(body.openapi, '3.1.0');
});

test('ids are unique, every operation says how it is refused, and only sign-in and the link for a password are open', async () => {
  const { body } = await api.server.raw(`${api.server.origin}/openapi.json`);
  const operations = Object.values(body.paths as Record<string, Record<string, Described>>).flatMap((item) =>
    Object.values(item),
  );
  const ids = operations.map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, ids.length);
  const open = operations.filter(({ security }) => security.length === 0).map(({ operationId }) => operationId);
  assert.deepEqual(open.sort(), ['finishOidc', 'setPasswordByLink', 'signIn', 'startOidc']);
  for (const { operationId, responses, security } of operations) {
    assert.ok('400' in responses && '503' in responses, operationId);
    assert.ok(security.length === 0 || '401' in responses, operationId);
  }
  const needed = new Set(
    operations.flatMap(({ description }) => /`([a-zA-Z]+\.[a-zA-Z]+)`/.exec(description ?? '')?.[1] ?? []),
  );
  // Assigning roles is authorized within a change.
  assert.deepEqual(
    [...needed].sort(),
    Object.keys(OPERATIONS)
      .filter((one) => one !== 'users.roles')
      .sort(),
  );
});
