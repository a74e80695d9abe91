// How stored users and groups look to doors: stored attributes plus the views on links (lists, flat attributes, groups).

import { GROUP_LINKS, isInline, type LinkKind, STORE_LINKS } from '../links/changes.ts';
import type { GroupView, Link, StoredGroup, StoredStore, StoredUser, StoreView, UserView } from '../model.ts';
import { copyAttributes } from '../schema/attributes.ts';
import { isObject } from '../schema/fold.ts';
import { type Attributes, type AttributeValue, emptyAttributes } from '../schema/schema.ts';

/** What the views need of the groups and stores that users link to. */
export interface Names {
  groups: ReadonlyMap<string, StoredGroup>;
  stores: ReadonlyMap<string, StoredStore>;
}

export const NO_NAMES: Names = { groups: new Map(), stores: new Map() };

/** A user as doors see it. Links to groups or stores that are gone are left out. */
export function viewUser(user: StoredUser, names: Names): UserView {
  const attributes = copyAttributes(user.data);
  const mobietrain = copyAttributes(isObject(user.data.mobietrain) ? user.data.mobietrain : undefined);
  viewLinks(STORE_LINKS, storeElements(user.stores, names), user.loose, mobietrain);
  viewLinks(GROUP_LINKS, groupElements(user.groups, names), user.loose, mobietrain);
  mobietrain.status = statusOf(user);
  if (user.missing.length > 0) mobietrain.missing = user.missing;
  attributes.mobietrain = mobietrain;
  if (user.manager !== undefined) {
    const enterprise = copyAttributes(user.data.enterprise as Attributes);
    const manager = copyAttributes(isObject(enterprise.manager) ? enterprise.manager : undefined);
    manager.value = user.manager;
    enterprise.manager = manager;
    attributes.enterprise = enterprise;
  }
  if (user.groups.length > 0) {
    const groups = membershipElements(user.groups, names);
    if (groups.length > 0) attributes.groups = groups;
  }
  return { id: user._id, version: user.version, created: user.created, modified: user.modified, attributes };
}

/** One word for where a user stands: the first that applies. */
export function statusOf(user: Pick<StoredUser, 'blocked' | 'data' | 'lifecycle' | 'missing'>): string {
  if (user.blocked) return 'blocked';
  if (user.data.active !== true) return 'inactive';
  if (user.lifecycle === 'invited') return 'invited';
  return user.missing.length > 0 ? 'incomplete' : 'active';
}

/** A user's stores as served. */
export function storeElements(links: Link[], names: Names): Attributes[] {
  return linkElements(STORE_LINKS, links, (id) => {
    const store = names.stores.get(id);
    return store && { identity: store.refId, name: store.name, trait: store.country };
  });
}

/** A user's inline groups as served. */
export function groupElements(links: Link[], names: Names): Attributes[] {
  return linkElements(GROUP_LINKS, links, (id) => {
    const group = names.groups.get(id);
    return group && { identity: group.externalId, name: group.name, trait: group.type === '' ? undefined : group.type };
  });
}

interface Shown {
  identity: string | undefined;
  name: string | undefined;
  trait: string | undefined;
}

/** The elements of the list on the user, in the order of its links. */
export function linkElements(kind: LinkKind, links: Link[], find: (id: string) => Shown | undefined): Attributes[] {
  const elements: Attributes[] = [];
  for (const link of links) {
    if (!isInline(link, kind)) continue;
    const element = link.to === undefined ? copyAttributes(link.raw) : elementOf(kind, find(link.to));
    if (!element) continue;
    if (link.primary !== undefined) element.primary = link.primary;
    elements.push(element);
  }
  return elements;
}

function elementOf(kind: LinkKind, shown: Shown | undefined): Attributes | undefined {
  if (!shown) return undefined;
  const element = emptyAttributes();
  if (shown.identity !== undefined) element.value = shown.identity;
  if (shown.name !== undefined) element.display = shown.name;
  if (shown.trait !== undefined) element[kind.trait] = shown.trait;
  return element;
}

/** Puts a list and its flat views into the served `mobietrain` part. */
export function viewLinks(
  kind: LinkKind,
  elements: Attributes[],
  loose: Attributes | undefined,
  into: Attributes,
): void {
  const { flat } = kind;
  const primary = elements.find((element) => element.primary === true) ?? elements[0];
  if (elements.length > 0) into[kind.list] = elements;
  const show = (key: string, value: AttributeValue | undefined) => {
    const shown = value ?? (primary?.value === undefined ? loose?.[key] : undefined);
    if (shown !== undefined) into[key] = shown;
  };
  show(flat.identity, primary?.value);
  show(flat.name, primary?.display);
  show(flat.trait, primary?.[kind.trait] ?? loose?.[flat.trait]);
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

/** A group as doors see it, without its members. */
export function viewGroup(group: StoredGroup): GroupView {
  const attributes = emptyAttributes();
  attributes.displayName = group.name;
  if (group.externalId !== undefined) attributes.externalId = group.externalId;
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

/** A store as doors see it. */
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
