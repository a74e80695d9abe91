// Shared by the plans of stores and of groups: the targets to load for a request, and those that its links use.

import type { EditedTarget } from '../administration/user-rights.ts';
import type { Link } from '../model.ts';
import type { Write } from '../records.ts';
import type { AppliedLinks, LinkRequest } from './apply.ts';
import type { Entities, Entity } from './entities.ts';
import type { LinkKind } from './kinds.ts';
import { flatValues } from './served.ts';

/** The new links of one kind, and the stores or groups that they link to. */
export interface KindPlan<T> extends AppliedLinks {
  writes: Write[];
  after: T[];
  isRenamed: boolean;
  /** The stores or groups that the request makes, names or types; not those that a rule derives. */
  edited: EditedTarget[];
}

/** The plan of a request that changes no link of this kind. */
export function unchangedPlan<T>({ current, unlinkedValues }: LinkRequest): KindPlan<T> {
  return { links: [...current], unlinkedValues, faults: [], writes: [], after: [], isRenamed: false, edited: [] };
}

/** Whether a request does not change this kind of link. */
export const isUnchanged = ({ lists, primary }: LinkRequest): boolean => lists.length === 0 && primary.length === 0;

/** The references and names of one kind in a request, so that the targets can be loaded in one query. */
export function mentioned(kind: LinkKind, request: LinkRequest) {
  const served = flatValues(kind, request.served, request.unlinkedValues);
  // A single flat value belongs to the served ones.
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

/** The ids of the targets of links. */
export const targetIdsOf = (links: readonly Link[]): string[] =>
  links.flatMap((link) => (link.to === undefined ? [] : [link.to]));

/** Whether a served value of an existing store or group changes. */
export function isAnyChanged(entities: Entities): boolean {
  return [...entities.all()].some((entity) => entity.changed && !entity.isNew);
}

/** The entities that the new links use; entities that were created but are not linked are left out. */
export function usedEntities(entities: Entities, links: readonly Link[]): Entity[] {
  const linked = new Set(targetIdsOf(links));
  return [...entities.all()].filter(
    (entity) => linked.has(entity.id) || (!entity.isNew && (entity.changed || entity.isNoted)),
  );
}

/** The used entities that a request makes, names or types. What is made for a rule is the account's, not the caller's. */
export function editedTargets({ target }: LinkKind, used: readonly Entity[]): EditedTarget[] {
  return used
    .filter((entity) => entity.changed && !entity.derived)
    .map(({ name, ids, isNew }) => ({ target, name: name ?? ids[0] ?? '', isNew }));
}
