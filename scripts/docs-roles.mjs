// `npm run docs:roles`: writes the table of roles into docs/roles.md, between its two markers.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();
const { describePermissions } = await import(join(root, 'dist/src/directory/administration/permissions.js'));
const file = join(root, 'docs', 'roles.md');
const [before, rest] = readFileSync(file, 'utf8').split('<!-- roles:begin -->');
const after = rest.split('<!-- roles:end -->')[1];
writeFileSync(file, `${before}<!-- roles:begin -->\n\n${describePermissions()}\n\n<!-- roles:end -->${after}`);
