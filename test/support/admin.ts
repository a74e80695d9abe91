// A whole server with administrators of every role, and a client of the admin API.

import type { Role } from '../../src/directory/administration/permissions.ts';
import type { Answer } from './http-client.ts';
import { openTestServer, type TestServer } from './server.ts';

export const ROOT = { email: 'root@example.com', password: 'a long enough secret' };

export interface ApiCall {
  body?: unknown;
  headers?: Record<string, string>;
}

/** A client with a personal token (or none). */
export type Api = (method: string, path: string, options?: ApiCall) => Promise<Answer>;

interface Credentials {
  email: string;
  password: string;
}

export interface MadeAdministrator extends Credentials {
  id: string;
  /** The path of the administrator, for those above. */
  path: string;
  /** A client with a personal token. */
  byToken: Api;
}

export interface AdminServer {
  server: TestServer;
  /** Such as `http://localhost:40123/api/v1`. */
  base: string;
  /** Without any credential. */
  anonymous: Api;
  /** As the System Administrator. */
  root: Api;
  withToken(token: string): Api;
  /** Creates an administrator of an account, and returns a client with their token. */
  administrator(account: string, role: Role, more?: { orgUnit?: string; user?: string }): Promise<Api>;
  /** The same, with everything that is known of them. */
  newAdministrator(account: string, role: Role, more?: { orgUnit?: string; user?: string }): Promise<MadeAdministrator>;
  /** A client with a browser's session. */
  browser(credentials?: Credentials): Promise<Api>;
  /** Makes an account; gives its slug. */
  account(settings?: Record<string, unknown>): Promise<string>;
  stop(): Promise<void>;
}

let counter = 0;

/** Starts a server; `settings` are variables of its configuration. */
export async function openAdminServer(settings: Record<string, string> = {}): Promise<AdminServer> {
  const server = await openTestServer({ ADMIN_EMAIL: ROOT.email, ADMIN_PASSWORD: ROOT.password, ...settings });
  const base = `${server.origin}/api/v1`;
  const client =
    (token: string | undefined): Api =>
    (method, path, { body, headers = {} } = {}) =>
      server.raw(base + path, {
        method,
        headers: {
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isContent(body) ? body : JSON.stringify(body) }),
      });
  const anonymous = client(undefined);

  async function browser({ email, password }: Credentials = ROOT): Promise<Api> {
    const signedIn = await anonymous('POST', '/session', { body: { email, password } });
    if (signedIn.status !== 200) throw new Error(`sign-in: ${signedIn.status} ${signedIn.text}`);
    const session = { Cookie: cookieOf(signedIn), 'X-CSRF-Token': String(signedIn.body.csrfToken) };
    return (method, path, { headers = {}, ...call } = {}) =>
      anonymous(method, path, { ...call, headers: { ...session, ...headers } });
  }

  /** Signs in and makes a personal token. */
  async function tokenOf(email: string, password: string): Promise<string> {
    const made = await (await browser({ email, password }))('POST', '/session/tokens', { body: { name: 'test' } });
    return String(made.body.token);
  }

  async function newAdministrator(
    account: string,
    role: Role,
    more: { orgUnit?: string; user?: string } = {},
  ): Promise<MadeAdministrator> {
    counter += 1;
    const email = `${role.toLowerCase()}-${counter}@example.com`;
    const password = `the secret of number ${counter}`;
    const place = role === 'systemAdministrator' ? '/administrators' : `/accounts/${account}/administrators`;
    const made = await root('POST', place, { body: { email, name: role, role, password, ...more } });
    if (made.status !== 201) throw new Error(`administrator: ${made.status} ${made.text}`);
    const id = idOf(made);
    return { id, path: `${place}/${id}`, email, password, byToken: client(await tokenOf(email, password)) };
  }

  const root = client(await tokenOf(ROOT.email, ROOT.password));
  return {
    server,
    base,
    anonymous,
    root,
    withToken: (token) => client(token),
    newAdministrator,
    browser,
    administrator: async (account, role, more) => (await newAdministrator(account, role, more)).byToken,
    async account(wanted = {}) {
      counter += 1;
      const made = await root('POST', '/accounts', { body: { name: `Account ${counter}`, ...wanted } });
      if (made.status !== 201) throw new Error(`account: ${made.status} ${made.text}`);
      return String(made.body.slug);
    },
    stop: () => server.stop(),
  };
}

/** The cookie that an answer sets, as a browser sends it back. */
export function cookieOf(answer: Answer): string {
  return (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
}

/** A person that breaks no rule. */
export function person(userName: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    userName,
    externalId: `ext-${userName}`,
    name: { givenName: 'Ann', familyName: 'Example' },
    emails: [{ value: `${userName}@example.com`, type: 'work', primary: true }],
    ...more,
  };
}

/** A person to invite into a group. */
export function invitee(name: string, group: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const { externalId: _none, ...draft } = person(name);
  return { ...draft, groups: [group], userAgreement: true, ...more };
}

export function idOf(answer: Answer): string {
  if (typeof answer.body.id !== 'string') throw new Error(`no id: ${answer.status} ${answer.text}`);
  return answer.body.id;
}

/** Whether a body is sent as it is, and not as JSON. */
function isContent(body: unknown): body is string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array;
}
