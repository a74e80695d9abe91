// `npm run bench`: installs and builds what is missing, then measures. Options follow `--`, such as `npm run bench -- --quick`;
// `npm run bench -- first-cycle` measures what Entra does first, `npm run bench -- sign-ins` how learners get in,
// `npm run bench -- custom-attributes` what attributes of an account cost,
// `npm run bench -- lists` what the console reads among 100,000 users and a million events.

import { join } from 'node:path';
import { become, prepare } from './prepare.mjs';

const named = ['first-cycle', 'sign-ins', 'custom-attributes', 'lists'].find((name) => name === process.argv[2]);
if (named) process.argv.splice(2, 1);
await prepare();
await become(join('..', 'bench', `${named ?? 'speed'}.js`));
