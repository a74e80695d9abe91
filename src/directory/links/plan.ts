// Plans the links of one user: loads what the changes mention, applies them (apply.ts), and adds the groups that follow
// attributes by rule. The result is the links, and the writes on stores and groups that go with them.

import { changeRecord, originOf } from '../change-record.ts';
import { type Fault, fault } from '../faults.ts';
import type { Link, Origin, StoredGroup, StoredStore } from '../model.ts';
import type { Write } from '../records.ts';
import { foldText } from '../schema/fold.ts';
import { type Attributes, emptyAttributes } from '../schema/schema.ts';
import type { PlanContext, UserChangeRequest } from '../users/change-request.ts';
import { LINKS_MAX } from '../users/rules.ts';
import { type Names, servedLinks } from '../users/views.ts';
import { type AppliedLinks, applyLinkChanges, type LinkRequest } from './apply.ts';
import { changesOf, membershipsIn } from './changes.ts';
import { applyDerived, type DerivedChange, derivedChanges } from './derived.ts';
import { Entities, type Entity, entityOfGroup, entityOfStore } from './entities.ts';
import { GROUP_LINKS, type LinkKind, STORE_LINKS } from './kinds.ts';
import { flatValues } from './served.ts';

/** All links of a user as they would be, with what goes along. */
export interface AllLinks {
  stores: Link[];
  groups: Link[];
  /** Flat values that belong to no link, by attribute name. */
  unlinkedValues: Attributes;
  names: Names;
  writes: Write[];
  faults: Fault[];
  /** Something that is served of a store or group changes, and the user with it. */
  isRenamed: boolean;
}

/** The links of one kind as they would be, and the stores or groups that they lead to. */
interface KindPlan<T> extends AppliedLinks {
  writes: Write[];
  after: T[];
  isRenamed: boolean;
}

/**
 * Plans every kind of link.
 * @param data the user's attributes as they would be, which derived groups follow
 * Faults: mutability (a group that follows an attribute), unknownReference (a group to join), tooMany.
 */
export async function planAllLinks(
  context: PlanContext,
  request: UserChangeRequest,
  data: Attributes,
): Promise<AllLinks> {
  const current = { stores: request.current?.stores ?? [], groups: request.current?.groups ?? [] };
  const unlinkedValues = request.current?.loose ?? emptyAttributes();
  const derived = derivedChanges(context, request, data);
  const result: AllLinks = {
    ...current,
    unlinkedValues,
    names: request.names,
    writes: [],
    faults: [],
    isRenamed: false,
  };
  if (request.links.length === 0 && derived.length === 0) return result;
  const stores = await storePlan(context, linkRequest(context, STORE_LINKS, request, unlinkedValues));
  const groups = await groupPlan(
    context,
    request,
    linkRequest(context, GROUP_LINKS, request, stores.unlinkedValues),
    derived,
  );
  const storeNames = new Map(request.names.stores);
  const groupNames = new Map(request.names.groups);
  for (const store of stores.after) storeNames.set(store._id, store);
  for (const group of groups.after) groupNames.set(group._id, group);
  result.stores = stores.links;
  result.groups = groups.links;
  result.unlinkedValues = groups.unlinkedValues;
  result.names = { groups: groupNames, stores: storeNames };
  result.writes = [...stores.writes, ...groups.writes];
  result.isRenamed = stores.isRenamed || groups.isRenamed;
  result.faults = [...stores.faults, ...groups.faults];
  for (const kind of ['stores', 'groups'] as const) {
    if (result[kind].length > LINKS_MAX) result.faults.push(fault('tooMany', kind, { max: LINKS_MAX }));
  }
  return result;
}

function linkRequest(
  { caller }: PlanContext,
  kind: LinkKind,
  { current, names, links }: UserChangeRequest,
  unlinkedValues: Attributes,
): LinkRequest {
  return {
    current: (kind.target === 'store' ? current?.stores : current?.groups) ?? [],
    served: current ? servedLinks(kind, current, names) : [],
    unlinkedValues,
    ...changesOf(kind.target, links),
    origin: originOf(caller, 'inline'),
    isNewUser: current === undefined,
  };
}

const isUnchanged = ({ lists, primary }: LinkRequest): boolean => lists.length === 0 && primary.length === 0;

