// Which index the work on the health of connections uses: counts of calls, the census, mails about tokens, and what is read of them. And
// that counts of several servers add up.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { openStore } from '../../src/app/database.ts';
import { createCensusWork } from '../../src/app/health.ts';
import { startServer } from '../../src/app/server.ts';
import { createTokenExpiryWork } from '../../src/app/token-expiry.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { idOf } from '../support/admin.ts';
import { type Explained, type ExplainedAccount, openExplained, PEOPLE } from '../support/explained.ts';
import { createClient } from '../support/http-client.ts';
import { collectionOf } from '../support/profiler.ts';

const DAY_MS = 86_400_000;
let server: Explained;
let account: ExplainedAccount;
beforeAll(async () => {
  server = await openExplained();
  await server.account({ requiredData: 'report' });
  account = await server.account({ requiredData: 'report' });
});
afterAll(() => server.stop());

const configOf = () => {
  const { uri, name } = server.api.server.database;
  return loadConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    MONGODB_URI: uri,
    MONGODB_DATABASE: name,
    LOG_LEVEL: 'error',
    SHUTDOWN_NOTICE_MS: '0',
  });
};

test('the census and the mails about tokens', async () => {
  const base = `/accounts/${account.slug}`;
  const connection = idOf(await server.api.root('POST', `${base}/connections`, { body: { name: 'Entra' } }));
  await server.api.root('POST', `${base}/connections/${connection}/credentials`, { body: { expiresInDays: 31 } });
  const store = await openStore(configOf(), () => undefined, { supervise: false });
  const tomorrow = new Date(Date.now() + DAY_MS);
  tomorrow.setUTCHours(12);
  const failures: unknown[] = [];
  const shared = {
    accounts: async () => (await store.accounts.listAccounts()).filter(({ slug }) => slug === account.slug),
    now: () => tomorrow,
    onError: (error: unknown) => failures.push(error),
  };
  const { listConnections, listCredentials } = store.accounts;
  const statements = await server.check(
    async () => {
      await createCensusWork({ ...shared, db: store.mongo.db }).drain();
      const accounts = { listAccounts: shared.accounts, listConnections, listCredentials };
      await createTokenExpiryWork({ ...shared, accounts, mongo: store.mongo, publicUrl: 'https://a.example' }).drain();
    },
    { accounts: 'every account in turn' },
  );
  await store.close();
  assert.deepEqual(failures, []);
  const asked = new Set(statements.map(collectionOf));
  for (const name of ['users', 'groups', 'censuses', 'credentials', 'connections', 'administrators', 'outbox'])
    assert.ok(asked.has(name), `${name} was not asked`);
  const day = tomorrow.toISOString().slice(0, 10);
  const census = await server.db.collection<{ account: string; users: number }>('censuses').findOne({ day });
  assert.deepEqual([census?.account, (census?.users ?? 0) >= PEOPLE], [account.id, true]);
});

test('the counts of two servers add up, also over a restart', async () => {
  const slug = await server.api.account({ requiredData: 'report' });
  const base = `/accounts/${slug}/connections`;
  const id = idOf(await server.api.root('POST', base, { body: { name: 'Two' } }));
  const token = String((await server.api.root('POST', `${base}/${id}/credentials`, { body: {} })).body.token);
  const log = createLog({ level: 'error' });
  const started = async () => startServer(configOf(), log, () => undefined);
  const ask = async (scimBaseUrl: string, times: number) => {
    const client = createClient(scimBaseUrl, token);
    for (let call = 0; call < times; call += 1) assert.equal((await client.call('GET', '/Users')).status, 200);
    client.close();
  };
  const [one, other] = await Promise.all([started(), started()]);
  await Promise.all([ask(one.scimBaseUrl, 25), ask(other.scimBaseUrl, 35)]);
  await Promise.all([one.stop(), other.stop()]);
  const again = await started();
  await ask(again.scimBaseUrl, 5);
  await again.stop();
  const { days } = (await server.api.root('GET', `${base}/${id}/health`)).body as { days: { requests: number }[] };
  assert.equal(
    days.reduce((sum, { requests }) => sum + requests, 0),
    65,
  );
});
