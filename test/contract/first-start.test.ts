// What the first starts of a new server show and create, as the person who starts it sees them: processes with a terminal.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from '@jest/globals';
import { packageRoot } from '../../src/config.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';
import { paste as pasteInto } from '../support/shell.ts';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const PASSWORD = 'a glass of cold plum soup';

let folder: string;
let database: TestDatabase;
let started: Start[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mobietrain-first-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  database = await openTestDatabase();
  started = [];
});
afterEach(async () => {
  for (const one of started) await one.stop();
  await database.close();
});

interface Start {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  stop(): Promise<number | null>;
}

function start(settings: Record<string, string>): Start {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'error' };
  const child = spawn(process.execPath, [MAIN], { env: { ...env, ...settings } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => {
    out += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    err += piece.toString();
  });
  const one: Start = {
    child,
    out: () => out,
    err: () => err,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }
      return child.exitCode;
    },
  };
  started.push(one);
  return one;
}

/** Starts over the test's database and waits for the start message. */
async function message(settings: Record<string, string> = {}): Promise<Start> {
  const one = start({ MONGODB_URI: database.uri, MONGODB_DATABASE: database.name, ...settings });
  await until(one, () => one.out().includes('Admin API') && one.out().endsWith('\n\n'));
  return one;
}

async function until(one: Start, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !holds(); await sleep(25)) {
    if (one.child.exitCode !== null) assert.fail(`ended with ${one.child.exitCode}\n${one.err()}`);
    if (Date.now() > end) assert.fail(`not in time\n${one.out()}\n${one.err()}`);
  }
}

/** Pastes a line into a shell, in another folder than the server's. A line has no URI with a password: the shell knows it. */
const paste = (line: string) => pasteInto(line, folder, { ...process.env, MONGODB_URI: database.uri });

