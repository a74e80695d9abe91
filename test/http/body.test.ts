// Reading bodies: size after inflating, depth, media types, encodings, malformed JSON.

import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, test } from '@jest/globals';
import { readJsonBody } from '../../src/http/body.ts';

function request(chunks: Buffer[], headers: Record<string, string>): IncomingMessage {
  const length = String(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  return Object.assign(Readable.from(chunks, { objectMode: false }), {
    headers: { 'content-length': length, ...headers },
  }) as unknown as IncomingMessage;
}

const json = { 'content-type': 'application/scim+json' };
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

const cases: [string, Buffer, Record<string, string>, string][] = [
  ['SCIM JSON', Buffer.from('{"a":1}'), json, 'body'],
  ['JSON', Buffer.from('{"a":1}'), { 'content-type': 'application/json' }, 'body'],
  ['charset utf-8', Buffer.from('{"a":"é"}'), { 'content-type': 'Application/SCIM+JSON; Charset="UTF-8"' }, 'body'],
  [
    'ASCII that is labelled latin-1',
    Buffer.from('{}'),
    { 'content-type': 'application/scim+json; charset=ISO-8859-1' },
    'body',
  ],
  [
    'ASCII that is labelled us-ascii',
    Buffer.from('{}'),
    { 'content-type': 'application/json;charset="us-ascii"' },
    'body',
  ],
  [
    'UTF-8 that is labelled UTF-16',
    Buffer.from('{"a":"é"}'),
    { 'content-type': 'APPLICATION/JSON; CHARSET=UTF-16' },
    'body',
  ],
  ['latin-1', Buffer.from('{"a":"é"}', 'latin1'), { 'content-type': 'application/json; charset=iso-8859-1' }, 'syntax'],
  ['UTF-16', Buffer.from('{"a":"é"}', 'utf16le'), { 'content-type': 'application/json; charset=utf-16' }, 'syntax'],
  ['no media type', Buffer.from('{}'), {}, 'body'],
  ['a byte order mark', Buffer.from('\ufeff{}'), json, 'body'],
  ['gzip', gzipSync('{"a":1}'), { ...json, 'content-encoding': 'gzip' }, 'body'],
  ['deflate', deflateSync('{"a":1}'), { ...json, 'content-encoding': 'deflate' }, 'body'],
  ['brotli', brotliCompressSync('{"a":1}'), { ...json, 'content-encoding': 'BR' }, 'body'],
  ['64 levels', Buffer.from(nested(64)), json, 'body'],
  ['brackets in a text', Buffer.from(JSON.stringify({ a: `\\"${'['.repeat(200)}` })), json, 'body'],
  ['nothing', Buffer.alloc(0), json, 'none'],
  ['blanks', Buffer.from(' \n '), json, 'none'],
  ['65 levels', Buffer.from(nested(65)), json, 'syntax'],
  ['500,000 levels', Buffer.from('['.repeat(500_000)), json, 'syntax'],
  ['half of it', Buffer.from('{"a":'), json, 'syntax'],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), json, 'syntax'],
  ['no gzip', Buffer.from('{}'), { ...json, 'content-encoding': 'gzip' }, 'syntax'],
  ['text', Buffer.from('{}'), { 'content-type': 'text/plain' }, 'mediaType'],
  ['a form', Buffer.from('a=1'), { 'content-type': 'application/x-www-form-urlencoded' }, 'mediaType'],
  ['two encodings', gzipSync(gzipSync('{}')), { ...json, 'content-encoding': 'gzip, gzip' }, 'mediaType'],
  ['too many bytes', Buffer.alloc(1_100_000, 0x20), json, 'tooLarge'],
  ['a gzip bomb', gzipSync(Buffer.alloc(200_000_000, 0x20)), { ...json, 'content-encoding': 'gzip' }, 'tooLarge'],
  ['a brotli bomb', brotliCompressSync(Buffer.alloc(20_000_000)), { ...json, 'content-encoding': 'br' }, 'tooLarge'],
];

describe('bodies', () => {
  for (const [what, bytes, headers, expected] of cases) {
    test(`${what}: ${expected}`, async () => {
      const result = await readJsonBody(request([bytes], headers), 1_048_576);
      const got = result.ok ? (result.body === undefined ? 'none' : 'body') : result.refusal?.kind;
      assert.equal(got, expected);
    });
  }

  test('in many pieces without a length are counted as they come', async () => {
    const pieces = Array.from({ length: 100 }, () => Buffer.alloc(20_000, 0x20));
    const headers = { ...json, 'content-length': undefined as unknown as string, 'transfer-encoding': 'chunked' };
    const result = await readJsonBody(request(pieces, headers), 1_048_576);
    assert.equal(result.ok ? 'ok' : result.refusal?.kind, 'tooLarge');
  });

  test('of a client that goes away end quietly', async () => {
    const gone = request([Buffer.from('{')], { ...json, 'content-length': '100' });
    const reading = readJsonBody(gone, 1000);
    gone.destroy();
    assert.deepEqual(await reading, { ok: false, refusal: undefined });
  });
});
