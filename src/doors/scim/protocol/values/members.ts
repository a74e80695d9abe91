// Reads the ids of group members from the forms that clients send (RFC 7643 §4.2). Members are users; groups have no hierarchy.

import { type Attribute, type Attributes, emptyAttributes } from '../../../../directory/schema/schema.ts';
import { badRequest } from '../scim-error.ts';
import { isJsonObject, isUnassigned, memberOf } from './json.ts';
import { tooManyElements, wrongType } from './value.ts';

/** Most lists reach the size limit of a body first. */
const MEMBERS_MAX = 100_000;

/** Whether an attribute is the member list of a group, which the directory stores separately from its attributes. */
export function isMembers(attribute: Attribute): boolean {
  return attribute.key === 'members' && attribute.multiValued && attribute.sub.has('value');
}

/**
 * The ids in a list of members, each once, in order: elements `{value}` with `value`, `type`, `$ref` in any case, or bare ids.
 * At most 100,000.
 * @param purpose `hold` refuses groups; `remove` accepts them, since a group is never a member and removing it changes nothing
 * @throws ScimError 400 invalidValue: not an array, an element without a value, a group as a member.
 * @see RFC 7643 §4.2
 */
export function memberIdsFrom(value: unknown, where: string, purpose: 'hold' | 'remove' = 'hold'): string[] {
  if (isUnassigned(value)) return [];
  if (!Array.isArray(value)) throw wrongType(where, 'an array', value);
  if (value.length > MEMBERS_MAX) throw tooManyElements(where, MEMBERS_MAX);
  const ids = new Set<string>();
  for (const [index, element] of value.entries()) ids.add(memberId(element, `${where}[${index}]`, purpose));
  return [...ids];
}

/** Member ids in the form of a normalised body: `[{value}]`. */
export function memberElements(ids: readonly string[]): Attributes[] {
  return ids.map((id) => Object.assign(emptyAttributes(), { value: id }));
}

function memberId(element: unknown, where: string, purpose: 'hold' | 'remove'): string {
  if (typeof element === 'string' && element !== '') return element;
  if (!isJsonObject(element)) throw wrongType(where, 'an object with a value', element);
  const id = memberOf(element, 'value')?.value;
  const type = memberOf(element, 'type')?.value;
  const reference = memberOf(element, '$ref')?.value;
  const namesGroup =
    (typeof type === 'string' && type.toLowerCase() === 'group') ||
    (typeof reference === 'string' && reference.toLowerCase().includes('/groups/'));
  if (namesGroup && purpose === 'hold')
    throw badRequest('invalidValue', `${where}: a group can't be a member of a group.`);
  if (isUnassigned(id)) throw badRequest('invalidValue', `${where} has no value: it requires the id of a user.`);
  if (typeof id !== 'string') throw wrongType(`${where}.value`, 'a string', id);
  return id;
}
