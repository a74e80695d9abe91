// The import arrows of ARCHITECTURE.md hold, and the check that says so is awake: planted violations are caught.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { packageRoot } from '../src/config.ts';

const CONFIG = '.dependency-cruiser.cjs';

interface Cruise {
  violations: { from: string; rule: string }[];
  modules: number;
}

function cruise(folder: string): Cruise {
  const program = join(packageRoot, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [program, 'src', '--config', CONFIG, '--output-type', 'json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 << 20 });
  assert.ok(stdout.startsWith('{'), stderr);
  const { summary } = JSON.parse(stdout) as {
    summary: { totalCruised: number; violations: { from: string; rule: { name: string } }[] };
  };
  const violations = summary.violations.map(({ from, rule }) => ({ from, rule: rule.name }));
  return { violations, modules: summary.totalCruised };
}

const PLANTED = [
  ['src/directory/planted.ts', "import { MongoClient } from 'mongodb';", 'directory-stands-alone'],
  ['src/directory/planted-log.ts', "import { createLog } from '../log.ts';", 'directory-stands-alone'],
  [
    'src/doors/scim/planted.ts',
    "import { startEmbedded } from '../../embedded-mongod/embedded.ts';",
    'a-door-knows-the-directory-only',
  ],
  ['src/doors/csv/planted.ts', "import { x } from '../scim/planted.ts';", 'a-door-knows-the-directory-only'],
  ['src/doors/csv/planted-http.ts', "import { send } from '../../http/send.ts';", 'a-door-knows-the-directory-only'],
  ['src/doors/csv/router.ts', "import { x } from '../scim/planted.ts';", 'a-router-mounts-its-door-alone'],
  ['src/doors/planted.ts', "import { send } from '../http/send.ts';", 'what-doors-share-knows-the-directory-only'],
  [
    'src/http/planted-door.ts',
    "import { x } from '../doors/scim/planted.ts';",
    'http-runs-and-mail-get-their-work-from-app',
  ],
  ['src/doors/csv/planted-server.ts', "import express from 'express';", 'express-only-where-it-belongs'],
  [
    'src/http/planted.ts',
    "import { startEmbedded } from '../embedded-mongod/embedded.ts';",
    'http-runs-and-mail-get-their-work-from-app',
  ],
  ['src/http/planted-scimmy.ts', "import SCIMMY from 'scimmy';", 'scimmy-only-where-it-belongs'],
  ['src/auth/planted.ts', "import { MongoClient } from 'mongodb';", 'mongodb-only-where-it-belongs'],
  [
    'src/runs/planted.ts',
    "import { createRunStore } from '../mongo/runs/runs.ts';",
    'http-runs-and-mail-get-their-work-from-app',
  ],
  ['src/directory/planted-loop.ts', "import { x } from '../background-loop.ts';", 'directory-stands-alone'],
  ['src/mongo/planted.ts', "import { createLog } from '../log.ts';", 'mongo-knows-the-directory-only'],
] as const;

describe('the import arrows', () => {
  let copy: string;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'mobietrain-arrows-'));
    for (const name of ['src', CONFIG, 'package.json', 'biome.json']) {
      cpSync(join(packageRoot, name), join(copy, name), { recursive: true });
    }
    symlinkSync(join(packageRoot, 'node_modules'), join(copy, 'node_modules'));
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  test('hold in the code as it is, and the code was really read', () => {
    const { violations, modules } = cruise(packageRoot);
    assert.deepEqual(violations, []);
    assert.ok(modules > 20, `${modules} modules`);
  });

  test('catch every planted violation', () => {
    for (const [file, line] of PLANTED) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      writeFileSync(join(copy, file), `${line}\n`);
    }
    const { violations } = cruise(copy);
    for (const [file, , rule] of PLANTED) {
      assert.ok(
        violations.some((each) => each.from === file && each.rule === rule),
        `${file} breaks ${rule}`,
      );
    }
  });

  test('the environment is read in config.ts alone', () => {
    const planted = join(copy, 'src/directory/planted-environment.ts');
    writeFileSync(planted, 'export const port = process.env.PORT;\n');
    const program = join(packageRoot, 'node_modules/@biomejs/biome/bin/biome');
    const lint = (path: string) =>
      spawnSync(process.execPath, [program, 'lint', '--vcs-enabled=false', '--only=style/noProcessEnv', path], {
        cwd: copy,
        encoding: 'utf8',
      });
    assert.match(lint('src/directory/planted-environment.ts').stderr, /noProcessEnv/);
    rmSync(planted);
    const clean = lint('src');
    assert.equal(clean.status, 0, clean.stderr);
  });
});
