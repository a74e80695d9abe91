// The console's types of the admin API are those of the OpenAPI document. `npm run console:types` writes them.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { openAdminServer } from '../../support/admin.ts';
import { consoleTypes } from '../../support/console-types.ts';
import { packageFolder } from '../../support/package-folder.ts';

test('the console has the types of the OpenAPI document that is served', async () => {
  const api = await openAdminServer();
  const { body } = await api.server.raw(`${api.server.origin}/openapi.json`);
  await api.stop();
  const file = join(packageFolder('console'), 'src', 'api-types.d.ts');
  const types = await consoleTypes(body);
  if (process.env.CONSOLE_TYPES === 'write') writeFileSync(file, types);
  else assert.equal(readFileSync(file, 'utf8'), types, 'run `npm run console:types`');
});
