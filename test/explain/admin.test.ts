// Which index each query of each operation of the admin API uses, and of the lists that each kind of scope turns into another query.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Api } from '../support/admin.ts';
import {
  type Explained,
  type ExplainedAccount,
  openExplained,
  PEOPLE,
  RARE,
  succeeding,
} from '../support/explained.ts';
import { createBrowser, openApp, PASSWORD } from '../support/learners.ts';
import { pages, SAMPLES, type Setting, USER_LISTS } from '../support/operation-samples.ts';
import { userNamed } from '../support/scim.ts';

let server: Explained;
let account: ExplainedAccount;
let setting: Setting;
const lists = new Map<string, Api>();

beforeAll(async () => {
  server = await openExplained();
  await server.account({ requiredData: 'report' });
  account = await server.account({ requiredData: 'report', passwordSync: true });
  const { slug, ids } = account;
  for (const id of ids.slice(0, 3))
    await account.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false });
  await server.api.root('POST', `/accounts/${slug}/users/${ids[4]}/block`);
  for (const code of ['North', 'South']) {
    const made = await server.api.root('POST', `/accounts/${slug}/org-units`, { body: { code } });
    assert.equal(made.status, 201);
  }
  const below = (api: Api): Api =>
    succeeding((method, path, options) => api(method, `/accounts/${slug}${path}`, options));
  const admin = await server.api.administrator(slug, 'customerAdministrator');
  lists.set('customer administrator', below(admin));
  const unit = await server.api.administrator(slug, 'orgUnitAdministrator', { orgUnit: 'North' });
  lists.set('org unit administrator', below(unit));
  const superior = await server.api.administrator(slug, 'superior', { user: ids[3] ?? '' });
  lists.set('superior', below(superior));
  setting = {
    account,
    send: below(admin),
    above: below(server.api.root),
    root: succeeding(server.api.root),
    anonymous: server.api.anonymous,
    tries: server.api.root,
    learner: await learnerOf(server, account),
  };
});
afterAll(() => server.stop());

/** Signs a learner of the account in at an application. */
async function learnerOf({ api }: Explained, { slug, succeeds }: ExplainedAccount): Promise<Api> {
  await succeeds('POST', '/Users', { body: userNamed('signed-in', { password: PASSWORD }) });
  const { origin } = api.server;
  const app = await openApp(origin, api.root, slug);
  const tokens = await app.tokens(await app.signIn(createBrowser(origin), 'signed-in'));
  return succeeding(api.withToken(tokens.access_token));
}

describe('every operation', () => {
  let ids: string[];
  beforeAll(async () => {
    const { body } = await server.api.server.raw(`${server.api.server.origin}/openapi.json`);
    const paths = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>);
    ids = paths.flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
  });

  test('has a sample request', () => {
    for (const id of ids) assert.ok(id in SAMPLES, `no sample request for operation ${id}`);
    for (const id of Object.keys(SAMPLES)) assert.ok(ids.includes(id), `there is no operation ${id}`);
  });

  for (const [id, { run, mayRead }] of Object.entries(SAMPLES)) {
    test(id, async () => {
      await server.check(() => run(setting), mayRead);
    });
  }
});

describe('lists of users in a scope', () => {
  /** How many users of each scope may be read where an order, or several conditions, have all of them looked at: some twice. */
  const SCOPES = { 'customer administrator': 0, 'org unit administrator': (4 * PEOPLE) / RARE, superior: 2 * 36 };
  for (const [scope, people] of Object.entries(SCOPES)) {
    test(scope, async () => {
      const send = lists.get(scope) as Api;
      for (const list of USER_LISTS) {
        const [query, bound = 12] = list(account);
        const users = typeof bound === 'string' ? bound : Math.max(bound, people);
        await server.check(() => pages(send, '/users', query), { users });
      }
    });
  }
});
