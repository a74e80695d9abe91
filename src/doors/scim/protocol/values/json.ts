// Reads parsed JSON from a client without trusting it (RFC 7643 §2.1: names in any case; §2.5: unassigned values).

import { isBlank } from '../../../../directory/schema/texts.ts';
import { badRequest } from '../scim-error.ts';

/** A JSON object as the parser made it: only its own keys may be read, by enumeration. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Whether a value means "no value": absent, null, a text without a visible sign, or an empty array.
 * @see RFC 7643 §2.5
 */
export function isUnassigned(value: unknown): boolean {
  if (typeof value === 'string') return isBlank(value);
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/**
 * Whether a value says nothing, in any of the forms that clients write: unassigned, an empty object, `{"value": null}`, or an array of
 * these. An empty object is a value only of a complex attribute.
 */
export function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((element) => !Array.isArray(element) && isNothing(element));
  if (!isJsonObject(value)) return isUnassigned(value);
  return Object.keys(value).every((key) => ['value', '$ref'].includes(key.toLowerCase()) && isUnassigned(value[key]));
}

/**
 * A member of a message by its name in any case; undefined if it is absent.
 * @throws ScimError 400 invalidSyntax if it appears twice.
 * @see RFC 7643 §2.1
 */
export function memberOf(object: JsonObject, name: string): { value: unknown } | undefined {
  let found: { value: unknown } | undefined;
  for (const key of Object.keys(object)) {
    if (key.toLowerCase() !== name) continue;
    if (found) throw badRequest('invalidSyntax', `"${name}" appears twice, in different case.`);
    found = { value: object[key] };
  }
  return found;
}

/** The type of a value, for a message. */
export function describeJson(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