const curlLine = (text: string) => /^ {2}(curl .*)$/m.exec(text)?.[1] ?? assert.fail(`no curl line in\n${text}`);
const tokenIn = (text: string) => /Bearer token {3}(mbt_\S+)/.exec(text)?.[1];
const passwordIn = (text: string) => /password (\S+) \(shown/.exec(text)?.[1];

describe('the secrets of a first start', () => {
  test('are shown until one is used, also if two start at once or one is stopped at once', async () => {
    const both = await Promise.all([message(), message()]);
    const [token, password] = [tokenIn(both[0].out()), passwordIn(both[0].out())];
    assert.ok(token && password);
    assert.deepEqual([tokenIn(both[1].out()), passwordIn(both[1].out())], [token, password]);
    for (const one of both) await one.stop();

    const again = await message();
    assert.equal(tokenIn(again.out()), token);
    assert.equal(passwordIn(again.out()), password);
    const used = await paste(curlLine(again.out()));
    assert.match(used.out, /"totalResults":7/, used.err);
    const base = /SCIM base URL {2}(\S+)\/scim\/v2/.exec(again.out())?.[1];
    const signedIn = await fetch(`${base}/api/v1/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'admin@mobietrain.local', password }),
    });
    assert.equal(signedIn.status, 200, await signedIn.text());
    await again.stop();

    const later = await message();
    assert.doesNotMatch(later.out(), /mbt_|password/);
    assert.equal(await database.db.collection<{ _id: string }>('keys').findOne({ _id: 'firstStart' }), null);
    const pasted = await paste(curlLine(later.out()));
    assert.match(pasted.out, /"totalResults":7/, pasted.err);
    const made = await database.db.collection('credentials').findOne({ name: 'curl' });
    const days = (made?.expires.getTime() - made?.created.getTime()) / 86_400_000;
    assert.equal(days, 1, 'a token for trying expires');
  });
});

describe('production', () => {
  const production = { NODE_ENV: 'production' };

  test('is refused without a secret, and says how to make the first account and administrator', async () => {
    const one = start({ MONGODB_URI: database.uri, MONGODB_DATABASE: database.name, ...production });
    const [code] = (await once(one.child, 'exit')) as [number];
    assert.equal(code, 2);
    assert.equal(one.out(), '');
    assert.match(one.err(), /ADMIN_PASSWORD/);
    assert.equal(await database.db.collection('accounts').countDocuments(), 0);
    const create = /^ {2}(.*administrator create .*)$/m.exec(one.err())?.[1] ?? assert.fail(one.err());
    const made = await paste(create);
    assert.equal(made.code, 0, made.err);
    const account = /^ {2}(.*account create .*)$/m.exec(one.err())?.[1] ?? assert.fail(one.err());
    assert.equal((await paste(account)).code, 0);
    await message(production);
  });

  test('takes the password from a file, prints no secret and makes no demo account; its commands work', async () => {
    const file = join(folder, 'password');
    await writeFile(file, `${PASSWORD}\n`);
    const one = await message({ ...production, ADMIN_PASSWORD_FILE: file });
    assert.doesNotMatch(one.out() + one.err(), /mbt_|plum|demo/);
    assert.equal(await database.db.collection('accounts').countDocuments(), 0);
    const commands = [...one.out().matchAll(/^ {2}(\S.* cli(?:\.js)? .*)$|^ {2}(.*npm .*)$/gm)].map(([line]) =>
      line.trim(),
    );
    assert.equal(commands.length, 3, one.out());
    for (const command of commands) {
      const ran = await paste(command);
      assert.equal(ran.code, 0, `${command}\n${ran.err}`);
    }
  });

  for (const [name, settings, words] of [
    ['a password', { ADMIN_PASSWORD: 'aaaaaaaaaaaa' }, /ADMIN_PASSWORD/],
    ['a token', { BOOTSTRAP_TOKEN: 'changeme'.repeat(5) }, /BOOTSTRAP_TOKEN is too easy to guess/],
  ] as const) {
    test(`refuses ${name} that is easy to guess`, async () => {
      const one = start({ MONGODB_URI: database.uri, MONGODB_DATABASE: database.name, ...production, ...settings });
      const [code] = (await once(one.child, 'exit')) as [number];
      assert.notEqual(code, 0);
      assert.match(one.err(), words);
      assert.doesNotMatch(one.err(), /aaaa|changeme/);
    });
  }
});

describe('a start that hangs', () => {
  test('is ended by Ctrl-C, and leaves nothing running', async () => {
    const binary = join(folder, 'hanging-mongod');
    const pidFile = join(folder, 'hanging.pid');
    await writeFile(
      binary,
      `#!/bin/sh\nif [ "$1" = --version ]; then echo "db version v7.0.0"; exit 0; fi\necho $$ > ${pidFile}\nexec sleep 300\n`,
    );
    await chmod(binary, 0o755);
    const dataDir = join(folder, 'hanging');
    const one = start({ DATA_DIR: dataDir, MONGOD_BINARY: binary });
    const pid = await untilWritten(pidFile);
    one.child.kill('SIGINT');
    const [code] = (await once(one.child, 'exit')) as [number];
    assert.equal(code, 130);
    assert.throws(() => process.kill(pid, 0), /ESRCH/);

    const next = start({ DATA_DIR: dataDir, DEMO_EXAMPLES: 'off', MONGOD_CACHE_GB: '0.25' });
    await until(next, () => next.out().includes('Admin API'));
    assert.equal(await next.stop(), 0, 'the mongod that failed was not remembered');
  });
});

async function untilWritten(file: string): Promise<number> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(25)) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return Number(text);
  }
  return assert.fail('the program was not started');
}

describe('the command line in a folder without data', () => {
  test('says so, and makes no database', async () => {
    const dataDir = join(folder, 'nothing-here');
    const ran = await paste(
      `DATA_DIR=${dataDir} MONGODB_URI= npm --prefix ${packageRoot} run --silent cli -- account list`,
    );
    assert.equal(ran.code, 1);
    assert.match(ran.err, /There is no database in .*nothing-here.*npm start/);
    assert.equal((await paste(`test -e ${dataDir}`)).code, 1);
  });
});
