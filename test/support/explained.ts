// A whole server under the profiler, with accounts of so many people, groups and stores that a scan shows.

import assert from 'node:assert/strict';
import type { Db } from 'mongodb';
import { createAccounts } from '../../src/mongo/accounts/accounts.ts';
import { type AdminServer, type Api, idOf, openAdminServer } from './admin.ts';
import { type Answer, type Call, type CallOptions, createClient } from './http-client.ts';
import { at } from './pointer.ts';
import { openProfiler, type Profiler } from './profiler.ts';
import { bulkBody, ENTERPRISE, MOBIETRAIN_USER, patchBody, userNamed } from './scim.ts';

export const PEOPLE = 240;
export const GROUPS = 60;
const STORES = 20;
export const MANAGERS = 10;
/** Of so many people one has what the others have not: an org unit, an end date, a manager who is not here. */
export const RARE = 40;

export interface ExplainedAccount {
  slug: string;
  id: string;
  /** SCIM as a connection of the account. */
  call: Call;
  /** The same, where anything but success is a failure of the test. */
  succeeds: Call;
  patch(path: string, ...Operations: object[]): Promise<Answer>;
  /** Ids of the people, and of the groups, by their numbers. */
  ids: string[];
  groups: string[];
}

export interface Explained extends Profiler {
  api: AdminServer;
  db: Db;
  /** An account full of people. */
  account(settings?: Record<string, unknown>): Promise<ExplainedAccount>;
  /** Another connection of an account. */
  connect(slug: string, name: string): Promise<Call>;
  stop(): Promise<void>;
}

/** Starts a server; `settings` are variables of its configuration. */
export async function openExplained(settings: Record<string, string> = {}): Promise<Explained> {
  const api = await openAdminServer(settings);
  const { connection, db } = api.server.database;
  const accounts = createAccounts(connection);
  const clients: { close(): void }[] = [];

  async function connect(slug: string, name: string): Promise<Call> {
    const account = await accounts.findAccount(slug);
    assert.ok(account);
    const { token } = await accounts.createCredential(await accounts.ensureConnection(account, name));
    const client = createClient(api.server.base, token);
    clients.push(client);
    return client.call;
  }

  return {
    ...(await openProfiler(db)),
    api,
    db,
    connect,
    async account(wanted = {}) {
      const slug = await api.account(wanted);
      const id = (await accounts.findAccount(slug))?.id ?? '';
      const call = await connect(slug, 'first');
      const succeeds: Call = async (method, path, options?: CallOptions) => {
        const reply = await call(method, path, options);
        assert.ok(reply.status < 300, `${method} ${path}: ${reply.text.slice(0, 500)}`);
        return reply;
      };
      const patch = (path: string, ...Operations: object[]) =>
        succeeds('PATCH', path, { body: patchBody(...Operations) });
      return { slug, id, call, succeeds, patch, ...(await populate(succeeds)) };
    },
    async stop() {
      for (const client of clients) client.close();
      await api.stop();
    },
  };
}

/** The person of this number; every tenth is named as a manager. */
function personNumber(index: number): Record<string, unknown> {
  const isRare = index % RARE === RARE - 1;
  return userNamed(`person-${index}`, {
    displayName: `Person ${index}`,
    title: index % 3 ? 'Clerk' : 'Lead',
    [ENTERPRISE]: {
      employeeNumber: `E${index}`,
      manager: { value: isRare ? 'somebody-else' : `ext-person-${index % MANAGERS}` },
    },
    [MOBIETRAIN_USER]: {
      stores: [{ value: `s-${index % STORES}`, display: `Store ${index % STORES}`, country: '32' }],
      userGroups: [{ value: `g-${index % GROUPS}`, display: `Group ${index % GROUPS}`, type: 'Department' }],
      organizationalUnit: isRare ? `North/Shop ${index}` : `South/Shop ${index % 7}`,
      endDate: isRare ? '2098-01-31' : '2099-12-31',
    },
  });
}

/** So many at once do not wait long for each other's stores and groups, on a machine that does other work, too. */
const AT_ONCE = 40;

async function populate(succeeds: Call): Promise<{ ids: string[]; groups: string[] }> {
  const made: string[] = [];
  for (let from = 0; from < PEOPLE; from += AT_ONCE) {
    const Operations = Array.from({ length: Math.min(AT_ONCE, PEOPLE - from) }, (_, index) => ({
      method: 'POST',
      path: '/Users',
      bulkId: `u${from + index}`,
      data: personNumber(from + index),
    }));
    const reply = await succeeds('POST', '/Bulk', { body: bulkBody(...Operations) });
    for (const [index, status] of (at(reply.body, '/Operations/*/status') as string[]).entries()) {
      const { location, response } =
        (reply.body.Operations as { location?: string; response?: unknown }[])[index] ?? {};
      // As a client does: what was answered 503 is sent again.
      if (status === '503') made.push(idOf(await succeeds('POST', '/Users', { body: personNumber(from + index) })));
      else {
        assert.equal(status, '201', JSON.stringify(response));
        made.push(String(location).slice(String(location).lastIndexOf('/') + 1));
      }
    }
  }
  const listed = await succeeds('GET', `/Groups?count=${GROUPS}&excludedAttributes=members`);
  return {
    ids: made,
    // Bulk operations that have nothing to do with each other run at once: the groups come in any order.
    groups: Array.from({ length: GROUPS }, (_, index) =>
      String(at(listed.body, `/Resources[externalId=g-${index}]/id`)),
    ),
  };
}

/** A request of the admin API where anything but success is a failure of the test. */
export function succeeding(api: Api): Api {
  return async (method, path, options) => {
    const answer = await api(method, path, options);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text.slice(0, 500)}`);
    return answer;
  };
}
