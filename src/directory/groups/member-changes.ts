// Decides the effect of a change of a group's members: which users are linked or unlinked, which links get another origin, and whether
// the change is refused. Pure; every implementation of records uses it.

import type { Origin } from '../model.ts';
import type { MemberRefusal, MembersWrite } from '../records.ts';
import { LINKS_MAX } from '../users/rules.ts';

/** A user's relation to the group before the change. */
export interface Membership {
  /** The number of the user's links to groups, including this one. */
  links: number;
  /** The origins of the link to the group; undefined if there is no link. */
  origins: readonly Origin[] | undefined;
}

/** Ids of the users to write. A user is in two of the lists only if the change names it twice. */
export interface MemberDelta {
  link: string[];
  /** Existing links that get another origin, which is not a visible change. */
  noteOrigin: string[];
  unlink: string[];
}

/** The ids in a change; for `all`, every other member is removed. */
export function namedBy({ change }: MembersWrite): string[] {
  return change.kind === 'all' ? change.members : [...change.add, ...change.remove];
}

/**
 * Decides the effect of a change of members.
 * @param memberships of every existing user in the change; for `all` also of all present members
 * @returns the ids to write, or the refusal `noUser` or `tooManyLinks` of the first user that cannot be added
 */
export function decideMembers(
  { change, origin }: MembersWrite,
  memberships: ReadonlyMap<string, Membership>,
): { ok: true; delta: MemberDelta } | MemberRefusal {
  const delta: MemberDelta = { link: [], noteOrigin: [], unlink: [] };
  const added = new Set(change.kind === 'all' ? change.members : change.add);
  for (const id of added) {
    const membership = memberships.get(id);
    if (!membership) return { ok: false, reason: 'noUser', id };
    if (membership.origins) {
      if (change.kind === 'delta' && !membership.origins.includes(origin)) delta.noteOrigin.push(id);
    } else if (membership.links >= LINKS_MAX) return { ok: false, reason: 'tooManyLinks', id };
    else delta.link.push(id);
  }
  const leaving =
    change.kind === 'all' ? [...memberships.keys()].filter((id) => !added.has(id)) : new Set(change.remove);
  for (const id of leaving) if (memberships.get(id)?.origins) delta.unlink.push(id);
  return { ok: true, delta };
}

/** Whether a change of members is visible, so that the group's version is incremented. */
export function isVisible({ link, unlink }: MemberDelta): boolean {
  return link.length > 0 || unlink.length > 0;
}
