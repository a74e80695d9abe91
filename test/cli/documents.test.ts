// Every command that the documents print is pasted into a shell, block by block, and must succeed.

import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { describeCommands } from '../../src/cli/program.ts';
import { packageRoot } from '../../src/config.ts';
import { type AdminServer, idOf, openAdminServer } from '../support/admin.ts';
import { createBrowser, openApp, PASSWORD } from '../support/learners.ts';
import { userNamed } from '../support/scim.ts';
import { type Pasted, paste as pasteInto } from '../support/shell.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
/** Commands that other tests run, or that need more than a server. */
const ELSEWHERE = /^(?:npm (?:start|test|run (?!--silent cli))|docker|cd )/;
/** `npm` as the documents use it, without the time that npm itself takes. */
const PRELUDE = `npm() {
  [ "$1 $2 $3 $4" = "run --silent cli --" ] || { echo "unexpected: npm $*" >&2; return 64; }
  shift 4
  "$NODE" "$MAIN" "$@"
}
`;

interface Block {
  document: string;
  line: number;
  script: string;
}

const blocks = await readBlocks();
let api: AdminServer;
let folder: string;
let known: Record<string, string>;

beforeAll(async () => {
  api = await openAdminServer({ DEMO_EXAMPLES: 'on' });
  await api.root('PATCH', '/accounts/demo', { body: { passwordSync: true } });
  folder = await mkdtemp(join(tmpdir(), 'mobietrain-documents-'));
  await symlink(join(packageRoot, 'examples'), join(folder, 'examples'));
  await copyFile(join(packageRoot, 'examples', 'files', 'users.xml'), join(folder, 'users.xml'));
  const made = await api.server.call('POST', '/Users', userNamed('ann.lee'));
  const other = await api.server.call('POST', '/Users', userNamed('another'));
  assert.deepEqual([made.status, other.status], [201, 201]);
  // The document erases her after she was deleted.
  assert.equal((await api.server.call('DELETE', `/Users/${String(made.body.id)}`)).status, 204);
  const browser = await api.browser();
  const token = await browser('POST', '/session/tokens', { body: { name: 'documents' } });
  assert.equal(token.status, 201, token.text);
  known = {
    'http://localhost:3000': api.server.origin,
    'TOKEN=…': `TOKEN=${api.server.token}`,
    'mbp_…': String(token.body.token),
    'mbt_…': api.server.token,
    USER_ID: String(other.body.id),
    CONNECTION_ID: idOf(await api.root('POST', '/accounts/demo/connections', { body: { name: 'entra' } })),
    $ACCESS_TOKEN: await accessToken(),
    SLUG: 'demo',
  };
});
afterAll(async () => {
  await api.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What an application gets when a learner signs in. */
async function accessToken(): Promise<string> {
  const { origin } = api.server;
  assert.equal((await api.server.call('POST', '/Users', userNamed('learner', { password: PASSWORD }))).status, 201);
  const app = await openApp(origin, api.root, 'demo');
  return (await app.tokens(await app.signIn(createBrowser(origin), 'learner'))).access_token;
}

/** The blocks of shell commands in README.md, SECURITY.md, docs/ and examples/. */
async function readBlocks(): Promise<Block[]> {
  const names = ['README.md', 'SECURITY.md'];
  for (const top of ['docs', 'examples'])
    for (const name of await readdir(join(packageRoot, top), { recursive: true }))
      if (name.endsWith('.md') && !name.startsWith('decisions')) names.push(join(top, name));
  const found: Block[] = [];
  for (const document of names.sort()) {
    const text = await readFile(join(packageRoot, document), 'utf8');
    for (const match of text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)) {
      const line = text.slice(0, match.index).split('\n').length;
      const script = (match[1] ?? '')
        .split('\n')
        .filter((each) => !ELSEWHERE.test(each) && !/^\s*#/.test(each))
        .join('\n');
      if (script.trim() !== '') found.push({ document, line, script });
    }
  }
  return found;
}

function paste(script: string): Promise<Pasted> {
  const { uri, name } = api.server.database;
  const env = { ...process.env, NODE: process.execPath, MAIN, MONGODB_URI: uri, MONGODB_DATABASE: name };
  return pasteInto(PRELUDE + script, folder, { ...env, BATCH_DIR: join(folder, 'batch') });
}

/** The script with the values of this server, and answers of curl that are errors made failures. */
async function filledIn(script: string): Promise<string> {
  let filled = script.replaceAll(/^curl /gm, 'curl --fail-with-body --silent --show-error ');
  for (const [placeholder, value] of Object.entries(known)) filled = filled.replaceAll(placeholder, value);
  if (!/\bRUN\b/.test(filled)) return filled;
  const listed = await paste('npm run --silent cli -- batch list --account demo --json');
  const [run] = JSON.parse(listed.out === '' ? '[]' : listed.out) as { id: string }[];
  const made = filled.split('\n').filter((line) => !/\bRUN\b/.test(line));
  if (run) return filled.replaceAll(/\bRUN\b/g, run.id);
  // The run that a line names comes from a line before it.
  const first = await paste(made.join('\n'));
  assert.equal(first.code, 0, first.err);
  return filledIn(
    filled
      .split('\n')
      .filter((line) => /\bRUN\b/.test(line))
      .join('\n'),
  );
}

describe('the documents', () => {
  test('have commands', () => assert.ok(blocks.length >= 6, `${blocks.length} blocks`));
  test('list every command (npm run docs:commands)', async () => {
    const document = await readFile(join(packageRoot, 'docs', 'commands.md'), 'utf8');
    assert.ok(document.includes(await describeCommands()));
  });

  for (const { document, line, script } of blocks)
    test(`${document}, line ${line}`, async () => {
      const { code, out, err } = await paste(await filledIn(script));
      assert.equal(code, 0, `${out}\n${err}`);
    });
});
