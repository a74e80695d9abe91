// The address of the client: the one function for limits, events and logs. Behind proxies, the address of the connection is the last
// proxy's, and X-Forwarded-For is believed as far as trusted proxies wrote it.

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';

/** Which proxies are trusted: the number of them before this server, or their addresses and networks (CIDR). */
export type TrustedProxies = number | readonly string[];

/** Returns the address of the client who sent a request; '' if the connection is gone. */
export type ClientAddress = (request: IncomingMessage) => string;

/** Parses `TRUSTED_PROXIES`; undefined if it is not valid. */
export function parseTrustedProxies(text: string): TrustedProxies | undefined {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const networks = text.split(',').map((network) => network.trim());
  try {
    proxyAddr.compile(networks);
    return networks;
  } catch {
    return undefined;
  }
}

/** Creates the function that returns a client's address. */
export function createClientAddress(trusted: TrustedProxies = 0): ClientAddress {
  const isTrusted =
    typeof trusted === 'number' ? (_address: string, hop: number) => hop < trusted : proxyAddr.compile([...trusted]);
  return (request) => {
    const own = request.socket.remoteAddress;
    if (own === undefined) return '';
    // The nearest address comes first; any other text ends the part that can be believed.
    const addresses = proxyAddr.all(request, isTrusted).map(withoutPort);
    const end = addresses.findIndex((address) => isIP(address) === 0);
    return (end < 0 ? addresses : addresses.slice(0, end)).at(-1) ?? own;
  };
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(address: string): string {
  const [, bracketed] = /^\[([^\]]{2,45})\](?::\d{1,5})?$/.exec(address) ?? [];
  const [, dotted] = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(address) ?? [];
  return bracketed ?? dotted ?? address;
}
