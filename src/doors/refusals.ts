// Refusals that the server issues before it calls a door: status and sentence. Each door formats the body in its own way.

import type { Refusal } from './contract.ts';

const RETRY_SECONDS = 2;

/** What differs between doors. */
export interface DoorWording {
  /** The credential that a client must send, as a sentence. */
  credential: string;
  /** The media types of a JSON body, as they are listed in a sentence. */
  mediaTypes: string;
}

/** The parts of a refusal that are the same for every door. */
export interface WordedRefusal {
  status: number;
  detail: string;
  headers: Record<string, string>;
}

/** The status, sentence and headers of a refusal. */
export function wordRefusal(refusal: Refusal, wording: DoorWording): WordedRefusal {
  switch (refusal.kind) {
    case 'unauthenticated':
      return worded(401, wording.credential);
    case 'forbidden':
      return worded(403, refusal.detail);
    case 'unavailable':
      return later(503, 'The directory is temporarily unavailable. Try again shortly.');
    case 'overloaded':
      return refusal.scope === 'account'
        ? later(429, `Too many ${refusal.of} from this account at once. Try again shortly.`)
        : later(503, `Too many ${refusal.of} at once. Try again shortly.`);
    case 'tooLarge':
      return worded(413, `The body is larger than ${refusal.bytesMax} bytes.`);
    case 'mediaType':
      return worded(415, mediaTypeSentence(refusal.part, wording));
    case 'syntax':
      return worded(400, refusal.detail);
    case 'internal':
      return worded(500, 'The server failed to process this request. The error has been logged.');
  }
}

function worded(status: number, detail: string): WordedRefusal {
  return { status, detail, headers: {} };
}

function later(status: number, detail: string): WordedRefusal {
  return { status, detail, headers: { 'Retry-After': String(RETRY_SECONDS) } };
}

function mediaTypeSentence(part: (Refusal & { kind: 'mediaType' })['part'], { mediaTypes }: DoorWording): string {
  switch (part) {
    case 'type':
      return `The Content-Type must be ${mediaTypes}.`;
    case 'encoding':
      return 'The Content-Encoding must be gzip, deflate or br.';
  }
}

/** The sentence about a request that the HTTP server refuses before any door sees it. */
export function connectionErrorDetail(status: number): string {
  switch (status) {
    case 405:
      return 'This server is not a proxy.';
    case 408:
      return 'The request did not arrive in time.';
    case 413:
      return 'The chunk extensions of the body are too long.';
    case 417:
      return 'The only expectation that this server meets is 100-continue.';
    case 503:
      return 'A later version of the server uses the database; this one only reads. Send the request again, to another server.';
    case 431:
      return 'The address and headers of the request are too long.';
    default:
      return 'This is not a valid HTTP request. It must have one Host header, and no other header twice that may appear once only.';
  }
}
