// The days of invitations, by an injected clock: reminders by the schedule, the last day, and what is left of a person after it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import { loadCatalogue } from '../../src/app/catalogue.ts';
import { openStore, type Store } from '../../src/app/database.ts';
import { type Directory, openDirectory } from '../../src/app/directory.ts';
import { composeErasure } from '../../src/app/erasure.ts';
import { composeInvitations, createInvitationWork, type InvitationDesk } from '../../src/app/invitations.ts';
import { openRuns } from '../../src/app/runs.ts';
import { loadConfig } from '../../src/config.ts';
import { newPeriod } from '../../src/directory/invitations/days.ts';
import type { Account } from '../../src/directory/model.ts';
import { type Api, idOf, invitee } from '../support/admin.ts';
import { createBrowser, type LearnerServer, openLearnerServer, PASSWORD } from '../support/learners.ts';

let server: LearnerServer;
let admin: Api;
let group: string;
let store: Store;
let directory: Directory;
let account: Account;
let now = new Date('2027-03-01T12:00:00Z');
let desk: InvitationDesk;
const failures: unknown[] = [];

beforeAll(async () => {
  server = await openLearnerServer();
  admin = await server.api.administrator('demo', 'customerAdministrator');
  group = idOf(await admin('POST', '/accounts/demo/groups', { body: { name: 'Everyone here' } }));
  const { uri, name } = server.api.server.database;
  const config = loadConfig({ MONGODB_URI: uri, MONGODB_DATABASE: name, LOG_LEVEL: 'error' });
  store = await openStore(config, () => undefined, { supervise: false });
  const catalogue = loadCatalogue();
  const onError = () => (error: unknown) => failures.push(error);
  directory = await openDirectory(store, catalogue, onError);
  const runs = await openRuns(config, store, directory, onError);
  const { mongo } = store;
  const erasure = composeErasure({ mongo, catalogue, directory, xml: runs.xml, csv: runs.csv.door });
  desk = composeInvitations({
    mongo,
    directory,
    erasure,
    publicUrl: server.origin,
    hasTextMessages: false,
    now: () => now,
  });
});
afterAll(async () => {
  await directory.stop();
  await store.close();
  await server.stop();
  assert.deepEqual(failures, []);
});
beforeEach(async () => {
  account = (await store.accounts.findAccount('demo')) as Account;
});

/** The daily work of so many processes at an instant. */
async function work(at: string, processes = 1): Promise<void> {
  now = new Date(at);
  const loops = Array.from({ length: processes }, () =>
    createInvitationWork({
      invitations: desk.invitations,
      accounts: () => store.accounts.listAccounts(),
      db: store.mongo.db,
      now: () => now,
      onError: (error) => failures.push(error),
    }),
  );
  await Promise.all(loops.map((loop) => loop.drain()));
}

let count = 0;
/** Invites a person on a day. */
async function invited(day: string, more: Record<string, unknown> = {}) {
  count += 1;
  const name = `daily-${count}-${randomUUID().slice(0, 8)}`;
  const made = await admin('POST', '/accounts/demo/invitations', { body: invitee(name, group, more) });
  assert.equal(made.status, 201, made.text);
  const id = idOf(made);
  const { db } = store.mongo;
  const user = (made.body.user as { id: string }).id;
  // The server has the real clock: what it stored is moved to the day.
  const created = new Date(`${day}T12:00:00Z`);
  const period = newPeriod(account, created);
  await db.collection('invitations').updateOne({ _id: id as never }, { $set: { ...period, created } });
  return { id, user, name, email: `${name}@example.com`, lastDay: period.lastDay };
}

/** The subjects of the mails about an invitation, in the order in which they were queued. */
async function mailsOf({ id }: { id: string }): Promise<string[]> {
  const found = await store.mongo.db.collection('outbox').find({ reference: id }).sort({ created: 1 }).toArray();
  return found.map(
    ({ _id }) => String(_id).split(':')[0] + (String(_id).split(':')[2] ? `:${String(_id).split(':')[2]}` : ''),
  );
}

/** The collections that hold a text, apart from the log of operations. */
async function holders(text: string): Promise<string[]> {
  const { db } = store.mongo;
  const names = (await db.listCollections().toArray()).map(({ name }) => name);
  const found: string[] = [];
  for (const name of names) {
    const documents = await db.collection(name).find({}).toArray();
    if (JSON.stringify(documents).includes(text)) found.push(name);
  }
  return found;
}

