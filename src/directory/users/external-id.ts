// External IDs of users whose source has none: taken from the main e-mail address or the login name, and kept equal to it. The user
// stores where the ID comes from; an ID that a source states replaces it and is the user's own.

import type { ExternalIdOrigin } from '../model.ts';
import { primaryElement, textAt } from '../schema/attributes.ts';
import type { Attributes } from '../schema/schema.ts';
import type { UserChangeRequest } from './change-request.ts';

/**
 * Sets the External ID in `data` if it is derived, and returns its origin; undefined if it is the user's own, or the user has none.
 * If the address is another user's External ID (`isAddressTaken`), or the user has none, the login name is taken instead.
 * @param data the attributes to store, changed in place
 */
export function deriveExternalId(request: UserChangeRequest, data: Attributes): ExternalIdOrigin | undefined {
  const { current, stated, isAddressTaken = false } = request;
  if (stated.has('externalId')) return undefined;
  const value = textAt(data, 'externalId');
  const origin = value === undefined ? (current?.externalIdFrom ?? request.externalIdFrom) : current?.externalIdFrom;
  if (origin === undefined) return undefined;
  const isKept = value !== undefined && current !== undefined && !isAddressTaken && !hasMoved(current.data, data);
  if (isKept) return origin;
  const address = origin === 'emails' && !isAddressTaken ? mainAddress(data) : undefined;
  const derived = address ?? textAt(data, 'userName');
  if (derived !== undefined) data.externalId = derived;
  return origin;
}

/** Whether a change of a user moves what the External ID was taken from. */
function hasMoved(before: Attributes, after: Attributes): boolean {
  if (mainAddress(before) !== mainAddress(after)) return true;
  const loginName = textAt(before, 'userName');
  return loginName === textAt(before, 'externalId') && loginName !== textAt(after, 'userName');
}

function mainAddress(data: Attributes): string | undefined {
  const address = primaryElement(data, 'emails')?.value;
  return typeof address === 'string' && address !== '' ? address : undefined;
}
