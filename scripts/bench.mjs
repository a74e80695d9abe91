// `npm run bench`: installs and builds what is missing, then measures. Options follow `--`, such as `npm run bench -- --quick`;
// `npm run bench -- first-cycle` measures what Entra does first.

import { join } from 'node:path';
import { become, prepare } from './prepare.mjs';

const isFirstCycle = process.argv[2] === 'first-cycle';
if (isFirstCycle) process.argv.splice(2, 1);
await prepare();
await become(join('..', 'bench', isFirstCycle ? 'first-cycle.js' : 'speed.js'));
