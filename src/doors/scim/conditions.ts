// Conditional requests: entity tags, If-Match, If-None-Match (RFC 7644 §3.14, RFC 9110 §13.1).

import type { Precondition } from '../../directory/model.ts';

const TAGS_MAX = 100;

/** A header's entity tags, weak marks and quotes off; `any` for `*`. */
type Tags = 'any' | string[];

/** The entity tag of a version. @see RFC 7644 §3.14 */
export function entityTag(version: number): string {
  return `W/"${version}"`;
}

/** Splits on commas and takes marks off by position, so that no header is slow to read. */
function parseTags(header: string): Tags {
  if (header.trim() === '*') return 'any';
  return header
    .split(',', TAGS_MAX)
    .map((part) => part.trim())
    .map((part) => (part.startsWith('W/') || part.startsWith('w/') ? part.slice(2) : part))
    .map((part) => (part.length >= 2 && part.startsWith('"') && part.endsWith('"') ? part.slice(1, -1) : part))
    .filter((part) => part !== '');
}

/** A tag that is no version of ours matches nothing, as an old one does. */
function versionsOf(tags: string[]): number[] {
  return tags.filter((tag) => /^[0-9]{1,15}$/.test(tag)).map(Number);
}

/** What a write asks of the version that it changes. */
export interface WriteConditions {
  precondition: Precondition;
  /** Versions that If-None-Match rules out; checked against the current version besides the precondition. */
  not: number[];
}

/** Reads the conditions of a write; both headers may be there. */
export function writeConditions(ifMatch: string | undefined, ifNoneMatch: string | undefined): WriteConditions {
  const none = ifNoneMatch === undefined ? undefined : parseTags(ifNoneMatch);
  if (none === 'any') return { precondition: { none: true }, not: [] };
  const not = none === undefined ? [] : versionsOf(none);
  if (ifMatch === undefined) return { precondition: undefined, not };
  const match = parseTags(ifMatch);
  return { precondition: match === 'any' ? { any: true } : { versions: versionsOf(match) }, not };
}

/** Whether a GET with this If-None-Match gets 304 for a resource with this entity tag (weak comparison). */
export function isUnmodified(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = parseTags(ifNoneMatch);
  return tags === 'any' || tags.includes(parseTags(tag)[0] as string);
}
