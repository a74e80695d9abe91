// The changes of a user's links to stores and groups that a door can request. apply.ts applies them to the stored links.

import { isBlank } from '../schema/texts.ts';
import type { LinkTarget } from './kinds.ts';

/**
 * The values of one link in a request. Texts have at most 255 characters.
 * `reference`: a store's ref id or a group's ID. `secondaryKey`: a store's country or a group's type.
 */
export interface LinkStatement {
  reference?: string;
  name?: string;
  secondaryKey?: string;
  primary?: boolean;
}

/** The identity and the names of the target of a link. */
export interface TargetValues {
  reference?: string | undefined;
  name?: string | undefined;
  secondaryKey?: string | undefined;
}

/** The flat attributes of the primary link in a request. Null: cleared; absent: not in the request. */
export interface PrimaryStatement {
  reference?: string | null;
  name?: string | null;
  secondaryKey?: string | null;
}

/**
 * One change of a user's links. Changes of lists and memberships are applied in order, then all `state` changes.
 * - `add`: adds these links, or the connection as an origin if they exist.
 * - `remove`: removes these links with all their inline origins.
 * - `replace`: the whole list of the connection. An omitted link loses only this connection as an origin; a repeated one gets no new
 *   origin.
 * - `state`: the flat attributes of the primary link. A new reference moves the user, and the name and secondary key belong to the new
 *   target. `isWhole`: the request is a whole resource, in which a repeated value has no effect.
 * - `join`, `leave`: an administrator adds the user to a group by id, or removes the user from it whatever the origins.
 */
export type LinkChange =
  | { op: 'add' | 'remove' | 'replace'; target: LinkTarget; links: readonly LinkStatement[] }
  | { op: 'state'; target: LinkTarget; primary: PrimaryStatement; isWhole: boolean }
  | { op: 'join' | 'leave'; groups: readonly string[] };

/** A change of a list of links. */
export type ListChange = Extract<LinkChange, { links: unknown }>;
/** A change of the primary link by flat attributes. */
export type PrimaryChange = Extract<LinkChange, { op: 'state' }>;

/** The changes of one kind of link, of lists and of flat attributes. */
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

/** The ids of the groups that the user joins and leaves. */
export function membershipsIn(changes: readonly LinkChange[]): { join: string[]; leave: string[] } {
  const of = (op: 'join' | 'leave') => changes.flatMap((change) => (change.op === op ? change.groups : []));
  return { join: of('join'), leave: of('leave') };
}

/** Whether two statements describe the same link: by reference, or else by name and secondary key. */
export function isSameLink(a: LinkStatement, b: LinkStatement): boolean {
  if (a.reference !== undefined || b.reference !== undefined) return a.reference === b.reference;
  return a.name === b.name && a.secondaryKey === b.secondaryKey;
}

const TEXT_KEYS = ['reference', 'name', 'secondaryKey'] as const;

/** The changes without texts that are blank; a statement without any text describes no link. */
export function withoutBlankTexts(changes: readonly LinkChange[]): LinkChange[] {
  return changes.map((change) => {
    if ('links' in change) return { ...change, links: change.links.flatMap(statedLink) };
    return 'primary' in change ? { ...change, primary: statedPrimary(change.primary) } : change;
  });
}

function statedLink(statement: LinkStatement): LinkStatement[] {
  const stated = { ...statement };
  for (const key of TEXT_KEYS) if (isBlank(stated[key] ?? '')) delete stated[key];
  return TEXT_KEYS.some((key) => stated[key] !== undefined) ? [stated] : [];
}

function statedPrimary(primary: PrimaryStatement): PrimaryStatement {
  const stated = { ...primary };
  for (const key of TEXT_KEYS) if (stated[key] !== undefined && isBlank(stated[key] ?? '')) stated[key] = null;
  return stated;
}
