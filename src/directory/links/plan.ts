// Plans the links of one user: loads what a request mentions, lets links.ts decide, and adds the groups that follow
// attributes by rule. Gives back links and the writes on stores and groups that go with them.

import { changeRecord, originOf } from '../change-record.ts';
import { type Fault, fault } from '../faults.ts';
import type { Link, Memberships, Origin, StoredGroup, StoredStore } from '../model.ts';
import type { Write } from '../records.ts';
import { textAt } from '../schema/attributes.ts';
import { foldText, isObject } from '../schema/fold.ts';
import { type Attributes, emptyAttributes } from '../schema/schema.ts';
import type { PlanContext, UserWish } from '../users/change-request.ts';
import { LINKS_MAX } from '../users/rules.ts';
import type { Names } from '../users/views.ts';
import { GROUP_LINKS, type LinkKind, linkKeys, mentioned, planLinks, STORE_LINKS } from './changes.ts';
import { Entities, type Entity, entityOfGroup, entityOfStore } from './entities.ts';

/** All links of a user as they would be, with what goes along. */
export interface AllLinks {
  stores: Link[];
  groups: Link[];
  loose: Attributes;
  names: Names;
  writes: Write[];
  faults: Fault[];
  /** A store or group is served otherwise than before, and the user with it. */
  isRenamed: boolean;
}

/** Plans every kind of link. Faults: mutability (a group that follows an attribute), tooMany. */
export async function planAllLinks(context: PlanContext, wish: UserWish): Promise<AllLinks> {
  const current = { stores: wish.current?.stores ?? [], groups: wish.current?.groups ?? [] };
  const loose = wish.current?.loose ?? emptyAttributes();
  const storesStated = linkKeys(STORE_LINKS).some((key) => wish.stated.has(key));
  const groupsStated = linkKeys(GROUP_LINKS).some((key) => wish.stated.has(key));
  const derived = derivedChanges(context, wish);
  const result: AllLinks = {
    ...current,
    loose,
    names: wish.names,
    writes: [],
    faults: [],
    isRenamed: false,
  };
  const assigned = wish.memberships !== undefined;
  if (!storesStated && !groupsStated && !assigned && derived.length === 0) return result;
  const stores = storesStated ? await storePlan(context, wish, current.stores, loose) : undefined;
  const groups =
    groupsStated || assigned || derived.length > 0
      ? await groupPlan(context, wish, current.groups, stores?.loose ?? loose, groupsStated, derived)
      : undefined;
  const storeNames = new Map(wish.names.stores);
  const groupNames = new Map(wish.names.groups);
  for (const store of stores?.after ?? []) storeNames.set(store._id, store);
  for (const group of groups?.after ?? []) groupNames.set(group._id, group);
  result.stores = stores?.links ?? current.stores;
  result.groups = groups?.links ?? current.groups;
  result.loose = groups?.loose ?? stores?.loose ?? loose;
  result.names = { groups: groupNames, stores: storeNames };
  result.writes = [...(stores?.writes ?? []), ...(groups?.writes ?? [])];
  result.isRenamed = (stores?.isRenamed ?? false) || (groups?.isRenamed ?? false);
  result.faults = [...(stores?.faults ?? []), ...(groups?.faults ?? [])];
  for (const kind of ['stores', 'groups'] as const) {
    if (result[kind].length > LINKS_MAX) result.faults.push(fault('tooMany', kind, { max: LINKS_MAX }));
  }
  return result;
}

function linkRequest(context: PlanContext, wish: UserWish, kind: LinkKind, current: Link[], loose: Attributes) {
  const part = (attributes: Attributes | undefined) =>
    isObject(attributes?.mobietrain) ? attributes.mobietrain : emptyAttributes();
  return {
    current,
    before: part(wish.before?.attributes),
    after: part(wish.attributes),
    stated: wish.stated,
    mode: wish.mode,
    removed: wish.removed[kind.list],
    asserted: wish.asserted[kind.list],
    origin: originOf(context.caller, 'inline'),
    loose,
  };
}

const idsOf = (links: Link[]): string[] => links.flatMap((link) => (link.to === undefined ? [] : [link.to]));

