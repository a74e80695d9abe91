// Tells requests that a browser sends for another site, which must change nothing here.

import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a browser reports another site as the origin of the request. Browsers without `Sec-Fetch-Site` state the `Origin`, which must be
 * that of the public URL or of the host that was asked. @see https://www.w3.org/TR/fetch-metadata/, RFC 6454 §7
 */
export function isForeign(
  { 'sec-fetch-site': site, origin, host }: IncomingHttpHeaders,
  publicOrigin: string,
): boolean {
  if (site !== undefined) return site === 'cross-site' || site === 'same-site';
  if (origin === undefined || origin === publicOrigin) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
