// Invitations over the admin API, with real mails: what the form demands, one mail for each request, and the way from the mail to the
// registration.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Email } from 'postal-mime';
import { type Api, idOf, invitee } from '../support/admin.ts';
import type { Answer } from '../support/http-client.ts';
import { createBrowser, type LearnerServer, openLearnerServer, PASSWORD } from '../support/learners.ts';
import { type Mailbox, openMailbox } from '../support/smtp.ts';

let mailbox: Mailbox;
let server: LearnerServer;
let admin: Api;
let group: string;
const STORE = { refId: 'inv-1', name: 'First shop', country: '32' };
let count = 0;
const next = () => {
  count += 1;
  return `invited-${count}`;
};

beforeAll(async () => {
  mailbox = await openMailbox();
  server = await openLearnerServer({ SMTP_URL: mailbox.url, MAIL_FROM: 'server@example.org' });
  admin = await server.api.administrator('demo', 'customerAdministrator');
  group = idOf(await admin('POST', '/accounts/demo/groups', { body: { name: 'Everyone here' } }));
  assert.equal((await admin('POST', '/accounts/demo/stores', { body: STORE })).status, 201);
});
afterAll(async () => {
  await server.stop();
  await mailbox.close();
});

const invite = (body: unknown, as: Api = admin): Promise<Answer> => as('POST', '/accounts/demo/invitations', { body });
const addressOf = (name: string) => `${name}@example.com`;

/** The path of the link in a mail, in its text and in its HTML. */
function linkIn({ text = '', html = '' }: Email): string {
  const [link = ''] = /http:\/\/localhost:\d+\/login\/register\/[\w-]{43}/.exec(text) ?? [];
  assert.ok(link !== '', text);
  assert.ok(html.includes(`href="${link}"`), html);
  return link;
}

async function invited(name = next(), more: Record<string, unknown> = {}) {
  const made = await invite(invitee(name, group, more));
  assert.equal(made.status, 201, made.text);
  const [mail] = await mailbox.mailsTo(addressOf(name));
  assert.ok(mail);
  return { id: idOf(made), body: made.body, mail, link: linkIn(mail), name };
}

