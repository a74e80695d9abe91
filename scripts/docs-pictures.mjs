// `npm run docs:pictures`: makes the pictures in docs/images again, by the browser tests, with the pages as they are now.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'test.mjs'), 'browser/first-look'], {
  stdio: 'inherit',
  env: { ...process.env, PICTURES: join(root, 'docs', 'images') },
});
process.exitCode = status ?? 1;
