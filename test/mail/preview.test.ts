// A server without a mail server: mails are shown to a System Administrator, and to nobody else. Text messages leave as signed webhooks.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, type Api, idOf, invitee, openAdminServer } from '../support/admin.ts';

const groupOf = async (api: Api) => idOf(await api('POST', '/accounts/demo/groups', { body: { name: 'All' } }));

describe('with MAIL_PREVIEW', () => {
  let api: AdminServer;
  let group: string;
  beforeAll(async () => {
    api = await openAdminServer({ MAIL_PREVIEW: 'on' });
    group = await groupOf(api.root);
  });
  afterAll(() => api.stop());

  const kept = async (as: Api) => {
    for (let looks = 0; looks < 200; looks += 1) {
      const { body } = await as('GET', '/accounts/demo/mails?state=kept');
      const items = body.items as { id: string; to: string; channel: string }[];
      if (items.length >= 2) return items;
      await sleep(50);
    }
    throw new Error('no mail is kept');
  };

  test('mails and text messages are kept, and read by a System Administrator only', async () => {
    const phone = invitee('by-phone', group, { emails: [], phoneNumbers: [{ value: '+32 470 12 34 56' }] });
    for (const body of [invitee('by-mail', group), phone]) {
      const made = await api.root('POST', '/accounts/demo/invitations', { body });
      assert.equal(made.status, 201, made.text);
    }
    const mails = await kept(api.root);
    assert.deepEqual(mails.map(({ to, channel }) => [to, channel]).sort(), [
      ['+32470123456', 'sms'],
      ['by-mail@example.com', 'mail'],
    ]);
    const [mail] = mails.filter(({ channel }) => channel === 'mail');
    const read = await api.root('GET', `/accounts/demo/mails/${mail?.id}`);
    assert.match(String(read.body.text), /\/login\/register\/[\w-]{43}/);
    assert.ok(String(read.body.html).includes('Register'));
    const admin = await api.administrator('demo', 'customerAdministrator');
    assert.equal((await admin('GET', `/accounts/demo/mails/${mail?.id}`)).status, 403);
    assert.equal((await api.anonymous('GET', `/accounts/demo/mails/${mail?.id}`)).status, 401);
    const invitations = (await admin('GET', '/accounts/demo/invitations')).body.items as { mail: { state: string } }[];
    assert.deepEqual(
      invitations.map(({ mail: { state } }) => state),
      ['kept', 'kept'],
    );
  });

  test('the page holds no mail, and may load nothing from elsewhere', async () => {
    const page = await api.server.raw(`${api.server.origin}/mail`);
    assert.equal(page.status, 200);
    assert.equal(page.text.includes('by-mail'), false);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.ok(policy.includes("default-src 'none'") && policy.includes("script-src 'sha256-"), policy);
  });
});

test('without MAIL_PREVIEW there is no such page, and a phone alone is refused', async () => {
  const api = await openAdminServer();
  assert.equal((await api.server.raw(`${api.server.origin}/mail`)).status, 404);
  await api.stop();
});

describe('an SMS gateway', () => {
  const SECRET = `whsec_${Buffer.from('a key of thirty-two bytes, as is usual').toString('base64')}`;
  const taken: { headers: IncomingHttpHeaders; body: string }[] = [];
  const answers: number[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    taken.push({ headers: request.headers, body: await text(request) });
    response.writeHead(answers.shift() ?? 202).end('said the gateway');
  };
  const gateway = createServer((request, response) => void take(request, response));
  let api: AdminServer;
  let group: string;
  beforeAll(async () => {
    gateway.listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    const { port } = gateway.address() as AddressInfo;
    api = await openAdminServer({ SMS_WEBHOOK_URL: `http://127.0.0.1:${port}/sms`, SMS_WEBHOOK_SECRET: SECRET });
    group = await groupOf(api.root);
  });
  afterAll(async () => {
    await api.stop();
    gateway.close();
  });

  const invite = async (name: string, number: string) => {
    const body = invitee(name, group, {
      emails: [],
      phoneNumbers: [{ value: number }],
      name: { givenName: name, familyName: 'X' },
    });
    const made = await api.root('POST', '/accounts/demo/invitations', { body });
    assert.equal(made.status, 201, made.text);
    return idOf(made);
  };
  const outbox = () => api.server.database.db.collection('outbox');
  const stateOf = async (id: string, wanted: string) => {
    for (let looks = 0; looks < 200; looks += 1) {
      const found = await outbox().findOne({ reference: id });
      if (found?.state === wanted) return found;
      await sleep(50);
    }
    throw new Error(`the message is not ${wanted}`);
  };

  test('gets one message, with the id and the signature of Standard Webhooks', async () => {
    const id = await invite('Sam', '+32 470 11 22 33');
    await stateOf(id, 'sent');
    assert.equal(taken.length, 1);
    const [{ headers, body } = { headers: {}, body: '' }] = taken;
    const sent = JSON.parse(body) as { type: string; data: { to: string; text: string } };
    assert.deepEqual([sent.type, sent.data.to], ['sms.send', '+32470112233']);
    assert.match(sent.data.text, /^Demo: register until .* with this link: http/);
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    assert.equal(headers['webhook-signature'], `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    assert.ok(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000) < 60);
  });

  test('is asked again with the same id if it was busy, and not if it refused the message or leads elsewhere', async () => {
    taken.length = 0;
    answers.push(503);
    const busy = await invite('Bea', '+32 470 11 22 34');
    for (let looks = 0; looks < 100 && taken.length === 0; looks += 1) await sleep(50);
    await sleep(100);
    await outbox().updateMany({ state: 'waiting' }, [{ $set: { due: '$$NOW' } }]);
    await stateOf(busy, 'sent');
    assert.equal(taken.length, 2);
    assert.equal(taken[0]?.headers['webhook-id'], taken[1]?.headers['webhook-id']);
    answers.push(422);
    const refused = await stateOf(await invite('Rob', '+32 470 11 22 35'), 'failed');
    assert.equal(refused.why, 'the SMS gateway answered 422 said the gateway');
    answers.push(302);
    const led = await invite('Lea', '+32 470 11 22 36');
    for (let looks = 0; looks < 100 && taken.length < 4; looks += 1) await sleep(50);
    await sleep(200);
    assert.equal((await outbox().findOne({ reference: led }))?.state, 'waiting');
    assert.equal(taken.length, 4);
  });
});
