// `npm run docs:commands`: writes the table of commands into docs/commands.md, between its two markers.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();
const { describeCommands } = await import(join(root, 'dist/src/cli/program.js'));
const file = join(root, 'docs', 'commands.md');
const [before, rest] = readFileSync(file, 'utf8').split('<!-- commands:begin -->');
const after = rest.split('<!-- commands:end -->')[1];
writeFileSync(file, `${before}<!-- commands:begin -->\n\n${await describeCommands()}\n\n<!-- commands:end -->${after}`);
