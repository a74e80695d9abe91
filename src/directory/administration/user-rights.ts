// Owns the table from an attribute of a user to the right that a change of it needs. The directory asks it for every planned change
// whose caller acts for an administrator, whichever door the change came through. It compares the user before and after, so it does
// not matter by which attribute, list or row a value was stated.

import { type Fault, fault } from '../faults.ts';
import { LINK_EXTENSION, type LinkTarget } from '../links/kinds.ts';
import type { Account, Link, StoredGroup, UserView } from '../model.ts';
import { copyAttributes, elementsAt, nameOfKey, sameValue, setAt, textAt, valueAt } from '../schema/attributes.ts';
import { foldText, isObject } from '../schema/fold.ts';
import type { Attributes, AttributeValue } from '../schema/schema.ts';
import { type Actor, isAccountWide, may, OPERATIONS, type Operation, scopeKind, within } from './permissions.ts';

/** What a change of an attribute needs, beside the right to create or change the user. */
interface AttributeRight {
  /** What the role must include. */
  needs?: Operation;
  /**
   * Who may not change it of their own user: `nobody` may, or only those whose scope is the whole account (`accountWide`), because
   * the scope of the others follows from it. Absent: everybody may.
   */
  own?: 'nobody' | 'accountWide';
  /** The part of the value that decides rights; the whole value by default. */
  compared?: (value: AttributeValue | undefined) => AttributeValue | undefined;
}

const ORG_UNIT = 'mobietrain.organizationalUnit';
const STORES = 'mobietrain.stores';
const MANAGER = 'enterprise.manager';

/** Attributes that are not listed need no more than the right over the user. */
const ATTRIBUTE_RIGHTS: ReadonlyMap<string, AttributeRight> = new Map<string, AttributeRight>([
  // The scope of a Superior: the stores of the administrator's user, and the users whose manager is that user.
  [STORES, { own: 'nobody', compared: refIds }],
  [MANAGER, { own: 'nobody', compared: (value) => (isObject(value) ? value.value : undefined) }],
  // Managers are named by these before they exist, so that a new name would bring foreign reports into the scope.
  ['userName', { own: 'accountWide' }],
  ['externalId', { own: 'accountWide' }],
  [ORG_UNIT, { own: 'nobody' }],
  ['roles', { needs: 'users.roles', own: 'nobody' }],
  ['active', { needs: 'users.activate', own: 'nobody' }],
  // On this day the user is deactivated.
  ['mobietrain.endDate', { needs: 'users.activate', own: 'nobody' }],
]);

/** What making, naming or typing a target of links needs. */
const EDIT_RIGHTS: Record<LinkTarget, { path: string; needs: Operation }> = {
  store: { path: 'stores', needs: 'stores.edit' },
  group: { path: 'userGroups', needs: 'groups.edit' },
};

/** A planned change of a user; `before` is undefined for a new one. */
export interface PlannedUserChange {
  account: Pick<Account, 'assignableGroups'>;
  before: UserView | undefined;
  after: UserView;
  /** The links to groups before and after, with the groups by id. */
  groups: { before: readonly Link[]; after: readonly Link[]; byId: ReadonlyMap<string, StoredGroup> };
  /** Stores and groups that the change makes, names or types, other than groups that a rule derives. */
  edited: readonly EditedTarget[];
}

/** A store or group that a change of a user makes or changes. */
export interface EditedTarget {
  target: LinkTarget;
  name: string;
  isNew: boolean;
}

/**
 * The reasons why an administrator may not make a planned change.
 * Faults: forbidden, with the attribute, the missing operation and the rule.
 */
export function rightsFaults(actor: Actor, change: PlannedUserChange): Fault[] {
  return [
    ...attributeFaults(actor, change),
    ...scopeFaults(actor, change),
    ...addedStoreFaults(actor, change),
    ...editFaults(actor, change.edited),
    ...assignmentFaults(actor, change),
  ];
}

/** The faults of attributes (by key) that an administrator may set of no user. Fault: forbidden. */
export function neverAllowed(actor: Actor, keys: Iterable<string>): Fault[] {
  return [...keys].flatMap((key) => {
    const needs = ATTRIBUTE_RIGHTS.get(key)?.needs;
    return needs === undefined || may(actor, needs) ? [] : [missing(pathOf(key), needs)];
  });
}

/** Whether an administrator may not act on a user at all. Doors report such a user as one that does not exist. */
export function isOutside(actor: Actor | undefined, user: UserView): boolean {
  return actor !== undefined && !within(actor, user);
}

/**
 * Why an administrator may not block, unblock, delete or erase a user: outside of the scope, or the administrator's own user.
 * Faults: notFound, forbidden.
 */
export function removalFault(actor: Actor | undefined, user: UserView): Fault | undefined {
  if (isOutside(actor, user)) return fault('notFound', 'User', { id: user.id });
  if (actor?.user !== user.id) return undefined;
  return fault('forbidden', '', { rule: 'you cannot block, unblock or delete your own user' });
}

