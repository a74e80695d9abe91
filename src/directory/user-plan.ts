// Plans a change of one user: from what is stored and what a door wants to the writes that make it so, or the faults why not.
// Nothing is written here; provision.ts commits.

import { copyAttributes, sameValue, setAt, textAt, valueAt } from './attributes.ts';
import { type Fault, fault } from './faults.ts';
import { foldAttributes, foldText, isObject } from './fold.ts';
import {
  Entities,
  type Entity,
  entityOfGroup,
  entityOfStore,
  GROUP_LINKS,
  type LinkKind,
  linkKeys,
  mentioned,
  planLinks,
  STORE_LINKS,
} from './links.ts';
import type { Caller, ChangeRecord, Link, Origin, StoredGroup, StoredStore, StoredUser, UserView } from './model.ts';
import type { FieldChanges, Records, Write } from './records.ts';
import {
  isLinkFault,
  isRefusable,
  keyOfFault,
  LINKS_MAX,
  phonesForMatching,
  sizeFaults,
  tableFaults,
} from './rules.ts';
import { type Attributes, type AttributeValue, emptyAttributes, type ResourceSchema } from './schema.ts';
import { linkElements, type Names } from './views.ts';

export const SCHEMA_VERSION = 1;

export interface PlanContext {
  records: Records;
  schema: ResourceSchema;
  caller: Caller;
  now: Date;
}

/** What is wanted of a user: `current` and `before` are absent for a create. */
export interface UserWish {
  id: string;
  current?: StoredUser;
  before?: UserView;
  names: Names;
  mode: 'create' | 'replace' | 'patch';
  attributes: Attributes;
  stated: ReadonlySet<string>;
  removed: { stores: Attributes[]; userGroups: Attributes[] };
  asserted: { stores: Attributes[]; userGroups: Attributes[] };
}

export type UserPlan =
  | { ok: false; faults: [Fault, ...Fault[]] }
  | { ok: true; changed: boolean; user: StoredUser; names: Names; writes: Write[]; touched: string[] };

const VIEW_KEYS = [...linkKeys(STORE_LINKS), ...linkKeys(GROUP_LINKS), 'mobietrain.status', 'mobietrain.missing'];
/** What a PUT that leaves it out keeps (systems.md §1): Okta and flat clients never send these. */
const KEPT_BY_REPLACE = ['externalId', 'active'];

/**
 * Plans a create or a change of a user.
 * Faults: required, tooLong, tooMany, invalidValue, mutability; the store's unique indexes judge uniqueness at commit.
 */
export async function planUser(context: PlanContext, wish: UserWish): Promise<UserPlan> {
  const data = storedData(wish);
  const sizes = [...requiredFaults(data, context.schema), ...sizeFaults(wish.attributes)];
  if (isNonEmpty(sizes)) return { ok: false, faults: sizes };
  const [manager, links] = await Promise.all([planManager(context, wish, data), planAllLinks(context, wish)]);
  if (isNonEmpty(links.faults)) return { ok: false, faults: links.faults };
  const user = nextUser(context, wish, data, manager, links);
  const judged = judge(context, wish, user, links);
  if (isNonEmpty(judged.refused)) return { ok: false, faults: judged.refused };
  user.missing = judged.missing;
  const touched = changedKeys(wish.current, user, context.schema);
  if (!wish.current) {
    user.sources = { '*': context.caller.connection.id };
    user.changes = [changeRecord(context, wish.id, 'create', [])];
    return {
      ok: true,
      changed: true,
      user,
      names: links.names,
      writes: [...links.writes, { kind: 'insertUser', user }],
      touched,
    };
  }
  return planUpdate(context, wish.current, user, links, touched);
}

function planUpdate(
  context: PlanContext,
  current: StoredUser,
  user: StoredUser,
  links: AllLinks,
  touched: string[],
): UserPlan {
  user.sources = sourcesAfter(current, touched, context.caller.connection.id);
  const changes = fieldChanges(current, user);
  const visible = touched.length > 0 || links.writes.length > 0;
  const changed = visible || Object.keys(changes.set).length > 0 || changes.unset.length > 0;
  if (!changed) return { ok: true, changed, user: current, names: links.names, writes: [], touched };
  if (visible) {
    user.version = current.version + 1;
    user.modified = context.now;
  }
  const record = changeRecord(context, user._id, 'update', touched);
  const update: Write = { kind: 'updateUser', id: user._id, ifRevision: current.revision, visible, changes, record };
  return { ok: true, changed: visible, user, names: links.names, writes: [...links.writes, update], touched };
}

