// `npm start`: installs and builds what is missing, then is the server.

import { become, prepare } from './prepare.mjs';

await prepare();
await become('main.js');
