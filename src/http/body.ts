// Reads a JSON body or a form within limits: size after decompression, depth, media type, encoding (RFC 7644 §3.1, §3.8).

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Refusal } from '../doors/contract.ts';
import { expectBody } from './request-check.ts';

/** Counts bytes that are in memory; returns a refusal if there are too many. */
export type CountBytes = (bytes: number) => { ok: true } | { ok: false; refusal: Refusal };

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

/** A format of bodies. */
interface Format {
  mediaTypes: ReadonlySet<string>;
  parse(bytes: Buffer): ReadBody;
}

const JSON_FORMAT: Format = { mediaTypes: MEDIA_TYPES, parse };
const FORM_FORMAT: Format = { mediaTypes: new Set(['application/x-www-form-urlencoded']), parse: parseForm };
const FIELDS_MAX = 50;

/**
 * Reads the body of an HTML form as an object of texts, within the limits of `readJsonBody`. Of a field that comes twice, the first
 * counts. @see https://url.spec.whatwg.org/#application/x-www-form-urlencoded
 */
export function readFormBody(request: IncomingMessage, bytesMax: number, count: CountBytes): Promise<ReadBody> {
  return readBody(request, bytesMax, count, FORM_FORMAT);
}

function parseForm(bytes: Buffer): ReadBody {
  if (!isUtf8(bytes)) return syntax('The form is not valid UTF-8.');
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  let number = 0;
  for (const [name, value] of new URLSearchParams(bytes.toString('utf8'))) {
    number += 1;
    if (number > FIELDS_MAX) return syntax(`The form has more than ${FIELDS_MAX} fields.`);
    fields[name] ??= value;
  }
  return { ok: true, body: fields, bytes: bytes.length };
}

/**
 * Reads the JSON body of a request, at most `bytesMax` bytes after decompression and 64 levels deep; without a body,
 * `undefined`. A refused body is not kept in memory. If a parser of the surrounding application, such as `express.json()`, has
 * consumed the body, it is taken from `request.body` within the same limits.
 * @param count is called with the bytes as they arrive, so that bodies of one client can't use up the memory
 * @see RFC 7644 §3.1
 */
export async function readJsonBody(
  request: IncomingMessage & { body?: unknown },
  bytesMax: number,
  count: CountBytes = () => ({ ok: true }),
): Promise<ReadBody> {
  if (request.readableEnded && request.body !== undefined) return parsedBefore(request.body, bytesMax);
  return readBody(request, bytesMax, count, JSON_FORMAT);
}

async function readBody(
  request: IncomingMessage,
  bytesMax: number,
  count: CountBytes,
  format: Format,
): Promise<ReadBody> {
  const tooLarge: ReadBody = { ok: false, refusal: { kind: 'tooLarge', bytesMax } };
  const declared = request.headers['content-length'];
  if (declared !== undefined && Number(declared) > bytesMax) return tooLarge;
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(declared ?? 0) > 0;
  if (!hasBody) return { ok: true, body: undefined, bytes: 0 };
  if (!isMediaTypeSupported(request.headers['content-type'], format.mediaTypes))
    return { ok: false, refusal: { kind: 'mediaType', part: 'type' } };
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const decoder: Decoder | undefined = DECODERS.get(encoding);
  if (!decoder && encoding !== 'identity') return { ok: false, refusal: { kind: 'mediaType', part: 'encoding' } };
  expectBody(request);
  const raw = await collect(request, bytesMax, count);
  if (raw === 'tooLarge') return tooLarge;
  if (raw === 'aborted') return { ok: false, refusal: undefined };
  if (!Buffer.isBuffer(raw)) return raw;
  const bytes = decoder ? await decode(decoder, raw, bytesMax) : raw;
  if (bytes === 'tooLarge') return tooLarge;
  if (bytes === 'corrupt') return syntax(`The body is not valid ${encoding}.`);
  const counted = decoder ? count(bytes.length) : undefined;
  return counted?.ok === false ? counted : format.parse(bytes);
}

function parsedBefore(body: unknown, bytesMax: number): ReadBody {
  const bytes = Buffer.from(JSON.stringify(body) ?? '');
  return bytes.length > bytesMax ? { ok: false, refusal: { kind: 'tooLarge', bytesMax } } : parse(bytes);
}

function syntax(detail: string): ReadBody {
  return { ok: false, refusal: { kind: 'syntax', detail } };
}

/** A missing media type is tolerated. JSON has no charset parameter (RFC 8259 §11): the bytes must be UTF-8, whatever the label says. */
function isMediaTypeSupported(header: string | undefined, mediaTypes: ReadonlySet<string>): boolean {
  if (header === undefined || header.trim() === '') return true;
  const [type = ''] = header.split(';', 1);
  return mediaTypes.has(type.trim().toLowerCase());
}

type Collected = Buffer | 'tooLarge' | 'aborted' | { ok: false; refusal: Refusal };

/** Collects chunks until the body is too large; the server then reads and discards the rest. */
function collect(request: IncomingMessage, bytesMax: number, count: CountBytes): Promise<Collected> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let length = 0;
    const finish = (result: Collected) => {
      request.off('data', onData).off('end', onEnd).off('error', onAbort).off('close', onAbort);
      // Prevents a later error from being unhandled.
      request.on('error', () => undefined);
      chunks = [];
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      const counted = count(chunk.length);
      if (length > bytesMax) finish('tooLarge');
      else if (counted.ok) chunks.push(chunk);
      else finish(counted);
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