function isNonEmpty(faults: Fault[]): faults is [Fault, ...Fault[]] {
  return faults.length > 0;
}

/** The attributes to store: what is wanted, less the views on links and what is never stored. */
function storedData(wish: UserWish): Attributes {
  const data = copyAttributes(wish.attributes);
  delete data.password;
  delete data.groups;
  if (isObject(data.mobietrain)) {
    data.mobietrain = copyAttributes(data.mobietrain);
    for (const key of VIEW_KEYS) setAt(data, key, undefined);
  }
  if (wish.mode === 'replace' && wish.current) {
    for (const key of KEPT_BY_REPLACE) {
      const value = wish.current.data[key];
      if (!wish.stated.has(key) && value !== undefined) data[key] = value;
    }
  }
  if (data.active === undefined) data.active = true;
  return data;
}

function requiredFaults(data: Attributes, schema: ResourceSchema): Fault[] {
  const faults: Fault[] = [];
  for (const attribute of schema.core.attributes.values()) {
    if (attribute.required && (data[attribute.name] === undefined || data[attribute.name] === '')) {
      faults.push(fault('required', attribute.path));
    }
  }
  return faults;
}

interface ManagerPlan {
  id: string | undefined;
  unresolved: boolean;
}

/** A manager is kept as sent and its id beside it; restating what was served keeps both as they are. */
async function planManager(context: PlanContext, wish: UserWish, data: Attributes): Promise<ManagerPlan> {
  const wanted = managerReference(data);
  if (wanted === undefined) {
    if (valueAt(data, 'enterprise.manager') !== undefined) {
      data.enterprise = copyAttributes(data.enterprise as Attributes);
      setAt(data, 'enterprise.manager', undefined);
    }
    return { id: undefined, unresolved: false };
  }
  const stored = wish.current && managerReference(wish.current.data);
  const same = wanted === stored || wanted === wish.current?.manager;
  const manager = emptyAttributes();
  manager.value = same && stored !== undefined ? stored : wanted;
  data.enterprise = copyAttributes(data.enterprise as Attributes);
  data.enterprise.manager = manager;
  if (same && wish.current?.manager !== undefined) return { id: wish.current.manager, unresolved: false };
  const id = await context.records.userByReference(context.caller.account.id, wanted);
  return { id, unresolved: id === undefined };
}

/** The text that names a user's manager: an id, an external ID or a login name. */
export function managerReference(data: Attributes): string | undefined {
  const manager = valueAt(data, 'enterprise.manager');
  return isObject(manager) ? textAt(manager, 'value') : undefined;
}

interface AllLinks {
  stores: Link[];
  groups: Link[];
  loose: Attributes;
  /** The request says something about stores, about groups. */
  judged: boolean;
  storeElements: Attributes[];
  names: Names;
  writes: Write[];
  faults: Fault[];
}

async function planAllLinks(context: PlanContext, wish: UserWish): Promise<AllLinks> {
  const current = { stores: wish.current?.stores ?? [], groups: wish.current?.groups ?? [] };
  const loose = wish.current?.loose ?? emptyAttributes();
  const storesStated = linkKeys(STORE_LINKS).some((key) => wish.stated.has(key));
  const groupsStated = linkKeys(GROUP_LINKS).some((key) => wish.stated.has(key));
  const derived = derivedChanges(context, wish);
  const result: AllLinks = {
    ...current,
    loose,
    judged: storesStated || groupsStated || wish.mode === 'create',
    storeElements: [],
    names: wish.names,
    writes: [],
    faults: [],
  };
  if (!storesStated && !groupsStated && derived.length === 0) return result;
  const stores = storesStated ? await storePlan(context, wish, current.stores, loose) : undefined;
  const groups =
    groupsStated || derived.length > 0
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
  result.faults = [...(stores?.faults ?? []), ...(groups?.faults ?? [])];
  for (const kind of ['stores', 'groups'] as const) {
    if (result[kind].length > LINKS_MAX) result.faults.push(fault('tooMany', kind, { max: LINKS_MAX }));
  }
  return result;
}

