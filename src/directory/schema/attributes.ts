// Pure functions on attribute values: compare, copy, read and set by key.

import { isObject } from './fold.ts';
import { type Attributes, type AttributeValue, emptyAttributes } from './schema.ts';
import { isBlank } from './texts.ts';

/** Whether two values are equal. The order of keys does not matter, the order of list elements does. */
export function sameValue(a: AttributeValue | Date | undefined, b: AttributeValue | Date | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, index) => sameValue(element, b[index]));
  }
  if (a instanceof Date || b instanceof Date)
    return a instanceof Date && b instanceof Date && a.getTime() === b.getTime();
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]))
  );
}

/** Returns a shallow copy. */
export function copyAttributes(source: Attributes | undefined): Attributes {
  return Object.assign(emptyAttributes(), source);
}

/** The value at a key such as `title` or `enterprise.department` (at most two levels). */
export function valueAt(attributes: Attributes, key: string): AttributeValue | undefined {
  const dot = key.indexOf('.');
  if (dot < 0) return attributes[key];
  const part = attributes[key.slice(0, dot)];
  return isObject(part) ? part[key.slice(dot + 1)] : undefined;
}

/** The text at a key; undefined if it is blank or not a text. */
export function textAt(attributes: Attributes, key: string): string | undefined {
  const value = valueAt(attributes, key);
  return typeof value === 'string' && !isBlank(value) ? value : undefined;
}

/**
 * A value without texts that are blank, and without elements of which only `type` and `primary` are left then; undefined if nothing is
 * left. Returns the value itself if it has no such text.
 */
export function withoutBlanks(value: AttributeValue): AttributeValue | undefined {
  if (typeof value === 'string') return isBlank(value) ? undefined : value;
  if (Array.isArray(value)) {
    const cleaned = value.map((element) => {
      const rest = withoutBlanks(element);
      return rest !== element && isObject(rest) && isEmptyElement(rest, true) ? undefined : rest;
    });
    if (cleaned.every((element, index) => element === value[index])) return value;
    const kept = cleaned.filter((element) => element !== undefined);
    return kept.length > 0 ? kept : undefined;
  }
  if (!isObject(value)) return value;
  let copy: Attributes | undefined;
  for (const name of Object.keys(value)) {
    const before = value[name] as AttributeValue;
    const after = withoutBlanks(before);
    if (after === before) continue;
    copy ??= copyAttributes(value);
    if (after === undefined) delete copy[name];
    else copy[name] = after;
  }
  if (!copy) return value;
  return Object.keys(copy).length > 0 ? copy : undefined;
}

/**
 * Whether an element is empty: it has no sub-attribute, or, after one of them was cleared, only `type` and `primary`, which
 * describe a value that no longer exists.
 */
export function isEmptyElement(element: Attributes, cleared: boolean): boolean {
  const names = Object.keys(element);
  return names.length === 0 || (cleared && names.every((name) => name === 'type' || name === 'primary'));
}

/** The reference to a user's manager: an id, an external ID or a login name. */
export function managerReference(data: Attributes): string | undefined {
  const manager = valueAt(data, 'enterprise.manager');
  return isObject(manager) ? textAt(manager, 'value') : undefined;
}

/** The elements of a multi-valued complex attribute; empty if it has no value. */
export function elementsAt(attributes: Attributes, key: string): Attributes[] {
  const value = valueAt(attributes, key);
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The main element of `emails` or `phoneNumbers`: the primary one, otherwise the first. */
export function primaryElement(attributes: Attributes, key: 'emails' | 'phoneNumbers'): Attributes | undefined {
  const elements = elementsAt(attributes, key);
  return elements.find((element) => element.primary === true) ?? elements[0];
}

/** Sets a top-level value (`title`, `enterprise.department`), or removes it if the value is undefined. */
export function setAt(attributes: Attributes, key: string, value: AttributeValue | undefined): void {
  const dot = key.indexOf('.');
  if (dot < 0) {
    if (value === undefined) delete attributes[key];
    else attributes[key] = value;
    return;
  }
  const partKey = key.slice(0, dot);
  const existing = attributes[partKey];
  const part = isObject(existing) ? existing : emptyAttributes();
  setAt(part, key.slice(dot + 1), value);
  if (Object.keys(part).length > 0) attributes[partKey] = part;
  else delete attributes[partKey];
}

/**
 * The elements of `emails` or `phoneNumbers` with another main value; undefined if it is the main one already. What else the main
 * element has stays; another element with the same value is dropped.
 */
export function withPrimaryValue(
  attributes: Attributes,
  key: 'emails' | 'phoneNumbers',
  value: string,
  type: string,
): Attributes[] | undefined {
  const primary = primaryElement(attributes, key);
  if (primary?.value === value) return undefined;
  const element = copyAttributes(primary);
  if (!primary) Object.assign(element, { type, primary: true });
  element.value = value;
  return [element, ...elementsAt(attributes, key).filter((other) => other !== primary && other.value !== value)];
}

/** The extensions of users by their short keys; `account` has the custom attributes of an account. */
export const EXTENSION_KEYS: ReadonlySet<string> = new Set(['enterprise', 'mobietrain', 'account']);

/** A key or a path without the short key of its extension, as people and faults name it. */
export function nameOfKey(key: string): string {
  const dot = key.indexOf('.');
  return dot > 0 && EXTENSION_KEYS.has(key.slice(0, dot)) ? key.slice(dot + 1) : key;
}
