// Converts stored users, groups and stores to the views that doors see: attributes, and links as lists and flat attributes.

import { idShownByLink, idShownTo } from '../groups/identities.ts';
import type { LinkStatement } from '../links/changes.ts';
import { GROUP_LINKS, LINK_EXTENSION, type LinkKind, STORE_LINKS, statementOf } from '../links/kinds.ts';
import { linkElements, serveLinks } from '../links/served.ts';
import type {
  EncodedUser,
  EncodedUserView,
  GroupView,
  Link,
  StoredGroup,
  StoredStore,
  StoredUser,
  StoreView,
  UserView,
} from '../model.ts';
import { copyAttributes } from '../schema/attributes.ts';
import { isObject } from '../schema/fold.ts';
import { type Attributes, type AttributeValue, emptyAttributes } from '../schema/schema.ts';

/** The groups and stores that users link to, by id. */
export interface Names {
  groups: ReadonlyMap<string, StoredGroup>;
  stores: ReadonlyMap<string, StoredStore>;
}

export const NO_NAMES: Names = { groups: new Map(), stores: new Map() };

/** Returns a user as doors see it, without links to groups or stores that no longer exist. */
export function viewUser(user: StoredUser, names: Names): UserView {
  const { data } = user;
  const attributes = Object.assign(
    copyAttributes(data),
    computedAttributes(user, (name) => data[name], names),
  );
  const { _id: id, version, created, modified, manager, externalIdFrom, privacyPolicyConfirmed } = user;
  const view: UserView = { id, version, created, modified, attributes };
  if (manager !== undefined) view.manager = manager;
  if (externalIdFrom !== undefined) view.externalIdFrom = externalIdFrom;
  if (privacyPolicyConfirmed !== undefined) view.privacyPolicyConfirmed = privacyPolicyConfirmed;
  if (user.termsAccepted !== undefined) view.termsAccepted = user.termsAccepted;
  if (user.lifecycle === 'invited' && user.invitation) view.invitation = user.invitation;
  return view;
}

/** The same view, with the attributes that are served as stored left encoded. */
export function viewEncodedUser(user: EncodedUser, names: Names): EncodedUserView {
  const { _id: id, version, created, modified, manager, data: stored } = user;
  const computed = computedAttributes(user, (name) => stored.get(name), names);
  return { id, version, created, modified, computed, stored, ...(manager === undefined ? {} : { manager }) };
}

/** The attributes and extensions of a view that are not served as they are stored. */
function computedAttributes(
  user: Omit<EncodedUser, 'data'>,
  storedAt: (name: string) => AttributeValue | undefined,
  names: Names,
): Attributes {
  const attributes = emptyAttributes();
  const stored = storedAt(LINK_EXTENSION);
  const extension = copyAttributes(isObject(stored) ? stored : undefined);
  serveLinks(STORE_LINKS, storeElements(user.stores, names), user.loose, extension);
  serveLinks(GROUP_LINKS, groupElements(user.groups, names), user.loose, extension);
  extension.status = statusIf(user, storedAt('active') === true);
  if (user.missing.length > 0) extension.missing = user.missing;
  attributes[LINK_EXTENSION] = extension;
  if (user.manager !== undefined) {
    const enterprise = copyAttributes(storedAt('enterprise') as Attributes | undefined);
    const manager = copyAttributes(isObject(enterprise.manager) ? enterprise.manager : undefined);
    manager.value = user.manager;
    enterprise.manager = manager;
    attributes.enterprise = enterprise;
  }
  if (user.groups.length > 0) {
    const groups = membershipElements(user.groups, names);
    if (groups.length > 0) attributes.groups = groups;
  }
  return attributes;
}

/** The status of a user: the first one that applies. */
export function statusOf(user: Pick<StoredUser, 'blocked' | 'data' | 'lifecycle' | 'missing'>): string {
  return statusIf(user, user.data.active === true);
}

function statusIf(user: Pick<StoredUser, 'blocked' | 'lifecycle' | 'missing'>, isActive: boolean): string {
  if (user.blocked) return 'blocked';
  if (!isActive) return 'inactive';
  if (user.lifecycle === 'invited') return 'invited';
  return user.missing.length > 0 ? 'incomplete' : 'active';
}

/** A user's links of one kind as they are served. */
export function servedLinks(
  kind: LinkKind,
  user: Pick<StoredUser, 'groups' | 'stores'>,
  names: Names,
): LinkStatement[] {
  const isStores = kind.target === 'store';
  const elements = isStores ? storeElements(user.stores, names) : groupElements(user.groups, names);
  return elements.map((element) => statementOf(kind, element));
}

/** A user's stores as served. */
export function storeElements(links: Link[], names: Names): Attributes[] {
  return linkElements(STORE_LINKS, links, (id) => {
    const store = names.stores.get(id);
    return store && { reference: store.refId, name: store.name, secondaryKey: store.country };
  });
}

/** A user's inline groups as served. */
function groupElements(links: Link[], names: Names): Attributes[] {
  return linkElements(GROUP_LINKS, links, (id, link) => {
    const group = names.groups.get(id);
    const secondaryKey = group?.type === '' ? undefined : group?.type;
    return group && { reference: idShownByLink(group, link), name: group.name, secondaryKey };
  });
}

function membershipElements(links: Link[], names: Names): Attributes[] {
  const elements: Attributes[] = [];
  for (const link of links) {
    const group = link.to === undefined ? undefined : names.groups.get(link.to);
    if (!group) continue;
    const element = emptyAttributes();
    element.value = group._id;
    element.display = group.name;
    element.type = 'direct';
    elements.push(element);
  }
  return elements;
}

/** Returns a group as doors see it, without its members. @param connection whose own pushed ID is shown; by default the first one */
export function viewGroup(group: StoredGroup, connection?: string): GroupView {
  const attributes = emptyAttributes();
  attributes.displayName = group.name;
  const externalId = idShownTo(group, connection);
  if (externalId !== undefined) attributes.externalId = externalId;
  if (group.type !== '') {
    const mobietrain = emptyAttributes();
    mobietrain.groupType = group.type;
    attributes.mobietrain = mobietrain;
  }
  return {
    id: group._id,
    version: group.version,
    created: group.created,
    modified: group.modified,
    attributes,
    ...(group.adminName === undefined ? {} : { adminName: group.adminName }),
    claimed: group.claimed,
    derived: group.derived,
  };
}

/** Returns a store as doors see it. */
export function viewStore(store: StoredStore): StoreView {
  const { _id, version, created, modified, refId, name, adminName, country } = store;
  return {
    id: _id,
    version,
    created,
    modified,
    refId,
    ...(name === undefined ? {} : { name }),
    ...(adminName === undefined ? {} : { adminName }),
    ...(country === undefined ? {} : { country }),
  };
}
