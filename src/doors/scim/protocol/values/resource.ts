// The body of a POST or PUT as canonical attributes (RFC 7643 §3, RFC 7644 §3.3, §3.5.1). Only declared names come through.

import type { EventFault } from '../../../../directory/event.ts';
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
import { ignoredName, notApplied, notesOn } from '../notes.ts';
import { badRequest, ScimError } from '../scim-error.ts';
import { isJsonObject, isNothing, isUnassigned, type JsonObject, memberOf } from './json.ts';
import { isMembers, memberElements, memberIdsFrom } from './members.ts';
import { isWritable, normaliseValue, wrongType } from './value.ts';

/** A body made canonical. */
export interface NormalisedResource {
  attributes: Attributes;
  /** Keys of the top-level attributes in it, including those set to "" or an empty list. Null is the same as absent. */
  stated: Set<string>;
  /** Keys of the attributes whose values could not be read, in a body that deactivates the user: they stay as they are stored. */
  kept: Set<string>;
  /** What was left out. */
  notes: EventFault[];
}

/** `create`: the body of a POST, in which there is nothing to lose; `replace`: that of a PUT. */
type Verb = 'create' | 'replace';

/** The state of reading a body. */
interface Reading {
  schema: ResourceSchema;
  statements: Map<Attribute, Statement>;
  /** Errors with the keys of the attributes that they concern. Whether they count depends on the rest of the body. */
  errors: { keys: string[]; error: ScimError }[];
  notes: EventFault[];
}

/** One top-level attribute of a body: a value, or single sub-attributes under dotted names, or both. */
interface Statement {
  attribute: Attribute;
  whole?: { value: unknown };
  subs: Map<Attribute, unknown>;
}

/**
 * Makes the body of a POST or PUT canonical. Unknown and readOnly attributes are ignored; unassigned values are left out.
 * The members of a group become `[{value}]`, each once. A PUT that deactivates a user is read as far as it can be read.
 * @throws ScimError 400 invalidSyntax (not an object, malformed `schemas`, a duplicate name), invalidValue (`schemas` of another
 *   type, type or form of a value)
 * @see RFC 7644 §3.3, §3.5.1, RFC 7643 §2.5
 */
export function normaliseResource(body: unknown, schema: ResourceSchema, verb: Verb = 'create'): NormalisedResource {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  checkSchemas(body, schema);
  const reading: Reading = { schema, statements: new Map(), errors: [], notes: [] };
  collect(reading, body, schema.core);
  const attributes = emptyAttributes();
  const stated = new Set<string>();
  for (const statement of reading.statements.values()) {
    const { key } = statement.attribute;
    attempt(reading, [key], () => {
      const value = statedValue(statement, verb);
      if (value !== undefined) setAt(attributes, key, value);
      if (isStated(statement)) stated.add(key);
    });
  }
  const { errors, notes } = reading;
  const isDeactivation =
    verb === 'replace' && attributes.active === false && !errors.some(({ keys }) => keys.includes('active'));
  if (errors[0] && !isDeactivation) throw errors[0].error;
  const kept = new Set(errors.flatMap(({ keys }) => keys));
  for (const key of kept) {
    stated.delete(key);
    setAt(attributes, key, undefined);
  }
  return { attributes, stated, kept, notes: [...notes, ...errors.map(({ error }) => notApplied(error))] };
}

function attempt(reading: Reading, keys: string[], part: () => void): void {
  try {
    part();
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    reading.errors.push({ keys, error });
  }
}

/** Whether a statement says something: null and what means the same say nothing, an empty text and an empty list clear. */
function isStated({ whole, subs }: Statement): boolean {
  const value = whole?.value;
  const clears = typeof value === 'string' || (Array.isArray(value) && value.length === 0);
  return subs.size > 0 || clears || !isNothing(value);
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

function collect(reading: Reading, object: JsonObject, part: SchemaPart, nested = false): void {
  const { schema } = reading;
  for (const key of Object.keys(object)) {
    const isUrn = key.includes(':');
    const named = isUrn ? findSchemaPart(schema, key) : undefined;
    // A schema inside a schema has no meaning, and would let the client choose the depth of recursion.
    if (named && !nested) {
      const keys = named === schema.core ? [] : [...named.attributes.values()].map((attribute) => attribute.key);
      attempt(reading, keys, () => collectPart(reading, object[key], named));
    }
    const attribute = isUrn ? findAttribute(schema, key) : findInPart(part, key);
    if (attribute && isWritable(attribute)) state(reading, attribute, object[key], key);
    else if (!attribute && !named && key.toLowerCase() !== 'schemas') reading.notes.push(ignoredName(key));
  }
}

function collectPart(reading: Reading, value: unknown, part: SchemaPart): void {
  if (isUnassigned(value)) return;
  if (!isJsonObject(value)) throw wrongType(part.urn, 'an object', value);
  collect(reading, value, part, true);
}

function state(reading: Reading, attribute: Attribute, value: unknown, key: string): void {
  const top = attribute.parent ?? attribute;
  // `schemas` has been checked; what the resource uses is derived from its values.
  if (top.key === 'schemas' || !isWritable(top)) return;
  const { statements, notes } = reading;
  const statement: Statement = statements.get(top) ?? { attribute: top, subs: new Map() };
  statements.set(top, statement);
  notes.push(...notesOn(attribute, value, key));
  attempt(reading, [top.key], () => {
    if (attribute === top ? statement.whole : statement.subs.has(attribute))
      throw badRequest('invalidSyntax', `${attribute.path} appears twice, spelled differently.`);
    if (attribute === top) statement.whole = { value };
    else statement.subs.set(attribute, value);
  });
}

function statedValue(statement: Statement, verb: Verb): AttributeValue | undefined {
  const { attribute, whole, subs } = statement;
  if (isMembers(attribute) && subs.size === 0) {
    const ids = memberIdsFrom(whole?.value, attribute.path, verb === 'replace' ? 'all' : 'hold');
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
