// Mails about tokens that expire: by an injected clock, over several servers that start again every day, each mail once.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { openStore, type Store } from '../../src/app/database.ts';
import { createTokenExpiryWork } from '../../src/app/token-expiry.ts';
import { loadConfig } from '../../src/config.ts';
import { dueWarning, soonestExpiry } from '../../src/directory/health/tokens.ts';
import { type AdminServer, idOf, openAdminServer, ROOT } from '../support/admin.ts';
import { createCli } from '../support/cli.ts';
import { type Mailbox, openMailbox } from '../support/smtp.ts';

const DAY_MS = 86_400_000;
let mailbox: Mailbox;
let api: AdminServer;
let store: Store;
const failures: unknown[] = [];
beforeAll(async () => {
  mailbox = await openMailbox();
  api = await openAdminServer({ SMTP_URL: mailbox.url });
  const { uri, name } = api.server.database;
  const config = loadConfig({ MONGODB_URI: uri, MONGODB_DATABASE: name, LOG_LEVEL: 'error' });
  store = await openStore(config, () => undefined, { supervise: false });
});
afterAll(async () => {
  await store.close();
  await api.stop();
  await mailbox.close();
  assert.deepEqual(failures, []);
});

/** The work of servers that have just started and see this time. */
const servers = (now: Date, count = 2) =>
  Array.from({ length: count }, () =>
    createTokenExpiryWork({
      mongo: store.mongo,
      accounts: store.accounts,
      publicUrl: 'https://scim.example.com',
      now: () => now,
      onError: (error) => failures.push(error),
    }),
  );

const written = async (account: string) => {
  const found = api.server.database.db.collection<{ _id: string; account: string }>('outbox').find({ account });
  return new Set((await found.toArray()).map(({ _id }) => _id).filter((id) => id.startsWith('token-expiry:')));
};

async function tokenOf(account: string, connection: string, expiresInDays?: number): Promise<string> {
  const body = { name: `days ${expiresInDays}`, ...(expiresInDays === undefined ? {} : { expiresInDays }) };
  return idOf(await api.root('POST', `/accounts/${account}/connections/${connection}/credentials`, { body }));
}

test('30, 7 and 1 days before the end, to those who may edit connections, each once', async () => {
  const slug = await api.account({ timeZone: 'Europe/Brussels', languages: ['nl', 'en'] });
  const account = (await store.accounts.findAccount(slug))?.id ?? '';
  const connection = idOf(await api.root('POST', `/accounts/${slug}/connections`, { body: { name: 'Entra' } }));
  const [long, short] = [await tokenOf(slug, connection, 40), await tokenOf(slug, connection, 20)];
  await tokenOf(slug, connection);
  const revoked = await tokenOf(slug, connection, 40);
  await api.root('DELETE', `/accounts/${slug}/credentials/${revoked}`);
  await api.root('POST', `/accounts/${slug}/org-units`, { body: { code: 'North' } });
  const administrator = await api.newAdministrator(slug, 'customerAdministrator');
  const disabled = await api.newAdministrator(slug, 'customerAdministrator');
  await api.root('PATCH', disabled.path, { body: { disabled: true } });
  await api.newAdministrator(slug, 'orgUnitAdministrator', { orgUnit: 'North' });

  // Days are those of the account: late in the evening of UTC, the next one has begun there.
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Brussels' }).format(new Date());
  const morning = new Date(`${today}T10:00:00Z`);
  const added: [day: number, ids: string[]][] = [];
  let known = new Set<string>();
  for (let day = 0; day <= 42; day += 1) {
    const now = new Date(morning.getTime() + day * DAY_MS);
    await Promise.all(servers(now).map((server) => server.drain()));
    const all = await written(account);
    const fresh = [...all].filter((id) => !known.has(id));
    if (fresh.length > 0) added.push([day, fresh]);
    known = all;
  }
  const id = (token: string, days: number) => [`token-expiry:${token}:${days}:${administrator.id}`];
  assert.deepEqual(added, [
    [10, id(long, 30)],
    [13, id(short, 7)],
    [19, id(short, 1)],
    [33, id(long, 7)],
    [39, id(long, 1)],
  ]);
  const mails = await mailbox.mailsTo(administrator.email, 5);
  assert.equal(mails.length, 5);
  assert.match(mails[0]?.subject ?? '', /^Een token van Entra vervalt op /);
  assert.match(mails[0]?.text ?? '', new RegExp(`https://scim.example.com/console/#/connections/${connection}/show`));
  assert.match(mails[0]?.html ?? '', /De koppeling openen/);
});

