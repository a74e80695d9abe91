// Imports files of the same people through both doors for files, CSV and XML: rows per second, CPU of the
// process and of mongod for each row, and peak memory, side by side. Each door
// runs in its own process, so that peaks are separate; both use the same mongod (`MONGODB_TEST_URI`, or one that is started).
// `node dist/bench/files.js [people]`

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openTestDatabase } from '../test/support/mongod.ts';
import { STEPS, type Step } from './files-step.ts';

const FORMATS = ['csv', 'xml'] as const;
const people = process.argv[2] ?? '100000';

/** Runs the steps of one format and reports each as it ends. */
async function stepsOf(format: (typeof FORMATS)[number], uri: string): Promise<Step[]> {
  const file = fileURLToPath(new URL(`./files-${format}.js`, import.meta.url));
  const child = spawn(process.execPath, [file, people], {
    env: { ...process.env, MONGODB_TEST_URI: uri },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const steps: Step[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const step = JSON.parse(line) as Step;
    steps.push(step);
    console.error(`${format}: ${line}`);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`the process of ${format} ended with ${code}`);
  return steps;
}

function cells(step: Step | undefined): string {
  if (!step) return '–'.padStart(10) + '–'.padStart(27);
  const rate = Math.round(step.people / step.seconds).toLocaleString('en');
  const cpu = `${(step.cpuMs / 1000).toFixed(2)} + ${(step.mongodCpuMs / 1000).toFixed(2)} ms`;
  return `${rate.padStart(6)} /s ${cpu.padStart(17)} ${String(step.peakMb).padStart(5)} MB `;
}

/** How much slower an import is than `insertMany` of the same documents. */
function ratioOf(steps: readonly Step[]): string {
  const [made, limit] = (['made', 'insertMany'] as const).map((name) => steps.find(({ step }) => step === name));
  if (!made || !limit) return '–';
  const wall = made.seconds / made.people / (limit.seconds / limit.people);
  const cpu = (made.cpuMs + made.mongodCpuMs) / (limit.cpuMs + limit.mongodCpuMs);
  return `${wall.toFixed(1)} times, CPU ${cpu.toFixed(1)} times`;
}

const database = await openTestDatabase();
const results: Record<(typeof FORMATS)[number], Step[]> = {
  csv: await stepsOf('csv', database.uri),
  xml: await stepsOf('xml', database.uri),
};
await database.close();
console.log(`${people} people`.padEnd(18) + FORMATS.map((format) => format.toUpperCase().padStart(35)).join('  '));
for (const name of STEPS) {
  const columns = FORMATS.map((format) => cells(results[format].find(({ step }) => step === name)));
  console.log(name.padEnd(18) + columns.join('  '));
}
for (const format of FORMATS) {
  console.log(`${format.toUpperCase()}: made takes as long as insertMany ${ratioOf(results[format])}`);
}
