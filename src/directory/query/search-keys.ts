// What a user is found by in one index: the words of a search, and marks for the values that clients match on, for links and for
// what is missing. Each index more makes every change of every user dearer, one value more in an index that is there does not.

import type { StoredUser } from '../model.ts';
import { managerReference } from '../schema/attributes.ts';
import { comparedAt, foldText } from '../schema/fold.ts';
import type { ResourceSchema } from '../schema/schema.ts';
import { searchWords } from './text-search.ts';

/** Counts up where `termsOf` makes other terms of the same user than before: stored ones are made again then (migrations.ts). */
export const TERMS_VERSION = 2;

/** States that a mark tells. Nearly everybody is in none of them, and has no mark more. */
export type MarkedState = 'blocked' | 'inactive' | 'invited';

type MarkedUser = Pick<
  StoredUser,
  'data' | 'fold' | 'missing' | 'stores' | 'manager' | 'blocked' | 'lifecycle' | 'loose'
>;

/**
 * A mark: of an attribute's value (`kind` is `Attribute.key`), of the id of a linked `store`, of the id of the manager (`reportsTo`), of
 * the text that names the manager (`manager`, folded), of what is `missing`, of a state (`is`) that few are in, of a flat attribute
 * that has a value without a link (`loose`). It begins with a blank, which no word of a search
 * has, so that no search finds it.
 */
export function mark(kind: string, text: string): string {
  return ` ${kind} ${text}`;
}

/**
 * The terms of a user as it is stored. They lead to users and decide nothing: whoever looks for a mark also says what must hold.
 */
export function termsOf(user: MarkedUser, { marked }: Pick<ResourceSchema, 'marked'>): string[] {
  const { data, missing, stores, manager, loose = {} } = user;
  const terms = new Set(searchWords(data));
  for (const attribute of marked) {
    for (const text of textsAt(user, comparedAt(attribute).split('.'))) terms.add(mark(attribute.key, text));
  }
  const named = managerReference(data);
  if (named !== undefined) terms.add(mark('manager', foldText(named)));
  if (manager !== undefined) terms.add(mark('reportsTo', manager));
  for (const { to } of stores) if (to !== undefined) terms.add(mark('store', to));
  for (const path of missing) terms.add(mark('missing', path));
  for (const state of statesOf(user)) terms.add(mark('is', state));
  for (const name of Object.keys(loose)) terms.add(mark('loose', name));
  return [...terms].sort();
}

/** The terms of a user who comes into a state, or out of it. */
export function termsInState(terms: readonly string[] = [], state: MarkedState, isIn: boolean): string[] {
  const own = mark('is', state);
  return [...terms.filter((term) => term !== own), ...(isIn ? [own] : [])];
}

function statesOf({ blocked, data, lifecycle }: MarkedUser): MarkedState[] {
  const states: MarkedState[] = [];
  if (blocked) states.push('blocked');
  if (data.active !== true) states.push('inactive');
  if (lifecycle === 'invited') states.push('invited');
  return states;
}

/** The texts at a stored path, of every element of the lists on the way. */
function textsAt(value: unknown, [step, ...rest]: string[]): string[] {
  if (Array.isArray(value))
    return value.flatMap((element) => textsAt(element, step === undefined ? [] : [step, ...rest]));
  if (step === undefined) return typeof value === 'string' && value !== '' ? [value] : [];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return [];
  return textsAt((value as Record<string, unknown>)[step], rest);
}