/** What a request mentions of one kind, so that it can be loaded in one go. */
function mentioned(kind: LinkKind, request: LinkRequest) {
  const served = flatValues(kind, request.served, request.unlinkedValues);
  // A flat value that is stated alone goes with those that are served.
  const flat = request.primary.map(({ primary }) => ({
    reference: primary.reference ?? served.reference,
    name: primary.name ?? served.name,
    secondaryKey: primary.secondaryKey ?? served.secondaryKey,
  }));
  const statements = [...request.lists.flatMap((change) => change.links), ...flat];
  const references = statements.flatMap(({ reference }) => reference ?? []);
  const named = statements.flatMap(({ name, secondaryKey = '' }) =>
    name === undefined ? [] : [{ name, secondaryKey }],
  );
  return { references: [...new Set(references)], named, primaryKey: flat.at(-1)?.secondaryKey ?? '' };
}

const idsOf = (links: readonly Link[]): string[] => links.flatMap((link) => (link.to === undefined ? [] : [link.to]));

/** Whether something that is served of a store or group that existed before changes. */
function isAnyChanged(entities: Entities): boolean {
  return [...entities.all()].some((entity) => entity.changed && !entity.isNew);
}

/** Entities that the links lead to in the end: one that was made on the way and left again is not kept. */
function usedEntities(entities: Entities, links: readonly Link[]): Entity[] {
  const linked = new Set(idsOf(links));
  return [...entities.all()].filter(
    (entity) => linked.has(entity.id) || (!entity.isNew && (entity.changed || entity.becomesDerived)),
  );
}

// ---- stores

async function storePlan(context: PlanContext, request: LinkRequest): Promise<KindPlan<StoredStore>> {
  const { current, unlinkedValues } = request;
  if (isUnchanged(request)) {
    return { links: [...current], unlinkedValues, faults: [], writes: [], after: [], isRenamed: false };
  }
  const { records } = context;
  const account = context.caller.account.id;
  const { references } = mentioned(STORE_LINKS, request);
  const [linked, referenced] = await Promise.all([
    current.length > 0 ? records.storesById(account, idsOf(current)) : [],
    references.length > 0 ? records.storesByRefId(account, references) : [],
  ]);
  const stored = new Map([...linked, ...referenced].map((store) => [store._id, store]));
  const entities = new Entities(STORE_LINKS, [...stored.values()].map(entityOfStore));
  const plan = applyLinkChanges(STORE_LINKS, entities, request);
  const used = usedEntities(entities, plan.links).map((entity) => {
    const store = storeAfter(context, entity, stored.get(entity.id));
    return { store, write: storeWrite(context, entity, store) };
  });
  return {
    ...plan,
    writes: used.flatMap(({ write }) => write ?? []),
    after: used.map(({ store }) => store),
    isRenamed: isAnyChanged(entities),
  };
}

function storeAfter({ caller, now }: PlanContext, entity: Entity, stored: StoredStore | undefined): StoredStore {
  return {
    ...(stored ?? { _id: entity.id, account: caller.account.id, version: 1, created: now, modified: now, changes: [] }),
    refId: entity.identity ?? '',
    ...(entity.name === undefined ? {} : { name: entity.name, nameFold: foldText(entity.name) }),
    ...(entity.secondaryKey === undefined ? {} : { country: entity.secondaryKey }),
  };
}

function storeWrite(context: PlanContext, entity: Entity, store: StoredStore): Write | undefined {
  if (!entity.changed) return undefined;
  const record = changeRecord(context, entity.id, entity.isNew ? 'create' : 'update', []);
  if (entity.isNew) return { kind: 'insertStore', store: { ...store, changes: [record] } };
  const { name, nameFold, country } = store;
  const changes = { set: { name, nameFold, country, modified: context.now }, unset: [] };
  return { kind: 'updateStore', id: entity.id, ifVersion: entity.version, changes, record };
}

// ---- groups

