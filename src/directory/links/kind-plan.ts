// What the plans of stores and of groups share: what a request mentions, and what its links lead to in the end.

import type { Link } from '../model.ts';
import type { Write } from '../records.ts';
import type { AppliedLinks, LinkRequest } from './apply.ts';
import type { Entities, Entity } from './entities.ts';
import type { LinkKind } from './kinds.ts';
import { flatValues } from './served.ts';

/** The links of one kind as they would be, and the stores or groups that they lead to. */
export interface KindPlan<T> extends AppliedLinks {
  writes: Write[];
  after: T[];
  isRenamed: boolean;
}

/** Whether nothing is said of this kind of link. */
export const isUnchanged = ({ lists, primary }: LinkRequest): boolean => lists.length === 0 && primary.length === 0;

/** What a request mentions of one kind, so that it can be loaded in one go. */
export function mentioned(kind: LinkKind, request: LinkRequest) {
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

/** The ids of what links lead to. */
export const targetIdsOf = (links: readonly Link[]): string[] =>
  links.flatMap((link) => (link.to === undefined ? [] : [link.to]));

/** Whether something that is served of a store or group that existed before changes. */
export function isAnyChanged(entities: Entities): boolean {
  return [...entities.all()].some((entity) => entity.changed && !entity.isNew);
}

/** Entities that the links lead to in the end: one that was made on the way and left again is not kept. */
export function usedEntities(entities: Entities, links: readonly Link[]): Entity[] {
  const linked = new Set(targetIdsOf(links));
  return [...entities.all()].filter(
    (entity) => linked.has(entity.id) || (!entity.isNew && (entity.changed || entity.isNoted)),
  );
}
