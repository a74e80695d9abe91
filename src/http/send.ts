// Writes a door's response: in one piece with its length, or as a stream that waits a limited time for slow readers.

import type { ServerResponse } from 'node:http';
import type { DoorResponse } from '../doors/contract.ts';

const SLOW_READER_MS_MAX = 30_000;

/** Writes a response. Resolves once it is handed to the system; rejects if a stream fails, and then closes the connection. */
export async function send(
  response: ServerResponse,
  answer: DoorResponse,
  mediaType: string,
  isHead: boolean,
): Promise<void> {
  const hasContent = answer.body !== undefined || answer.bytes !== undefined || answer.stream !== undefined;
  const headers = {
    ...answer.headers,
    ...(hasContent ? { 'Content-Type': answer.mediaType ?? mediaType } : {}),
    'Cache-Control': 'no-store',
  };
  if (answer.stream) {
    response.writeHead(answer.status, headers);
    return isHead ? endEarly(response, answer.stream) : stream(response, answer.stream);
  }
  if (answer.bytes !== undefined) {
    response.writeHead(answer.status, { ...headers, 'Content-Length': answer.bytes.byteLength });
    response.end(isHead ? undefined : answer.bytes);
    return;
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
}

async function endEarly(response: ServerResponse, pieces: AsyncIterable<string>): Promise<void> {
  await pieces[Symbol.asyncIterator]().return?.();
  response.end();
}

async function stream(response: ServerResponse, pieces: AsyncIterable<string>): Promise<void> {
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return;
      if (!response.write(piece) && !(await drained(response))) {
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

/** Waits until the client has read the written data; returns false after 30 seconds or if the connection closes. */
function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (result: boolean) => {
      clearTimeout(timer);
      response.off('drain', onDrain).off('close', onClose);
      resolve(result);
    };
    const onDrain = () => finish(true);
    const onClose = () => finish(false);
    const timer = setTimeout(onClose, SLOW_READER_MS_MAX);
    response.on('drain', onDrain).on('close', onClose);
  });
}
