// The command line as people and scripts use it: output, exit codes, tokens that work and stop working.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createCli, type Ran } from '../support/cli.ts';
import { at } from '../support/pointer.ts';
import { ENTERPRISE, userNamed } from '../support/scim.ts';
import { openTestServer, type TestServer } from '../support/server.ts';
import { paste } from '../support/shell.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

let server: TestServer;
let cli: ReturnType<typeof createCli>;

beforeAll(async () => {
  server = await openTestServer();
  cli = createCli(server.database);
});
afterAll(() => server.stop());

const lastLine = (run: Ran) => run.out.trimEnd().split('\n').at(-1) ?? '';
const statusWith = async (token: string) =>
  (await server.raw('/Users?count=0', { headers: { Authorization: `Bearer ${token}` } })).status;

describe('the command line', () => {
  test('lists connections and changes what they do with unknown attributes', async () => {
    assert.equal((await cli('token', 'create', '--account', 'demo', '--name', 'Entra ID')).code, 0);
    const shown = async (...args: string[]) => {
      const run = await cli('connection', ...args, '--account', 'demo');
      assert.equal(run.code, 0, run.err);
      return run.out;
    };
    assert.match(await shown('list'), /Entra ID +entra +ignore/);
    assert.match(await shown('set', 'Entra ID', '--unknown-attributes', 'refuse'), /Entra ID +entra +refuse/);
    assert.match(await shown('set', 'entra id', '--unknown-attributes', 'default'), /Entra ID +entra +ignore/);
    assert.match(await shown('set', 'Entra ID', '--stores-and-units', 'write'), /Entra ID +entra +ignore +write/);
    assert.match(await shown('list'), /Entra ID +entra +ignore +write/);
    assert.match(await shown('set', 'Entra ID', '--stores-and-units', 'read'), /Entra ID +entra +ignore +read/);
    const nothing = await cli('connection', 'set', 'Entra ID', '--account', 'demo');
    assert.deepEqual([nothing.code, /Nothing to change was stated/.test(nothing.err)], [1, true]);
    const unknown = await cli('connection', 'set', 'nobody', '--account', 'demo', '--unknown-attributes', 'refuse');
    assert.match(unknown.err, /No connection "nobody" exists/);
    const made = JSON.parse(await shown('create', 'Directory', '--kind', 'entra', '--json'));
    assert.deepEqual([made.kind, made.unknownAttributes], ['entra', 'ignore']);
    assert.match(await shown('kind', made.id, 'okta'), /Directory +okta +ignore/);
    assert.match(await shown('kind', 'directory'), /Directory +okta +ignore/);
    assert.match((await cli('connection', 'create', 'DIRECTORY', '--account', 'demo')).err, /name is taken by another/);
    assert.match(
      (await cli('connection', 'kind', made.id, 'ping', '--account', 'demo')).err,
      /Allowed choices are entra/,
    );
  });
  test('makes an account, with its settings', async () => {
    const made = await cli(
      'account',
      'create',
      'Café Süd',
      '--user-limit',
      '5',
      '--derive',
      'enterprise.department=Department',
      '--json',
    );
    assert.equal(made.code, 0, made.err);
    const account = JSON.parse(made.out);
    assert.equal(account.slug, 'cafe-sud');
    assert.equal(account.requiredData, 'enforce');
    const { userLimit, ...settings } = account;
    assert.equal(userLimit, 5);
    const changed = await cli(
      'account',
      'set',
      'cafe-sud',
      '--required-data',
      'report',
      '--user-limit',
      'none',
      '--json',
    );
    assert.deepEqual(JSON.parse(changed.out), { ...settings, requiredData: 'report' });
    assert.match((await cli('account', 'list')).out, /cafe-sud[^\n]*\n[^\n]*demo/);
  });

  test('brings groups that follow an attribute to the users who are there', async () => {
    const token = lastLine(await cli('token', 'create', '--account', 'demo', '--name', 'derive'));
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' };
    const user = userNamed('there-already', { [ENTERPRISE]: { department: 'Food' } });
    const made = await server.raw('/Users', { method: 'POST', headers, body: JSON.stringify(user) });
    assert.equal(made.status, 201, made.text);
    const groups = async () =>
      at((await server.raw(`/Users/${String(made.body.id)}`, { headers })).body, '/groups/*/display');
    const set = await cli('account', 'set', 'demo', '--derive', 'enterprise.department=Department', '--json');
    assert.equal(set.code, 0, set.err);
    assert.match(set.err, /Users whose groups changed: 1\./);
    assert.deepEqual(await groups(), ['Food']);
    const none = await cli('account', 'set', 'demo', '--derive', 'none', '--json');
    assert.deepEqual(JSON.parse(none.out).derivedGroups, []);
    assert.equal(await groups(), undefined);
  });

  test('makes a token whose last line is the token; it works, and stops when revoked', async () => {
    const made = await cli(
      'token',
      'create',
      '--account',
      'demo',
      '--name',
      'Entra ID, yearly',
      '--expires-in-days',
      '7',
    );
    assert.equal(made.code, 0, made.err);
    const token = lastLine(made);
    assert.match(token, /^mbt_[A-Za-z0-9_-]{43}$/);
    assert.equal(await statusWith(token), 200);
    const listed = JSON.parse((await cli('token', 'list', '--account', 'demo', '--json')).out) as {
      id: string;
      name?: string;
      connection: { kind: string };
    }[];
    const mine = listed.find((one) => one.name === 'Entra ID, yearly');
    assert.equal(mine?.connection.kind, 'entra');
    assert.ok(!JSON.stringify(listed).includes(token));
    assert.ok(!JSON.stringify(listed).includes('"hash"'));
    assert.equal((await cli('token', 'revoke', mine?.name ?? '', '--account', 'demo')).code, 0);
    assert.equal((await cli('token', 'revoke', mine?.id ?? '')).code, 0);
    const deadline = Date.now() + 5_500;
    while ((await statusWith(token)) === 200) assert.ok(Date.now() < deadline, 'still accepted after 5 seconds');
  });

  test('two tokens of one connection live side by side', async () => {
    const names = ['old', 'new'];
    const tokens: string[] = [];
    for (const name of names)
      tokens.push(lastLine(await cli('token', 'create', '--account', 'demo', '--name', name, '--connection', 'Okta')));
    for (const token of tokens) assert.equal(await statusWith(token), 200);
    const listed = JSON.parse((await cli('token', 'list', '--account', 'demo', '--json')).out) as {
      name?: string;
      connection: { id: string };
    }[];
    const connections = listed.filter((one) => names.includes(one.name ?? '')).map((one) => one.connection.id);
    assert.equal(connections.length, 2);
    assert.equal(connections[0], connections[1]);
  });

  const refused: [string[], RegExp][] = [
    [['account', 'create', 'Demo'], /Another account already uses this slug/],
    [['account', 'create', '!!!'], /--slug/],
    [['account', 'create', 'X', '--derive', 'nothing=Y'], /not a single-valued text attribute/],
    [['account', 'set', 'nobody', '--name', 'x'], /The account "nobody" does not exist/],
    [['token', 'create', '--account', 'nobody', '--name', 'x'], /The account "nobody" does not exist/],
    [['token', 'create', '--account', 'demo'], /--name/],
    [['token', 'create', '--account', 'demo', '--name', 'x', '--expires-in-days', '0'], /whole number/],
    [['token', 'revoke', 'tok_nobody'], /No token with the id "tok_nobody" exists/],
    [['nonsense'], /unknown command/],
    [['token', 'lst'], /Did you mean list\?/],
  ];
  for (const [args, words] of refused) {
    test(`refuses ${args.join(' ')}, in words`, async () => {
      const run = await cli(...args);
      assert.equal(run.code, 1);
      assert.match(run.err, words);
      assert.equal(run.out, '');
      assert.doesNotMatch(run.err, /at .*\.js:\d/);
    });
  }

  const asJson: [string[], string, RegExp][] = [
    [['token', 'list', '--account', 'nobody', '--json'], 'notFound', /"nobody" does not exist/],
    [['token', 'list', '--json'], 'usage', /^required option '--account <slug>' not specified$/],
    [['token', '--json'], 'usage', /unknown option/],
  ];
  for (const [args, code, words] of asJson) {
    test(`refuses ${args.join(' ')} with one line of JSON`, async () => {
      const run = await cli(...args);
      const { error } = JSON.parse(run.err) as { error: { code: string; message: string } };
      assert.deepEqual([run.code, run.out, error.code], [1, '', code]);
      assert.match(error.message, words);
    });
  }

  test('ends without a word if nobody reads what it prints', async () => {
    const { uri, name } = server.database;
    const env = { ...process.env, NODE: process.execPath, MAIN, MONGODB_URI: uri, MONGODB_DATABASE: name };
    const listed = '"$NODE" "$MAIN" account list --json';
    const run = await paste(`{ sleep 0.1; ${listed}; echo "exit $?" >&2; } | true`, '.', env);
    assert.deepEqual([run.out, run.err], ['', 'exit 0\n']);
  });

  test('says its version', async () => {
    const { out } = await cli('--version');
    assert.match(out, /^\d+\.\d+\.\d+\n$/);
  });
});
