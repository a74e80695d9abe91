// One attribute value of a client, checked against its definition and made canonical (RFC 7643 §2.2–§2.5).

import { isEmptyElement } from '../../../../directory/schema/attributes.ts';
import { parseDateTime } from '../../../../directory/schema/date-time.ts';
import {
  type Attribute,
  type Attributes,
  type AttributeValue,
  emptyAttributes,
} from '../../../../directory/schema/schema.ts';
import { booleanFrom, numberFrom } from '../../../../directory/schema/simple-values.ts';
import { badRequest, badValue, ScimError } from '../scim-error.ts';
import { describeJson, isJsonObject, isNothing, isUnassigned, type JsonObject, memberOf } from './json.ts';

/** Elements of one multi-valued attribute, except the members of a group. */
export const ELEMENTS_MAX = 1_000;

/**
 * Makes a value canonical: declared names only, booleans from "True"/"False", texts byte for byte; undefined if it is
 * unassigned. A list may be sent as its only element. At most 1,000 elements.
 * @param where the attribute as the client wrote it in its request, for messages
 * @throws ScimError 400 invalidValue (type or form), invalidSyntax (a duplicate name)
 * @see RFC 7643 §2.3
 */
export function normaliseValue(attribute: Attribute, value: unknown, where: string): AttributeValue | undefined {
  if (isUnassigned(value)) return undefined;
  if (!attribute.multiValued) return normaliseSingle(attribute, value, where);
  const list = Array.isArray(value) ? value : [value];
  if (list.length > ELEMENTS_MAX) throw tooManyElements(where);
  if (!Array.isArray(value) && typeof value !== 'string' && !isJsonObject(value))
    throw wrongType(where, 'an array', value);
  const elements: AttributeValue[] = [];
  list.forEach((element: unknown, index) => {
    const normal = normaliseElement(attribute, element, `${where}[${index}]`);
    if (normal !== undefined) elements.push(normal);
  });
  keepOnePrimary(elements);
  return elements.length === 0 ? undefined : elements;
}

/**
 * Makes one element of a multi-valued attribute canonical; undefined if nothing is left of it. Clients wrap texts (`{"value": "D2"}` for
 * `"D2"`, as Entra ID does) and unwrap objects (`"OWNER"` for `{"value": "OWNER"}`, as Okta does); both mean the same.
 * @throws ScimError 400 invalidValue, invalidSyntax
 * @see RFC 7643 §2.4
 */
export function normaliseElement(attribute: Attribute, element: unknown, where: string): AttributeValue | undefined {
  if (isUnassigned(element)) return undefined;
  if (attribute.type !== 'complex') {
    const value = unwrapped(element);
    return isNothing(value) ? undefined : normaliseSimple(attribute, value, where);
  }
  const object = typeof element === 'string' ? wrapped(attribute, element) : element;
  if (!isJsonObject(object)) throw wrongType(where, 'an object', element);
  const { values, cleared } = normaliseSubAttributes(attribute, object, where);
  return isEmptyElement(values, cleared.length > 0) ? undefined : values;
}

/** An element as an object, if it was sent as the text of its most important sub-attribute. */
function wrapped(attribute: Attribute, text: string): JsonObject | undefined {
  const main = ['value', 'formatted'].find((name) => attribute.sub.has(name));
  return main === undefined ? undefined : { [main]: text };
}

/** The value in an object with a `value`; any other value unchanged. */
function unwrapped(value: unknown): unknown {
  const member = isJsonObject(value) ? memberOf(value, 'value') : undefined;
  return member ? member.value : value;
}

/** Keeps at most the last `primary: true` of a list (RFC 7643 §2.4). */
function keepOnePrimary(elements: readonly AttributeValue[]): void {
  let later = false;
  for (const element of elements.toReversed()) {
    if (!isJsonObject(element) || element.primary !== true) continue;
    if (later) (element as Attributes).primary = false;
    later = true;
  }
}

function normaliseSingle(attribute: Attribute, value: unknown, where: string): AttributeValue | undefined {
  if (attribute.type !== 'complex') {
    // Entra ID also wraps single values: [{"$ref": null, "value": "False"}].
    const isWrapped = Array.isArray(value) && value.length === 1 && isJsonObject(value[0]);
    const single: unknown = isWrapped ? unwrapped(value[0]) : value;
    return isNothing(single) ? undefined : normaliseSimple(attribute, single, where);
  }
  const { values } = normaliseComplex(attribute, value, where);
  return Object.keys(values).length === 0 ? undefined : values;
}

