// A method that is added to the port does not compile until every implementation has it: none passes on what it does not list.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from '@jest/globals';
import { packageRoot } from '../../src/config.ts';

const PORT = 'src/directory/records.ts';
/** Where each half of the port is implemented. */
const IMPLEMENTATIONS = {
  RecordsReader: ['src/mongo/records.ts', 'src/directory/prefetch.ts', 'src/directory/simulation/reads.ts'],
  RecordsWriter: ['src/mongo/records.ts', 'src/directory/prefetch.ts', 'src/directory/simulation/records.ts'],
} as const;

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'mobietrain-port-'));
  for (const name of ['src', 'tsconfig.json', 'package.json']) {
    cpSync(join(packageRoot, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(packageRoot, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** A method for each half. */
const PLANTED = { RecordsReader: 'plantedRead', RecordsWriter: 'plantedWrite' } as const;

/** What the compiler says once each half of the port has one method more, a line an error. */
function compileWithPlanted(): string[] {
  let port = readFileSync(join(packageRoot, PORT), 'utf8');
  for (const [half, method] of Object.entries(PLANTED)) {
    const head = `export interface ${half} {\n`;
    assert.ok(port.includes(head));
    port = port.replace(head, `${head}  ${method}(account: string): Promise<void>;\n`);
  }
  writeFileSync(join(copy, PORT), port);
  const program = join(packageRoot, 'node_modules/typescript/bin/tsc');
  // Only the implementations and what they import are compiled.
  const files = [...new Set(Object.values(IMPLEMENTATIONS).flat())];
  const config = {
    extends: './tsconfig.json',
    compilerOptions: { noEmit: true, incremental: false },
    include: [],
    files,
  };
  writeFileSync(join(copy, 'tsconfig.port.json'), JSON.stringify(config));
  const args = [program, '-p', 'tsconfig.port.json', '--pretty', 'false'];
  return spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' }).stdout.split('\n');
}

test('a method added to the port is refused by the compiler in every implementation', () => {
  const errors = compileWithPlanted();
  for (const half of ['RecordsReader', 'RecordsWriter'] as const) {
    const missing = errors.filter((line) => line.includes(PLANTED[half]));
    const files = new Set(missing.map((line) => line.slice(0, line.indexOf('('))));
    assert.deepEqual([...files].sort(), [...IMPLEMENTATIONS[half]].sort());
  }
});
