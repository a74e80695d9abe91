// Administrators, groups, stores, org units and roles on the command line, beside a running server.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test } from '@jest/globals';
import { type AdminServer, openAdminServer, ROOT } from '../support/admin.ts';
import { createCli, type Ran } from '../support/cli.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

let api: AdminServer;
beforeAll(async () => {
  api = await openAdminServer();
  inProcess = createCli(api.server.database);
});
afterAll(() => api.stop());

let inProcess: ReturnType<typeof createCli>;

/** Runs a command; in a process of its own if it reads from stdin. */
function cli(args: string[], input?: string): Promise<Ran> {
  if (input === undefined) return inProcess(...args);
  const { uri, name } = api.server.database;
  const env = { ...process.env, MONGODB_URI: uri, MONGODB_DATABASE: name };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env, timeout: 60_000 });
    let [out, err] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => {
      out += piece.toString();
    });
    child.stderr.on('data', (piece: Buffer) => {
      err += piece.toString();
    });
    child.on('error', reject).on('close', (code) => resolve({ code: code ?? -1, out, err }));
    child.stdin.end(input);
  });
}

async function made(...args: string[]): Promise<Record<string, string>> {
  const { code, out, err } = await cli([...args, '--json']);
  assert.equal(code, 0, err);
  const parsed = JSON.parse(out) as Record<string, string> | Record<string, string>[];
  return (Array.isArray(parsed) ? parsed[0] : parsed) ?? {};
}

const SYSTEM = ['--role', 'systemAdministrator'];

const signIn = async (email: string, password: string) =>
  (await api.anonymous('POST', '/session', { body: { email, password } })).status;

test('an administrator is made with a password that works, shown once', async () => {
  const { id, password = '' } = await made(
    'administrator',
    'create',
    'ops@example.com',
    '--role',
    'systemAdministrator',
  );
  assert.ok(id && password.length >= 20);
  assert.equal(await signIn('ops@example.com', password), 200);
  const list = await cli(['administrator', 'list']);
  assert.match(list.out, /ops@example\.com +systemAdministrator/);
  assert.ok(!list.out.includes(password));
});

test('a password can come over stdin; mistakes are reported in words', async () => {
  const args = ['administrator', 'create', 'pipe@example.com', '--role', 'customerAdministrator', '--account', 'demo'];
  const piped = await cli([...args, '--password-stdin'], 'out of a password safe\n');
  assert.equal(piped.code, 0, piped.err);
  assert.ok(!piped.out.includes('password safe'));
  assert.equal(await signIn('pipe@example.com', 'out of a password safe'), 200);
  for (const [wrong, words] of [
    [args, /email is taken/],
    [['administrator', 'create', 'new@example.com'], /--role <role>/],
    [['administrator', 'create', 'a@example.com', '--role', 'superior', '--account', 'demo'], /user: a Superior/],
    [
      [
        'administrator',
        'create',
        'a@example.com',
        '--role',
        'orgUnitAssistant',
        '--account',
        'demo',
        '--org-unit',
        'X',
      ],
      /org unit "X" does not exist/,
    ],
  ] as const) {
    const refused = await cli([...wrong]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, words);
  }
});

test('a password that is lost is replaced, and the person gets a mail', async () => {
  const { email = '', password = '' } = await made('administrator', 'create', 'lost@example.com', ...SYSTEM);
  const reset = await made('administrator', 'reset-password', email);
  assert.deepEqual([await signIn(email, password), await signIn(email, reset.password ?? '')], [401, 200]);
  const mail = await api.server.database.db.collection('outbox').findOne({ to: email });
  assert.equal(mail?.subject, 'Your password was changed');
  const unknown = await cli(['administrator', 'reset-password', email, '--account', 'demo']);
  assert.deepEqual([unknown.code, /No administrator with the e-mail/.test(unknown.err)], [1, true]);
});

