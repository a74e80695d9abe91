// Calls the admin API with the cookie of the session. The account of the calls is the one that was chosen.

import { HttpError } from 'react-admin';
import { ask } from './questions.ts';

const BASE = '/api/v1';
const ACCOUNT_KEY = 'mobietrain-account';

/** Who is signed in, as the API answers it. */
export interface Session {
  administrator: { id: string; email: string; name: string; role: string };
  account?: string;
  operations: string[];
  csrfToken: string;
}

/** An account, as far as the console needs it. */
export interface Account {
  slug: string;
  name: string;
}

interface Problem {
  detail?: string;
  faults?: { path: string; detail: string }[];
}

/** A request to the API. */
export interface Call {
  method?: string;
  body?: unknown;
  /** A file, sent as it is. */
  file?: Blob;
  query?: Record<string, string | number | boolean | undefined>;
  version?: number | undefined;
}

/** Remembers that somebody has signed in, so that nobody is asked for who has not. */
const SIGNED_IN_KEY = 'mobietrain-signed-in';

let session: Session | undefined;

/** The session that is known; undefined if nobody is signed in. */
export function currentSession(): Session | undefined {
  return session;
}

/** The login slug of the account that is worked on. */
export function accountSlug(): string {
  return session?.account ?? localStorage.getItem(ACCOUNT_KEY) ?? 'demo';
}

/** Chooses the account, for administrators of several. */
export function chooseAccount(slug: string): void {
  localStorage.setItem(ACCOUNT_KEY, slug);
}

/** Asks who is signed in. @throws HttpError 401 */
export async function loadSession(): Promise<Session> {
  if (localStorage.getItem(SIGNED_IN_KEY) === null) throw new HttpError('', 401);
  const { json } = await call<Session>('/session');
  session = json;
  if (json.operations.includes('accounts.manage')) await checkAccount();
  return json;
}

/** The first account, if the one that was chosen is not there any more. */
async function checkAccount(): Promise<void> {
  const { items } = (await call<{ items: Account[] }>('/accounts')).json;
  const [first] = items;
  if (first && !items.some(({ slug }) => slug === accountSlug())) chooseAccount(first.slug);
}

/** Signs in. @throws HttpError */
export async function signIn(email: string, password: string): Promise<void> {
  await call('/session', { method: 'POST', body: { email, password } });
  localStorage.setItem(SIGNED_IN_KEY, 'yes');
  await loadSession();
}

/** Signs out. */
export async function signOut(): Promise<void> {
  if (session) await call('/session', { method: 'DELETE' }).catch(() => undefined);
  session = undefined;
  localStorage.removeItem(SIGNED_IN_KEY);
}

/** Calls an operation of the account. @throws HttpError with the sentence of the API */
export function callAccount<T = Record<string, unknown>>(path: string, options: Call = {}) {
  return call<T>(`/accounts/${encodeURIComponent(accountSlug())}${path}`, options);
}

/** The address of a download of the account. */
export function downloadUrl(path: string): string {
  return `${BASE}/accounts/${encodeURIComponent(accountSlug())}${path}`;
}

/**
 * Calls an operation. If the session has ended, the administrator signs in again over the page, and the same request is sent again.
 * @throws HttpError with the sentence of the API
 */
export async function call<T = Record<string, unknown>>(
  path: string,
  { method = 'GET', body, file, query = {}, version }: Call = {},
): Promise<{ json: T; headers: Headers }> {
  const answer = await fetch(BASE + path + searchOf(query), {
    method,
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json',
      ...(method !== 'GET' && session ? { 'X-CSRF-Token': session.csrfToken } : {}),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(file ? { 'Content-Type': 'application/octet-stream' } : {}),
      ...(version === undefined ? {} : { 'If-Match': `W/"${version}"` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(file ? { body: file } : {}),
  });
  const text = await answer.text();
  const json = (text === '' ? {} : readJson(text)) as T & Problem;
  if (answer.status === 401 && session && path !== '/session' && (await ask({ kind: 'signIn' })) === 'done')
    return call<T>(path, { method, body, query, version, ...(file ? { file } : {}) });
  if (!answer.ok) throw new HttpError(json.detail ?? answer.statusText, answer.status, errorsOf(json));
  return { json, headers: answer.headers };
}

/** The query of an address. */
function searchOf(query: NonNullable<Call['query']>): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, String(value));
  return asked.size > 0 ? `?${asked}` : '';
}

/** A message of a stream of Server-Sent Events; without an event, only its id counts. */
export interface StreamMessage {
  id?: string;
  event?: string;
  data?: string;
}

/**
 * Reads a stream of the account, behind the message `lastId`, until the server or the signal ends it.
 * @throws HttpError with the sentence of the API, and with the seconds of Retry-After as `body.retryAfter`
 */
export async function* streamAccount(
  path: string,
  { query = {}, lastId, signal }: { query?: Call['query']; lastId?: string | undefined; signal: AbortSignal },
): AsyncGenerator<StreamMessage> {
  const address = `/accounts/${encodeURIComponent(accountSlug())}${path}${searchOf(query)}`;
  const headers = { Accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'Last-Event-ID': lastId }) };
  const answer = await fetch(BASE + address, { credentials: 'same-origin', headers, signal });
  if (!answer.ok || !answer.body) {
    const json = readJson((await answer.text()) || '{}') as Problem;
    const retryAfter = Number(answer.headers.get('Retry-After') ?? 0);
    throw new HttpError(json.detail ?? answer.statusText, answer.status, { ...json, retryAfter });
  }
  // Not every browser iterates over a stream.
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let rest = '';
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const messages = (rest + read.value).split('\n\n');
      rest = messages.pop() ?? '';
      yield* messages.map(messageOf);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** @see WHATWG HTML §9.2.6 */
function messageOf(text: string): StreamMessage {
  const fields = text.split('\n').flatMap((line) => {
    const [, name, value] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(fields) as StreamMessage;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { detail: text.slice(0, 200) };
  }
}

/** The faults by field, as forms show them. */
function errorsOf(problem: Problem) {
  const errors = Object.fromEntries((problem.faults ?? []).map(({ path, detail }) => [path, detail]));
  return { ...problem, errors };
}
