// Owns search keys, the entries of one index by which users are found: the words of a search, and keys for the values that clients
// match on, for links and for missing data. Another index would slow down all writes of users; another key does not (decision 5).

import type { StoredUser } from '../model.ts';
import { managerReference } from '../schema/attributes.ts';
import { comparedAt, foldText } from '../schema/fold.ts';
import type { ResourceSchema } from '../schema/schema.ts';
import { searchWords } from './text-search.ts';

/** Increment it if `searchKeysOf` returns other keys for the same user: stored ones are then rebuilt (migrations.ts). */
export const SEARCH_KEYS_VERSION = 2;

/** States with a search key. Most users are in none of them. */
export type SearchKeyState = 'blocked' | 'inactive' | 'invited';

/** The kind of the search keys for the last day of an invitation. */
const INVITED_UNTIL = 'until';
/** The kind of the search keys for the e-mails of invited users, so that nobody else is read to find them. */
export const INVITED_EMAIL = 'invited';

type SearchableUser = Pick<
  StoredUser,
  'data' | 'fold' | 'missing' | 'stores' | 'manager' | 'blocked' | 'lifecycle' | 'invitation' | 'loose' | 'former'
>;

/**
 * A search key that is not a word. `kind` is `Attribute.key` for a value of an attribute, `store` for the id of a linked store,
 * `former` for the hash of a former identity, `reportsTo` for the id of the manager, `manager` for the folded manager reference,
 * `missing` for a path of `missing`, `is` for a state, `until` for the last day of an invitation, `invited` for an e-mail of an invited user, and `loose` for a flat attribute in the unlinked values. It begins with a space, so a search for words never finds it.
 */
export function searchKey(kind: string, text: string): string {
  return ` ${kind} ${text}`;
}

/**
 * The search keys of a stored user, sorted. Search keys only narrow the candidates; every query must also state the exact condition.
 */
export function searchKeysOf(
  user: SearchableUser,
  { searchKeyAttributes }: Pick<ResourceSchema, 'searchKeyAttributes'>,
): string[] {
  const { data, missing, stores, manager, loose = {}, former = [], lifecycle, invitation } = user;
  const keys = new Set(searchWords(data));
  for (const attribute of searchKeyAttributes) {
    for (const text of textsAt(user, comparedAt(attribute).split('.'))) keys.add(searchKey(attribute.key, text));
  }
  const named = managerReference(data);
  if (named !== undefined) keys.add(searchKey('manager', foldText(named)));
  if (manager !== undefined) keys.add(searchKey('reportsTo', manager));
  for (const { to } of stores) if (to !== undefined) keys.add(searchKey('store', to));
  for (const hash of former) keys.add(searchKey('former', hash));
  for (const path of missing) keys.add(searchKey('missing', path));
  for (const state of statesOf(user)) keys.add(searchKey('is', state));
  if (lifecycle === 'invited' && invitation) keys.add(searchKey(INVITED_UNTIL, invitation.lastDay));
  if (lifecycle === 'invited')
    for (const text of textsAt(user, ['fold', 'emails', 'value'])) keys.add(searchKey(INVITED_EMAIL, text));
  for (const name of Object.keys(loose)) keys.add(searchKey('loose', name));
  return [...keys].sort();
}

/** The search keys of a user after a state begins or ends. */
export function searchKeysInState(searchKeys: readonly string[] = [], state: SearchKeyState, isIn: boolean): string[] {
  const stateKey = searchKey('is', state);
  return [...searchKeys.filter((key) => key !== stateKey), ...(isIn ? [stateKey] : [])];
}

function statesOf({ blocked, data, lifecycle }: SearchableUser): SearchKeyState[] {
  const states: SearchKeyState[] = [];
  if (blocked) states.push('blocked');
  if (data.active !== true) states.push('inactive');
  if (lifecycle === 'invited') states.push('invited');
  return states;
}

/** The texts at a stored path, in all elements of lists along the path. */
function textsAt(value: unknown, [step, ...rest]: string[]): string[] {
  if (Array.isArray(value))
    return value.flatMap((element) => textsAt(element, step === undefined ? [] : [step, ...rest]));
  if (step === undefined) return typeof value === 'string' && value !== '' ? [value] : [];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return [];
  return textsAt((value as Record<string, unknown>)[step], rest);
}
