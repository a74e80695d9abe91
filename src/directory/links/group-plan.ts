// Plans a user's links to groups: those of the user's lists, of administrators and of rules. The groups that they link to are created,
// renamed and given IDs in the same commit.

import { changeRecord } from '../change-record.ts';
import { type Fault, fault } from '../faults.ts';
import { identityFields, withStatedId } from '../groups/identities.ts';
import type { Link, Origin, StoredGroup } from '../model.ts';
import type { Write } from '../records.ts';
import { foldText } from '../schema/fold.ts';
import type { PlanContext, UserChangeRequest } from '../users/change-request.ts';
import { type AppliedLinks, applyLinkChanges, type LinkRequest } from './apply.ts';
import { membershipsIn } from './changes.ts';
import { applyDerived, type DerivedChange } from './derived.ts';
import { Entities, type Entity, entityOfGroup, nameKey } from './entities.ts';
import { isAnyChanged, isUnchanged, type KindPlan, mentioned, targetIdsOf, usedEntities } from './kind-plan.ts';
import { GROUP_LINKS } from './kinds.ts';

/** Plans the links to groups. Faults: mutability (the members of a derived group), unknownReference (a group to join). */
export async function groupPlan(
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

/** Applies a request to a user's links, with the stored groups that it may need. */
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

/** The stored groups that a plan may need, by id: those linked, those in the request, those to join and those of rules. */
async function groupsFor(
  { records, caller }: PlanContext,
  request: LinkRequest,
  joined: readonly string[],
  derived: readonly DerivedChange[],
): Promise<Map<string, StoredGroup>> {
  const account = caller.account.id;
  const linked = request.current.length > 0 ? await records.groupsById(account, targetIdsOf(request.current)) : [];
  const { references, named, primaryKey } = isUnchanged(request)
    ? { references: [], named: [], primaryKey: '' }
    : mentioned(GROUP_LINKS, request);
  const nameless = linked.filter((group) => group.identities.length === 0);
  const identities = [
    ...named,
    // A flat type may belong to the served name.
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
  // Groups found by name are first, then those that the user is in.
  return new Map([...byName, ...linked, ...byId, ...toJoin].map((group) => [group._id, group]));
}

/**
 * Decides which new or renamed groups hold their names: of groups with the same type and name, one does.
 * @returns stored groups that hold the name of a new group and were not loaded; the plan must be made again with them
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
  const identities = renamed.map(({ name = '', secondaryKey = '' }) => ({
    typeFold: foldText(secondaryKey),
    nameFold: foldText(name),
  }));
  const found = await context.records.groupsByTypeAndName(context.caller.account.id, identities);
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

/** Keeps the name of a claimed group if another claimed group has the new one, so that no user is refused because of a group's name. */
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

/** Maximum number of groups with one name, of all types, that are compared. */
const SAME_NAME_MAX = 1000;

/** Applies an administrator's changes: joining adds the origin, leaving removes the link whatever its origins. */
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
