// The body of a POST or PUT as canonical attributes (RFC 7643 §3, RFC 7644 §3.3, §3.5.1). Only declared names come through.

import { setAt } from '../../../../directory/schema/attributes.ts';
import {
  type Attribute,
  type Attributes,
  type AttributeValue,
  emptyAttributes,
  type ResourceSchema,
  type SchemaPart,
} from '../../../../directory/schema/schema.ts';
import { findAttribute, findInPart, findSchemaPart } from '../names/attribute-name.ts';
import { badRequest } from '../scim-error.ts';
import { isJsonObject, isUnassigned, type JsonObject, memberOf } from './json.ts';
import { isMembers, memberElements, memberIdsFrom } from './members.ts';
import { isWritable, normaliseValue, wrongType } from './value.ts';

/** A body made canonical. `stated`: keys of the top-level attributes in it, including those set to null or "". */
export interface NormalisedResource {
  attributes: Attributes;
  stated: Set<string>;
}

/** One top-level attribute of a body: a value, or single sub-attributes under dotted names, or both. */
interface Statement {
  attribute: Attribute;
  whole?: { value: unknown };
  subs: Map<Attribute, unknown>;
}

/**
 * Makes the body of a POST or PUT canonical. Unknown and readOnly attributes are ignored; unassigned values are left out but count
 * as stated.
 * The members of a group become `[{value}]`, each once.
 * @throws ScimError 400 invalidSyntax (not an object, malformed `schemas`, a duplicate name), invalidValue (`schemas` of another type,
 *   type or form of a value)
 * @see RFC 7644 §3.3, §3.5.1
 */
export function normaliseResource(body: unknown, schema: ResourceSchema): NormalisedResource {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  checkSchemas(body, schema);
  const statements = new Map<Attribute, Statement>();
  collect(body, schema.core, schema, statements);
  const attributes = emptyAttributes();
  const stated = new Set<string>();
  for (const statement of statements.values()) {
    stated.add(statement.attribute.key);
    const value = statedValue(statement);
    if (value !== undefined) setAt(attributes, statement.attribute.key, value);
  }
  return { attributes, stated };
}

/**
 * Takes the members out of a normalised group: the directory stores them separately. undefined if the body has none.
 * @see RFC 7643 §4.2
 */
export function takeMembers(resource: NormalisedResource): string[] | undefined {
  const elements = resource.attributes.members;
  delete resource.attributes.members;
  if (!resource.stated.delete('members')) return undefined;
  return Array.isArray(elements) ? elements.map((element) => String((element as Attributes).value)) : [];
}

/** `schemas` may be absent, since the endpoint determines the resource type and some clients omit it; it may not be wrong. */
function checkSchemas(body: JsonObject, schema: ResourceSchema): void {
  const schemas = memberOf(body, 'schemas')?.value;
  const { urn } = schema.core;
  if (isUnassigned(schemas)) return;
  if (!Array.isArray(schemas) || !schemas.every((entry) => typeof entry === 'string'))
    throw badRequest('invalidSyntax', `schemas must be an array of strings with "${urn}".`);
  // Other URNs are tolerated: clients omit extensions that they send, and list schemas of their own.
  if (!schemas.some((entry: string) => entry.toLowerCase() === urn.toLowerCase()))
    throw badRequest('invalidValue', `schemas must contain "${urn}", the schema of a ${schema.name}.`);
}

function collect(
  object: JsonObject,
  part: SchemaPart,
  schema: ResourceSchema,
  into: Map<Attribute, Statement>,
  nested = false,
): void {
  for (const key of Object.keys(object)) {
    const isUrn = key.includes(':');
    const named = isUrn ? findSchemaPart(schema, key) : undefined;
    // A schema inside a schema has no meaning, and would let the client choose the depth of recursion.
    if (named && !nested) collectPart(object[key], named, schema, into);
    const attribute = isUrn ? findAttribute(schema, key) : findInPart(part, key);
    if (attribute && isWritable(attribute)) state(attribute, object[key], into);
  }
}

function collectPart(value: unknown, part: SchemaPart, schema: ResourceSchema, into: Map<Attribute, Statement>): void {
  if (isUnassigned(value)) return;
  if (!isJsonObject(value)) throw wrongType(part.urn, 'an object', value);
  collect(value, part, schema, into, true);
}

function state(attribute: Attribute, value: unknown, into: Map<Attribute, Statement>): void {
  const top = attribute.parent ?? attribute;
  // `schemas` has been checked; what the resource uses is derived from its values.
  if (top.key === 'schemas' || !isWritable(top)) return;
  const statement: Statement = into.get(top) ?? { attribute: top, subs: new Map() };
  into.set(top, statement);
  if (attribute === top ? statement.whole : statement.subs.has(attribute))
    throw badRequest('invalidSyntax', `${attribute.path} appears twice, spelled differently.`);
  if (attribute === top) statement.whole = { value };
  else statement.subs.set(attribute, value);
}

function statedValue(statement: Statement): AttributeValue | undefined {
  const { attribute, whole, subs } = statement;
  if (isMembers(attribute) && subs.size === 0) {
    const ids = memberIdsFrom(whole?.value, attribute.path);
    return ids.length === 0 ? undefined : memberElements(ids);
  }
  const value = whole && normaliseValue(attribute, whole.value, attribute.path);
  if (subs.size === 0) return value;
  if (attribute.multiValued)
    throw badRequest('invalidValue', `${attribute.path} is multi-valued: it must be sent as an array of objects.`);
  const merged = isJsonObject(value) ? (value as Attributes) : emptyAttributes();
  for (const [sub, subValue] of subs) {
    if (Object.hasOwn(merged, sub.name))
      throw badRequest('invalidSyntax', `${sub.path} appears twice, spelled differently.`);
    const normal = normaliseValue(sub, subValue, sub.path);
    if (normal !== undefined) merged[sub.name] = normal;
  }
  return Object.keys(merged).length === 0 ? undefined : merged;
}
