// Invitations on the command line, beside a running server.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { type AdminServer, openAdminServer } from '../support/admin.ts';
import { createCli } from '../support/cli.ts';

let api: AdminServer;
let cli: ReturnType<typeof createCli>;
beforeAll(async () => {
  api = await openAdminServer();
  cli = createCli(api.server.database);
  await cli('group', 'create', 'Shop floor', '--account', 'demo');
});
afterAll(() => api.stop());

const ADA = ['--given-name', 'Ada', '--family-name', 'Byron', '--email', 'ada@example.com', '--group', 'Shop floor'];

test('a person is invited, listed, sent again once and taken back', async () => {
  const refused = await cli('user', 'invite', '--account', 'demo', ...ADA);
  assert.deepEqual([refused.code, refused.out], [1, '']);
  assert.match(refused.err, /userAgreement/);
  const invited = await cli('user', 'invite', '--account', 'demo', ...ADA, '--user-agreement', '--mail-language', 'fr');
  assert.equal(invited.code, 0, invited.err);
  assert.match(invited.out, /ada\.byron +Ada Byron +ada@example\.com/);
  assert.match(invited.err, /Invited Ada Byron, who can register until \d{4}-\d\d-\d\d\./);
  const listed = await cli('invitation', 'list', '--account', 'demo');
  assert.match(listed.out, /ada\.byron.* 60 .*waiting/);
  const shown = await cli('invitation', 'show', 'ada@example.com', '--account', 'demo', '--json');
  assert.equal((JSON.parse(shown.out) as { language: string }).language, 'fr');
  assert.equal((await cli('invitation', 'resend', 'ada.byron', '--account', 'demo')).code, 0);
  const locked = await cli('invitation', 'resend', 'ada.byron', '--account', 'demo');
  assert.equal(locked.code, 1);
  assert.match(locked.err, /less than 24 hours ago. It can be sent again from/);
  const revoked = await cli('invitation', 'revoke', 'ada.byron', '--account', 'demo', '--yes');
  assert.match(revoked.out, /Took back the invitation of Ada Byron; the person is erased\./);
  const counts = await cli('invitation', 'counts', '--account', 'demo', '--json');
  const [month] = JSON.parse(counts.out) as Record<string, unknown>[];
  assert.deepEqual([month?.sent, month?.revoked], [1, 1]);
  assert.equal((await cli('invitation', 'show', 'ada.byron', '--account', 'demo')).code, 1);
});

test('a manager without a store is refused with the reason, and a user who is not invited has no invitation', async () => {
  const manager = await cli('user', 'invite', '--account', 'demo', ...ADA, '--user-agreement', '--as-manager');
  assert.match(manager.err, /a manager needs a store/);
  await cli(
    'user',
    'create',
    'eve',
    '--account',
    'demo',
    '--given-name',
    'Eve',
    '--family-name',
    'Q',
    '--email',
    'eve@example.com',
  );
  const none = await cli('invitation', 'show', 'eve', '--account', 'demo');
  assert.match(none.err, /eve has no open invitation/);
});
