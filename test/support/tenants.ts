// A whole server with accounts that a test creates, each with its own SCIM client.

import { randomBytes } from 'node:crypto';
import type { Account, Connection } from '../../src/directory/model.ts';
import { type Accounts, createAccounts } from '../../src/mongo/accounts/accounts.ts';
import { type Call, createClient } from './http-client.ts';
import type { TestDatabase } from './mongod.ts';
import { openTestServer } from './server.ts';

/** An account made for a test, with one of its connections and a token of that. */
export interface Tenant {
  account: Account;
  connection: Connection;
  token: string;
  call: Call;
}

export interface Tenants {
  /** Such as `http://localhost:40123/scim/v2`. */
  base: string;
  database: TestDatabase;
  accounts: Accounts;
  /** As the account `demo`, which reports and does not refuse. */
  call: Call;
  /** A new account with a connection. */
  tenant(settings?: Partial<Pick<Account, 'requiredData' | 'userLimit' | 'derivedGroups'>>): Promise<Tenant>;
  /** Another connection of an account, with a token. */
  connect(account: Account, connection: string): Promise<Tenant>;
  stop(): Promise<void>;
}

/** Starts a server; `settings` are variables of its configuration. */
export async function openTenants(settings: Record<string, string> = {}): Promise<Tenants> {
  const server = await openTestServer(settings);
  const accounts = createAccounts(server.database.connection);
  const client = createClient(server.base, server.token);
  const connect = async (account: Account, name: string): Promise<Tenant> => {
    const connection = await accounts.ensureConnection(account, name);
    const { token } = await accounts.createCredential(connection);
    const call: Call = (method, path, options = {}) => client.call(method, path, { token, ...options });
    return { account, connection, token, call };
  };
  return {
    base: server.base,
    database: server.database,
    accounts,
    call: client.call,
    async tenant(wanted = {}) {
      const made = await accounts.createAccount({ name: `Tenant ${randomBytes(6).toString('hex')}`, ...wanted });
      if (!made.ok) throw new Error('the account could not be made');
      return connect(made.value, 'first');
    },
    connect,
    async stop() {
      client.close();
      await server.stop();
    },
  };
}