test('groups, stores, org units and roles are made, listed, renamed and deleted', async () => {
  const account = ['--account', 'demo'];
  const group = await made('group', 'create', 'Wardens', '--type', 'Course', ...account);
  await made('group', 'rename', group.id ?? '', 'Fire wardens', ...account);
  const groups = await cli(['group', 'list', '--search', 'fire', ...account]);
  assert.match(groups.out, /Fire wardens +Course/);
  const store = await made('store', 'create', '4711', '--name', 'Gent', '--country', '32', ...account);
  await made('store', 'set', store.id ?? '', '--name', 'Gent Zuid', ...account);
  assert.match((await cli(['store', 'list', ...account])).out, /4711 +Gent Zuid +32/);
  await made('org-unit', 'create', 'Retail', ...account);
  const unit = await made('org-unit', 'create', 'Retail/Benelux', ...account);
  assert.equal((await cli(['org-unit', 'delete', unit.id ?? '', ...account])).code, 0);
  await made('role', 'create', 'CASHIER', '--name', 'Cashier', ...account);
  assert.match((await cli(['role', 'list', ...account])).out, /CASHIER +Cashier/);
  assert.equal((await cli(['group', 'delete', group.id ?? '', ...account])).code, 0);
  const again = await cli(['group', 'delete', group.id ?? '', ...account]);
  const gone = `No group "${group.id}" exists in the account. See: group list --account demo`;
  assert.deepEqual([again.code, again.err.trim()], [1, gone]);
});