async function storePlan(context: PlanContext, wish: UserWish, current: Link[], loose: Attributes) {
  const { records, caller, now } = context;
  const account = caller.account.id;
  const request = linkRequest(context, wish, STORE_LINKS, current, loose);
  const wanted = mentioned(STORE_LINKS, request.after);
  const [linked, named] = await Promise.all([
    current.length > 0 ? records.storesById(account, idsOf(current)) : [],
    wanted.identities.length > 0 ? records.storesByRefId(account, wanted.identities) : [],
  ]);
  const stored = new Map([...linked, ...named].map((store) => [store._id, store]));
  const entities = new Entities(STORE_LINKS, [...stored.values()].map(entityOfStore));
  const plan = planLinks(STORE_LINKS, entities, request);
  const writes: Write[] = [];
  const after: StoredStore[] = [];
  for (const entity of usedEntities(entities, plan.links)) {
    const store = storeAfter(context, entity, stored.get(entity.id));
    after.push(store);
    const record = changeRecord(context, entity.id, entity.isNew ? 'create' : 'update', []);
    if (entity.isNew) writes.push({ kind: 'insertStore', store: { ...store, changes: [record] } });
    else if (entity.touched) {
      const { name, nameFold, country } = store;
      const changes = { set: { name, nameFold, country, modified: now }, unset: [] };
      writes.push({ kind: 'updateStore', id: entity.id, ifVersion: entity.version, changes, record });
    }
  }
  return { ...plan, writes, after, isRenamed: isAnyTouched(entities) };
}

/** Whether something that is served of a store or group which was there before changes. */
function isAnyTouched(entities: Entities): boolean {
  return [...entities.all()].some((entity) => entity.touched && !entity.isNew);
}

/** Entities that the links lead to in the end: one that was only made on the way is not kept. */
function usedEntities(entities: Entities, links: Link[]): Entity[] {
  const linked = new Set(idsOf(links));
  return [...entities.all()].filter(
    (entity) => linked.has(entity.id) || (!entity.isNew && (entity.touched || entity.marked)),
  );
}

function storeAfter({ caller, now }: PlanContext, entity: Entity, stored: StoredStore | undefined): StoredStore {
  return {
    ...(stored ?? { _id: entity.id, account: caller.account.id, version: 1, created: now, modified: now, changes: [] }),
    refId: entity.identity ?? '',
    ...(entity.name === undefined ? {} : { name: entity.name, nameFold: foldText(entity.name) }),
    ...(entity.trait === undefined ? {} : { country: entity.trait }),
  };
}

/** A rule's group changed for this user: the value before and after (undefined: none). */
interface DerivedChange {
  attribute: string;
  groupType: string;
  value: string | undefined;
}

function derivedChanges({ caller }: PlanContext, wish: UserWish): DerivedChange[] {
  const rules = caller.account.derivedGroups;
  const current = wish.current?.groups ?? [];
  const changes = rules.flatMap(({ attribute, groupType }) => {
    const value = textAt(wish.attributes, attribute);
    const origin: Origin = `derived:${attribute}`;
    const link = current.find(({ origins }) => origins.includes(origin));
    const type = link?.to === undefined ? undefined : wish.names.groups.get(link.to)?.typeFold;
    const unchanged = wish.current !== undefined && value === textAt(wish.current.data, attribute);
    const follows = value === undefined ? link === undefined : type === foldText(groupType);
    return unchanged && follows ? [] : [{ attribute, groupType, value }];
  });
  // A rule that is no more leaves its links to be taken off.
  const ruled = new Set(rules.map(({ attribute }) => `derived:${attribute}`));
  const origins = new Set(current.flatMap((link) => link.origins));
  for (const origin of origins) {
    if (!origin.startsWith('derived:') || ruled.has(origin)) continue;
    changes.push({ attribute: origin.slice('derived:'.length), groupType: '', value: undefined });
  }
  return changes;
}

async function groupPlan(
  context: PlanContext,
  wish: UserWish,
  current: Link[],
  loose: Attributes,
  stated: boolean,
  derived: DerivedChange[],
) {
  const { records, caller } = context;
  const account = caller.account.id;
  const request = linkRequest(context, wish, GROUP_LINKS, current, loose);
  const wanted = stated ? mentioned(GROUP_LINKS, request.after) : { identities: [], named: [] };
  const linked = current.length > 0 ? await records.groupsById(account, idsOf(current)) : [];
  const unnamed = linked.filter((group) => group.externalId === undefined).map((group) => group.name);
  const identities = [
    ...wanted.named,
    // A flat type stated later belongs to the name that is there already, in any order.
    ...unnamed.map((name) => ({ trait: textAt(request.after, GROUP_LINKS.flat.trait) ?? '', name })),
    ...derived.flatMap(({ groupType, value }) => (value === undefined ? [] : [{ trait: groupType, name: value }])),
  ].map(({ trait, name }) => ({ typeFold: foldText(trait), nameFold: foldText(name) }));
  const joined = wish.memberships?.add ?? [];
  const [byId, byName, toJoin] = await Promise.all([
    wanted.identities.length > 0 ? records.groupsByExternalId(account, wanted.identities) : [],
    identities.length > 0 ? records.groupsByTypeAndName(account, identities) : [],
    joined.length > 0 ? records.groupsById(account, [...joined]) : [],
  ]);
  const stored = new Map([...linked, ...byId, ...byName, ...toJoin].map((group) => [group._id, group]));
  const entities = new Entities(GROUP_LINKS, [...stored.values()].map(entityOfGroup));
  const plan = stated ? planLinks(GROUP_LINKS, entities, request) : { links: current, loose, faults: [] };
  const assigned = applyMemberships(entities, plan.links, wish.memberships, request.origin);
  const links = applyDerived(entities, assigned.links, derived);
  const writes: Write[] = [];
  const after: StoredGroup[] = [];
  for (const entity of usedEntities(entities, links)) {
    const group = groupAfter(context, entity, stored.get(entity.id));
    after.push(group);
    const write = groupEntityWrite(context, entity, group);
    if (write) writes.push(write);
  }
  return {
    ...plan,
    faults: [...plan.faults, ...assigned.faults],
    links,
    writes,
    after,
    isRenamed: isAnyTouched(entities),
  };
}