/** Puts a new user of an administrator of an org unit into that unit, unless the user has another one. */
export function placeNewUser(actor: Actor, attributes: Attributes): void {
  if (scopeKind(actor.role) !== 'orgUnit' || actor.orgUnit === undefined) return;
  if (textAt(attributes, ORG_UNIT) !== undefined) return;
  const extension = attributes[LINK_EXTENSION];
  if (isObject(extension)) attributes[LINK_EXTENSION] = copyAttributes(extension);
  setAt(attributes, ORG_UNIT, actor.orgUnit);
}

function attributeFaults(actor: Actor, { before, after }: PlannedUserChange): Fault[] {
  const faults: Fault[] = [];
  const isOwn = actor.user !== undefined && before?.id === actor.user;
  for (const [key, { needs, own, compared = (value: AttributeValue | undefined) => value }] of ATTRIBUTE_RIGHTS) {
    const was = before && compared(valueAt(before.attributes, key));
    const is = compared(valueAt(after.attributes, key));
    // Everybody who creates users creates active ones.
    if (sameValue(was, is) || (!before && key === 'active' && is === true)) continue;
    const path = pathOf(key);
    if (needs !== undefined && !may(actor, needs)) faults.push(missing(path, needs));
    else if (isOwn && (own === 'nobody' || (own === 'accountWide' && !isAccountWide(actor.role)))) {
      faults.push(fault('forbidden', path, { rule: 'nobody may change this of their own user' }));
    }
  }
  return faults;
}

/** Refuses a user who is outside of the scope afterwards. */
function scopeFaults(actor: Actor, { before, after }: PlannedUserChange): Fault[] {
  if (within(actor, after)) return [];
  const path = scopeKind(actor.role) === 'orgUnit' ? pathOf(ORG_UNIT) : pathOf(STORES);
  const operation = before ? 'users.change' : 'users.create';
  return [fault('forbidden', path, { operation, rule: 'the user would be outside of your scope' })];
}

/** Every store that is added must lie within the scope, if the scope consists of stores. */
function addedStoreFaults(actor: Actor, { before, after }: PlannedUserChange): Fault[] {
  if (scopeKind(actor.role) !== 'storesAndReports') return [];
  const known = new Set([...(actor.stores ?? []), ...(before ? storesOf(before) : [])]);
  return storesOf(after)
    .filter((refId) => !known.has(refId))
    .map((value) => fault('forbidden', pathOf(STORES), { value, rule: `the store ${value} is outside of your scope` }));
}

function editFaults(actor: Actor, edited: readonly EditedTarget[]): Fault[] {
  return edited.flatMap(({ target, name, isNew }) => {
    const { path, needs } = EDIT_RIGHTS[target];
    if (may(actor, needs)) return [];
    const rule = isNew
      ? `the ${target} ${name} does not exist, and your role does not include ${needs}`
      : `the name, ID and ${target === 'store' ? 'country' : 'type'} of the ${target} ${name} are changed only by roles that include ${needs}`;
    return [fault('forbidden', path, { operation: needs, value: name, rule })];
  });
}

/** Roles without `groups.edit` assign the groups that the account lets them assign; memberships that a rule derives are nobody's. */
function assignmentFaults(actor: Actor, { account, groups }: PlannedUserChange): Fault[] {
  if (may(actor, 'groups.edit')) return [];
  const assignable = account.assignableGroups?.find(({ role }) => role === actor.role);
  if (!assignable) return [];
  const types = new Set(assignable.types?.map(foldText));
  const ids = new Set(assignable.groups);
  const [was, is] = [groupIdsOf(groups.before), groupIdsOf(groups.after)];
  const changed = [...is].filter((id) => !was.has(id)).concat([...was].filter((id) => !is.has(id)));
  return changed.flatMap((id) => {
    const group = groups.byId.get(id);
    if (!group || group.derived || ids.has(id) || types.has(group.typeFold)) return [];
    const rule = `your role may not assign the group ${group.adminName ?? group.name} in this account`;
    return [fault('forbidden', 'groups', { operation: 'users.change', value: group.name, rule })];
  });
}

function groupIdsOf(links: readonly Link[]): Set<string> {
  return new Set(links.flatMap(({ to }) => to ?? []));
}

function missing(path: string, operation: Operation): Fault {
  const rule = `your role does not include ${operation} (${OPERATIONS[operation]})`;
  return fault('forbidden', path, { operation, rule });
}

/** The sorted ref ids of a list of stores: their order, names and countries grant nothing. */
function refIds(stores: AttributeValue | undefined): string[] {
  if (!Array.isArray(stores)) return [];
  return stores.flatMap((store) => (isObject(store) && typeof store.value === 'string' ? [store.value] : [])).sort();
}

function storesOf({ attributes }: UserView): string[] {
  return refIds(elementsAt(attributes, STORES));
}

function pathOf(key: string): string {
  return nameOfKey(key);
}
