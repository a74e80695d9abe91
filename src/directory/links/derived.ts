// Owns derived groups: the rules of an account keep one group for each value of an attribute.

import type { Link, Origin } from '../model.ts';
import { textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import type { Attributes } from '../schema/schema.ts';
import type { PlanContext, UserChangeRequest } from '../users/change-request.ts';
import { servedLinks } from '../users/views.ts';
import { changesOf } from './changes.ts';
import type { Entities } from './entities.ts';
import { LINK_KINDS, linkKey } from './kinds.ts';
import { flatValues } from './served.ts';

/** A change of the group that a rule derives for a user, with the new value of the attribute (undefined: no group). */
export interface DerivedChange {
  attribute: string;
  groupType: string;
  value: string | undefined;
}

/** The rules whose group changes with a request, and removed rules that still have a link. */
export function derivedChanges({ caller }: PlanContext, request: UserChangeRequest, data: Attributes): DerivedChange[] {
  const rules = caller.account.derivedGroups;
  const current = request.current?.groups ?? [];
  const changes = rules.flatMap(({ attribute, groupType }) => {
    const value = textAt(data, attribute) ?? flatValueAt(request, attribute);
    const origin: Origin = `derived:${attribute}`;
    const link = current.find(({ origins }) => origins.includes(origin));
    const type = link?.to === undefined ? undefined : request.names.groups.get(link.to)?.typeFold;
    const unchanged = request.current !== undefined && value === textAt(request.current.data, attribute);
    const follows = value === undefined ? link === undefined : type === foldText(groupType);
    return unchanged && follows ? [] : [{ attribute, groupType, value }];
  });
  // Links of removed rules must be removed.
  const ruled = new Set(rules.map(({ attribute }) => `derived:${attribute}`));
  const origins = new Set(current.flatMap((link) => link.origins));
  for (const origin of origins) {
    if (!origin.startsWith('derived:') || ruled.has(origin)) continue;
    changes.push({ attribute: origin.slice('derived:'.length), groupType: '', value: undefined });
  }
  return changes;
}

/** The value of a flat attribute of links after the request. A patch without it keeps the served value. */
function flatValueAt(request: UserChangeRequest, key: string): string | undefined {
  for (const kind of LINK_KINDS) {
    for (const name of ['reference', 'name', 'secondaryKey'] as const) {
      if (linkKey(kind.flat[name]) !== key) continue;
      const stated = changesOf(kind.target, request.links).primary.at(-1)?.primary[name];
      if (stated !== undefined || request.mode !== 'patch') return stated ?? undefined;
      const served = request.current ? servedLinks(kind, request.current, request.names) : [];
      return flatValues(kind, served, request.current?.loose)[name];
    }
  }
  return undefined;
}

/** Adds and removes the links of rules. The entities of added links become derived. */
export function applyDerived(entities: Entities, before: Link[], derived: readonly DerivedChange[]): Link[] {
  let links = before;
  for (const { attribute, groupType, value } of derived) {
    const origin: Origin = `derived:${attribute}`;
    links = links
      .map((link) => ({ ...link, origins: link.origins.filter((other) => other !== origin) }))
      .filter((link) => link.origins.length > 0);
    if (value === undefined) continue;
    const entity = entities.resolve({ name: value, secondaryKey: groupType });
    if (!entity) continue;
    if (!entity.derived) {
      entity.derived = true;
      entity.isNoted = true;
    }
    const existing = links.find((link) => link.to === entity.id);
    if (existing) existing.origins = [...existing.origins, origin];
    else links = [...links, { to: entity.id, origins: [origin] }];
  }
  return links;
}
