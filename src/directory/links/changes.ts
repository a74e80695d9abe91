// What a door can want of a user's links to stores and groups. A door hands these over; apply.ts applies them to the stored links.

import type { LinkTarget } from './kinds.ts';

/**
 * What is said of one link. Texts have 255 characters at most.
 * `reference`: a store's ref id or a group's ID. `secondaryKey`: a store's country or a group's type.
 */
export interface LinkStatement {
  reference?: string;
  name?: string;
  secondaryKey?: string;
  primary?: boolean;
}

/** What identifies and names the target of a link. */
export interface TargetValues {
  reference?: string | undefined;
  name?: string | undefined;
  secondaryKey?: string | undefined;
}

/** What the flat attributes say of the primary link; null: the value is cleared, absent: nothing is said. */
export interface PrimaryStatement {
  reference?: string | null;
  name?: string | null;
  secondaryKey?: string | null;
}

/**
 * One change of a user's links. Changes of lists and memberships apply in their order; `state` applies after all of them.
 * - `add`: the caller's connection asserts these links, also those that exist already.
 * - `remove`: these links go, whoever asserted them.
 * - `replace`: the whole list as the connection states it. What it leaves out loses this connection's assertion only; what
 *   repeats what is served asserts nothing.
 * - `state`: the flat attributes of the primary link. A new reference moves the user, and the name and the secondary key belong to
 *   the new target. `isWhole`: they are part of a whole resource, where a value that repeats what is served says nothing.
 * - `join`, `leave`: an administrator puts the user into a group by id, or takes the user out of it, whoever asserted the link.
 */
export type LinkChange =
  | { op: 'add' | 'remove' | 'replace'; target: LinkTarget; links: readonly LinkStatement[] }
  | { op: 'state'; target: LinkTarget; primary: PrimaryStatement; isWhole: boolean }
  | { op: 'join' | 'leave'; groups: readonly string[] };

/** A change of a list of links. */
export type ListChange = Extract<LinkChange, { links: unknown }>;
/** A change of the primary link by its flat attributes. */
export type PrimaryChange = Extract<LinkChange, { op: 'state' }>;

/** The changes of one kind of link, by lists and by flat attributes. */
export function changesOf(
  target: LinkTarget,
  changes: readonly LinkChange[],
): { lists: ListChange[]; primary: PrimaryChange[] } {
  const lists: ListChange[] = [];
  const primary: PrimaryChange[] = [];
  for (const change of changes) {
    if (!('target' in change) || change.target !== target) continue;
    if (change.op === 'state') primary.push(change);
    else lists.push(change);
  }
  return { lists, primary };
}

/** The ids of the groups that an administrator puts the user into and takes the user out of. */
export function membershipsIn(changes: readonly LinkChange[]): { join: string[]; leave: string[] } {
  const of = (op: 'join' | 'leave') => changes.flatMap((change) => (change.op === op ? change.groups : []));
  return { join: of('join'), leave: of('leave') };
}

/** Whether two statements are about one link: by reference, or else by name and secondary key. */
export function isSameLink(a: LinkStatement, b: LinkStatement): boolean {
  if (a.reference !== undefined || b.reference !== undefined) return a.reference === b.reference;
  return a.name === b.name && a.secondaryKey === b.secondaryKey;
}