function linkRequest(context: PlanContext, wish: UserWish, kind: LinkKind, current: Link[], loose: Attributes) {
  const part = (attributes: Attributes | undefined) =>
    isObject(attributes?.mobietrain) ? attributes.mobietrain : emptyAttributes();
  const origin: Origin = `inline:${context.caller.connection.id}`;
  return {
    current,
    before: part(wish.before?.attributes),
    after: part(wish.attributes),
    stated: wish.stated,
    mode: wish.mode,
    removed: wish.removed[kind.list],
    asserted: wish.asserted[kind.list],
    origin,
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
  return { ...plan, writes, after };
}

/** Entities that the links lead to in the end: one that was only made on the way is not kept. */
function usedEntities(entities: Entities, links: Link[]): Entity[] {
  const linked = new Set(idsOf(links));
  return [...entities.all()].filter((entity) => linked.has(entity.id) || (!entity.isNew && entity.touched));
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
  return caller.account.derivedGroups.flatMap(({ attribute, groupType }) => {
    const value = textAt(wish.attributes, attribute);
    const origin: Origin = `derived:${attribute}`;
    const linked = wish.current?.groups.some((link) => link.origins.includes(origin)) ?? false;
    const unchanged = wish.current !== undefined && value === textAt(wish.current.data, attribute);
    return unchanged && linked === (value !== undefined) ? [] : [{ attribute, groupType, value }];
  });
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
  const [byId, byName] = await Promise.all([
    wanted.identities.length > 0 ? records.groupsByExternalId(account, wanted.identities) : [],
    identities.length > 0 ? records.groupsByTypeAndName(account, identities) : [],
  ]);
  const stored = new Map([...linked, ...byId, ...byName].map((group) => [group._id, group]));
  const entities = new Entities(GROUP_LINKS, [...stored.values()].map(entityOfGroup));
  const plan = stated ? planLinks(GROUP_LINKS, entities, request) : { links: current, loose, faults: [] };
  const links = applyDerived(entities, plan.links, derived);
  const writes: Write[] = [];
  const after: StoredGroup[] = [];
  for (const entity of usedEntities(entities, links)) {
    const group = groupAfter(context, entity, stored.get(entity.id));
    after.push(group);
    const write = groupEntityWrite(context, entity, group);
    if (write) writes.push(write);
  }
  return { ...plan, links, writes, after };
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
      entity.touched = true;
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
  if (!entity.touched) return undefined;
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

function nextUser(
  { caller, now, schema }: PlanContext,
  wish: UserWish,
  data: Attributes,
  manager: ManagerPlan,
  links: AllLinks,
): StoredUser {
  const phones = phonesForMatching(data);
  return {
    _id: wish.id,
    account: caller.account.id,
    version: wish.current?.version ?? 1,
    revision: wish.current?.revision ?? 1,
    created: wish.current?.created ?? now,
    modified: wish.current?.modified ?? now,
    schemaVersion: SCHEMA_VERSION,
    data,
    fold: foldAttributes(data, schema),
    groups: links.groups,
    stores: links.stores,
    ...(Object.keys(links.loose).length > 0 ? { loose: links.loose } : {}),
    ...(manager.id === undefined ? {} : { manager: manager.id }),
    ...(phones.length > 0 ? { phones } : {}),
    // Judged next; until then only what says that a manager is not here yet.
    missing: manager.unresolved ? ['manager'] : [],
    lifecycle: wish.current?.lifecycle ?? 'registered',
    blocked: wish.current?.blocked ?? false,
    sources: {},
    changes: [],
  };
}

/** Judges the user as it would be: all of a create, of an update only what it changes; a deactivation is never refused. */
function judge(context: PlanContext, wish: UserWish, user: StoredUser, links: AllLinks) {
  const store = (id: string) => {
    const found = links.names.stores.get(id);
    return found && { identity: found.refId, name: found.name, trait: found.country };
  };
  const faults = tableFaults({
    data: user.data,
    stores: linkElements(STORE_LINKS, user.stores, store),
    userGroups: [],
    loose: user.loose ?? emptyAttributes(),
    managerUnresolved: user.missing.length > 0,
  });
  const missing = [...new Set(faults.map((entry) => entry.path))];
  const deactivation = wish.mode !== 'create' && user.data.active === false && wish.stated.has('active');
  if (context.caller.account.requiredData !== 'enforce' || deactivation) return { refused: [], missing };
  const refused = faults.filter((entry) => {
    if (!isRefusable(entry)) return false;
    if (!wish.current) return true;
    if (isLinkFault(entry)) return links.judged && !wish.current.missing.includes(entry.path);
    return !wish.current.missing.includes(entry.path) || !sameKey(wish.current.data, user.data, keyOfFault(entry));
  });
  return { refused, missing };
}

function sameKey(before: Attributes, after: Attributes, key: string): boolean {
  return sameValue(valueAt(before, key), valueAt(after, key));
}

/** Keys of the attributes that can be seen to differ; all of them for a create. */
function changedKeys(current: StoredUser | undefined, next: StoredUser, schema: ResourceSchema): string[] {
  const keys: string[] = [];
  const compare = (prefix: string, before: Attributes | undefined, after: Attributes | undefined) => {
    for (const name of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])) {
      if (prefix === '' && schema.extensions.some((extension) => extension.key === name)) {
        compare(`${name}.`, partOf(before, name), partOf(after, name));
      } else if (!sameValue(before?.[name], after?.[name])) keys.push(prefix + name);
    }
  };
  compare('', current?.data, next.data);
  if (!current) return keys;
  if (!sameLinks(current.stores, next.stores)) keys.push('mobietrain.stores');
  if (!sameLinks(current.groups, next.groups)) keys.push('mobietrain.userGroups');
  if (!sameValue(current.loose, next.loose)) keys.push('mobietrain.storeCountry');
  return keys;
}

