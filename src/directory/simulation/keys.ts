// The keys by which a simulation finds what it wrote: the values that the store's own indexes and queries use.

import { idsOf } from '../groups/identities.ts';
import type { StoredGroup, StoredStore, StoredUser } from '../model.ts';
import type { UserKey } from '../records.ts';
import { elementsAt, textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';

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
  }
}

export function userKeys({ data, revision }: StoredUser) {
  const externalId = textAt(data, 'externalId');
  const emails = elementsAt(data, 'emails').flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  const keys = [userKey('userName', textAt(data, 'userName') ?? '')];
  if (externalId !== undefined) keys.push(userKey('externalId', externalId));
  for (const email of new Set(emails)) {
    keys.push(userKey('email', email));
    if (externalId === undefined) keys.push(userKey('emailWithoutExternalId', email));
  }
  return { keys, revision };
}

export const groupIdentityKey = (value: string): string => `x:${value}`;
export const claimedNameKey = (nameFold: string): string => `c:${nameFold}`;
/** A group's or store's name, the source's or the administrator's. */
export const eitherNameKey = (nameFold: string): string => `n:${nameFold}`;
export const refIdKey = (refId: string): string => `r:${refId}`;

export function typeNameKey({ typeFold, nameFold }: { typeFold: string; nameFold: string }): string {
  return `t:${typeFold}\u0000${nameFold}`;
}

export function groupKeys(group: StoredGroup) {
  const keys = [...nameKeys(group.nameFold, group.adminNameFold)];
  if (group.holdsName) keys.push(typeNameKey(group));
  for (const value of idsOf(group)) keys.push(groupIdentityKey(value));
  if (group.claimed) keys.push(claimedNameKey(group.nameFold));
  return { keys, revision: group.version };
}

export function storeKeys(store: StoredStore) {
  return { keys: [refIdKey(store.refId), ...nameKeys(store.nameFold, store.adminNameFold)], revision: store.version };
}

function nameKeys(...names: (string | undefined)[]): string[] {
  return [...new Set(names)].filter((name) => name !== undefined).map(eitherNameKey);
}
