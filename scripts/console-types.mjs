// `npm run console:types`: writes the console's types of the admin API, as the OpenAPI document of this server has them.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'test.mjs'), 'doors/admin/console-types'], {
  stdio: 'inherit',
  env: { ...process.env, CONSOLE_TYPES: 'write' },
});
process.exitCode = status ?? 1;