describe('the form of an invitation', () => {
  const cases: [string, Record<string, unknown>, number, string][] = [
    ['a manager without a store', { role: 'manager' }, 400, 'a manager needs a store'],
    ['no group', { groups: [] }, 400, 'at least one user group'],
    ['no group at all', { groups: undefined }, 400, 'at least one user group'],
    ['a group that does not exist', { groups: ['Nowhere'] }, 400, 'Nowhere'],
    ['no user agreement', { userAgreement: false }, 400, 'userAgreement'],
    ['no first name', { name: { familyName: 'Byron' } }, 400, 'name.givenName'],
    ['no last name', { name: { givenName: 'Ada' } }, 400, 'name.familyName'],
    ['neither e-mail nor phone', { emails: [] }, 400, 'an e-mail or a phone number is needed'],
    ['an unknown store', { stores: [{ refId: 'no-such-store' }] }, 400, 'no-such-store'],
    ['a language that there is not', { language: 'it' }, 400, 'language'],
    [
      'an address with a header',
      { emails: [{ value: 'a@b.example\r\nBcc: eve@example.com' }] },
      400,
      'emails[0].value',
    ],
    ['two addresses in one', { emails: [{ value: 'a@b.example, eve@example.com' }] }, 400, 'emails[0].value'],
    ['a phone alone, without text messages', { emails: [], phoneNumbers: [{ value: '+32470123456' }] }, 400, 'e-mail'],
    ['an attribute that there is not', { shoeSize: 44 }, 400, 'shoeSize'],
    ['an External ID', { externalId: 'x' }, 400, 'externalId'],
  ];
  for (const [what, more, status, words] of cases) {
    test(`is refused for ${what}, and nobody is made`, async () => {
      const name = next();
      const refused = await invite(invitee(name, group, more));
      assert.equal(refused.status, status, refused.text);
      assert.ok(refused.text.includes(words), refused.text);
      const found = await admin('GET', `/accounts/demo/users?search=${name}`);
      assert.deepEqual(found.body.items, []);
      assert.equal(
        mailbox.arrived.some(({ to }) => to?.[0]?.address?.startsWith(name)),
        false,
      );
    });
  }

  test('names all that is wrong at once', async () => {
    const refused = await invite({ userName: next() });
    const paths = (refused.body.faults as { path: string }[]).map(({ path }) => path);
    assert.deepEqual(paths, ['name.givenName', 'name.familyName', 'emails', 'groups', 'userAgreement']);
  });

  test('takes groups by name, makes a login name, and invites a manager with a store', async () => {
    const { body, mail } = await invited(next(), {
      userName: undefined,
      name: { givenName: 'Zoë', familyName: 'Van Damme' },
      groups: ['Everyone here'],
      role: 'manager',
      stores: [{ refId: STORE.refId }],
      language: 'fr',
    });
    const user = body.user as Record<string, string>;
    assert.equal(user.userName, 'zoë.vandamme');
    assert.deepEqual([body.marker, body.daysLeft, body.language], ['none', 60, 'fr']);
    assert.ok(mail.subject?.startsWith('Votre invitation'), mail.subject);
    assert.ok(mail.text?.startsWith('Bonjour Zoë,'), mail.text);
    assert.equal(mail.from?.name, 'Demo');
    const { body: stored } = await admin('GET', `/accounts/demo/users/${user.id}`);
    assert.equal(stored.status, 'invited');
    assert.deepEqual(
      (stored.groups as { id: string }[]).map(({ id }) => id),
      [group],
    );
  });

  test('does not invite the same person twice, but others who share the mailbox', async () => {
    const name = next();
    await invited(name);
    const again = await invite(invitee(next(), group, { emails: [{ value: addressOf(name) }] }));
    assert.equal(again.status, 409, again.text);
    const other = invitee(next(), group, {
      emails: [{ value: addressOf(name) }],
      name: { givenName: 'Bob', familyName: 'Example' },
    });
    assert.equal((await invite(other)).status, 201);
  });

  test('shows markup in a name as text', async () => {
    const { mail } = await invited(next(), { name: { givenName: '<b>Ann</b>', familyName: 'O"Neil' } });
    assert.ok(mail.html?.includes('&lt;b&gt;Ann&lt;/b&gt;'), mail.html);
    assert.equal(mail.html?.includes('<b>'), false);
  });

  test('a list of people: each is invited or refused alone', async () => {
    const names = [next(), next(), next()];
    const invitations = names.map((name, index) => invitee(name, group, index === 1 ? { userAgreement: false } : {}));
    const { status, body } = await admin('POST', '/accounts/demo/invitations/batch', { body: { invitations } });
    assert.equal(status, 200);
    const results = body.results as { status: number; problem?: { detail: string } }[];
    assert.deepEqual(
      results.map((one) => one.status),
      [201, 400, 201],
    );
    assert.ok(results[1]?.problem?.detail.includes('userAgreement'));
  });
});

