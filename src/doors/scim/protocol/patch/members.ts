// PATCH operations on the members of a group, combined into one change. The member list itself is never read (RFC 7644 §3.5.2).

import type { MemberChange } from '../../../../directory/model.ts';
import type { Filter } from '../../../../directory/query/query.ts';
import { badRequest } from '../scim-error.ts';
import { memberIdsFrom } from '../values/members.ts';
import type { Change } from './draft.ts';

/** The combined member operations so far. Sets, because clients repeat members. */
export type MemberFold =
  | { kind: 'none' }
  | { kind: 'delta'; add: Set<string>; remove: Set<string> }
  | { kind: 'all'; members: Set<string> };

/**
 * Adds one operation to the combined change; a later operation on the same member wins.
 * @throws ScimError 400 invalidValue (a member without value, a group), invalidFilter, mutability (a member changed in place)
 * @see RFC 7644 §3.5.2
 */
export function foldMembers(fold: MemberFold, change: Change): MemberFold {
  const { element, sub } = change.path;
  if (sub || (element && change.op !== 'remove'))
    throw badRequest('mutability', `${change.where}: members can be added and removed, not changed.`);
  if (element) return without(fold, idsIn(element));
  if (change.op === 'remove') {
    // Without a value, all members are meant; with a value, those that it names.
    if (change.value === undefined) return { kind: 'all', members: new Set() };
    return without(fold, memberIdsFrom(change.value, change.where, 'remove'));
  }
  if (change.op === 'replace')
    return { kind: 'all', members: new Set(memberIdsFrom(change.value, change.where, 'all')) };
  return joined(fold, memberIdsFrom(change.value, change.where, 'hold'));
}

/** The combined operations in the form that the directory takes. */
export function memberChange(fold: MemberFold): MemberChange {
  if (fold.kind === 'none') return fold;
  if (fold.kind === 'all') return { kind: 'all', members: [...fold.members] };
  return { kind: 'delta', add: [...fold.add], remove: [...fold.remove] };
}

/** `value eq "id"`, or several of them joined by `or`. */
function idsIn(filter: Filter): string[] {
  const terms = filter.kind === 'or' ? filter.terms : [filter];
  return terms.flatMap((term) => {
    if (term.kind === 'or') return idsIn(term);
    if (term.kind === 'compare' && term.operator === 'eq' && term.attribute.name === 'value') {
      if (typeof term.value === 'string') return [term.value];
    }
    throw badRequest('invalidFilter', 'Members are selected by value: members[value eq "id"], several joined by "or".');
  });
}

function joined(fold: MemberFold, ids: readonly string[]): MemberFold {
  if (ids.length === 0) return fold;
  if (fold.kind === 'all') {
    for (const id of ids) fold.members.add(id);
    return fold;
  }
  const delta = fold.kind === 'delta' ? fold : newDelta();
  for (const id of ids) {
    delta.remove.delete(id);
    delta.add.add(id);
  }
  return delta;
}

function without(fold: MemberFold, ids: readonly string[]): MemberFold {
  if (ids.length === 0) return fold;
  if (fold.kind === 'all') {
    for (const id of ids) fold.members.delete(id);
    return fold;
  }
  const delta = fold.kind === 'delta' ? fold : newDelta();
  for (const id of ids) {
    delta.add.delete(id);
    delta.remove.add(id);
  }
  return delta;
}

function newDelta(): Extract<MemberFold, { kind: 'delta' }> {
  return { kind: 'delta', add: new Set(), remove: new Set() };
}
