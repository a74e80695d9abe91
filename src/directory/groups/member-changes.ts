// What a change of a group's members does: who is linked, who is unlinked, on whose link only the origin is noted, and when the
// change is refused. Pure; every implementation of the store carries out what is decided here.

import type { Origin } from '../model.ts';
import type { MemberRefusal, MembersWrite } from '../records.ts';
import { LINKS_MAX } from '../users/rules.ts';

/** How a user stands to the group before the change. */
export interface Membership {
  /** Links to groups that the user has, this one among them. */
  links: number;
  /** Who asserted the link to the group; undefined if there is none. */
  origins: readonly Origin[] | undefined;
}

/** Ids of the users that a change of members writes. Nobody is in two of the lists unless the change names them twice. */
export interface MemberDelta {
  link: string[];
  /** Linked already; the origin of the change is added to the link. Nothing that can be seen changes. */
  noteOrigin: string[];
  unlink: string[];
}

/** The users that a change names; for `all`, every other member leaves. */
export function namedBy({ change }: MembersWrite): string[] {
  return change.kind === 'all' ? change.members : [...change.add, ...change.remove];
}

/**
 * Decides what a change of members does.
 * @param memberships of every user that the change names and that exists; for `all` also of every member it does not name
 * @returns the refusal `noUser` or `tooManyLinks` of the first user that can't be added
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

/** Whether a change of members can be seen, so that the group's version counts up. */
export function isVisible({ link, unlink }: MemberDelta): boolean {
  return link.length > 0 || unlink.length > 0;
}
