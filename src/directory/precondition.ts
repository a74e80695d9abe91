// Conditions on the version of a resource (RFC 7644 §3.14, RFC 9110 §13.1).

import type { Precondition } from './model.ts';

/** Whether a version meets a request's If-Match or If-None-Match (RFC 7644 §3.14). */
export function meets(precondition: Precondition, version: number): boolean {
  if (precondition === undefined || 'any' in precondition) return true;
  return 'versions' in precondition && precondition.versions.includes(version);
}
