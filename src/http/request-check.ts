// Checks and readies a request before any router sees it: its headers, the form of its target, and what it expects (RFC 9110, RFC 9112).

import type { IncomingMessage, ServerResponse } from 'node:http';

/** Requests that wait for 100 (Continue) before they send their body. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/** Headers that must not appear twice: each would have to be obeyed, and proxies may have obeyed the other one. */
const SINGLE: ReadonlySet<string> = new Set(['host', 'authorization', 'content-length', 'content-type']);
const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i;

/**
 * The status with which a request is refused before its route counts; undefined if it may proceed.
 * @see RFC 9112 §3.2 (one Host), RFC 9110 §5.3 (no repeated Authorization)
 */
export function refusedStatus({ rawHeaders, httpVersion }: IncomingMessage): number | undefined {
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (!SINGLE.has(name)) continue;
    if (seen.has(name)) return 400;
    seen.add(name);
  }
  return httpVersion === '1.1' && !seen.has('host') ? 400 : undefined;
}

/**
 * Makes several slashes at the beginning of a target one, since base URLs are entered with and without one at their end. Nothing is
 * redirected: such a target in a Location header would be another host (`//host/path`).
 */
export function withOneSlash(target: string): string {
  return target.startsWith('//') ? target.replace(/^\/+/, '/') : target;
}

/** Turns a target in absolute form into its path and query. @see RFC 9112 §3.2.2 */
export function toOriginForm(target: string): string {
  if (target.startsWith('/')) return target;
  const authority = ABSOLUTE_FORM.exec(target)?.[0];
  if (authority === undefined) return target;
  const rest = target.slice(authority.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Remembers that a request waits for 100 (Continue). Without its body, the connection can't be used again. */
export function holdBody(request: IncomingMessage, response: ServerResponse): void {
  waiting.set(request, response);
  response.shouldKeepAlive = false;
}

/** Asks for the body of an authenticated request that waits to be asked. @see RFC 9110 §10.1.1 */
export function expectBody(request: IncomingMessage): void {
  const response = waiting.get(request);
  if (!response) return;
  waiting.delete(request);
  response.shouldKeepAlive = true;
  response.writeContinue();
}
