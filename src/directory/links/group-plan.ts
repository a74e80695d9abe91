// Plans a user's links to groups: those of the user's lists, of administrators and of rules. The groups that they link to are created,
// renamed and given IDs in the same commit.

import { groupRecord } from '../change-record.ts';
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
import {
  editedTargets,
  isAnyChanged,
  isUnchanged,
  type KindPlan,
  mentioned,
  targetIdsOf,
  unchangedPlan,
  usedEntities,
} from './kind-plan.ts';
import { GROUP_LINKS } from './kinds.ts';

/** Plans the links to groups. Faults: mutability (the members of a derived group), unknownReference (a group to join). */
export async function groupPlan(
  context: PlanContext,
  { links: changes }: UserChangeRequest,
  request: LinkRequest,
  derived: readonly DerivedChange[],
): Promise<KindPlan<StoredGroup>> {
  const memberships = membershipsIn(changes);
  const isOther = memberships.join.length === 0 && memberships.leave.length === 0 && derived.length === 0;
  if (isUnchanged(request) && isOther) return unchangedPlan(request);
  const loaded = await groupsFor(context, request, memberships.join, derived);
  let applied = applyToGroups(loaded.groups, request, memberships, derived);
  // A name that was not looked up yet may identify an existing group.
  if (await lookUpNames(context, loaded, usedEntities(applied.entities, applied.links))) {
    applied = applyToGroups(loaded.groups, request, memberships, derived);
  }
  const { entities, links } = applied;
  const stored = loaded.groups;
  for (const entity of renamedEntities(usedEntities(entities, links), stored)) {
    await keepTakenName(context, entity, stored.get(entity.id));
  }
  holdNames(renamedEntities(usedEntities(entities, links), stored), stored);
  const targets = usedEntities(entities, links);
  const used = targets.map((entity) => {
    const before = stored.get(entity.id);
    const group = groupAfter(context, entity, before);
    return { group, write: groupWrite(context, entity, before, group) };
  });
  return {
    links,
    unlinkedValues: applied.unlinkedValues,
    faults: applied.faults,
    writes: used.flatMap(({ write }) => write ?? []),
    after: used.map(({ group }) => group),
    isRenamed: isAnyChanged(entities),
    edited: editedTargets(GROUP_LINKS, targets),
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

/** The loaded groups by id, and the names (by `nameKey`) that were looked up. */
interface LoadedGroups {
  groups: Map<string, StoredGroup>;
  names: Set<string>;
}

/** Loads the groups that a plan may need: those linked, those in the request, those to join and those of rules. */
async function groupsFor(
  { records, caller }: PlanContext,
  request: LinkRequest,
  joined: readonly string[],
  derived: readonly DerivedChange[],
): Promise<LoadedGroups> {
  const account = caller.account.id;
  const linked = request.current.length > 0 ? await records.groupsById(account, targetIdsOf(request.current)) : [];
  const { references, named, primaryKey } = isUnchanged(request)
    ? { references: [], named: [], primaryKey: '' }
    : mentioned(GROUP_LINKS, request);
  const nameless = linked.filter((group) => group.identities.length === 0);
  const names = [
    ...named,
    // A flat type may belong to the served name.
    ...nameless.map(({ name }) => ({ secondaryKey: primaryKey, name })),
    ...derived.flatMap(({ groupType, value }) =>
      value === undefined ? [] : [{ secondaryKey: groupType, name: value }],
    ),
  ];
  const [byId, byName, toJoin] = await Promise.all([
    references.length > 0 ? records.groupsByExternalId(account, references) : [],
    names.length > 0 ? records.groupsByTypeAndName(account, names.map(foldedName)) : [],
    joined.length > 0 ? records.groupsById(account, [...joined]) : [],
  ]);
  // Groups found by name are first, then those that the user is in.
  const groups = new Map([...byName, ...linked, ...byId, ...toJoin].map((group) => [group._id, group]));
  return { groups, names: new Set(names.map(({ secondaryKey, name }) => nameKey(secondaryKey, name))) };
}

const foldedName = ({
  secondaryKey = '',
  name = '',
}: Pick<Entity, 'name'> & { secondaryKey?: string | undefined }) => ({
  typeFold: foldText(secondaryKey),
  nameFold: foldText(name),
});

/** Looks up the names of new and renamed groups that were not looked up yet. True if any group was found. */
async function lookUpNames(
  { records, caller }: PlanContext,
  { groups, names }: LoadedGroups,
  used: readonly Entity[],
): Promise<boolean> {
  const unknown = renamedEntities(used, groups).filter((entity) => !names.has(keyOf(entity)));
  if (unknown.length === 0) return false;
  const found = await records.groupsByTypeAndName(caller.account.id, unknown.map(foldedName));
  for (const group of found) groups.set(group._id, group);
  for (const entity of unknown) names.add(keyOf(entity));
  return found.length > 0;
}

const keyOf = ({ name = '', secondaryKey }: Entity): string => nameKey(secondaryKey, name);

/** The groups that are new or whose folded type or name changes. */
function renamedEntities(used: readonly Entity[], stored: ReadonlyMap<string, StoredGroup>): Entity[] {
  return used.filter((entity) => {
    const before = stored.get(entity.id);
    return before === undefined || nameKey(before.type, before.name) !== keyOf(entity);
  });
}

/** Decides which of the groups with the same type and name holds it. The next plan finds a name that is taken in the meantime. */
function holdNames(renamed: readonly Entity[], stored: ReadonlyMap<string, StoredGroup>): void {
  const holders = new Map<string, string>();
  for (const group of stored.values()) {
    if (group.holdsName) holders.set(nameKey(group.type, group.name), group._id);
  }
  for (const entity of renamed) {
    const key = keyOf(entity);
    const holder = holders.get(key) ?? entity.id;
    entity.holdsName = holder === entity.id;
    holders.set(key, holder);
  }
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

function groupWrite(
  context: PlanContext,
  entity: Entity,
  before: StoredGroup | undefined,
  group: StoredGroup,
): Write | undefined {
  if (!entity.changed && !entity.isNoted) return undefined;
  const action = entity.isNew ? 'create' : 'update';
  const record = groupRecord(context, { id: entity.id, action }, before, group);
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
