// Resolves attribute names from clients against the compiled schema: plain, dotted or with a URN prefix, in any case
// (RFC 7643 §2.1, RFC 7644 §3.10).

import type { Attribute, ResourceSchema, SchemaPart } from '../../../../directory/schema/schema.ts';

/**
 * Finds the attribute or sub-attribute that a name refers to: `userName`, `name.givenName`, `urn:…:User:manager.value`;
 * undefined if the resource type has none. Linear in the length of the text.
 * @see RFC 7644 §3.10
 */
export function findAttribute(schema: ResourceSchema, text: string): Attribute | undefined {
  const name = text.toLowerCase();
  if (!name.includes(':')) return inPart(schema.core, name);
  // A URN contains dots and colons ("2.0:User"), so the known URNs are tried as prefixes; the text is never split.
  let best: { part: SchemaPart; length: number } | undefined;
  for (const part of [schema.core, ...schema.extensions]) {
    const prefix = `${part.urn.toLowerCase()}:`;
    if (name.startsWith(prefix) && prefix.length > (best?.length ?? 0)) best = { part, length: prefix.length };
  }
  return best && inPart(best.part, name.slice(best.length));
}

/**
 * Finds an attribute or sub-attribute of one schema by its name without URN: `manager`, `manager.value`.
 * @see RFC 7644 §3.10
 */
export function findInPart(part: SchemaPart, text: string): Attribute | undefined {
  return inPart(part, text.toLowerCase());
}

/**
 * Finds the schema of a resource type that a bare URN names, the core schema included; undefined if there is none.
 * @see RFC 7643 §3.3
 */
export function findSchemaPart(schema: ResourceSchema, urn: string): SchemaPart | undefined {
  const wanted = urn.toLowerCase();
  return [schema.core, ...schema.extensions].find((part) => part.urn.toLowerCase() === wanted);
}

function inPart(part: SchemaPart, name: string): Attribute | undefined {
  const dot = name.indexOf('.');
  if (dot < 0) return part.attributes.get(name);
  const parent = part.attributes.get(name.slice(0, dot));
  const sub = name.slice(dot + 1);
  // The elements of a simple list are their own values: `organizations.value` is `organizations`.
  if (parent?.multiValued && parent.type !== 'complex' && sub === 'value') return parent;
  return parent?.sub.get(sub);
}
