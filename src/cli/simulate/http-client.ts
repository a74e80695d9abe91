// The HTTP client of `simulate`. It sends paths unchanged, follows no redirect, and bounds each request in time and bytes.

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { JudgedAnswer } from './exchange.ts';

const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

/** An answer with where it redirects to, if it does, and the lines of Set-Cookie. */
export interface Answer extends JudgedAnswer {
  location?: string;
  cookies: string[];
}

/** A request got no answer. The message is for people. */
export class NoAnswer extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoAnswer';
  }
}

export interface HttpClient {
  /** @throws NoAnswer */
  send(
    method: string,
    path: string,
    options: { headers: Record<string, string>; body?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<Answer>;
  close(): void;
}

/** A client of the SCIM server at this URL. */
export function createHttpClient(base: URL, timeoutMs: number): HttpClient {
  const isTls = base.protocol === 'https:';
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const prefix = base.pathname.replace(/\/+$/, '');
  return {
    send: (method, path, { headers, body, signal }) =>
      new Promise((resolve, reject) => {
        const timeout = AbortSignal.timeout(timeoutMs);
        const fail = (error: NodeJS.ErrnoException) =>
          reject(
            new NoAnswer(timeout.aborted ? `It did not answer within ${timeoutMs / 1000} s.` : wordsOf(error, base)),
          );
        const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
        const outgoing = (isTls ? httpsRequest : httpRequest)(
          {
            host: base.hostname.replace(/^\[|\]$/g, ''),
            port: base.port,
            path: prefix + path,
            method,
            headers: { ...headers, ...length },
            agent,
            signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
          },
          (incoming) => void answerOf(incoming).then(resolve, fail),
        );
        outgoing.on('error', fail);
        outgoing.end(body);
      }),
    close: () => agent.destroy(),
  };
}

async function answerOf(incoming: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`the answer has more than ${ANSWER_BYTES_MAX} bytes`);
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  const { location } = incoming.headers;
  return {
    status: incoming.statusCode ?? 0,
    mediaType: incoming.headers['content-type'] ?? '',
    text,
    body: parsed(text),
    cookies: incoming.headers['set-cookie'] ?? [],
    ...(location === undefined ? {} : { location }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Errors of TLS, by their codes in Node.js. */
const TLS_ERROR = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH)/;

function wordsOf({ code = '', message }: NodeJS.ErrnoException, base: URL): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `The host ${base.hostname} is not known.`;
  if (code === 'ECONNREFUSED') return `Nothing listens at ${base.host}.`;
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'It closed the connection without an answer.';
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return `${base.host} cannot be reached.`;
  if (code === 'ABORT_ERR') return 'The request was interrupted.';
  if (TLS_ERROR.test(code))
    return `TLS failed: ${message} (${code}). Entra ID and Okta accept only certificates of public authorities.`;
  return `The request failed: ${message}${code === '' ? '' : ` (${code})`}.`;
}
