// Serves the built console: a page with a nonce of its own for each request, and files that never change, compressed when they were built.

import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

const NONCE = /__NONCE__/g;
const NONCE_BYTES = 16;
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

interface Asset {
  type: string;
  raw: Uint8Array;
  br: Uint8Array | undefined;
  gzip: Uint8Array | undefined;
}

/**
 * Makes the handler of the console below its mount path.
 * @param folder where it was built
 * @returns undefined if it was not built
 */
export function createConsole(folder: string): RequestListener | undefined {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) return undefined;
  const page = readFileSync(index, 'utf8');
  const assets = readAssets(join(folder, 'assets'));
  return (request, response) => {
    const { method = 'GET', url = '/' } = request;
    const [path = '/'] = url.split('?', 1);
    if (method !== 'GET' && method !== 'HEAD') return end(response, 405, { Allow: 'GET, HEAD' });
    // Relative addresses and the path of cookies need the slash, which Express takes away from the mount path.
    if (path === '/' && !((request as { originalUrl?: string }).originalUrl ?? '/').split('?', 1)[0]?.endsWith('/'))
      return end(response, 302, { Location: '/console/' });
    if (path === '/') return sendPage(response, page, method === 'HEAD');
    const asset = assets.get(path);
    return asset ? sendAsset(request, response, asset) : end(response, 404, {});
  };
}

function readAssets(folder: string): Map<string, Asset> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const read = (name: string) => (names.includes(name) ? readFileSync(join(folder, name)) : undefined);
  return new Map(
    names.flatMap((name) => {
      const type = TYPES[extname(name)];
      const raw = type === undefined ? undefined : read(name);
      if (type === undefined || !raw) return [];
      return [[`/assets/${name}`, { type, raw, br: read(`${name}.br`), gzip: read(`${name}.gz`) }]];
    }),
  );
}

function sendPage(response: ServerResponse, page: string, isHead: boolean): void {
  const nonce = randomBytes(NONCE_BYTES).toString('base64');
  response.setHeader('Content-Security-Policy', policyOf(nonce));
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.end(isHead ? undefined : page.replace(NONCE, nonce));
}

/** Scripts and requests of this server only; styles are made while the page runs, with the nonce. */
function policyOf(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'nonce-${nonce}'`,
    // Mails are shown in frames without scripts, which have this policy; what they look like is in attributes.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The name of a file has a hash of its content, so browsers keep it. */
function sendAsset({ method, headers }: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const accepted = headers['accept-encoding'] ?? '';
  const encoded =
    /\bbr\b/.test(accepted) && asset.br ? 'br' : /\bgzip\b/.test(accepted) && asset.gzip ? 'gzip' : undefined;
  const content = encoded === undefined ? asset.raw : asset[encoded];
  response.setHeader('Content-Type', asset.type);
  response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
  response.setHeader('Vary', 'Accept-Encoding');
  if (encoded !== undefined) response.setHeader('Content-Encoding', encoded);
  response.setHeader('Content-Length', content?.byteLength ?? 0);
  response.end(method === 'HEAD' ? undefined : content);
}

function end(response: ServerResponse, status: number, headers: Record<string, string>): void {
  response.writeHead(status, { ...headers, 'Content-Length': 0 });
  response.end();
}
