// Reads a JSON body within limits: size after decompression, depth, media type, encoding (RFC 7644 §3.1, §3.8).

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Refusal } from '../doors/contract.ts';

/** A parsed body, or why it was refused; `refusal` is undefined if the client disconnected before the end. */
export type ReadBody =
  | { ok: true; body: unknown; bytes: number }
  | { ok: false; refusal: Refusal }
  | { ok: false; refusal: undefined };

const DEPTH_MAX = 64;
const MEDIA_TYPES = new Set(['application/scim+json', 'application/json']);

const DECODERS = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

type Decoder = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

/**
 * Reads the JSON body of a request, at most `bytesMax` bytes after decompression and 64 levels deep; without a body,
 * `undefined`. A refused body is not kept in memory. If a parser of the surrounding application, such as `express.json()`, has
 * consumed the body, it is taken from `request.body` within the same limits.
 * @see RFC 7644 §3.1
 */
export async function readJsonBody(request: IncomingMessage & { body?: unknown }, bytesMax: number): Promise<ReadBody> {
  if (request.readableEnded && request.body !== undefined) return parsedBefore(request.body, bytesMax);
  const tooLarge: ReadBody = { ok: false, refusal: { kind: 'tooLarge', bytesMax } };
  const declared = request.headers['content-length'];
  if (declared !== undefined && Number(declared) > bytesMax) return tooLarge;
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(declared ?? 0) > 0;
  if (!hasBody) return { ok: true, body: undefined, bytes: 0 };
  if (!isMediaTypeSupported(request.headers['content-type']))
    return { ok: false, refusal: { kind: 'mediaType', part: 'type' } };
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const decoder: Decoder | undefined = DECODERS.get(encoding);
  if (!decoder && encoding !== 'identity') return { ok: false, refusal: { kind: 'mediaType', part: 'encoding' } };
  const raw = await collect(request, bytesMax);
  if (raw === 'tooLarge') return tooLarge;
  if (raw === 'aborted') return { ok: false, refusal: undefined };
  const bytes = decoder ? await decode(decoder, raw, bytesMax) : raw;
  if (bytes === 'tooLarge') return tooLarge;
  if (bytes === 'corrupt') return syntax(`The body is not valid ${encoding}.`);
  return parse(bytes);
}

function parsedBefore(body: unknown, bytesMax: number): ReadBody {
  const bytes = Buffer.from(JSON.stringify(body) ?? '');
  return bytes.length > bytesMax ? { ok: false, refusal: { kind: 'tooLarge', bytesMax } } : parse(bytes);
}

function syntax(detail: string): ReadBody {
  return { ok: false, refusal: { kind: 'syntax', detail } };
}

/** A missing media type is tolerated. JSON has no charset parameter (RFC 8259 §11): the bytes must be UTF-8, whatever the label says. */
function isMediaTypeSupported(header: string | undefined): boolean {
  if (header === undefined || header.trim() === '') return true;
  const [type = ''] = header.split(';', 1);
  return MEDIA_TYPES.has(type.trim().toLowerCase());
}

/** Collects chunks until the body is too large; the server then reads and discards the rest. */
function collect(request: IncomingMessage, bytesMax: number): Promise<Buffer | 'tooLarge' | 'aborted'> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let length = 0;
    const finish = (result: Buffer | 'tooLarge' | 'aborted') => {
      request.off('data', onData).off('end', onEnd).off('error', onAbort).off('close', onAbort);
      // Prevents a later error from being unhandled.
      request.on('error', () => undefined);
      chunks = [];
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bytesMax) chunks.push(chunk);
      else finish('tooLarge');
    };
    const onEnd = () => finish(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length));
    const onAbort = () => finish('aborted');
    request.on('data', onData).on('end', onEnd).on('error', onAbort).on('close', onAbort);
  });
}

async function decode(decoder: Decoder, raw: Buffer, bytesMax: number): Promise<Buffer | 'tooLarge' | 'corrupt'> {
  try {
    return await decoder(raw, { maxOutputLength: bytesMax });
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return isTooLarge ? 'tooLarge' : 'corrupt';
  }
}

function parse(bytes: Buffer): ReadBody {
  if (!isUtf8(bytes)) return syntax('The body is not valid UTF-8.');
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  if (text.trim() === '') return { ok: true, body: undefined, bytes: bytes.length };
  if (isTooDeep(text)) return syntax(`The body is nested more than ${DEPTH_MAX} levels deep.`);
  try {
    return { ok: true, body: JSON.parse(text), bytes: bytes.length };
  } catch (error) {
    const position = /at position (\d{1,12})/.exec(error instanceof Error ? error.message : '')?.[1];
    return syntax(`The body is not valid JSON${position === undefined ? '' : ` (at character ${position})`}.`);
  }
}

/** Counts brackets outside of strings, before the parser builds anything. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > DEPTH_MAX) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}
