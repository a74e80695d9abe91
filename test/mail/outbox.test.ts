// Mails against a real SMTP server in this process: each arrives once, what fails is tried again, nothing writes a header of its own.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { callbackify } from 'node:util';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { loadSchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import { createOutbox, createOutboxWorker, createSmtpSender } from '../../src/mail/outbox.ts';
import { ensureIndexes } from '../../src/mongo/collections.ts';
import { createOutboxStore } from '../../src/mongo/outbox.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';
import { packageFolder } from '../support/package-folder.ts';

let database: TestDatabase;
let smtp: SMTPServer;
let url: string;
const arrived: Email[] = [];
/** What the server answers to the next recipients instead of taking them. */
const refusals: number[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  await ensureIndexes(database.db, loadSchemaCatalogue(packageFolder('scim-schemas')), ['outbox']);
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo(_address, _session, callback) {
      const code = refusals.shift();
      if (code === undefined) return callback();
      return callback(Object.assign(new Error('not now'), { responseCode: code }));
    },
    onData: callbackify(async (stream: Readable, _session: unknown) => {
      arrived.push(await PostalMime.parse(await buffer(stream)));
    }),
  });
  const server = smtp.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise<void>((resolve) => smtp.close(resolve));
  await database.close();
});

const mail = (id: string, more = {}) => ({
  id,
  account: 'acc_test',
  to: 'ann@example.com',
  subject: 'Zoë’s file',
  text: 'Hello',
  ...more,
});

/** Mails are due by the database's clock: time passes by moving what is stored. */
const later = (ms: number) =>
  database.db.collection('outbox').updateMany({ state: 'waiting' }, [{ $set: { due: { $subtract: ['$due', ms] } } }]);

describe('the outbox', () => {
  test('sends a mail once, however often it is queued and however many processes send', async () => {
    const store = createOutboxStore(database.db, () => new Date());
    const outbox = createOutbox(store);
    const attachments = [{ name: 'result.csv', contentType: 'text/csv', text: '\uFEFFRow;Line\r\n' }];
    for (let again = 0; again < 3; again += 1) assert.ok((await outbox.enqueue(mail('one', { attachments }))).ok);
    const send = createSmtpSender(url, 'server@example.org');
    const onError = (error: unknown) => assert.fail(String(error));
    const workers = [1, 2, 3].map(() => createOutboxWorker({ store, senders: { mail: { send } }, onError }));
    await Promise.all(workers.map((worker) => worker.drain()));
    assert.equal(arrived.length, 1);
    const [first] = arrived;
    assert.equal(first?.subject, 'Zoë’s file');
    assert.equal(first?.to?.[0]?.address, 'ann@example.com');
    assert.equal(first?.messageId, '<one@example.org>');
    assert.equal(first?.attachments[0]?.filename, 'result.csv');
    const kept = await database.db.collection('outbox').findOne({ account: 'acc_test' });
    assert.deepEqual([kept?.state, kept?.to, kept?.text], ['sent', undefined, undefined]);
    send.close();
  });

  test('tries again later what the server puts off, and never what it refuses for good', async () => {
    arrived.length = 0;
    const store = createOutboxStore(database.db, () => new Date());
    const outbox = createOutbox(store);
    const send = createSmtpSender(url, 'server@example.org');
    const worker = createOutboxWorker({ store, senders: { mail: { send } }, onError: () => undefined });
    refusals.push(451, 550);
    await outbox.enqueue(mail('later'));
    await worker.drain();
    assert.equal(arrived.length, 0);
    await outbox.enqueue(mail('never'));
    await worker.drain();
    await later(25_000);
    await worker.drain();
    assert.equal(arrived.length, 0);
    await later(6_000);
    await worker.drain();
    assert.equal(arrived.length, 1);
    await later(48 * 3_600_000);
    await worker.drain();
    assert.equal(arrived.length, 1);
    send.close();
  });

  test('waits for a mail server that is away', async () => {
    arrived.length = 0;
    const store = createOutboxStore(database.db, () => new Date());
    await createOutbox(store).enqueue(mail('away'));
    const nobody = createSmtpSender('smtp://127.0.0.1:1', 'server@example.org');
    await createOutboxWorker({ store, senders: { mail: { send: nobody } }, onError: () => undefined }).drain();
    await later(3_600_000);
    const send = createSmtpSender(url, 'server@example.org');
    await createOutboxWorker({ store, senders: { mail: { send } }, onError: () => undefined }).drain();
    assert.equal(arrived.length, 1);
    send.close();
  });

  for (const to of [
    'a@b.example\r\nBcc: eve@example.com',
    'a@example.com, b@example.com',
    '<a@example.com>',
    'a',
    '',
  ]) {
    test(`takes no address such as ${JSON.stringify(to)}`, async () => {
      const outcome = await createOutbox(createOutboxStore(database.db, () => new Date())).enqueue(mail('bad', { to }));
      assert.equal(outcome.ok ? 'taken' : outcome.faults[0].code, 'invalidValue');
    });
  }

  test('takes no subject with a line break', async () => {
    const outbox = createOutbox(createOutboxStore(database.db, () => new Date()));
    const outcome = await outbox.enqueue(mail('bad', { subject: 'a\r\nBcc: eve@example.com' }));
    assert.equal(outcome.ok, false);
  });
});
