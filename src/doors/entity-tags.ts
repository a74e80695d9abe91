// Entity tags and conditional requests, for every door: ETag, If-Match, If-None-Match (RFC 7644 §3.14, RFC 9110 §13.1).

import type { Precondition } from '../directory/model.ts';

const TAGS_MAX = 100;

/** A header's entity tags without `W/` and quotes; `any` for `*`. */
type Tags = 'any' | string[];

/** The weak entity tag of a version: `W/"3"`. @see RFC 7644 §3.14 */
export function entityTag(version: number): string {
  return `W/"${version}"`;
}

/** Splits on commas and strips `W/` and quotes by position, so that no header is slow to read. */
function parseTags(header: string): Tags {
  if (header.trim() === '*') return 'any';
  return header
    .split(',', TAGS_MAX)
    .map((part) => part.trim())
    .map((part) => (part.startsWith('W/') || part.startsWith('w/') ? part.slice(2) : part))
    .map((part) => (part.length >= 2 && part.startsWith('"') && part.endsWith('"') ? part.slice(1, -1) : part))
    .filter((part) => part !== '');
}

/** A tag that this server did not issue matches nothing, as an outdated one does. */
function versionsOf(tags: string[]): number[] {
  return tags.filter((tag) => /^[0-9]{1,15}$/.test(tag)).map(Number);
}

/** The condition of a write; both headers may be present. */
export function preconditionOf(ifMatch: string | undefined, ifNoneMatch: string | undefined): Precondition {
  if (ifMatch === undefined && ifNoneMatch === undefined) return undefined;
  const match = ifMatch === undefined ? 'any' : parseTags(ifMatch);
  const noneMatch = ifNoneMatch === undefined ? [] : parseTags(ifNoneMatch);
  if (noneMatch === 'any') return { none: true };
  const notVersions = versionsOf(noneMatch);
  // If-Match: * requires that the resource exists, as every write does anyway.
  if (match === 'any') return notVersions.length === 0 ? undefined : { notVersions };
  const versions = versionsOf(match);
  return notVersions.length === 0 ? { versions } : { versions, notVersions };
}

/** Whether a header is `*` or a list of entity tags as this server makes them. @see RFC 9110 §13.1.1 */
export function isTagList(header: string): boolean {
  if (header.trim() === '*') return true;
  const tags = header.split(',', TAGS_MAX + 1);
  return tags.length <= TAGS_MAX && tags.every((tag) => /^\s*(?:W\/)?"\d{1,15}"\s*$/.test(tag));
}

/** Whether a GET with this If-None-Match gets 304 for a resource with this entity tag (weak comparison). */
export function isUnmodified(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = parseTags(ifNoneMatch);
  return tags === 'any' || tags.includes(parseTags(tag)[0] as string);
}
