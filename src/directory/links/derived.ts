// Groups that follow an attribute: an account's rules keep a group for every value of an attribute (systems.md §1).

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

/** A rule's group changed for this user: the value that it follows now (undefined: none). */
export interface DerivedChange {
  attribute: string;
  groupType: string;
  value: string | undefined;
}

/** The rules whose group changes with this request, and those that exist no more. */
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
  // A rule that exists no more leaves its links to be taken off.
  const ruled = new Set(rules.map(({ attribute }) => `derived:${attribute}`));
  const origins = new Set(current.flatMap((link) => link.origins));
  for (const origin of origins) {
    if (!origin.startsWith('derived:') || ruled.has(origin)) continue;
    changes.push({ attribute: origin.slice('derived:'.length), groupType: '', value: undefined });
  }
  return changes;
}

/** A rule may follow a flat attribute of links: its value as stated, or as it is served if the request is no whole resource. */
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

/** The links with those that rules assert; an entity that a rule names follows it from now on. */
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
