// Writes a door's response: in one piece with its length, or as a stream. It waits for slow readers within limits.

import type { ServerResponse } from 'node:http';
import type { DoorResponse } from '../doors/contract.ts';

/** A reader that takes nothing for this long is cut off. */
const SLOW_READER_MS_MAX = 30_000;
/** The longest that a response may take, however slowly it is read. */
const READING_MS_MAX = 3_600_000;
/** How fast a response in one piece must be read. */
const READ_BYTES_PER_SECOND_MIN = 4_096;
/** Responses with less than this still unsent don't count as waiting for their reader. */
const UNSENT_BYTES_MIN = 64 * 1024;

/** How a response is sent. */
export interface SendOptions {
  /** The door's own media type. */
  mediaType: string;
  isHead: boolean;
  /** Called when a response starts to wait for its reader; if it returns false, the connection is closed instead. */
  mayWait: () => boolean;
}

/** Writes a response. Resolves once it is handed to the system; rejects if a stream fails, and then closes the connection. */
export async function send(response: ServerResponse, answer: DoorResponse, options: SendOptions): Promise<void> {
  const { isHead } = options;
  const hasContent = answer.body !== undefined || answer.bytes !== undefined || answer.stream !== undefined;
  const headers = {
    ...answer.headers,
    ...(answer.cookies ? { 'Set-Cookie': answer.cookies } : {}),
    ...(hasContent ? { 'Content-Type': answer.mediaType ?? options.mediaType } : {}),
    'Cache-Control': 'no-store',
  };
  if (answer.stream) {
    response.writeHead(answer.status, headers);
    return isHead ? endEarly(response, answer.stream) : stream(response, answer.stream, options);
  }
  if (answer.bytes !== undefined) {
    response.writeHead(answer.status, { ...headers, 'Content-Length': answer.bytes.byteLength });
    response.end(isHead ? undefined : answer.bytes);
    return unsent(response, options);
  }
  if (answer.body === undefined) {
    const isEmpty = answer.status === 204 || answer.status === 304;
    response.writeHead(answer.status, isEmpty ? headers : { ...headers, 'Content-Length': 0 });
    response.end();
    return;
  }
  // A string instead of a buffer, so that Node writes headers and body in one piece.
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, { ...headers, 'Content-Length': Buffer.byteLength(text) });
  response.end(isHead ? undefined : text);
  return unsent(response, options);
}

/** Waits until a response that has ended is sent, for as long as its reader may take. */
async function unsent(response: ServerResponse, { mayWait }: SendOptions): Promise<void> {
  const bytes = response.socket?.writableLength ?? 0;
  if (bytes < UNSENT_BYTES_MIN) return;
  const msMax = Math.max(SLOW_READER_MS_MAX, (bytes / READ_BYTES_PER_SECOND_MIN) * 1_000);
  if (!mayWait() || !(await happens(response, 'finish', msMax))) response.destroy();
}

async function endEarly(response: ServerResponse, pieces: AsyncIterable<string>): Promise<void> {
  await pieces[Symbol.asyncIterator]().return?.();
  response.end();
}

async function stream(
  response: ServerResponse,
  pieces: AsyncIterable<string>,
  { mayWait }: SendOptions,
): Promise<void> {
  const endsAt = performance.now() + READING_MS_MAX;
  let hasWaited = false;
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return;
      if (piece === '') continue;
      if (response.write(piece)) continue;
      const waits = performance.now() < endsAt && (hasWaited || mayWait());
      hasWaited = true;
      if (!waits || !(await happens(response, 'drain', SLOW_READER_MS_MAX))) {
        response.destroy();
        return;
      }
    }
    response.end();
  } catch (error) {
    // The status has been sent, so only a closed connection shows the client that the body is incomplete.
    response.destroy();
    throw error;
  }
}

/** Waits for an event of a response; returns false after this time or if the connection closes. */
function happens(response: ServerResponse, event: 'drain' | 'finish', msMax: number): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (result: boolean) => {
      clearTimeout(timer);
      response.off(event, onEvent).off('close', onClose);
      resolve(result);
    };
    const onEvent = () => finish(true);
    const onClose = () => finish(false);
    const timer = setTimeout(onClose, msMax);
    response.on(event, onEvent).on('close', onClose);
  });
}