describe('the daily work', () => {
  test('reminds on days 7, 21, 40, 53 and 57, once each, whatever number of processes work', async () => {
    const person = await invited('2027-03-01');
    const day = (days: number) => new Date(Date.parse('2027-03-01T09:00:00Z') + days * 86_400_000).toISOString();
    const seen: string[] = [];
    for (let days = 0; days <= 60; days += 1) {
      await work(day(days), days % 20 === 1 ? 3 : 1);
      const mails = await mailsOf(person);
      if (mails.length > seen.length + 1) seen.push(`${days}`);
      if ([6, 7, 52, 53, 56, 57, 60].includes(days)) assert.equal(mails.length, seen.length + 1, String(days));
    }
    assert.deepEqual(seen, ['7', '21', '40', '53', '57']);
    assert.deepEqual(await mailsOf(person), [
      'invite',
      'reminder:7',
      'reminder:21',
      'reminder:40',
      'reminder:53',
      'reminder:57',
    ]);
    const { status, body } = await admin('GET', `/accounts/demo/users/${person.user}`);
    assert.deepEqual([status, body.status], [200, 'invited'], 'on day 60 the person is still there');
    await work(day(61));
    assert.equal((await admin('GET', `/accounts/demo/users/${person.user}`)).status, 404);
    assert.deepEqual(await holders(person.name), [], 'nothing has the login name or the address');
    const { items } = (await admin('GET', '/accounts/demo/invitations/counts')).body;
    const months = (items as { month: string; expired: number }[]).filter(({ expired }) => expired > 0);
    assert.deepEqual(
      months.map(({ month, expired }) => [month, expired]),
      [['2027-03', 1]],
    );
  }, 120_000);

  test('sends one reminder for two that were missed, and none before eight in the morning there', async () => {
    assert.equal(
      (await server.api.root('PATCH', '/accounts/demo', { body: { timeZone: 'America/New_York' } })).status,
      200,
    );
    account = (await store.accounts.findAccount('demo')) as Account;
    const person = await invited('2028-02-01');
    await work('2028-02-23T12:59:00Z');
    assert.deepEqual(await mailsOf(person), ['invite']);
    await work('2028-02-23T13:00:00Z');
    assert.deepEqual(await mailsOf(person), ['invite', 'reminder:21']);
    await work('2028-02-23T20:00:00Z');
    await work('2028-02-24T13:00:00Z');
    assert.deepEqual(await mailsOf(person), ['invite', 'reminder:21']);
    // 60 days from 1 February of a leap year, over the change to summer time on 12 March.
    assert.equal(person.lastDay, '2028-04-01');
    await work('2028-04-01T20:00:00Z');
    assert.equal((await admin('GET', `/accounts/demo/users/${person.user}`)).status, 200);
    await work('2028-04-02T11:59:00Z');
    assert.equal((await admin('GET', `/accounts/demo/users/${person.user}`)).status, 200);
    await work('2028-04-02T12:00:00Z');
    assert.equal((await admin('GET', `/accounts/demo/users/${person.user}`)).status, 404);
  }, 60_000);

  test('leaves those who registered, and a person whom a source took over', async () => {
    const [registered, taken] = [await invited('2029-01-01'), await invited('2029-01-01')];
    const { db } = store.mongo;
    const mail = await db.collection('outbox').findOne({ _id: `invite:${registered.id}` as never });
    const [link = ''] = /http:\/\/localhost:\d+\/login\/register\/[\w-]{43}/.exec(String(mail?.text)) ?? [];
    const browser = createBrowser(server.origin);
    let page = await browser.submit(await browser.open(link), { language: 'en' });
    page = await browser.submit(page, { accepted: 'yes' });
    await browser.submit(page, { password: PASSWORD });
    const brought = await server.api.server.call('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: taken.name,
      externalId: taken.name,
      name: { givenName: 'Ann', familyName: 'Example' },
      emails: [{ value: taken.email }],
    });
    assert.deepEqual([brought.status, brought.body.id], [201, taken.user], brought.text);
    const stateOf = async ({ id }: { id: string }) => (await desk.invitationReader.byId(account.id, id))?.state;
    for (let looks = 0; looks < 200 && (await stateOf(taken)) === 'open'; looks += 1) await sleep(25);
    // As if the process had been killed before it ended them.
    await db
      .collection('invitations')
      .updateMany({ user: { $in: [registered.user, taken.user] } }, { $set: { state: 'open' } });
    await work('2029-03-20T12:00:00Z');
    for (const { user } of [registered, taken])
      assert.equal((await admin('GET', `/accounts/demo/users/${user}`)).body.status === 'invited', false);
    const states = await db
      .collection('invitations')
      .find({ _id: { $in: [registered.id, taken.id] } as never })
      .toArray();
    assert.deepEqual(
      states.map(({ state }) => state),
      ['used', 'used'],
    );
  });

  test('sends the first mail and a resend whose process was killed, and ends an invitation whose user was never made', async () => {
    const [unsent, resent, nobody] = [
      await invited('2030-05-01'),
      await invited('2030-05-01'),
      await invited('2030-05-01'),
    ];
    const { db } = store.mongo;
    await db.collection('outbox').deleteMany({ reference: unsent.id });
    await db.collection('users').deleteOne({ _id: nobody.user as never });
    await work('2030-05-01T13:00:00Z');
    assert.deepEqual(await mailsOf(unsent), ['invite']);
    await work('2030-05-08T13:00:00Z');
    const ended = await db.collection('invitations').findOne({ _id: nobody.id as never });
    assert.deepEqual([ended?.state, ended?.user], ['revoked', undefined]);

    const at = new Date('2030-05-09T10:00:00Z');
    await db.collection('invitations').updateOne({ _id: resent.id as never }, { $set: { resent: at } });
    now = new Date('2030-05-09T10:02:00Z');
    await db
      .collection('outbox')
      .updateMany({ reference: resent.id }, { $set: { created: new Date('2030-05-08T10:00:00Z') } });
    const caller = {
      account,
      connection: { id: 'administrators', name: '', account: account.id, kind: 'other' as const },
      credentialId: '',
      door: 'admin' as const,
      requestId: randomUUID(),
    };
    const invitation = await desk.invitationReader.byId(account.id, resent.id);
    const view = await directory.lookup.user(caller, resent.user);
    assert.ok(invitation && view);
    const again = () => desk.invitations.resend(caller, invitation, view);
    assert.equal((await again()).ok, true);
    assert.deepEqual(await again(), { ok: false, reason: 'locked', from: new Date('2030-05-10T10:00:00Z') });
  });
});