test('not before 08:00 in the account, and without an administrator of its own to the System Administrators', async () => {
  const slug = await api.account({ timeZone: 'America/New_York' });
  const account = (await store.accounts.findAccount(slug))?.id ?? '';
  const connection = idOf(await api.root('POST', `/accounts/${slug}/connections`, { body: { name: 'Okta' } }));
  await tokenOf(slug, connection, 31);
  const evening = new Date(Date.now() + 3 * DAY_MS);
  for (const server of servers(new Date(evening.setUTCHours(10, 0, 0, 0)))) await server.drain();
  assert.equal((await written(account)).size, 0);
  for (const server of servers(new Date(evening.setUTCHours(15, 0, 0, 0)))) await server.drain();
  assert.equal((await written(account)).size, 1);
  const isOurs = ({ subject }: { subject?: string | undefined }) => subject?.startsWith('A token of Okta expires on ');
  for (let looks = 0; looks < 400 && !mailbox.arrived.some(isOurs); looks += 1) await sleep(25);
  assert.equal((await mailbox.mailsTo(ROOT.email)).filter(isOurs).length, 1);
});

test('a template of the account, in each language an example of it', async () => {
  const slug = await api.account({ languages: ['fr'] });
  const template = { subject: '{connection}: {lastDay}', text: '{token}\n\n{url}', senderName: 'Team' };
  const at = `/accounts/${slug}/mail-templates/tokenExpiry`;
  assert.equal((await api.root('PUT', `${at}/fr`, { body: template })).status, 200);
  const refused = await api.root('PUT', `${at}/fr`, { body: { ...template, text: '{url} {loginName}' } });
  assert.equal(refused.status, 400);
  for (const language of ['en', 'nl', 'de']) {
    const { body } = await api.root('POST', `${at}/${language}/preview`);
    assert.doesNotMatch(`${body.subject} ${body.text}`, /[{}]/, language);
  }
  const connection = idOf(await api.root('POST', `/accounts/${slug}/connections`, { body: { name: 'JumpCloud' } }));
  await tokenOf(slug, connection, 2);
  const administrator = await api.newAdministrator(slug, 'customerAdministrator');
  const later = new Date(Date.now() + DAY_MS);
  for (const server of servers(new Date(later.setUTCHours(9, 0, 0, 0)), 1)) await server.drain();
  const [mail] = await mailbox.mailsTo(administrator.email);
  assert.match(mail?.subject ?? '', /^JumpCloud: \d+ /);
  assert.match(mail?.text ?? '', /^days 2\n\nhttps/);
});

test('connection list warns', async () => {
  const slug = await api.account();
  const names: [string, number | undefined, RegExp][] = [
    ['soon', 7, /soon .*EXPIRES in 7 days/],
    ['tomorrow', 1, /tomorrow .*EXPIRES in one day/],
    ['later', 365, /later .*until \d{4}-/],
    ['never', undefined, /never .*never expires/],
  ];
  for (const [name, days] of names) {
    const id = idOf(await api.root('POST', `/accounts/${slug}/connections`, { body: { name } }));
    await tokenOf(slug, id, days);
  }
  const { db } = api.server.database;
  const account = (await store.accounts.findAccount(slug))?.id;
  await db.collection('credentials').updateMany({ account }, { $set: { created: new Date(Date.now() - 60 * DAY_MS) } });
  const cli = createCli(api.server.database);
  const { out } = await cli('connection', 'list', '--account', slug);
  for (const [, , words] of names) assert.match(out, words);
  const json = JSON.parse((await cli('connection', 'list', '--account', slug, '--json')).out) as { name: string }[];
  assert.deepEqual(
    json.find(({ name }) => name === 'never'),
    {
      ...json.find(({ name }) => name === 'never'),
      token: { state: 'valid' },
    },
  );
});

describe('which mail is due', () => {
  const at = (text: string) => new Date(text);
  const created = at('2026-01-01T12:00:00Z');
  const expires = at('2026-12-31T23:30:00Z');
  for (const [now, timeZone, expected] of [
    ['2026-11-30T12:00:00Z', 'UTC', undefined],
    ['2026-12-01T00:00:00Z', 'UTC', 30],
    // In Brussels, the token ends on the next day.
    ['2026-12-01T12:00:00Z', 'Europe/Brussels', undefined],
    ['2026-12-23T23:59:00Z', 'UTC', 30],
    ['2026-12-24T00:00:00Z', 'UTC', 7],
    ['2026-12-30T00:00:00Z', 'UTC', 1],
    ['2026-12-31T23:29:00Z', 'UTC', 1],
    ['2026-12-31T23:30:00Z', 'UTC', undefined],
  ] as const) {
    test(`${now} in ${timeZone}`, () =>
      assert.equal(dueWarning({ created, expires }, { timeZone }, at(now)), expected));
  }

  test('of several tokens, the one that ends first and still works', () => {
    const now = at('2026-12-01T00:00:00Z');
    const inDays = (days: number) => ({ created, expires: new Date(now.getTime() + days * DAY_MS) });
    assert.equal(soonestExpiry([], now), undefined);
    assert.equal(soonestExpiry([{ ...inDays(5), revoked: now }], now), undefined);
    assert.equal(soonestExpiry([inDays(-5)], now)?.state, 'expired');
    assert.equal(soonestExpiry([inDays(-5), { created }], now)?.state, 'valid');
    assert.equal(soonestExpiry([{ created }, inDays(3), inDays(300)], now)?.daysLeft, 3);
  });
});
