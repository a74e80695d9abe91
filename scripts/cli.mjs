// `npm run --silent cli -- …`: installs and builds what is missing, then is the command line. Only that writes to stdout.

import { join } from 'node:path';
import { become, prepare } from './prepare.mjs';

await prepare();
await become(join('cli', 'main.js'));
