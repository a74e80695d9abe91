// Limits how long a body may take to arrive: 30 seconds, or, for a file of an authenticated caller, as long as bytes keep
// coming, up to an hour.

import type { IncomingMessage } from 'node:http';

export interface BodyTimes {
  ordinaryMs: number;
  /** An upload that stalls for this long is aborted. */
  fileIdleMs: number;
  fileMs: number;
}

export const BODY_TIMES: BodyTimes = { ordinaryMs: 30_000, fileIdleMs: 30_000, fileMs: 3_600_000 };

const lengthened = new WeakMap<IncomingMessage, () => void>();

/** Watches the body of a request. @param onLate called once if it takes too long */
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

/** Gives the body of this request the time of a file. Only for authenticated callers. */
export function takesFile(request: IncomingMessage): void {
  lengthened.get(request)?.();
}
