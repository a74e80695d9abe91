// What the workbench sends: a SCIM request of this server, with a token that passes after some minutes and is kept in memory alone.

import { callAccount, streamAccount } from './api.ts';
import type { RequestEntry } from './pages/history.tsx';

export const SCIM_BASE = '/scim/v2';
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** A request as it is written in the form; `headers` has one on each line. */
export interface ScimRequest {
  method: (typeof METHODS)[number];
  /** Below the SCIM base, with its query. */
  path: string;
  headers: string;
  body: string;
}

/** An answer as the browser gets it. */
export interface ScimAnswer {
  at: string;
  status: number;
  ms: number;
  headers: string;
  body: string;
  /** The id under which the server recorded the request, and when by its clock. */
  request: string;
  recorded: number;
}

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const MOBIETRAIN = 'urn:ietf:params:scim:schemas:extension:mobietrain:2.0:User';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

const pretty = (value: unknown) => JSON.stringify(value, undefined, 2);
const patch = (...Operations: object[]) => pretty({ schemas: [PATCH_OP], Operations });
const NO_BODY = { headers: '', body: '' };

/** The usual calls of clients. `USER_ID` and `GROUP_ID` stand for what was created last. */
export const TEMPLATES: Readonly<Record<string, ScimRequest>> = {
  lookup: {
    method: 'GET',
    path: `/Users?filter=${encodeURIComponent('userName eq "test.person@example.com"')}`,
    ...NO_BODY,
  },
  create: {
    method: 'POST',
    path: '/Users',
    headers: '',
    body: pretty({
      schemas: [USER, MOBIETRAIN],
      userName: 'test.person@example.com',
      externalId: 'test-1',
      name: { givenName: 'Test', familyName: 'Person' },
      emails: [{ value: 'test.person@example.com', type: 'work', primary: true }],
      active: true,
      [MOBIETRAIN]: { storeRefId: '4711', storeName: 'Test store', storeCountry: '32' },
    }),
  },
  deactivate: {
    method: 'PATCH',
    path: '/Users/USER_ID',
    headers: '',
    body: patch({ op: 'replace', path: 'active', value: false }),
  },
  createGroup: {
    method: 'POST',
    path: '/Groups',
    headers: '',
    body: pretty({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Test group' }),
  },
  addMember: {
    method: 'PATCH',
    path: '/Groups/GROUP_ID',
    headers: '',
    body: patch({ op: 'add', path: 'members', value: [{ value: 'USER_ID' }] }),
  },
  remove: { method: 'DELETE', path: '/Users/USER_ID', ...NO_BODY },
};

/** A template with the ids of what was created last, if anything was; `sent` has the newest first. */
export function fromTemplate(
  name: string,
  sent: readonly { request: ScimRequest; answer: Pick<ScimAnswer, 'status' | 'body'> }[],
): ScimRequest | undefined {
  const template = TEMPLATES[name];
  if (!template) return undefined;
  const idOf = (path: string, placeholder: string): string => {
    const made = sent.find(({ request, answer }) => answer.status === 201 && request.path === path);
    return made ? (JSON.parse(made.answer.body) as { id: string }).id : placeholder;
  };
  const filled = (text: string) =>
    text
      .replaceAll('USER_ID', () => idOf('/Users', 'USER_ID'))
      .replaceAll('GROUP_ID', () => idOf('/Groups', 'GROUP_ID'));
  return { ...template, path: filled(template.path), body: filled(template.body) };
}

/** Whether a path stays below the SCIM base of this server, as a browser understands it. */
export function isScimPath(path: string): boolean {
  if (!path.startsWith('/') || path.includes('#')) return false;
  const { origin, pathname } = new URL(SCIM_BASE + path, window.location.origin);
  return origin === window.location.origin && pathname.startsWith(`${SCIM_BASE}/`);
}

/** Set by the workbench or by the browser. */
const NOT_OWN = /^(?:authorization|cookie|host|content-length|origin)$/i;

/** The headers of a text with one on each line, or the first line that is none. */
export function headersOf(text: string): { ok: true; headers: [string, string][] } | { ok: false; line: string } {
  const headers: [string, string][] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [, name = '', value = ''] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === '' || NOT_OWN.test(name)) return { ok: false, line };
    headers.push([name, value]);
  }
  return { ok: true, headers };
}

