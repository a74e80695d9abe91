// The container image and the compose file: every setting reaches the server, nothing runs as root or writes outside its volumes.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { describeConfig, packageRoot } from '../src/config.ts';

const read = (name: string) => readFileSync(join(packageRoot, name), 'utf8');

/** Settings that the image itself fixes, or that concern the embedded mongod and the demo account, which it does not have. */
const NOT_PASSED = new Set([
  'NODE_ENV',
  'HOST',
  'DATA_DIR',
  'BATCH_DIR',
  'IMPORT_DIR',
  'MONGOD_BINARY',
  'MONGOD_CACHE_DIR',
  'MONGOD_CACHE_GB',
  'DEMO_EXAMPLES',
]);

const SECRETS = ['MONGODB_URI', 'BOOTSTRAP_TOKEN', 'ADMIN_PASSWORD', 'OIDC_CLIENT_SECRET', 'SMTP_URL'];

test('compose.yaml passes every setting to the server', () => {
  const compose = read('compose.yaml');
  const missing = describeConfig()
    .map(({ variable }) => variable)
    .filter((name) => !NOT_PASSED.has(name) && !new RegExp(`^ {6}${name}(?:_FILE)?: `, 'm').test(compose));
  assert.deepEqual(missing, []);
});

test('compose.yaml lets every secret come from a file', () => {
  const compose = read('compose.yaml');
  const missing = SECRETS.filter((name) => !new RegExp(`^ {6}${name}_FILE: `, 'm').test(compose));
  assert.deepEqual(missing, []);
});

test('nothing that the image runs needs a package that only development has', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
  const files = [...readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' })];
  const needing = files.filter(
    (file) =>
      file.endsWith('.ts') &&
      [...read(join('src', file)).matchAll(/ from '((?:@[^/']+\/)?[^./'][^/']*)/g)].some(
        ([, name = '']) => name in devDependencies,
      ),
  );
  // The download of a mongod runs as a process of its own, and a failure is reported.
  assert.deepEqual(needing, [join('embedded-mongod', 'official-download.ts')]);
});

test('compose.yaml lets no service write outside its volumes or gain rights', () => {
  const services =
    read('compose.yaml')
      .split(/^services:$/m)[1]
      ?.split(/^volumes:$/m)[0] ?? '';
  const blocks = services.split(/^ {2}(?=\S)/m).filter((block) => /^[a-z-]+:\n/.test(block));
  assert.equal(blocks.length, 3);
  for (const block of blocks)
    for (const line of ['read_only: true', 'cap_drop: [ALL]', 'no-new-privileges:true'])
      assert.ok(block.includes(line), `${block.split(':')[0]}: ${line}`);
});

test('the image runs as a user with a number, and has the command line', () => {
  const dockerfile = read('Dockerfile');
  assert.match(dockerfile, /^USER \d+:\d+$/m);
  assert.match(dockerfile, /\/usr\/local\/bin\/mobietrain/);
  for (const [, source = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
    for (const name of source.split(' '))
      assert.ok(read('.dockerignore').includes(`!${name}\n`) || name === 'src', name);
});
