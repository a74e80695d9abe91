// `npm run docs:config`: writes the table of environment variables into README.md, between its two markers.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();
const { describeConfig } = await import(join(root, 'dist/src/config.js'));
const { replaceTable } = await import(join(root, 'dist/test/support/config-table.js'));
const readme = join(root, 'README.md');
writeFileSync(readme, replaceTable(readFileSync(readme, 'utf8'), describeConfig()));
