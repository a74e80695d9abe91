// Calls the admin API with the cookie of the session. The account of the calls is the one that was chosen.

import { HttpError } from 'react-admin';
import type {
  AccountPath,
  AccountPathOf,
  AnswerOf,
  CallOptions,
  Method,
  OptionsArgument,
  PathOf,
  Schemas,
} from './operations.ts';
import { ask } from './questions.ts';

const BASE = '/api/v1';
const ACCOUNT_KEY = 'mobietrain-account';

export type Session = Schemas['Session'];
type Problem = Partial<Schemas['Problem']>;

/** A request to the API, of any operation. */
interface Call {
  method?: string;
  body?: unknown;
  /** A file, sent as it is. */
  file?: Blob;
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  version?: number | undefined;
}

/** The same with the parameters of its path, as all operations have them at run time. */
type AnyOptions = Omit<Call, 'method'> & { params?: Readonly<Record<string, string>> };

interface Answer<T> {
  json: T;
  headers: Headers;
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
  const { json } = await call('get', '/session');
  session = json;
  if (json.operations.includes('accounts.manage')) await checkAccount();
  return json;
}

/** The first account, if the one that was chosen is not there any more. */
async function checkAccount(): Promise<void> {
  const { items } = (await call('get', '/accounts')).json;
  const [first] = items;
  if (first && !items.some(({ slug }) => slug === accountSlug())) chooseAccount(first.slug);
}

/** Signs in. @throws HttpError */
export async function signIn(email: string, password: string): Promise<void> {
  await call('post', '/session', { body: { email, password } });
  localStorage.setItem(SIGNED_IN_KEY, 'yes');
  await loadSession();
}

/** Signs out. */
export async function signOut(): Promise<void> {
  if (session) await call('delete', '/session').catch(() => undefined);
  session = undefined;
  localStorage.removeItem(SIGNED_IN_KEY);
}

/** Calls an operation. @throws HttpError with the sentence of the API */
export function call<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  ...[options]: OptionsArgument<CallOptions<M, P>>
): Promise<Answer<AnswerOf<M, P>>> {
  const { params, ...rest }: AnyOptions = options ?? {};
  return send(filled(path, params), { method: method.toUpperCase(), ...rest });
}

/** Calls an operation of the account; the path is that behind the account. @throws HttpError with the sentence of the API */
export function callAccount<M extends Method, P extends AccountPathOf<M>>(
  method: M,
  path: P,
  ...[options]: OptionsArgument<CallOptions<M, AccountPath<P>>>
): Promise<Answer<AnswerOf<M, AccountPath<P>>>> {
  const { params, ...rest }: AnyOptions = options ?? {};
  return sendToAccount(filled(path, params), { method: method.toUpperCase(), ...rest });
}

/** The address of a download of the account. */
export function downloadUrl<P extends AccountPathOf<'get'>>(
  path: P,
  ...[options]: OptionsArgument<CallOptions<'get', AccountPath<P>>>
): string {
  const { params, query = {} }: AnyOptions = options ?? {};
  return BASE + accountPath(filled(path, params)) + searchOf(query);
}

/** The same of operations that are known by their names only at run time. */
export function sendToAccount<T = Record<string, unknown>>(path: string, options: Call = {}): Promise<Answer<T>> {
  return send<T>(accountPath(path), options);
}

const accountPath = (path: string) => `/accounts/${encodeURIComponent(accountSlug())}${path}`;

/** A path with the values of its parameters. */
function filled(path: string, params: Readonly<Record<string, string>> = {}): string {
  return path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''));
}

/**
 * Sends a request. If the session has ended, the administrator signs in again over the page, and the same request is sent again.
 * @throws HttpError with the sentence of the API
 */
async function send<T>(
  path: string,
  { method = 'GET', body, file, query = {}, version }: Call = {},
): Promise<Answer<T>> {
  const answer = await fetch(BASE + path + searchOf(query), {
    method,
    credentials: 'same-origin',
    headers: {
      Accept: 'application/json',
      ...(method !== 'GET' && session?.csrfToken ? { 'X-CSRF-Token': session.csrfToken } : {}),
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
    return send<T>(path, { method, body, query, version, ...(file ? { file } : {}) });
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
export async function* streamAccount<P extends AccountPathOf<'get'>>(
  path: P,
  {
    lastId,
    signal,
    ...options
  }: CallOptions<'get', AccountPath<P>> & { lastId?: string | undefined; signal: AbortSignal },
): AsyncGenerator<StreamMessage> {
  const { params, query = {} }: AnyOptions = options;
  const address = accountPath(filled(path, params)) + searchOf(query);
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
