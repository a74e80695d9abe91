// Owns the rule that a request that deactivates a user is never refused: what can't be applied is left out, and the rest is applied.

import type { Fault } from '../faults.ts';
import type { LinkChange } from '../links/changes.ts';
import { LINK_KINDS } from '../links/kinds.ts';
import type { Caller } from '../model.ts';
import { emptyAttributes, type ResourceSchema } from '../schema/schema.ts';
import type { UserChangeRequest } from './change-request.ts';

/**
 * Whether a request deactivates a user for a source. A row of a file is refused as a whole, since it is corrected and imported again, and
 * so is a change by an administrator, who sees the refusal and whose rights are checked.
 */
export function isNeverRefused({ door, actor }: Pick<Caller, 'door' | 'actor'>, request: UserChangeRequest): boolean {
  const isDeactivation =
    request.current !== undefined && request.stated.has('active') && request.attributes.active === false;
  return isDeactivation && actor === undefined && door !== 'csv' && door !== 'xml';
}

/** A request without the attributes and the links that faults concern: they stay as they are stored. */
export function withoutFaulty(
  request: UserChangeRequest,
  faults: readonly Fault[],
  { byKey }: Pick<ResourceSchema, 'byKey'>,
): UserChangeRequest {
  if (faults.length === 0) return request;
  const names = new Set(faults.map(({ path }) => /^[^.[]*/.exec(path)?.[0] ?? ''));
  const isFaulty = (key: string) => names.has(key.slice(key.lastIndexOf('.') + 1)) && key !== 'active';
  const kept = [...byKey.values()].flatMap(({ key, parent }) => (parent === undefined && isFaulty(key) ? [key] : []));
  return {
    ...request,
    stated: new Set([...request.stated].filter((key) => !isFaulty(key))),
    kept: new Set([...(request.kept ?? []), ...kept]),
    links: request.links.filter((change) => !concerns(change, names)),
  };
}

/** Whether a change of links is one that faults with these names concern. */
function concerns(change: LinkChange, names: ReadonlySet<string>): boolean {
  if (!('target' in change)) return names.has('groups');
  const kind = LINK_KINDS.find(({ target }) => target === change.target);
  return (
    kind !== undefined && [kind.list, `${kind.target}s`, ...Object.values(kind.flat)].some((name) => names.has(name))
  );
}

/** A request that only deactivates. */
export function onlyDeactivation(request: UserChangeRequest): UserChangeRequest {
  const attributes = Object.assign(emptyAttributes(), { active: false });
  return { ...request, mode: 'patch', attributes, stated: new Set(['active']), links: [] };
}
