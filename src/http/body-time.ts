// How long a body may take to arrive: an ordinary one half a minute; a file, from a caller who is known, as long as bytes keep coming.

import type { IncomingMessage } from 'node:http';

export interface BodyTimes {
  ordinaryMs: number;
  /** A file of which nothing comes for so long is given up. */
  fileIdleMs: number;
  fileMs: number;
}

export const BODY_TIMES: BodyTimes = { ordinaryMs: 30_000, fileIdleMs: 30_000, fileMs: 3_600_000 };

const lengthened = new WeakMap<IncomingMessage, () => void>();

/** Watches the body of a request. @param onLate called once where it takes too long */
export function limitBodyTime(request: IncomingMessage, times: BodyTimes, onLate: () => void): void {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  if (coding === undefined && Number(length ?? 0) === 0) return;
  let timer = setTimeout(late, times.ordinaryMs);
  const stop = (): void => clearTimeout(timer);
  request.once('end', stop).once('close', stop);

  function late(): void {
    stop();
    if (!request.complete) onLate();
  }

  lengthened.set(request, () => {
    stop();
    const endsAt = performance.now() + times.fileMs;
    let seen = -1;
    const look = (): void => {
      const { bytesRead } = request.socket;
      if (bytesRead === seen || performance.now() > endsAt) {
        late();
        return;
      }
      seen = bytesRead;
      timer = setTimeout(look, times.fileIdleMs);
    };
    if (!request.complete) look();
  });
}

/** The body of this request is a file: it may take its time. For callers who are known only. */
export function takesFile(request: IncomingMessage): void {
  lengthened.get(request)?.();
}
