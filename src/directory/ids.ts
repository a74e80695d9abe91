// Identifiers that the server makes. Ids of resources sort by time of creation, which makes creation order an index.

import { v7 } from 'uuid';

/** A new SCIM id: a UUID of version 7 (RFC 9562 §5.7), monotonic within this process. */
export function newResourceId(): string {
  return v7();
}

/** The smallest id that a resource created at `at` or later can have. */
export function firstIdAt(at: Date): string {
  const millis = Math.max(0, at.getTime()).toString(16).padStart(12, '0');
  return `${millis.slice(0, 8)}-${millis.slice(8)}-7000-8000-000000000000`;
}
