// `npm test`: installs and builds what is missing, starts one real mongod for the whole run, runs every test file and ends with
// the line `N passed, N failed`. Arguments choose files: parts of their paths (`npm test -- mongo arrows`).

import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { listFiles, prepare, root } from './prepare.mjs';

const FILE_MS_MAX = 300_000;

await prepare();
process.setSourceMapsEnabled(true);
const files = chooseFiles(process.argv.slice(2));
if (files.length === 0) {
  console.log('No test file matches.\n0 passed, 1 failed');
  process.exit(1);
}
const mongod = await startMongod();
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stopEarly());
const { passed, failed, skipped, failures } = await runTests(files);
await mongod.stop();
report();

function chooseFiles(parts) {
  return listFiles(join(root, 'test'))
    .map((file) => relative(root, file))
    .filter((file) => file.endsWith('.test.ts') && (parts.length === 0 || parts.some((part) => file.includes(part))))
    .map((file) => join(root, 'dist', file.replace(/\.ts$/, '.js')));
}

/** A mongod in a folder that is thrown away; or the one that MONGODB_TEST_URI names. */
async function startMongod() {
  if (process.env.MONGODB_TEST_URI) return { stop: async () => undefined };
  const { startEmbedded } = await import(join(root, 'dist/src/embedded-mongod/embedded.js'));
  const { loadConfig } = await import(join(root, 'dist/src/config.js'));
  const { mongodBinary, mongodCacheDir } = loadConfig();
  const dataDir = await mkdtemp(join(tmpdir(), 'mobietrain-test-'));
  const started = await startEmbedded({
    dataDir,
    binary: mongodBinary,
    cacheDir: mongodCacheDir,
    onProgress: (line) => console.error(line),
  });
  process.env.MONGODB_TEST_URI = started.uri;
  const stop = async () => {
    await started.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { stop };
}

async function stopEarly() {
  interrupted = true;
  await mongod.stop();
  report();
}

/** Runs each file in its own process and counts what is at the ends of the tree: a suite is as good as its tests. */
async function runTests(testFiles) {
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
  const concurrency = Math.max(2, Math.min(4, availableParallelism()));
  const events = run({ files: testFiles, concurrency, timeout: FILE_MS_MAX });
  const childrenSeen = new Map();
  async function* counted() {
    for await (const event of events) {
      if (event.type === 'test:pass' || event.type === 'test:fail') count(event, childrenSeen, counts);
      // The reporter's own summary counts suites and files; ours comes at the end.
      if (event.type !== 'test:diagnostic' || event.data.nesting > 0) yield event;
    }
  }
  await new Promise((resolve, reject) => {
    Readable.from(counted())
      .compose(new spec())
      .on('error', reject)
      .on('end', resolve)
      .pipe(process.stdout, { end: false });
  });
  return counts;
}

function count({ type, data }, childrenSeen, counts) {
  const seen = childrenSeen.get(data.file) ?? [];
  childrenSeen.set(data.file, seen);
  const isLeaf = !seen[data.nesting + 1] && data.details?.type !== 'suite';
  seen[data.nesting + 1] = 0;
  seen[data.nesting] = (seen[data.nesting] ?? 0) + 1;
  const failure = data.details?.error?.failureType;
  if (type === 'test:pass') {
    if (!isLeaf) return;
    if (data.skip !== undefined || data.todo !== undefined) counts.skipped += 1;
    else counts.passed += 1;
    // A parent that failed only because of what is in it was counted there.
  } else if (isLeaf || failure !== 'subtestsFailed') {
    counts.failed += 1;
    counts.failures.push(
      `${data.file === undefined ? '' : `${relative(join(root, 'dist'), data.file)}: `}${data.name}`,
    );
  }
}

function report() {
  const ran = interrupted
    ? { passed: 0, failed: 1, skipped: 0, failures: ['interrupted'] }
    : { passed, failed, skipped, failures };
  for (const each of ran.failures) console.log(`FAILED ${each}`);
  if (ran.skipped > 0) console.log(`${ran.skipped} skipped`);
  if (ran.passed + ran.failed === 0) console.log('No test ran.');
  process.exitCode = ran.failed > 0 || ran.passed === 0 ? 1 : 0;
  process.stdout.write(`${ran.passed} passed, ${ran.failed} failed\n`, () => process.exit());
}
