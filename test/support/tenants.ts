// A whole server with accounts of a test's own, and an HTTP client that sends exactly the bytes it is given: raw paths, raw
// bodies, any headers.

import { randomBytes } from 'node:crypto';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { Account, Connection } from '../../src/directory/model.ts';
import { type Accounts, createAccounts } from '../../src/mongo/accounts/accounts.ts';
import type { TestDatabase } from './mongod.ts';
import { openTestServer } from './server.ts';

export interface CallOptions {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
  /** Another token than the client's own; null sends no Authorization header. */
  token?: string | null;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The JSON body; an empty object if there is none. */
  body: Record<string, unknown>;
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Reply>;

/** A client of a base URL such as `http://localhost:3000/scim/v2`; rejects where a connection breaks off. */
export function createClient(baseUrl: string, token: string): { call: Call; close: () => void } {
  const base = new URL(baseUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const call: Call = (method, path, options = {}) => {
    const given = options.token === undefined ? token : options.token;
    const payload = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const headers: Record<string, string> = {
      ...(given === null ? {} : { Authorization: `Bearer ${given}` }),
      ...(payload === undefined
        ? {}
        : { 'Content-Type': 'application/scim+json', 'Content-Length': String(Buffer.byteLength(payload)) }),
      ...options.headers,
    };
    return new Promise((resolve, reject) => {
      const target = { host: '127.0.0.1', port: base.port, method, path: base.pathname + path, headers, agent };
      const outgoing = request(target, (incoming) => {
        const chunks: Buffer[] = [];
        incoming
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('error', reject)
          .on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const isJson = /json/.test(incoming.headers['content-type'] ?? '') && text !== '';
            const body = (isJson ? JSON.parse(text) : {}) as Reply['body'];
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, body });
          });
      });
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  };
  return { call, close: () => agent.destroy() };
}

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