describe('an open invitation', () => {
  test('is shown before it is sent, as the account writes it and in the language of the person', async () => {
    const template = '/accounts/demo/mail-templates/invite/nl';
    const body = { subject: 'Dag {name}', text: 'Tot {lastDay}:\n\n{url}' };
    assert.equal((await admin('PUT', template, { body })).status, 200);
    const before = (await server.api.root('GET', '/accounts/demo/invitations?limit=500')).body.items as unknown[];
    const planned = { name: 'Ada', preferredLanguage: 'nl-BE' };
    const shown = await admin('POST', '/accounts/demo/invitations/preview', { body: planned });
    assert.equal(shown.status, 200, shown.text);
    const after = (await server.api.root('GET', '/accounts/demo/invitations?limit=500')).body.items as unknown[];
    assert.equal(after.length, before.length, 'nobody was invited');
    const { mail, link } = await invited(next(), {
      name: { givenName: 'Ada', familyName: 'Byron' },
      preferredLanguage: 'nl-BE',
    });
    assert.equal(shown.body.subject, 'Dag Ada');
    assert.equal(mail.subject, shown.body.subject);
    assert.equal(mail.text?.trim(), String(shown.body.text).replace('https://example.com/link', link).trim());
    assert.equal((await admin('DELETE', template)).status, 204);
    const sms = await admin('POST', '/accounts/demo/invitations/preview', { body: { channel: 'sms', language: 'de' } });
    assert.deepEqual([sms.body.channel, sms.body.subject, sms.body.html], ['sms', '', undefined]);
    const wrong = await admin('POST', '/accounts/demo/invitations/preview', { body: { language: 'xx' } });
    assert.equal(wrong.status, 400);
  });

  test('is listed by its last day, with what happened to its mail', async () => {
    const { id } = await invited();
    let shown: Record<string, unknown> = {};
    for (let looks = 0; looks < 100; looks += 1) {
      shown = (await admin('GET', `/accounts/demo/invitations/${id}`)).body;
      if ((shown.mail as { state: string }).state === 'sent') break;
    }
    assert.equal((shown.mail as { state: string }).state, 'sent');
    const ids: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await admin('GET', `/accounts/demo/invitations?limit=2${cursor && `&cursor=${cursor}`}`);
      ids.push(...(body.items as { id: string }[]).map((one) => one.id));
      if (typeof body.next !== 'string') break;
      cursor = encodeURIComponent(body.next);
    }
    assert.ok(ids.includes(id));
    assert.equal(new Set(ids).size, ids.length);
    const { body } = await admin('GET', '/accounts/demo/invitations?marker=red');
    assert.deepEqual(body.items, []);
  });

  test('that bounces says so', async () => {
    mailbox.refusals.push(550);
    const name = next();
    const id = idOf(await invite(invitee(name, group)));
    let mail: Record<string, unknown> = {};
    for (let looks = 0; looks < 400 && mail.state !== 'failed'; looks += 1)
      mail = (await admin('GET', `/accounts/demo/invitations/${id}`)).body.mail as Record<string, unknown>;
    assert.deepEqual([mail.state, mail.reason], ['failed', 'bounced: 550 no such user']);
  });

  test('is sent again once, however many ask at once, and both links work', async () => {
    const { id, name, link } = await invited();
    const resend = () => admin('POST', `/accounts/demo/invitations/${id}/resend`);
    const answers = await Promise.all(Array.from({ length: 20 }, resend));
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [200, ...Array<number>(19).fill(409)]);
    const locked = answers.find(({ status }) => status === 409);
    assert.equal(locked?.body.code, 'resendLocked');
    assert.ok(Number(locked?.headers.get('retry-after')) > 86_000);
    const mails = await mailbox.mailsTo(addressOf(name), 2);
    assert.equal(mails.length, 2);
    const again = linkIn(mails[1] as Email);
    assert.notEqual(again, link);
    for (const one of [link, again]) assert.equal((await createBrowser(server.origin).open(one)).status, 200);
    const { body } = await admin('GET', `/accounts/demo/invitations/${id}`);
    assert.equal(body.daysLeft, 60);
    assert.ok(Date.parse(String(body.resendableFrom)) > Date.now());
  });

  test('is taken back: the person is gone, the link says so, and a count stays', async () => {
    const { id, body, link } = await invited();
    const month = String(body.firstDay).slice(0, 7);
    const counts = async () => {
      const { items } = (await admin('GET', '/accounts/demo/invitations/counts')).body;
      return (items as { month: string; revoked: number }[]).find((one) => one.month === month)?.revoked ?? 0;
    };
    const before = await counts();
    const user = (body.user as { id: string }).id;
    assert.equal((await admin('DELETE', `/accounts/demo/invitations/${id}`)).status, 204);
    assert.equal((await admin('GET', `/accounts/demo/users/${user}`)).status, 404);
    assert.equal((await admin('GET', `/accounts/demo/invitations/${id}`)).status, 404);
    assert.equal((await admin('DELETE', `/accounts/demo/invitations/${id}`)).status, 404);
    assert.equal((await admin('POST', `/accounts/demo/invitations/${id}/resend`)).status, 404);
    const page = await createBrowser(server.origin).open(link);
    assert.ok(page.title.includes('withdrawn'), page.title);
    assert.equal(await counts(), before + 1);
  });
});

