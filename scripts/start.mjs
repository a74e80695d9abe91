// `npm start`: installs and builds what is missing, the console too, then is the server.

import { become, prepare } from './prepare.mjs';

await prepare();
// After the dependencies: it is built with them.
const { prepareConsole } = await import('./console.mjs');
await prepareConsole();
await become('main.js');
