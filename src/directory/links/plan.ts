// Plans the links of one user to stores and groups: the new links, and the writes of stores and groups that belong to them.

import type { EditedTarget } from '../administration/user-rights.ts';
import { originOf } from '../change-record.ts';
import { type Fault, fault } from '../faults.ts';
import type { Link } from '../model.ts';
import type { Write } from '../records.ts';
import { type Attributes, emptyAttributes } from '../schema/schema.ts';
import type { PlanContext, UserChangeRequest } from '../users/change-request.ts';
import { LINKS_MAX } from '../users/rules.ts';
import { type Names, servedLinks } from '../users/views.ts';
import type { LinkRequest } from './apply.ts';
import { changesOf } from './changes.ts';
import { derivedChanges } from './derived.ts';
import { groupPlan } from './group-plan.ts';
import { GROUP_LINKS, type LinkKind, STORE_LINKS } from './kinds.ts';
import { storePlan } from './store-plan.ts';

/** All new links of a user, with the writes that belong to them. */
export interface AllLinks {
  stores: Link[];
  groups: Link[];
  /** Flat values that belong to no link, by attribute name. */
  unlinkedValues: Attributes;
  names: Names;
  writes: Write[];
  faults: Fault[];
  /** Whether a served value of a store or group changes, and the view of the user with it. */
  isRenamed: boolean;
  /** The stores and groups that the request makes, names or types. */
  edited: EditedTarget[];
}

/**
 * Plans all links of a user.
 * Faults: mutability (the members of a derived group), unknownReference (a group to join), tooMany.
 * @param data the user's new attributes, which derived groups follow
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
    edited: [],
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
  result.edited = [...stores.edited, ...groups.edited];
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
