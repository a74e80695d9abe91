// Plans the links of one user: loads what the changes mention, applies them (apply.ts), and adds the groups that follow
// attributes by rule. The result is the links, and the writes on stores and groups that go with them.

import { changeRecord, originOf } from '../change-record.ts';
import { type Fault, fault } from '../faults.ts';
import { identityFields, withStatedId } from '../groups/identities.ts';
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
import { Entities, type Entity, entityOfGroup, entityOfStore, nameKey } from './entities.ts';
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
    (entity) => linked.has(entity.id) || (!entity.isNew && (entity.changed || entity.isNoted)),
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
    refId: entity.ids[0] ?? '',
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
  const { current, unlinkedValues } = request;
  const memberships = membershipsIn(changes);
  const isOther = memberships.join.length === 0 && memberships.leave.length === 0 && derived.length === 0;
  if (isUnchanged(request) && isOther) {
    return { links: [...current], unlinkedValues, faults: [], writes: [], after: [], isRenamed: false };
  }
  let stored = await groupsFor(context, request, memberships.join, derived);
  let applied = applyToGroups(stored, request, memberships, derived);
  const unseen = await decideNames(context, usedEntities(applied.entities, applied.links), stored);
  if (unseen.length > 0) {
    stored = new Map([...unseen.map((group): [string, StoredGroup] => [group._id, group]), ...stored]);
    applied = applyToGroups(stored, request, memberships, derived);
    await decideNames(context, usedEntities(applied.entities, applied.links), stored);
  }
  const { entities, links } = applied;
  const used = usedEntities(entities, links).map((entity) => {
    const group = groupAfter(context, entity, stored.get(entity.id));
    return { group, write: groupWrite(context, entity, group) };
  });
  return {
    links,
    unlinkedValues: applied.unlinkedValues,
    faults: applied.faults,
    writes: used.flatMap(({ write }) => write ?? []),
    after: used.map(({ group }) => group),
    isRenamed: isAnyChanged(entities),
  };
}

/** What a request makes of a user's groups, given those that it may need. */
function applyToGroups(
  stored: ReadonlyMap<string, StoredGroup>,
  request: LinkRequest,
  memberships: { join: readonly string[]; leave: readonly string[] },
  derived: readonly DerivedChange[],
): AppliedLinks & { entities: Entities } {
  const entities = new Entities(GROUP_LINKS, [...stored.values()].map(entityOfGroup));
  const applied = applyLinkChanges(GROUP_LINKS, entities, request);
  const assigned = applyMemberships(entities, applied.links, memberships, request.origin);
  const links = applyDerived(entities, assigned.links, derived);
  return { ...applied, entities, links, faults: [...applied.faults, ...assigned.faults] };
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
  const nameless = linked.filter((group) => group.identities.length === 0);
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
  // The group that a name leads to comes first, then those that the user is in already.
  return new Map([...byName, ...linked, ...byId, ...toJoin].map((group) => [group._id, group]));
}

/**
 * Decides which groups that are new or renamed hold their names: of groups with one type and name, one does.
 * @returns holders of names of new groups that this plan has not seen: with them it is to be made again
 */
async function decideNames(
  context: PlanContext,
  used: readonly Entity[],
  stored: ReadonlyMap<string, StoredGroup>,
): Promise<StoredGroup[]> {
  const isRenamed = ({ id, name = '', secondaryKey }: Entity): boolean => {
    const before = stored.get(id);
    return before === undefined || nameKey(before.type, before.name) !== nameKey(secondaryKey, name);
  };
  for (const entity of used.filter(isRenamed)) await keepTakenName(context, entity, stored.get(entity.id));
  const renamed = used.filter(isRenamed);
  if (renamed.length === 0) return [];
  const wanted = renamed.map(({ name = '', secondaryKey = '' }) => ({
    typeFold: foldText(secondaryKey),
    nameFold: foldText(name),
  }));
  const found = await context.records.groupsByTypeAndName(context.caller.account.id, wanted);
  const holders = new Map(found.map((group) => [nameKey(group.type, group.name), group._id]));
  for (const entity of renamed) {
    const key = nameKey(entity.secondaryKey, entity.name ?? '');
    entity.holdsName = (holders.get(key) ?? entity.id) === entity.id;
    holders.set(key, holders.get(key) ?? entity.id);
  }
  const isForNew = (group: StoredGroup): boolean =>
    renamed.some(
      ({ isNew, name, secondaryKey }) => isNew && nameKey(group.type, group.name) === nameKey(secondaryKey, name ?? ''),
    );
  return found.filter((group) => !stored.has(group._id) && isForNew(group));
}

/** A claimed group keeps its name if another claimed one has the new one: no user is refused because of a group's name. */
async function keepTakenName(
  { records, caller }: PlanContext,
  entity: Entity,
  before: StoredGroup | undefined,
): Promise<void> {
  const nameFold = foldText(entity.name ?? '');
  if (!before?.claimed || before.nameFold === nameFold) return;
  const named = await records.groupsByName(caller.account.id, nameFold, SAME_NAME_MAX);
  if (named.some((group) => group._id !== entity.id && group.claimed && group.nameFold === nameFold)) {
    entity.name = before.name;
  }
}

/** Groups of one name, over all types, that are looked at. */
const SAME_NAME_MAX = 1000;

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
  const identities = entity.statedIds.reduce(
    (known, value) => withStatedId(known, value, caller.connection.id),
    stored?.identities ?? [],
  );
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
    holdsName: entity.holdsName,
    name,
    nameFold: foldText(name),
    type,
    typeFold: foldText(type),
    ...identityFields(identities, entity.claimed),
  };
}

function groupWrite(context: PlanContext, entity: Entity, group: StoredGroup): Write | undefined {
  if (!entity.changed && !entity.isNoted) return undefined;
  const record = changeRecord(context, entity.id, entity.isNew ? 'create' : 'update', []);
  if (entity.isNew) return { kind: 'insertGroup', group: { ...group, changes: [record] } };
  const { name, nameFold, type, typeFold, holdsName, identities, externalId, derived } = group;
  const set = {
    name,
    nameFold,
    type,
    typeFold,
    holdsName,
    identities,
    derived,
    modified: context.now,
    ...(externalId === undefined ? {} : { externalId }),
  };
  return { kind: 'updateGroup', id: entity.id, ifVersion: entity.version, changes: { set, unset: [] }, record };
}
