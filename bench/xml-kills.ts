// A batch whose process is killed (-9) twenty times at random points, and whether every block was applied exactly once.
// `node dist/bench/xml-kills.js [kills] [blocks]`; exits with 1 if a block was lost or applied twice.

import { openTestBatch } from '../test/support/batch.ts';
import { killBatch } from '../test/support/batch-kills.ts';

const [kills = 20, blocks = 12_000] = process.argv.slice(2).map(Number);
const batch = await openTestBatch();
const result = await killBatch(batch, blocks, kills, 1200);
await batch.close();
console.log(JSON.stringify(result, undefined, 2));
const users = blocks - Math.ceil(blocks / 10);
const whole = result.archivedSame && result.failuresSame && result.misplaced.length === 0 && result.odd === 0;
process.exitCode = whole && result.users === users && result.rows === blocks ? 0 : 1;
