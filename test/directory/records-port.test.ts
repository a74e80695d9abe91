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

/** The files in which the compiler misses `method` after it was added to one half of the port. */
function filesThatMiss(half: keyof typeof IMPLEMENTATIONS, method: string): string[] {
  const port = readFileSync(join(packageRoot, PORT), 'utf8');
  const head = `export interface ${half} {\n`;
  assert.ok(port.includes(head));
  writeFileSync(join(copy, PORT), port.replace(head, `${head}  ${method}(account: string): Promise<void>;\n`));
  const program = join(packageRoot, 'node_modules/typescript/bin/tsc');
  // Whatever imports only these is not compiled: the implementations and what they need.
  const files = [...new Set(Object.values(IMPLEMENTATIONS).flat())];
  const config = {
    extends: './tsconfig.json',
    compilerOptions: { noEmit: true, incremental: false },
    include: [],
    files,
  };
  writeFileSync(join(copy, 'tsconfig.port.json'), JSON.stringify(config));
  const { stdout } = spawnSync(process.execPath, [program, '-p', 'tsconfig.port.json'], {
    cwd: copy,
    encoding: 'utf8',
  });
  const errors = stdout.split('\n').filter((line) => line.includes(`'${method}'`));
  return [...new Set(errors.map((line) => line.slice(0, line.indexOf('('))))].sort();
}

for (const half of ['RecordsReader', 'RecordsWriter'] as const) {
  test(`a method added to ${half} is refused in every implementation`, () => {
    assert.deepEqual(filesThatMiss(half, 'plantedMethod'), [...IMPLEMENTATIONS[half]].sort());
  });
}