/** All headers but the token. */
function sentHeaders({ headers, body, method }: ScimRequest): [string, string][] {
  const read = headersOf(headers);
  const own = read.ok ? read.headers : [];
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  const more: [string, string][] = [['Accept', 'application/scim+json']];
  if (method !== 'GET' && body.trim() !== '') more.push(['Content-Type', 'application/scim+json']);
  return [...own, ...more.filter(([name]) => !names.has(name.toLowerCase()))];
}

/** Never in storage, in the page or in an address; gone with the page. */
const tokens = new Map<string, { token: string; expires: string }>();
/** A token is used until so long before it expires. */
const EARLY_MS = 30_000;

async function tokenOf(connection: string): Promise<string> {
  const known = tokens.get(connection);
  if (known && Date.parse(known.expires) - EARLY_MS > Date.now()) return known.token;
  const { json } = await callAccount('post', '/connections/{connection}/workbench-token', { params: { connection } });
  tokens.set(connection, json);
  return json.token;
}

/** Sends a request as a connection for tests. @throws HttpError if there is no token, TypeError if the server does not answer */
export async function sendScim(connection: string, request: ScimRequest): Promise<ScimAnswer> {
  if (!isScimPath(request.path)) throw new Error(request.path);
  const token = await tokenOf(connection);
  const headers = new Headers(sentHeaders(request));
  headers.set('Authorization', `Bearer ${token}`);
  const hasBody = request.method !== 'GET' && request.body.trim() !== '';
  const at = new Date().toISOString();
  const from = performance.now();
  const answer = await fetch(SCIM_BASE + request.path, {
    method: request.method,
    headers,
    credentials: 'omit',
    redirect: 'error',
    ...(hasBody ? { body: request.body } : {}),
  });
  const text = await answer.text();
  const ms = Math.round(performance.now() - from);
  if (answer.status === 401) tokens.delete(connection);
  return {
    at,
    status: answer.status,
    ms,
    headers: [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n'),
    body: indented(text),
    request: answer.headers.get('X-Request-Id') ?? '',
    recorded: Date.parse(answer.headers.get('Date') ?? '') || Date.now(),
  };
}

function indented(text: string): string {
  try {
    return pretty(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Why a text is not JSON; undefined if it is, or if there is none. */
export function jsonFault(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The lowest id of an event that was recorded at this time or later: a UUID of version 7. */
export function eventIdAt(time: number): string {
  const digits = Math.max(0, time).toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-000000000000`;
}

const SLACK_MS = 5_000;
const FIND_MS = 30_000;

/** The event of a request that was sent, as soon as it is recorded; undefined if it does not come. */
export async function recordedEvent(
  connection: string,
  { request, recorded }: Pick<ScimAnswer, 'request' | 'recorded'>,
): Promise<RequestEntry | undefined> {
  const found = new AbortController();
  const timer = setTimeout(() => found.abort(), FIND_MS);
  try {
    const query = { after: eventIdAt(recorded - SLACK_MS) };
    const options = { params: { connection }, query, signal: found.signal };
    for await (const { event, data } of streamAccount('/connections/{connection}/stream', options)) {
      if (event !== 'request' || data === undefined) continue;
      const entry = JSON.parse(data) as RequestEntry;
      if (entry.request === request) return entry;
    }
  } catch {
    // The record is in the list of requests all the same.
  } finally {
    clearTimeout(timer);
    found.abort();
  }
  return undefined;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The request as a command; the token is a variable of the shell. */
export function curlOf(request: ScimRequest): string {
  const parts = [
    `curl -X ${request.method} ${quoted(window.location.origin + SCIM_BASE + request.path)}`,
    '-H "Authorization: Bearer $TOKEN"',
    ...sentHeaders(request).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(request.method !== 'GET' && request.body.trim() !== '' ? [`--data-raw ${quoted(request.body)}`] : []),
  ];
  return parts.join(' \\\n  ');
}
