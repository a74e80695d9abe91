// Conditions on the version of a resource (RFC 7644 §3.14, RFC 9110 §13.1).

import type { Precondition } from './model.ts';

/** Whether a version meets the If-Match and If-None-Match of a request. @see RFC 7644 §3.14 */
export function meets(precondition: Precondition, version: number): boolean {
  if (precondition === undefined) return true;
  if ('none' in precondition) return false;
  const { versions, notVersions } = precondition;
  return (versions?.includes(version) ?? true) && !notVersions?.includes(version);
}