async function groupPlan(
  context: PlanContext,
  { links: changes }: UserChangeRequest,
  request: LinkRequest,
  derived: readonly DerivedChange[],
): Promise<KindPlan<StoredGroup>> {
  const { current, unlinkedValues, origin } = request;
  const memberships = membershipsIn(changes);
  const isOther = memberships.join.length === 0 && memberships.leave.length === 0 && derived.length === 0;
  if (isUnchanged(request) && isOther) {
    return { links: [...current], unlinkedValues, faults: [], writes: [], after: [], isRenamed: false };
  }
  const stored = await groupsFor(context, request, memberships.join, derived);
  const entities = new Entities(GROUP_LINKS, [...stored.values()].map(entityOfGroup));
  const applied = applyLinkChanges(GROUP_LINKS, entities, request);
  const assigned = applyMemberships(entities, applied.links, memberships, origin);
  const links = applyDerived(entities, assigned.links, derived);
  const used = usedEntities(entities, links).map((entity) => {
    const group = groupAfter(context, entity, stored.get(entity.id));
    return { group, write: groupWrite(context, entity, group) };
  });
  return {
    links,
    unlinkedValues: applied.unlinkedValues,
    faults: [...applied.faults, ...assigned.faults],
    writes: used.flatMap(({ write }) => write ?? []),
    after: used.map(({ group }) => group),
    isRenamed: isAnyChanged(entities),
  };
}

/** The groups that a plan may need, by id: those linked, those mentioned, those to join and those that rules name. */
async function groupsFor(
  { records, caller }: PlanContext,
  request: LinkRequest,
  joined: readonly string[],
  derived: readonly DerivedChange[],
): Promise<Map<string, StoredGroup>> {
  const account = caller.account.id;
  const linked = request.current.length > 0 ? await records.groupsById(account, idsOf(request.current)) : [];
  const { references, named, primaryKey } = isUnchanged(request)
    ? { references: [], named: [], primaryKey: '' }
    : mentioned(GROUP_LINKS, request);
  const nameless = linked.filter((group) => group.externalId === undefined);
  const identities = [
    ...named,
    // A flat type that is stated later belongs to the name that is served already, in any order.
    ...nameless.map(({ name }) => ({ secondaryKey: primaryKey, name })),
    ...derived.flatMap(({ groupType, value }) =>
      value === undefined ? [] : [{ secondaryKey: groupType, name: value }],
    ),
  ].map(({ secondaryKey, name }) => ({ typeFold: foldText(secondaryKey), nameFold: foldText(name) }));
  const [byId, byName, toJoin] = await Promise.all([
    references.length > 0 ? records.groupsByExternalId(account, references) : [],
    identities.length > 0 ? records.groupsByTypeAndName(account, identities) : [],
    joined.length > 0 ? records.groupsById(account, [...joined]) : [],
  ]);
  return new Map([...linked, ...byId, ...byName, ...toJoin].map((group) => [group._id, group]));
}

/** What an administrator decides: joining notes the origin, leaving takes the link away whoever asserted it. */
function applyMemberships(
  entities: Entities,
  before: Link[],
  { join, leave }: { join: readonly string[]; leave: readonly string[] },
  origin: Origin,
): { links: Link[]; faults: Fault[] } {
  const faults: Fault[] = [];
  const mayChange = (entity: Entity): boolean => {
    if (entity.derived) {
      faults.push(fault('mutability', 'groups', { rule: `the members of ${entity.name} follow an attribute` }));
    }
    return !entity.derived;
  };
  const leaving = new Set(
    leave.filter((id) => {
      const entity = entities.byId(id);
      return entity === undefined || mayChange(entity);
    }),
  );
  let links = before.filter((link) => link.to === undefined || !leaving.has(link.to));
  for (const id of join) {
    const entity = entities.byId(id);
    const existing = links.find((link) => link.to === id);
    if (!entity) faults.push(fault('unknownReference', 'groups', { kind: 'group', value: id }));
    else if (existing) {
      const origins = existing.origins.includes(origin) ? existing.origins : [...existing.origins, origin];
      links = links.map((link) => (link === existing ? { ...link, origins } : link));
    } else if (mayChange(entity)) links = [...links, { to: id, origins: [origin] }];
  }
  return { links, faults };
}

function groupAfter({ caller, now }: PlanContext, entity: Entity, stored: StoredGroup | undefined): StoredGroup {
  const name = entity.name ?? '';
  const type = entity.secondaryKey ?? '';
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

function groupWrite(context: PlanContext, entity: Entity, group: StoredGroup): Write | undefined {
  if (!entity.changed && !entity.becomesDerived) return undefined;
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
