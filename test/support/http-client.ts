// The HTTP client of the tests (RFC 9110). It sends exactly the path, headers and bytes that it is given, follows no redirect, and
// keeps its connections open between requests.

import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed JSON body; an empty object if there is none. */
  body: Record<string, unknown>;
}

export interface Outgoing {
  /** GET if omitted. */
  method?: string;
  headers?: Record<string, string>;
  /** Sent unchanged, with its Content-Length. */
  body?: string | Uint8Array | undefined;
}

export interface CallOptions {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent unchanged, instead of `body`. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
  /** Another token than the client's own; null sends no Authorization header. */
  token?: string | null;
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

const sharedAgent = newAgent();

/** Sends one request to a URL, which is normalised as by a browser. Rejects if the connection breaks off. */
export async function send(url: string, outgoing: Outgoing = {}): Promise<Answer> {
  const { hostname, port, pathname, search } = new URL(url);
  return exchange({ host: hostname, port, path: pathname + search, agent: sharedAgent }, outgoing);
}

/** A client of a SCIM base URL such as `http://localhost:3000/scim/v2`; paths are sent unchanged after it. */
export function createClient(baseUrl: string, token: string): { call: Call; close: () => void } {
  const base = new URL(baseUrl);
  const agent = newAgent();
  const call: Call = (method, path, options = {}) => {
    const given = options.token === undefined ? token : options.token;
    const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const headers = {
      ...(given === null ? {} : { Authorization: `Bearer ${given}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/scim+json' }),
      ...options.headers,
    };
    const target = { host: '127.0.0.1', port: base.port, path: base.pathname + path, agent };
    return exchange(target, { method, headers, body });
  };
  return { call, close: () => agent.destroy() };
}

function newAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 64 });
}

function exchange(target: RequestOptions, { method = 'GET', headers = {}, body }: Outgoing): Promise<Answer> {
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...target, method, headers: { ...length, ...headers } });
    outgoing.on('response', (incoming) => void answerOf(incoming).then(resolve, reject));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function answerOf(incoming: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2)
    headers.append(incoming.rawHeaders[at] ?? '', incoming.rawHeaders[at + 1] ?? '');
  const isJson = text !== '' && (headers.get('content-type') ?? '').includes('json');
  return { status: incoming.statusCode ?? 0, headers, text, body: isJson ? JSON.parse(text) : {} };
}