function partOf(attributes: Attributes | undefined, name: string): Attributes | undefined {
  const part = attributes?.[name];
  return isObject(part) ? part : undefined;
}

/** Whether two lists of links look the same from outside: who asserted them does not count. */
function sameLinks(a: Link[], b: Link[]): boolean {
  return (
    a.length === b.length &&
    a.every((link, index) => {
      const other = b[index];
      const inline = (one: Link) => one.origins.some((origin) => origin.startsWith('inline:'));
      return (
        other !== undefined &&
        link.to === other.to &&
        link.primary === other.primary &&
        inline(link) === inline(other) &&
        sameValue(link.raw, other.raw)
      );
    })
  );
}

function sourcesAfter(current: StoredUser, touched: string[], connection: string): Record<string, string> {
  if (touched.every((key) => (current.sources[key.replace('.', ':')] ?? current.sources['*']) === connection)) {
    return current.sources;
  }
  const sources = { ...current.sources };
  for (const key of touched) sources[key.replace('.', ':')] = connection;
  return sources;
}

/** The stored fields that differ, attribute by attribute, so that a small change is a small write. */
function fieldChanges(current: StoredUser, next: StoredUser): FieldChanges {
  const changes: FieldChanges = { set: {}, unset: [] };
  const put = (path: string, before: unknown, after: unknown) => {
    if (sameValue(before as AttributeValue, after as AttributeValue)) return;
    if (after === undefined) changes.unset.push(path);
    else changes.set[path] = after;
  };
  for (const part of ['data', 'fold'] as const) {
    for (const name of new Set([...Object.keys(current[part]), ...Object.keys(next[part])])) {
      put(`${part}.${name}`, current[part][name], next[part][name]);
    }
  }
  for (const field of ['groups', 'stores', 'loose', 'manager', 'phones', 'missing', 'sources'] as const) {
    put(field, current[field], next[field]);
  }
  return changes;
}

/** What was done, by whom, to be written with the change itself. */
export function changeRecord(
  { caller, now }: Pick<PlanContext, 'caller' | 'now'>,
  subject: string,
  action: ChangeRecord['action'],
  attributes: string[],
): ChangeRecord {
  return {
    id: `${caller.requestId}:${subject}:${action}`,
    at: now,
    account: caller.account.id,
    door: caller.door,
    connection: caller.connection.id,
    credential: caller.credentialId,
    request: caller.requestId,
    action,
    ...(attributes.length > 0 ? { attributes } : {}),
  };
}
