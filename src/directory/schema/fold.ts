// Folds text for comparisons that are not case-exact (RFC 7643 §2.2), and creates the folded copy of a resource that filters,
// sorting and unique indexes use.

import { parseDateTime } from './date-time.ts';
import {
  type Attribute,
  type Attributes,
  type AttributeValue,
  emptyAttributes,
  type ResourceSchema,
} from './schema.ts';

/** Folds a text for comparison: NFC, then lower case. */
export function foldText(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/**
 * Whether the folded copy has the values of an attribute; other values are compared in `data`. Elements of multi-valued complex
 * attributes are copied whole, so that one element can be matched against several conditions.
 */
function isMirrored(attribute: Attribute): boolean {
  if (attribute.type === 'complex' || attribute.parent?.multiValued) return true;
  return (attribute.type === 'string' && !attribute.caseExact) || attribute.type === 'dateTime';
}

/**
 * The path in a stored document by which an attribute is compared. A string that is not case-exact is compared folded, a dateTime as
 * a date.
 */
export function comparedAt(attribute: Attribute): string {
  const singularComplex = attribute.type === 'complex' && !attribute.multiValued;
  return isMirrored(attribute) && !singularComplex ? `fold.${attribute.key}` : `data.${attribute.key}`;
}

/**
 * Returns the folded copy of a resource's attributes.
 * @param data canonical attributes, as stored
 */
export function foldAttributes(data: Attributes, schema: ResourceSchema): Attributes {
  const folded = foldPart(data, schema.core.attributes);
  for (const extension of schema.extensions) {
    const values = data[extension.key];
    if (isObject(values)) {
      const part = foldPart(values, extension.attributes);
      if (Object.keys(part).length > 0) folded[extension.key] = part;
    }
  }
  return folded;
}

function foldPart(values: Attributes, attributes: ReadonlyMap<string, Attribute>): Attributes {
  const folded = emptyAttributes();
  for (const name of Object.keys(values)) {
    const attribute = attributes.get(name.toLowerCase());
    if (!attribute || !isMirrored(attribute)) continue;
    const value = foldValue(values[name] as AttributeValue, attribute);
    if (value !== undefined) folded[name] = value;
  }
  return folded;
}

function foldValue(value: AttributeValue, attribute: Attribute): AttributeValue | undefined {
  if (Array.isArray(value)) return value.map((element) => foldSingle(element, attribute, true) ?? element);
  return foldSingle(value, attribute, false);
}

/** @param whole for elements of multi-valued attributes, which are copied with the values that need no folding */
function foldSingle(value: AttributeValue, attribute: Attribute, whole: boolean): AttributeValue | undefined {
  if (typeof value === 'string') {
    if (attribute.type === 'dateTime') return (parseDateTime(value) ?? new Date(value)) as unknown as AttributeValue;
    return attribute.type === 'string' && !attribute.caseExact ? foldText(value) : value;
  }
  if (!isObject(value)) return whole ? value : undefined;
  const folded = emptyAttributes();
  let any = false;
  for (const name of Object.keys(value)) {
    const sub = attribute.sub.get(name.toLowerCase());
    if (!sub || !(whole || isMirrored(sub))) continue;
    const part = foldSingle(value[name] as AttributeValue, sub, whole);
    if (part === undefined) continue;
    folded[name] = part;
    any = true;
  }
  return any ? folded : undefined;
}

/** Whether a value is complex. */
export function isObject(value: AttributeValue | undefined): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
