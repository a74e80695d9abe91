// `npm run bench`: installs and builds what is missing, then measures. Options follow `--`, such as `npm run bench -- --quick`.

import { join } from 'node:path';
import { become, prepare } from './prepare.mjs';

await prepare();
await become(join('..', 'bench', 'speed.js'));