/** An administrator's word: joins note the origin, a removal takes the link whoever made it. */
function applyMemberships(
  entities: Entities,
  before: Link[],
  memberships: Memberships | undefined,
  origin: Origin,
): { links: Link[]; faults: Fault[] } {
  if (!memberships) return { links: before, faults: [] };
  const faults: Fault[] = [];
  const mayChange = (entity: Entity): boolean => {
    if (entity.derived) {
      faults.push(fault('mutability', 'groups', { rule: `the members of ${entity.name} follow an attribute` }));
    }
    return !entity.derived;
  };
  const leaving = new Set(
    memberships.remove.filter((id) => {
      const entity = entities.byId(id);
      return entity === undefined || mayChange(entity);
    }),
  );
  let links = before.filter((link) => link.to === undefined || !leaving.has(link.to));
  for (const id of memberships.add) {
    const entity = entities.byId(id);
    const existing = links.find((link) => link.to === id);
    if (!entity) faults.push(fault('unknownReference', 'groups', { kind: 'group', value: id }));
    else if (existing) {
      const noted = existing.origins.includes(origin) ? existing.origins : [...existing.origins, origin];
      links = links.map((link) => (link === existing ? { ...link, origins: noted } : link));
    } else if (mayChange(entity)) links = [...links, { to: id, origins: [origin] }];
  }
  return { links, faults };
}

function applyDerived(entities: Entities, before: Link[], derived: DerivedChange[]): Link[] {
  let links = before;
  for (const { attribute, groupType, value } of derived) {
    const origin: Origin = `derived:${attribute}`;
    links = links
      .map((link) => ({ ...link, origins: link.origins.filter((other) => other !== origin) }))
      .filter((link) => link.origins.length > 0);
    if (value === undefined) continue;
    const entity = entities.resolve(undefined, value, groupType);
    if (!entity) continue;
    if (!entity.derived) {
      entity.derived = true;
      entity.marked = true;
    }
    const existing = links.find((link) => link.to === entity.id);
    if (existing) existing.origins = [...existing.origins, origin];
    else links = [...links, { to: entity.id, origins: [origin] }];
  }
  return links;
}

function groupAfter({ caller, now }: PlanContext, entity: Entity, stored: StoredGroup | undefined): StoredGroup {
  const name = entity.name ?? '';
  const type = entity.trait ?? '';
  return {
    ...(stored ?? {
      _id: entity.id,
      account: caller.account.id,
      version: 1,
      created: now,
      modified: now,
      claimed: false,
      changes: [],
    }),
    derived: entity.derived,
    name,
    nameFold: foldText(name),
    type,
    typeFold: foldText(type),
    ...(entity.identity === undefined ? {} : { externalId: entity.identity }),
  };
}

function groupEntityWrite(context: PlanContext, entity: Entity, group: StoredGroup): Write | undefined {
  if (!entity.touched && !entity.marked) return undefined;
  const record = changeRecord(context, entity.id, entity.isNew ? 'create' : 'update', []);
  if (entity.isNew) return { kind: 'insertGroup', group: { ...group, changes: [record] } };
  const { name, nameFold, type, typeFold, externalId, derived } = group;
  const set = {
    name,
    nameFold,
    type,
    typeFold,
    derived,
    modified: context.now,
    ...(externalId === undefined ? {} : { externalId }),
  };
  return { kind: 'updateGroup', id: entity.id, ifVersion: entity.version, changes: { set, unset: [] }, record };
}
