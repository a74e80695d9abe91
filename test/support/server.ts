// The whole server on a free port over an empty database, and a client that speaks SCIM to it.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../src/app/server.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { openTestDatabase, type TestDatabase } from './mongod.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; an empty object if there is none. */
  body: Record<string, unknown>;
}

export interface TestServer {
  /** The SCIM base. */
  base: string;
  origin: string;
  token: string;
  database: TestDatabase;
  /** A call with the demo account's token; `body` is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A call as it stands: no token, no body but `init`'s own. */
  raw: (path: string, init?: RequestInit) => Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts a server; `settings` are variables of its configuration. */
export async function openTestServer(settings: Record<string, string> = {}): Promise<TestServer> {
  const database = await openTestDatabase();
  const config = loadConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    MONGODB_URI: database.uri,
    MONGODB_DATABASE: database.name,
    LOG_LEVEL: 'error',
    SHUTDOWN_GRACE_MS: '500',
    // A folder that is not there, unless a test makes it: never the one of a server that runs here.
    BATCH_DIR: join(tmpdir(), `mobietrain-batch-${database.name}`),
    ...settings,
  });
  const server = await startServer(config, createLog({ level: config.logLevel }), () => undefined);
  const base = server.scimBaseUrl;
  const token = server.firstToken ?? '';
  const raw = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(path.startsWith('http') ? path : base + path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    const body = (isJson && text !== '' ? JSON.parse(text) : {}) as Answer['body'];
    return { status: response.status, headers: response.headers, text, body };
  };
  return {
    base,
    origin: new URL(base).origin,
    token,
    database,
    raw,
    call: (method, path, body, headers = {}) =>
      raw(path, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/scim+json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async stop() {
      await server.stop();
      await database.close();
    },
  };
}
