// The keys by which a simulation finds documents in its overlays. They correspond to the indexes and queries of the database.

import { idsOf } from '../groups/identities.ts';
import type { StoredGroup, StoredStore, StoredUser } from '../model.ts';
import type { UserKey } from '../records.ts';
import { elementsAt, textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';

/** The key of a user for one value. */
export function userKey(by: UserKey, value: string): string {
  switch (by) {
    case 'userName':
      return `u:${foldText(value)}`;
    case 'externalId':
      return `x:${value}`;
    case 'email':
      return `e:${foldText(value)}`;
    case 'emailWithoutExternalId':
      return `n:${foldText(value)}`;
    case 'invitedEmail':
      return `i:${foldText(value)}`;
  }
}

/** All keys and the revision of a user. */
export function userKeys({ data, revision, externalIdFrom, lifecycle }: StoredUser) {
  const externalId = textAt(data, 'externalId');
  const emails = elementsAt(data, 'emails').flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  const keys = [userKey('userName', textAt(data, 'userName') ?? '')];
  if (externalId !== undefined) keys.push(userKey('externalId', externalId));
  for (const email of new Set(emails)) {
    keys.push(userKey('email', email));
    if (lifecycle === 'invited') keys.push(userKey('invitedEmail', email));
    if (externalId === undefined || externalIdFrom === 'emails') keys.push(userKey('emailWithoutExternalId', email));
  }
  return { keys, revision };
}

export const groupIdentityKey = (value: string): string => `x:${value}`;
export const claimedNameKey = (nameFold: string): string => `c:${nameFold}`;
/** The key for the source's or the administrators' name of a group or store. */
export const eitherNameKey = (nameFold: string): string => `n:${nameFold}`;
export const refIdKey = (refId: string): string => `r:${refId}`;

/** The key of a group that holds its type and name. */
export function typeNameKey({ typeFold, nameFold }: { typeFold: string; nameFold: string }): string {
  return `t:${typeFold}\u0000${nameFold}`;
}

/** All keys and the version of a group. */
export function groupKeys(group: StoredGroup) {
  const keys = [...nameKeys(group.nameFold, group.adminNameFold)];
  if (group.holdsName) keys.push(typeNameKey(group));
  for (const value of idsOf(group)) keys.push(groupIdentityKey(value));
  if (group.claimed) keys.push(claimedNameKey(group.nameFold));
  return { keys, revision: group.version };
}

/** All keys and the version of a store. */
export function storeKeys(store: StoredStore) {
  return { keys: [refIdKey(store.refId), ...nameKeys(store.nameFold, store.adminNameFold)], revision: store.version };
}

function nameKeys(...names: (string | undefined)[]): string[] {
  return [...new Set(names)].filter((name) => name !== undefined).map(eitherNameKey);
}
