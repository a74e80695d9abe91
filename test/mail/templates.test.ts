// The mails that an account writes itself: placeholders, markup, who may, and what arrives.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, type Api, idOf, invitee, openAdminServer } from '../support/admin.ts';
import { type Mailbox, openMailbox } from '../support/smtp.ts';

let mailbox: Mailbox;
let api: AdminServer;
let admin: Api;
let group: string;
beforeAll(async () => {
  mailbox = await openMailbox();
  api = await openAdminServer({ SMTP_URL: mailbox.url });
  admin = await api.administrator('demo', 'customerAdministrator');
  group = idOf(await admin('POST', '/accounts/demo/groups', { body: { name: 'All' } }));
});
afterAll(async () => {
  await api.stop();
  await mailbox.close();
});

const AT = '/accounts/demo/mail-templates';
const GOOD = {
  subject: 'Welcome to {account}, {name}',
  text: 'Dear {name},\n\n<b>come in</b> until {lastDay}:\n\n{url}',
  senderName: 'Learning & Development',
};

describe('a template', () => {
  const cases: [string, Record<string, unknown>, string][] = [
    ['a placeholder that there is not', { text: '{url} {password}' }, '{password}'],
    ['a placeholder of another kind', { text: '{url} {loginName}' }, 'may contain {account}, {name}, {url}, {lastDay}'],
    ['no link', { text: 'Hello {name}' }, 'must contain {url}'],
    ['the link in the subject', { subject: '{url}' }, 'subject'],
    ['no subject', { subject: '  ' }, 'subject'],
    ['a header in the subject', { subject: 'Hi\r\nBcc: eve@example.com' }, 'must be one line'],
    ['a header in the sender', { senderName: 'Hi\r\nBcc: eve@example.com' }, 'senderName'],
    ['a text of 10,001 characters', { text: `{url}${'x'.repeat(9_996)}` }, '10000'],
    ['something else', { html: '<p>' }, 'html'],
  ];
  for (const [what, change, words] of cases) {
    test(`with ${what} is refused`, async () => {
      const refused = await admin('PUT', `${AT}/invite/en`, { body: { ...GOOD, ...change } });
      assert.equal(refused.status, 400, refused.text);
      assert.ok(refused.text.includes(words), refused.text);
      const { body } = await admin('GET', AT);
      assert.deepEqual(body.items, []);
    });
  }

  test('is what arrives, with markup as text, until it is removed', async () => {
    const preview = await admin('POST', `${AT}/invite/en/preview`, { body: GOOD });
    assert.equal(preview.body.subject, 'Welcome to Demo, Ada');
    assert.equal((await admin('PUT', `${AT}/invite/en`, { body: GOOD })).status, 200);
    assert.equal(
      (await admin('POST', '/accounts/demo/invitations', { body: invitee('templated', group) })).status,
      201,
    );
    const [mail] = await mailbox.mailsTo('templated@example.com');
    assert.equal(mail?.subject, 'Welcome to Demo, Ann');
    assert.equal(mail?.from?.name, 'Learning & Development');
    assert.ok(mail?.text?.includes('<b>come in</b> until '), mail?.text);
    assert.ok(mail?.html?.includes('&lt;b&gt;come in&lt;/b&gt;'), mail?.html);
    assert.match(mail?.html ?? '', /<a href="http:\/\/localhost:\d+\/login\/register\/[\w-]{43}"/);
    assert.equal((await admin('DELETE', `${AT}/invite/en`)).status, 204);
    assert.equal((await admin('DELETE', `${AT}/invite/en`)).status, 404);
    assert.equal((await admin('POST', '/accounts/demo/invitations', { body: invitee('plain', group) })).status, 201);
    const [plain] = await mailbox.mailsTo('plain@example.com');
    assert.ok(plain?.subject?.startsWith('Your invitation'), plain?.subject);
  });

  test('is written by those who may change the account, and is that of its account alone', async () => {
    assert.equal((await api.root('POST', '/accounts/demo/org-units', { body: { code: 'North' } })).status, 201);
    const assistant = await api.administrator('demo', 'orgUnitAdministrator', { orgUnit: 'North' });
    assert.equal((await assistant('PUT', `${AT}/invite/nl`, { body: GOOD })).status, 403);
    assert.equal((await assistant('GET', AT)).status, 200);
    assert.equal((await admin('PUT', `${AT}/newsletter/en`, { body: GOOD })).status, 404);
    assert.equal((await admin('PUT', `${AT}/invite/it`, { body: GOOD })).status, 404);
    const other = await api.account();
    await admin('PUT', `${AT}/invite/de`, { body: GOOD });
    const { body } = await api.root('GET', `/accounts/${other}/mail-templates`);
    assert.deepEqual(body.items, []);
  });
});

test('a mail that failed is listed with the answer of the mail server, and sent again', async () => {
  mailbox.refusals.push(550);
  await admin('POST', '/accounts/demo/invitations', { body: invitee('bouncing', group) });
  let failed: { id: string; to: string; reason: string }[] = [];
  for (let looks = 0; looks < 400 && failed.length === 0; looks += 1) {
    await sleep(25);
    failed = (await admin('GET', '/accounts/demo/mails')).body.items as typeof failed;
  }
  const [mail] = failed;
  assert.deepEqual([mail?.to, mail?.reason], ['bouncing@example.com', 'bounced: 550 no such user']);
  assert.equal(JSON.stringify(failed).includes('/login/register'), false, 'a list holds no link');
  const again = await admin('POST', `/accounts/demo/mails/${mail?.id}/resend`);
  assert.deepEqual([again.status, again.body.state], [200, 'waiting']);
  assert.equal((await mailbox.mailsTo('bouncing@example.com')).length, 1);
  assert.equal((await admin('POST', `/accounts/demo/mails/${mail?.id}/resend`)).status, 404);
});