/**
 * Makes one complex value canonical: the sub-attributes that it sets, and the names of those that it clears. Clients send
 * `manager` as an object, a bare id or a list of one object; all mean the same.
 * @throws ScimError 400 invalidValue, invalidSyntax
 * @see RFC 7643 §2.3.8
 */
export function normaliseComplex(
  attribute: Attribute,
  value: unknown,
  where: string,
): { values: Attributes; cleared: string[] } {
  const single: unknown = attribute.sub.has('value') && Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (isJsonObject(single)) return normaliseSubAttributes(attribute, single, where);
  if (isUnassigned(single)) return { values: emptyAttributes(), cleared: [] };
  if (!attribute.sub.has('value') || Array.isArray(single)) throw wrongType(where, 'an object', value);
  return normaliseSubAttributes(attribute, { value: single }, where);
}

/** Unknown names are left out. One that begins with `$` looks like a query operator and is refused (RFC 7643 §2.1). */
function normaliseSubAttributes(
  attribute: Attribute,
  object: JsonObject,
  where: string,
): { values: Attributes; cleared: string[] } {
  const values = emptyAttributes();
  const seen = new Set<Attribute>();
  const cleared: string[] = [];
  for (const key of Object.keys(object)) {
    const sub = attribute.sub.get(key.toLowerCase());
    if (!sub && key.startsWith('$') && key.toLowerCase() !== '$ref')
      throw badRequest('invalidValue', `${where} has a name that no attribute can have.`);
    if (!sub || !isWritable(sub)) continue;
    if (seen.has(sub)) throw badRequest('invalidSyntax', `${where}.${sub.name} appears twice, in different case.`);
    seen.add(sub);
    const value = normaliseValue(sub, object[key], `${where}.${sub.name}`);
    if (value === undefined) cleared.push(sub.name);
    else values[sub.name] = value;
  }
  return { values, cleared };
}

/**
 * Whether a client can set an attribute. The server derives `$ref` from `value`.
 * @see RFC 7643 §2.2, §2.4
 */
export function isWritable(attribute: Attribute): boolean {
  return attribute.mutability !== 'readOnly' && attribute.name !== '$ref';
}

function normaliseSimple(attribute: Attribute, value: unknown, where: string): AttributeValue {
  switch (attribute.type) {
    case 'boolean':
      return booleanFrom(value) ?? refuse(where, 'true or false', value);
    case 'integer':
      return numberFrom(value, 'integer') ?? refuse(where, 'an integer', value);
    case 'decimal':
      return numberFrom(value, 'decimal') ?? refuse(where, 'a number', value);
    case 'dateTime':
      if (typeof value === 'string' && parseDateTime(value)) return value;
      return refuse(where, `${A_DATE} such as "2026-01-31T12:00:00Z"`, value);
    default:
      // URIs and binaries are taken as they are: nobody is refused because of a picture. The event notes a wrong format (notes.ts).
      return typeof value === 'string' ? value : refuse(where, 'a string', value);
  }
}

const A_DATE = 'a date and time';

/** Whether a value means false, in any form in which a client may write it. */
export function isFalse(attribute: Attribute, value: unknown): boolean {
  try {
    return normaliseValue(attribute, value, '') === false;
  } catch (error) {
    if (error instanceof ScimError) return false;
    throw error;
  }
}

function refuse(where: string, expected: string, value: unknown): never {
  throw wrongType(where, expected, value);
}

/** The refusal of a value of the wrong type or form, with the attribute and what it should be. */
export function wrongType(where: string, expected: string, value: unknown): ScimError {
  const got = describeJson(value);
  const form = got === expected || (got === 'a string' && expected !== 'an array' && expected !== 'an object');
  // A text that cannot be read as a date is of the right JSON type.
  const code = form && expected.startsWith(A_DATE) ? 'invalidValue' : 'wrongType';
  return badValue(code, `${where} must be ${expected}${form ? '' : `, not ${got}`}.`);
}

/** The refusal of a list that is too long. */
export function tooManyElements(where: string, max = ELEMENTS_MAX): ScimError {
  return badValue('tooMany', `${where} has more than ${max} elements.`);
}
