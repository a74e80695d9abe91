// Which attributes a response contains (`attributes`, `excludedAttributes`, the `returned` characteristic): RFC 7644 §3.9,
// RFC 7643 §2.2. Computed once per request; the renderer only looks it up.

import type { Attribute, ResourceSchema, SchemaPart } from '../../../../directory/schema/schema.ts';
import { badRequest, quote } from '../scim-error.ts';
import { findAttribute, findSchemaPart } from './attribute-name.ts';

/** A whole value, or only the sub-attributes with these canonical names. */
export type Shown = true | ReadonlySet<string>;

/** Which attributes a response contains. Belongs to one resource type. */
export interface Projection {
  /** Core and common attributes, by canonical name. */
  readonly core: ReadonlyMap<string, Shown>;
  /** Attributes of extensions, by the extension's short key and canonical name. */
  readonly extensions: ReadonlyMap<string, ReadonlyMap<string, Shown>>;
  /**
   * Whether the response can contain any part of the attribute or sub-attribute with this `Attribute.key`, or of the extension
   * with this short key. If not, it need not be read.
   */
  includes(key: string): boolean;
  /** Whether `attributes` names the attribute or sub-attribute with this `Attribute.key` itself, instead of what it belongs to. */
  names(key: string): boolean;
}

/** The most names in one request, in both parameters together, including empty names. */
const NAMES_MAX = 200;

/** `userName`, `name.givenName`, `members.$ref`. */
const PLAIN_NAME = /^[A-Za-z_$][\w$-]*(?:\.[A-Za-z_$][\w$-]*)?$/;
/** A name with a URN before it, or a URN alone. */
const URN_NAME = /^[A-Za-z][\w$.:+%~-]*[\w$-]$/;

const defaults = new WeakMap<ResourceSchema, Projection>();

/**
 * The projection of a request that names no attributes: made once per resource type, then only looked up.
 * @see RFC 7643 §2.2
 */
export function defaultProjection(schema: ResourceSchema): Projection {
  let projection = defaults.get(schema);
  if (!projection) {
    projection = build(schema, defaultChoice(schema), []);
    defaults.set(schema, projection);
  }
  return projection;
}

/**
 * Reads `attributes` and `excludedAttributes`: comma lists, repeated parameters or arrays, names in any case, with
 * sub-attributes and URNs; a name that the resource type does not have is ignored.
 * @throws ScimError 400 invalidValue if both are given, if there are more than 200 names, or if one can't be the name of an attribute,
 *   such as `emails[type eq "work"]`.
 * @see RFC 7644 §3.9
 */
export function parseProjection(
  query: { attributes?: string | string[]; excludedAttributes?: string | string[] },
  schema: ResourceSchema,
): Projection {
  const wanted = namesIn('attributes', query.attributes);
  const unwanted = namesIn('excludedAttributes', query.excludedAttributes);
  if (wanted.length > 0 && unwanted.length > 0)
    throw badRequest('invalidValue', 'Specify attributes or excludedAttributes, not both');
  if (wanted.length > 0) return build(schema, chosen(schema, wanted), wanted);
  if (unwanted.length > 0) return build(schema, without(schema, unwanted), []);
  return defaultProjection(schema);
}

/** The shown part of each top-level attribute. An attribute that is not a key is not shown. */
type Choice = Map<Attribute, Shown>;

/** Splits with a limit, so that a text of a million commas is refused cheaply. */
function namesIn(parameter: string, given: string | string[] | undefined): string[] {
  if (given === undefined) return [];
  const names: string[] = [];
  for (const text of typeof given === 'string' ? [given] : given) {
    names.push(...text.split(',', NAMES_MAX + 1));
    if (names.length > NAMES_MAX)
      throw badRequest('invalidValue', `${parameter} names more than ${NAMES_MAX} attributes`);
  }
  const trimmed = names.map((name) => name.trim()).filter((name) => name !== '');
  for (const name of trimmed) {
    if (!(name.includes(':') ? URN_NAME : PLAIN_NAME).test(name)) {
      const hint = name.includes('[') ? ': a filter in brackets selects nothing here, name the whole attribute' : '';
      throw badRequest('invalidValue', `${parameter}: ${quote(name)} is not the name of an attribute${hint}.`);
    }
  }
  return trimmed;
}