test('a store and an org unit are deleted only without users, who can be moved to another one', async () => {
  const account = ['--account', 'demo'];
  const ran = (...args: string[]) => cli([...args, ...account]);
  for (const refId of ['OLD', 'NEW']) await made('store', 'create', refId, '--country', '32', ...account);
  for (const code of ['Left', 'Right']) await made('org-unit', 'create', code, ...account);
  for (const who of ['mover.1', 'mover.2']) {
    const named = ['--external-id', who, '--given-name', 'M', '--family-name', 'V', '--phone', '+32470123456'];
    const made = await ran('user', 'create', who, ...named, '--store', 'OLD', '--organizational-unit', 'Left');
    assert.equal(made.code, 0, made.err);
  }
  const store = await ran('store', 'delete', 'OLD');
  assert.deepEqual(
    [store.code, /used by 2 users.*See: user list --store "OLD" --account demo/.test(store.err)],
    [1, true],
    store.err,
  );
  const unit = await ran('org-unit', 'delete', 'left', '--json');
  const { error } = JSON.parse(unit.err) as { error: { code: string; message: string } };
  assert.deepEqual([error.code, /used by 2 users.*--org-unit "Left"/.test(error.message)], ['inUse', true], unit.err);
  assert.match((await ran('store', 'delete', 'OLD', '--move-to', 'OLD')).err, /to another store/);
  assert.match((await ran('store', 'delete', 'OLD', '--move-to', 'new')).err, /No store "new"/);
  const moved = await ran('store', 'delete', 'OLD', '--move-to', 'NEW');
  assert.deepEqual([moved.code, /Moved 2 users to NEW/.test(moved.err)], [0, true], moved.err);
  assert.match(moved.out, /Deleted the store OLD \(/);
  const left = await ran('org-unit', 'delete', 'Left', '--move-to', 'RIGHT');
  assert.deepEqual([left.code, /Deleted the org unit Left/.test(left.out)], [0, true], left.err);
  const { attributes } = JSON.parse((await ran('user', 'show', 'mover.1', '--json')).out);
  const { stores, organizationalUnit } = attributes.mobietrain;
  assert.deepEqual([stores.length, stores[0].value, stores[0].primary, organizationalUnit], [1, 'NEW', true, 'Right']);
  assert.match((await ran('store', 'show', 'OLD')).err, /No store "OLD" exists in the account\. See: store list/);
});

test('a group is merged into another one, after a look at what would move', async () => {
  const ran = (...args: string[]) => cli([...args, '--account', 'demo']);
  for (const login of ['merged.1', 'merged.2']) await made('user', 'create', login, '--account', 'demo');
  const into = await made('group', 'create', 'Orchestra', '--type', 'Club', '--account', 'demo');
  await made('group', 'create', 'Strings', '--type', 'Club', '--account', 'demo');
  await made('group', 'create', 'Brass', '--type', 'Course', '--account', 'demo');
  await ran('group', 'add-members', 'Strings', 'merged.1', 'merged.2');
  assert.match((await ran('group', 'merge', 'Strings', 'Orchestra', '--dry-run')).out, /Would move 2 members/);
  assert.match((await ran('group', 'merge', 'Strings', 'Brass')).err, /same type \("Club", not "Course"\)/);
  assert.match((await ran('group', 'members', 'Strings')).out, /merged\.1[\s\S]*merged\.2/);
  assert.match((await ran('group', 'merge', 'Strings', 'Orchestra')).out, /Moved 2 members.*Orchestra/);
  assert.match((await ran('group', 'members', into.id ?? '')).out, /merged\.1[\s\S]*merged\.2/);
  assert.match((await ran('group', 'merge', 'Strings', 'Orchestra')).err, /No group "Strings" exists/);
});

test('members are added to a group and removed by any name, and named in what is said', async () => {
  const ran = (...args: string[]) => cli([...args, '--account', 'demo']);
  await made('group', 'create', 'Choir', '--account', 'demo');
  const added = await ran('group', 'add-members', 'choir', 'mover.1', 'mover.2');
  assert.match(added.err, /Added to Choir: mover\.1 \(\S+\), mover\.2 \(/);
  assert.match((await ran('group', 'add-members', 'choir', 'mover.1')).err, /Nothing changed of Choir/);
  assert.match((await ran('group', 'members', 'Choir')).out, /mover\.1[\s\S]*mover\.2/);
  assert.match((await ran('group', 'show', 'Choir')).out, /^MEMBERS +2$/m);
  assert.match((await ran('group', 'remove-members', 'Choir', 'mover.2')).err, /Removed from Choir: mover\.2/);
  assert.match((await ran('group', 'add-members', 'Choir', 'nobody')).err, /No user has the id/);
  await made('enrollment-profile', 'create', 'ONB', '--name', 'Onboarding', '--account', 'demo');
  assert.match((await ran('enrollment-profile', 'show', 'onb')).out, /ONB +Onboarding/);
  assert.match((await ran('enrollment-profile', 'rename', 'onb', 'First week')).out, /ONB +First week/);
  assert.match((await ran('enrollment-profile', 'delete', 'ONB')).out, /Deleted the enrollment profile ONB/);
  await made('organization', 'create', 'ORG-1', '--account', 'demo');
  assert.match((await ran('organization', 'list')).out, /ORG-1/);
});

test('a person is erased after a word of assent, and afterwards by what is known of who was deleted', async () => {
  const user = { userName: 'to.erase', externalId: 'E-1', name: { givenName: 'Zelda', familyName: 'Quist' } };
  assert.equal((await api.root('POST', '/accounts/demo/users', { body: user })).status, 201);
  const unasked = await cli(['user', 'erase', 'to.erase', '--account', 'demo']);
  assert.deepEqual([unasked.code, /add --yes/.test(unasked.err)], [1, true], unasked.err);
  const erased = await cli(['user', 'erase', 'to.erase', '--account', 'demo', '--yes', '--json']);
  assert.equal(erased.code, 0, erased.err);
  assert.equal((JSON.parse(erased.out) as { users: number }).users, 1);
  const again = await cli(['user', 'erase', 'to.erase', '--account', 'demo', '--yes', '--external-id', 'E-1']);
  assert.deepEqual([again.code, again.out.split(',', 1)[0]], [0, 'Erased: users 0'], again.err);
  const others = { userName: 'stays', externalId: 'E-2', name: { givenName: 'A', familyName: 'B' } };
  assert.equal((await api.root('POST', '/accounts/demo/users', { body: others })).status, 201);
  const stranger = await cli(['user', 'erase', 'nobody', '--account', 'demo', '--yes', '--user-name', 'stays']);
  assert.deepEqual([stranger.code, /belongs to another user/.test(stranger.err)], [1, true], stranger.err);
});

test('a user is created, changed, blocked and deactivated, and the history says that the command line did it', async () => {
  const ran = (...args: string[]) => cli(['user', ...args, '--account', 'demo']);
  await made('group', 'create', 'Night shift', '--account', 'demo');
  await made('store', 'create', 'S-1', '--name', 'Brugge', '--country', '32', '--account', 'demo');
  const created = await ran(
    ...'create nora.night --external-id N-1 --given-name Nora --family-name Night --store brugge'.split(' '),
    ...'--email nora@example.com --employee-number 9001'.split(' '),
    '--group',
    'night SHIFT',
  );
  assert.deepEqual([created.code, /Created nora\.night \(/.test(created.err)], [0, true], created.err);
  const changed = await ran('change', 'N-1', '--title', 'Guard', '--department', 'Safety');
  assert.match(changed.err, /Changed of nora\.night \(\S+\) in the account demo: enterprise\.department, title\./);
  assert.match((await ran('block', 'nora@example.com')).out, /nora\.night .* blocked$/m);
  assert.match((await ran('unblock', 'NORA.night')).err, /mobietrain\.status/);
  assert.match((await ran('deactivate', 'nora.night')).err, /: active, mobietrain\.status\./);
  assert.match((await ran('deactivate', 'nora.night')).err, /nothing, because it is so already/);
  for (const text of ['9001', 'N-1', 'nora@ex', 'Night Nora', 'nora.n'])
    assert.match((await ran('search', text)).out, /nora\.night/, text);
  assert.match((await ran('list', '--store', 'S-1', '--status', 'inactive')).out, /nora\.night/);
  const { attributes, id } = JSON.parse((await ran('show', 'nora.night', '--json')).out);
  assert.deepEqual(
    [attributes.groups[0].display, attributes.mobietrain.stores[0].value, attributes.enterprise.department],
    ['Night shift', 'S-1', 'Safety'],
  );
  const refused = await ran('change', id, '--email', 'not an address', '--json');
  const { error } = JSON.parse(refused.err) as { error: { code: string; faults: { path: string }[] } };
  assert.deepEqual([refused.code, error.code, error.faults[0]?.path], [1, 'invalidValue', 'emails[0].value']);
  const who = `command line, OS user ${userInfo().username}`;
  const history = await ran('history', 'nora.night');
  for (const words of [`cli  ${who}  POST /api/v1/accounts/demo/users/${id}/deactivate  200`, `${who}  PATCH `])
    assert.ok(history.out.includes(words), history.out);
  assert.match(history.out, /PATCH \S+ {2}400\n {4}invalidValue: emails\[0\]\.value/);
});

test('a name that means nobody or several people is refused, and the history of the name says so', async () => {
  const ran = (...args: string[]) => cli(['user', ...args, '--account', 'demo']);
  for (const [userName, email] of [
    ['twin.1', 'twin.2'],
    ['twin.2', 'other.twin@example.com'],
  ] as const) {
    const user = { userName, externalId: `${userName}-id`, name: { givenName: 'T', familyName: 'W' } };
    const emails = email === 'twin.2' ? [] : [{ value: email }];
    const body = { ...user, emails, phoneNumbers: [{ value: '+32470123456' }] };
    assert.equal((await api.root('POST', '/accounts/demo/users', { body })).status, 201);
  }
  const second = JSON.parse((await ran('show', 'twin.2', '--json')).out) as { id: string };
  assert.equal((await ran('change', 'twin.1', '--external-id', 'twin.2')).code, 0);
  const refused = await ran('deactivate', 'twin.2', '--json');
  const { error } = JSON.parse(refused.err) as { error: { code: string; message: string } };
  assert.deepEqual([refused.code, error.code], [1, 'ambiguousIdentity']);
  assert.match(error.message, new RegExp(`"twin\\.2" names 2 users[^]*${second.id} +twin\\.2[^]*twin\\.1`));
  assert.match((await ran('deactivate', 'nobody.at.all')).err, /No user has the id, .* "nobody\.at\.all"/);
  assert.match((await ran('history', 'nobody.at.all')).out, /COMMAND \/user\/deactivate {2}404\n {4}notFound: /);
});

test('what somebody is called does nothing to the terminal', async () => {
  const nasty = 'Evil\u001b[2J\u009b31m';
  const user = { userName: 'evil', externalId: 'evil', name: { givenName: 'A', familyName: 'B' }, title: nasty };
  assert.equal((await api.root('POST', '/accounts/demo/users', { body: user })).status, 201);
  const inName = { ...user, userName: 'evil.2', externalId: 'evil.2', name: { givenName: nasty, familyName: 'B' } };
  assert.equal((await api.root('POST', '/accounts/demo/users', { body: inName })).status, 400);
  const text = await cli(['user', 'show', 'evil', '--account', 'demo']);
  assert.match(text.out, /Evil\\u001b\[2J\uFFFD31m/);
  const shown = await cli(['user', 'show', 'evil', '--account', 'demo', '--json']);
  assert.doesNotMatch(shown.out, /[^\P{Cc}\n]/u);
  assert.equal((JSON.parse(shown.out) as { attributes: typeof user }).attributes.title, nasty);
});

test('an administrator is changed, disabled, enabled and removed, by the rules of the admin API', async () => {
  const account = ['--account', 'demo'];
  const email = 'mia@example.com';
  const ran = (...args: string[]) => cli(['administrator', ...args, ...account]);
  const { id = '', password = '' } = await made(
    'administrator',
    'create',
    email,
    '--role',
    'customerAdministrator',
    ...account,
  );
  const disabled = await ran('disable', email);
  assert.deepEqual(
    [disabled.code, /mia@example\.com +customerAdministrator +- +disabled/.test(disabled.out)],
    [0, true],
  );
  assert.match(disabled.err, /Ended 0 sessions and 0 personal tokens of mia@example\.com/);
  assert.equal(await signIn(email, password), 401);
  assert.equal((await ran('enable', id)).code, 0);
  assert.equal(await signIn(email, password), 200);
  const limited = await ran('set', email, '--role', 'orgUnitAssistant', '--json');
  const { error } = JSON.parse(limited.err) as { error: { code: string; faults: { path: string }[] } };
  assert.deepEqual([limited.code, error.code, error.faults[0]?.path], [1, 'required', 'orgUnit']);
  assert.match((await ran('set', email, '--name', 'Mia M.')).out, /customerAdministrator/);
  assert.match((await ran('set', email)).err, /Nothing to change/);
  assert.match((await ran('show', email)).out, /^E-MAIL +mia@example\.com$/m);
  const event = await api.server.database.db.collection('events').findOne({ path: '/administrator/disable' });
  assert.deepEqual(
    [event?.actor, event?.isRead, event?.subject],
    [{ kind: 'commandLine', id: userInfo().username }, false, { type: 'Administrator', id, name: email }],
  );
  assert.match((await ran('remove', id)).out, /Removed mia@example\.com/);
  assert.deepEqual(JSON.parse((await ran('remove', id, '--json')).err), {
    error: {
      code: 'notFound',
      message: `No administrator with the e-mail or id "${id}" exists in the account demo. See: administrator list --account demo`,
    },
  });
});

test('sessions and personal tokens of an administrator are listed and ended', async () => {
  const { email, byToken } = await api.newAdministrator('demo', 'customerAdministrator');
  const ran = async (...args: string[]) => {
    const { out, err } = await cli(['administrator', ...args, '--account', 'demo', '--json']);
    return JSON.parse(out || err);
  };
  const [token, ...others] = await ran('tokens', email);
  assert.deepEqual([token.name, typeof token.expires, token.hash, others.length], ['test', 'string', undefined, 0]);
  const [session] = await ran('sessions', email);
  assert.deepEqual(await ran('end-sessions', email, '--session', session.id), { ended: 1 });
  assert.deepEqual(await ran('sessions', email), []);
  assert.deepEqual(await ran('end-sessions', email), { ended: 0 });
  assert.equal((await byToken('GET', '/session')).status, 200);
  assert.deepEqual(await ran('revoke-token', email, 'test'), { deleted: token.id });
  assert.equal((await byToken('GET', '/session')).status, 401);
  assert.equal((await ran('revoke-token', email, 'test')).error.code, 'notFound');
});

test('the last System Administrator who is not disabled stays', async () => {
  const administrators = api.server.database.db.collection('administrators');
  await administrators.updateMany({ accountKey: null, email: { $ne: ROOT.email } }, { $set: { disabled: true } });
  for (const word of ['disable', 'remove']) {
    const refused = await cli(['administrator', word, ROOT.email]);
    assert.deepEqual([refused.code, /the last System Administrator/.test(refused.err)], [1, true], refused.err);
  }
  assert.equal(await signIn(ROOT.email, ROOT.password), 200);
});

test('the kind of a connection is inferred or chosen, over the admin API as by a command', async () => {
  const path = '/accounts/demo/connections';
  const guessed = await api.root('POST', path, { body: { name: 'Okta staging' } });
  const chosen = await api.root('POST', path, { body: { name: 'Directory', kind: 'entra' } });
  assert.deepEqual([guessed.body.kind, chosen.body.kind, chosen.body.unknownAttributes], ['okta', 'entra', 'ignore']);
  const changed = await api.root('PATCH', `${path}/${String(chosen.body.id)}`, { body: { kind: 'other' } });
  assert.deepEqual([changed.body.kind, changed.body.unknownAttributes], ['other', 'refuse']);
  const shown = await made('connection', 'kind', 'Directory', '--account', 'demo');
  assert.equal(shown.kind, 'other');
  const untouched = await api.root('PATCH', `${path}/${String(chosen.body.id)}`, { body: {} });
  assert.deepEqual([untouched.status, untouched.body], [200, changed.body]);
  const unknown = await api.root('PATCH', `${path}/${String(chosen.body.id)}`, { body: { kind: 'ping' } });
  assert.deepEqual([unknown.status, unknown.body.code], [400, 'invalidValue']);
});

test('an account is deleted with everything in it, after its slug was repeated, and served nowhere from then on', async () => {
  const { db } = api.server.database;
  const { id = '' } = await made('account', 'create', 'Doomed');
  const account = ['--account', 'doomed'];
  const ran = (...args: string[]) => cli([...args, ...account]);
  await made('store', 'create', 'D-1', ...account);
  await made('group', 'create', 'Doomed group', ...account);
  await made('org-unit', 'create', 'Doomed unit', ...account);
  await made('administrator', 'create', 'doomed@example.com', '--role', 'customerAdministrator', ...account);
  const person = ['doris.doomed', '--external-id', 'DD-1', '--given-name', 'Doris', '--family-name', 'Doomed'];
  const doris = await made('user', 'create', ...person, '--email', 'doris@example.com', '--store', 'D-1', ...account);
  assert.equal((await ran('user', 'delete', 'doris.doomed', '--yes')).code, 0);
  await made('user', 'create', ...person, '--email', 'doris@example.com', ...account);
  const token = await made('token', 'create', '--name', 'doomed', ...account);
  const headers = { Authorization: `Bearer ${token.token}` };
  const asked = async () => (await api.server.raw('/Users?count=0', { headers })).status;
  assert.equal(await asked(), 200);
  const { path, remove } = await fileOf(
    'Uid;FirstName;LastName;Email;ExternalId\ndoris.doomed;Doris;Doomed;doris@example.com;DD-1\n',
  );
  const imported = await ran('user', 'import', path);
  await remove();
  assert.ok([0, 3].includes(imported.code), imported.err);
  assert.match((await cli(['account', 'show', id])).out, /^USERS +1$/m);
  const before = await db.collection('users').countDocuments({ account: { $ne: id } });

  assert.match((await cli(['account', 'delete', 'doomed'])).err, /add: --confirm doomed/);
  const wrong = await cli(['account', 'delete', 'doomed', '--confirm', 'demo']);
  assert.match(wrong.err, /does not repeat the login slug doomed/);
  assert.equal(await asked(), 200);
  // A deletion that was interrupted after it had begun.
  await db.collection<{ _id: string }>('accounts').updateOne({ _id: id }, { $set: { deleting: new Date() } });
  assert.match((await cli(['account', 'list', '--deleted'])).out, /doomed +\S+ +being deleted/);
  assert.match((await ran('user', 'list')).err, /The account "doomed" does not exist/);
  const deadline = Date.now() + 5_500;
  while ((await asked()) === 200) assert.ok(Date.now() < deadline, 'still served after 5 seconds');
  const deleted = await cli(['account', 'delete', 'doomed', '--confirm', 'doomed']);
  assert.deepEqual([deleted.code, /Deleted the account doomed \(.*users 1/.test(deleted.out)], [0, true], deleted.err);
  assert.equal(await asked(), 401);
  assert.equal(await signIn('doomed@example.com', 'whatever it is'), 401);
  assert.match((await cli(['account', 'list', '--deleted'])).out, /doomed +\S+ +deleted .* 1 +command line, OS user /);
  for (const { collectionName } of await db.collections()) {
    const left = JSON.stringify(
      await db
        .collection(collectionName)
        .find({ account: { $ne: 'system' } })
        .toArray(),
    );
    for (const text of [id, doris.id ?? '', 'doris@example.com', 'DD-1'])
      assert.ok(!left.includes(text), `${collectionName} still has ${text}`);
  }
  assert.equal(await db.collection('users').countDocuments({}), before);
});

async function fileOf(content: string): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'mobietrain-cli-'));
  const path = join(folder, 'users.csv');
  await writeFile(path, content);
  return { path, remove: () => rm(folder, { recursive: true }) };
}
