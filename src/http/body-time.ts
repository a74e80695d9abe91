// Limits how long a body may take to arrive: 30 seconds, or for a file of an authenticated caller up to an hour, as long as enough bytes
// keep arriving.

import type { IncomingMessage } from 'node:http';

/** Time limits for bodies. */
export interface BodyTimes {
  ordinaryMs: number;
  /** The window in which an upload must send `fileBytesMin` bytes (1 by default), or is aborted. */
  fileIdleMs: number;
  fileBytesMin?: number;
  fileMs: number;
}

/** The default time limits. */
export const BODY_TIMES: BodyTimes = {
  ordinaryMs: 30_000,
  fileIdleMs: 30_000,
  fileBytesMin: 64 * 1024,
  fileMs: 3_600_000,
};

const extensions = new WeakMap<IncomingMessage, () => void>();

/** Limits the time of a request's body. @param onLate called once if it takes too long */
export function limitBodyTime(request: IncomingMessage, times: BodyTimes, onLate: () => void): void {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  if (coding === undefined && Number(length ?? 0) === 0) return;
  let timer = setTimeout(expire, times.ordinaryMs);
  const stop = (): void => clearTimeout(timer);
  request.once('end', stop).once('close', stop);

  function expire(): void {
    stop();
    if (!request.complete) onLate();
  }

  extensions.set(request, () => {
    stop();
    const endsAt = performance.now() + times.fileMs;
    let seen = request.socket.bytesRead;
    const check = (): void => {
      const { bytesRead } = request.socket;
      // Bytes that wait to be read mean that the server is slow, not the client.
      const isTooSlow = bytesRead - seen < (times.fileBytesMin ?? 1) && request.readableLength === 0;
      if (isTooSlow || performance.now() > endsAt) {
        expire();
        return;
      }
      seen = bytesRead;
      timer = setTimeout(check, times.fileIdleMs);
    };
    if (!request.complete) timer = setTimeout(check, times.fileIdleMs);
  });
}

/** Extends the time limit of this request to that of a file. Only for authenticated callers. */
export function allowFileTime(request: IncomingMessage): void {
  extensions.get(request)?.();
}
