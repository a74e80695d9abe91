// The whole server on a free port over an empty database, and a client that speaks SCIM to it.

import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../src/app/server.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type Answer, type Outgoing, send } from './http-client.ts';
import { openTestDatabase, type TestDatabase } from './mongod.ts';

export interface TestServer {
  /** The SCIM base. */
  base: string;
  origin: string;
  token: string;
  database: TestDatabase;
  /** A call with the demo account's token; `body` is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A request without a token, to a path below the SCIM base or to a whole URL. */
  raw: (path: string, outgoing?: Outgoing) => Promise<Answer>;
  /** Stops the server and leaves the database, for a look at what it has written. */
  halt(): Promise<void>;
  /** Stops the server, and removes the database. */
  stop(): Promise<void>;
}

/** A port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const { port } = free.address() as { port: number };
  await new Promise((resolve) => free.close(resolve));
  return port;
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
    SHUTDOWN_NOTICE_MS: '250',
    SHUTDOWN_GRACE_MS: '250',
    DEMO_EXAMPLES: 'off',
    MAIL_PREVIEW: 'off',
    // A thread for each of the many servers would take longer than it saves. test/background-thread.test.ts starts one.
    BACKGROUND_THREAD: 'off',
    // A folder that is not there, unless a test makes it: never the one of a server that runs here.
    BATCH_DIR: join(tmpdir(), `mobietrain-batch-${database.name}`),
    ...settings,
  });
  const server = await startServer(config, createLog({ level: config.logLevel }), () => undefined);
  let stopped: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => {
    stopped ??= server.stop();
    return stopped;
  };
  const base = server.scimBaseUrl;
  const token = server.firstToken ?? '';
  const raw: TestServer['raw'] = (path, outgoing) => send(path.startsWith('http') ? path : base + path, outgoing);
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
    halt: stopOnce,
    async stop() {
      await stopOnce();
      await database.close();
    },
  };
}
