// A process that uses the embedded mongod of a folder, as the server or a command does, until its stdin closes, SIGTERM comes or
// it is killed. Arguments: the folder, and `supervise` or nothing. Prints one JSON line when it is up, and `stopped` at the end.

import { loadConfig } from '../../src/config.ts';
import { startEmbedded } from '../../src/embedded-mongod/embedded.ts';

const [dataDir = '', supervise] = process.argv.slice(2);
const mongod = await startEmbedded({
  dataDir,
  binary: loadConfig().mongodBinary,
  cacheDir: loadConfig().mongodCacheDir,
  cacheGb: 0.25,
  supervise: supervise === 'supervise',
  onProgress: (line) => console.error(line),
});
console.log(JSON.stringify({ uri: mongod.uri, owned: mongod.owned, pid: mongod.pid() }));
process.stdin.resume();
process.stdin.once('end', end);
// A test run that is interrupted.
process.once('SIGTERM', end);

function end(): void {
  void mongod.stop().then(() => {
    console.log('stopped');
    process.exit(0);
  });
}