describe('the way from the mail', () => {
  test('registers the person, who then signs in', async () => {
    const { link, id, body } = await invited();
    const browser = createBrowser(server.origin);
    let page = await browser.open(link);
    assert.equal(page.status, 200, page.text);
    page = await browser.submit(page, { language: 'nl' });
    page = await browser.submit(page, { accepted: 'yes' });
    page = await browser.submit(page, { password: PASSWORD });
    assert.equal(page.status, 200, page.text);
    const { userName, id: user } = body.user as Record<string, string>;
    const { body: stored } = await admin('GET', `/accounts/demo/users/${user}`);
    assert.deepEqual([stored.status, stored.preferredLanguage], ['active', 'nl']);
    assert.equal((await admin('GET', `/accounts/demo/invitations/${id}`)).status, 404);
    const begun = await server.signIn(createBrowser(server.origin), String(userName));
    assert.equal((await server.tokens(begun)).claims()?.sub, user);
    const again = await createBrowser(server.origin).open(link);
    assert.ok(again.title.includes('used'), again.title);
  });

  test('registers once if the last page is sent twenty times at once', async () => {
    const { link, body } = await invited();
    const browser = createBrowser(server.origin);
    let page = await browser.submit(await browser.open(link), { language: 'en' });
    page = await browser.submit(page, { accepted: 'yes' });
    const sent = await Promise.all(
      Array.from({ length: 20 }, () => browser.submit(page, { password: `${PASSWORD} once` })),
    );
    assert.equal(sent.filter(({ status }) => status >= 500 && status !== 503).length, 0);
    const { userName } = body.user as Record<string, string>;
    const begun = await server.signIn(createBrowser(server.origin), String(userName), `${PASSWORD} once`);
    assert.ok((await server.tokens(begun)).access_token);
  });
});

test('a superior sees and invites the people of their own stores only', async () => {
  const boss = idOf(
    await admin('POST', '/accounts/demo/users', {
      body: {
        userName: next(),
        externalId: next(),
        name: { givenName: 'Bo', familyName: 'Ss' },
        emails: [{ value: 'boss@example.com' }],
        roles: [{ value: 'Superior' }],
        stores: [{ refId: STORE.refId }],
      },
    }),
  );
  const superior = await server.api.administrator('demo', 'superior', { user: boss });
  const other = await invited();
  const own = await invite(invitee(next(), group, { stores: [{ refId: STORE.refId }] }), superior);
  assert.equal(own.status, 201, own.text);
  assert.equal((await invite(invitee(next(), group), superior)).status, 403);
  const manager = invitee(next(), group, { role: 'manager', stores: [{ refId: STORE.refId }] });
  assert.equal((await invite(manager, superior)).status, 403);
  const { body } = await superior('GET', '/accounts/demo/invitations?limit=500');
  const ids = (body.items as { id: string }[]).map(({ id }) => id);
  assert.ok(ids.includes(idOf(own)));
  assert.equal(ids.includes(other.id), false);
  assert.equal((await superior('GET', `/accounts/demo/invitations/${other.id}`)).status, 404);
  assert.equal((await superior('DELETE', `/accounts/demo/invitations/${other.id}`)).status, 404);
});

test('fifty mails wait for a mail server that is away, and each arrives once', async () => {
  const { url } = mailbox;
  await mailbox.close();
  const names = Array.from({ length: 50 }, next);
  for (const name of names)
    assert.equal((await invite(invitee(name, group, { name: { givenName: name, familyName: 'Down' } }))).status, 201);
  mailbox = await openMailbox(Number(new URL(url).port));
  const { db } = server.api.server.database;
  const waiting = () => db.collection('outbox').countDocuments({ state: 'waiting' });
  for (let looks = 0; looks < 200 && (await waiting()) > 0; looks += 1) {
    // Mails are due by the database's clock: time passes by moving what is stored.
    await db.collection('outbox').updateMany({ state: 'waiting' }, [{ $set: { due: '$$NOW' } }]);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  for (const name of names) assert.equal((await mailbox.mailsTo(addressOf(name))).length, 1, name);
});
