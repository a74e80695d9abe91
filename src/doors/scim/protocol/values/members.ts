// Reads the ids of group members from the forms that clients send (RFC 7643 §4.2). Members are users; groups have no hierarchy.

import { type Attribute, type Attributes, emptyAttributes } from '../../../../directory/schema/schema.ts';
import { badRequest, type ScimError } from '../scim-error.ts';
import { isJsonObject, isNothing, isUnassigned, memberOf } from './json.ts';
import { tooManyElements, wrongType } from './value.ts';

/** Most lists reach the size limit of a body first. */
const MEMBERS_MAX = 100_000;

/** Whether an attribute is the member list of a group, which the directory stores separately from its attributes. */
export function isMembers(attribute: Attribute): boolean {
  return attribute.key === 'members' && attribute.multiValued && attribute.sub.has('value');
}

/**
 * What the ids are for. `all`: the whole list; `hold`: members to add; both refuse groups. `remove` accepts groups, since a group is
 * never a member and removing it changes nothing.
 */
type Purpose = 'all' | 'hold' | 'remove';

/**
 * The ids in a list of members, each once, in order: elements `{value}` with `value`, `type`, `$ref` in any case, or bare ids; a list of
 * one may be sent as its element. Elements that say nothing are left out, but a whole list of them is refused: it is more likely a
 * mistake than a request to remove everybody. At most 100,000.
 * @throws ScimError 400 invalidValue: not a list, an element without a value, a group as a member.
 * @see RFC 7643 §4.2
 */
export function memberIdsFrom(value: unknown, where: string, purpose: Purpose): string[] {
  if (isUnassigned(value)) return [];
  const isOne = typeof value === 'string' || isJsonObject(value);
  if (!isOne && !Array.isArray(value)) throw wrongType(where, 'an array', value);
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MEMBERS_MAX) throw tooManyElements(where, MEMBERS_MAX);
  const ids = new Set<string>();
  for (const [index, element] of list.entries()) {
    if (purpose === 'remove' ? isNothing(element) : isAbsent(element)) continue;
    ids.add(memberId(element, Array.isArray(value) ? `${where}[${index}]` : where, purpose));
  }
  if (purpose === 'all' && ids.size === 0) throw withoutValue(`${where}[0]`);
  return [...ids];
}

/** Whether an element is only a place in the list. One with an empty `value` is a member whose id got lost. */
function isAbsent(element: unknown): boolean {
  return isUnassigned(element) || (isJsonObject(element) && Object.keys(element).length === 0);
}

/** Member ids in the form of a normalised body: `[{value}]`. */
export function memberElements(ids: readonly string[]): Attributes[] {
  return ids.map((id) => Object.assign(emptyAttributes(), { value: id }));
}

function memberId(element: unknown, where: string, purpose: Purpose): string {
  if (typeof element === 'string') return element;
  if (!isJsonObject(element)) throw wrongType(where, 'an object with a value', element);
  const id = memberOf(element, 'value')?.value;
  const type = memberOf(element, 'type')?.value;
  const reference = memberOf(element, '$ref')?.value;
  const namesGroup =
    (typeof type === 'string' && type.toLowerCase() === 'group') ||
    (typeof reference === 'string' && reference.toLowerCase().includes('/groups/'));
  if (namesGroup && purpose !== 'remove')
    throw badRequest('invalidValue', `${where}: a group can't be a member of a group.`);
  if (isUnassigned(id)) throw withoutValue(where);
  if (typeof id !== 'string') throw wrongType(`${where}.value`, 'a string', id);
  return id;
}

function withoutValue(where: string): ScimError {
  return badRequest('invalidValue', `${where} has no value: it requires the id of a user.`);
}
