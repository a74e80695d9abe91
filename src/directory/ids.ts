// Generates ids of resources. They sort by time of creation, so the order of creation needs no index of its own.

import { v7 } from 'uuid';

/** Returns a new SCIM id: a UUID version 7, monotonic within this process. @see RFC 9562 §5.7 */
export function newResourceId(): string {
  return v7();
}

/** Whether a text has the form of an id: a UUID in lower case. */
export function isResourceId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** Returns the lowest id that a resource created at `at` or later can have. */
export function firstIdAt(at: Date): string {
  const millis = Math.max(0, at.getTime()).toString(16).padStart(12, '0');
  return `${millis.slice(0, 8)}-${millis.slice(8)}-7000-8000-000000000000`;
}