function* topLevel(schema: ResourceSchema): Iterable<Attribute> {
  for (const part of [schema.core, ...schema.extensions]) yield* part.attributes.values();
}

function hidden(attribute: Attribute): boolean {
  return attribute.returned === 'never' || attribute.returned === 'request';
}

/** A complex attribute without the sub-attributes that are never shown, or shown only if they are named. */
function whole(attribute: Attribute): Shown {
  const subs = [...attribute.sub.values()];
  return subs.some(hidden) ? new Set(subs.filter((sub) => !hidden(sub)).map((sub) => sub.name)) : true;
}

function defaultChoice(schema: ResourceSchema): Choice {
  const choice: Choice = new Map();
  for (const attribute of topLevel(schema)) if (!hidden(attribute)) choice.set(attribute, whole(attribute));
  return choice;
}

function chosen(schema: ResourceSchema, names: string[]): Choice {
  const choice: Choice = new Map();
  for (const attribute of topLevel(schema)) {
    if (attribute.returned === 'always') choice.set(attribute, whole(attribute));
  }
  for (const name of names) {
    const part = findSchemaPart(schema, name);
    // A bare URN selects the attributes that its schema returns by default; one returned only on request must be named.
    if (part) for (const attribute of part.attributes.values()) if (!hidden(attribute)) add(choice, attribute);
    const attribute = part ? undefined : findAttribute(schema, name);
    if (attribute && attribute.returned !== 'never' && attribute.parent?.returned !== 'never') add(choice, attribute);
  }
  return choice;
}

function add(choice: Choice, attribute: Attribute): void {
  const { parent } = attribute;
  const before = choice.get(parent ?? attribute);
  if (before === true) return;
  const more = parent ? new Set([attribute.name, ...namesAlways(parent)]) : whole(attribute);
  choice.set(parent ?? attribute, more === true ? true : new Set([...(before ?? []), ...more]));
}

function namesAlways(attribute: Attribute): string[] {
  return [...attribute.sub.values()].filter((sub) => sub.returned === 'always').map((sub) => sub.name);
}

function without(schema: ResourceSchema, names: string[]): Choice {
  const choice = defaultChoice(schema);
  for (const name of names) {
    const part = findSchemaPart(schema, name);
    if (part) for (const attribute of part.attributes.values()) remove(choice, attribute);
    const attribute = part ? undefined : findAttribute(schema, name);
    if (attribute) remove(choice, attribute);
  }
  return choice;
}

function remove(choice: Choice, attribute: Attribute): void {
  if (attribute.returned === 'always') return;
  const { parent } = attribute;
  if (!parent) {
    choice.delete(attribute);
    return;
  }
  const before = choice.get(parent);
  if (before === undefined) return;
  const left = new Set(before === true ? [...parent.sub.values()].map((sub) => sub.name) : before);
  left.delete(attribute.name);
  if (left.size > 0) choice.set(parent, left);
  else choice.delete(parent);
}

function build(schema: ResourceSchema, choice: Choice, named: readonly string[]): Projection {
  const shownIn = (part: SchemaPart) => {
    const shown = new Map<string, Shown>();
    for (const attribute of part.attributes.values()) {
      const value = choice.get(attribute);
      if (value !== undefined) shown.set(attribute.name, value);
    }
    return shown;
  };
  const core = shownIn(schema.core);
  const extensions = new Map(schema.extensions.map((part) => [part.key, shownIn(part)]));
  const includes = (key: string): boolean => {
    const extension = extensions.get(key);
    if (extension) return extension.size > 0;
    const attribute = schema.byKey.get(key);
    if (!attribute) return false;
    if (!attribute.parent) return choice.has(attribute);
    const shown = choice.get(attribute.parent);
    return shown === true || (shown?.has(attribute.name) ?? false);
  };
  const namedKeys = new Set(named.map((name) => findAttribute(schema, name)?.key));
  const names = (key: string): boolean => namedKeys.has(key);
  return { core, extensions, includes, names };
}
