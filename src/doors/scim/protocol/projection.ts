// Owns what an answer looks like: which attributes it holds (`attributes`, `excludedAttributes`, the `returned` characteristic:
// RFC 7644 §3.9, RFC 7643 §2.2) and how a view becomes a SCIM resource (RFC 7643 §3). Decided once per request, then looked up.

import type { MemberView } from '../../../directory/model.ts';
import type { Attribute, Attributes, AttributeValue, ResourceSchema, SchemaPart } from '../../../directory/schema.ts';
import { findAttribute, findSchemaPart } from './attribute-name.ts';
import { badRequest } from './scim-error.ts';

/** A value as a whole, or only these of its sub-attributes, by canonical name. */
export type Shown = true | ReadonlySet<string>;

/** Which attributes an answer holds. Belongs to one resource type. */
export interface Projection {
  /** Core and common attributes, by canonical name. */
  readonly core: ReadonlyMap<string, Shown>;
  /** Attributes of extensions, by the extension's short key and canonical name. */
  readonly extensions: ReadonlyMap<string, ReadonlyMap<string, Shown>>;
  /**
   * Whether anything of the attribute or sub-attribute with this `Attribute.key`, or of the extension with this short
   * key, can be in the answer: what is not need not be read.
   */
  includes(key: string): boolean;
}

/** Names in one request at most, both parameters and empty names counted. */
const NAMES_MAX = 200;

const defaults = new WeakMap<ResourceSchema, Projection>();

/**
 * The projection of a request that names no attributes: made once per resource type, then only looked up.
 * @see RFC 7643 §2.2
 */
export function defaultProjection(schema: ResourceSchema): Projection {
  let projection = defaults.get(schema);
  if (!projection) {
    projection = build(schema, defaultChoice(schema));
    defaults.set(schema, projection);
  }
  return projection;
}

/**
 * Reads `attributes` and `excludedAttributes`: comma lists, repeated parameters or arrays, names in any case, with
 * sub-attributes and URNs; a name that the resource type does not have asks for nothing.
 * @throws ScimError 400 invalidValue where both are given, or more than 200 names.
 * @see RFC 7644 §3.9
 */
export function parseProjection(
  query: { attributes?: string | string[]; excludedAttributes?: string | string[] },
  schema: ResourceSchema,
): Projection {
  const wanted = namesIn('attributes', query.attributes);
  const unwanted = namesIn('excludedAttributes', query.excludedAttributes);
  if (wanted.length > 0 && unwanted.length > 0)
    throw badRequest('invalidValue', 'Give attributes or excludedAttributes, not both');
  if (wanted.length > 0) return build(schema, chosen(schema, wanted));
  if (unwanted.length > 0) return build(schema, without(schema, unwanted));
  return defaultProjection(schema);
}

/** What is shown of each top-level attribute; what is not a key is not shown. */
type Choice = Map<Attribute, Shown>;

/** Splits with a limit, so that a text of a million commas costs no more than one that is refused. */
function namesIn(parameter: string, given: string | string[] | undefined): string[] {
  if (given === undefined) return [];
  const names: string[] = [];
  for (const text of typeof given === 'string' ? [given] : given) {
    names.push(...text.split(',', NAMES_MAX + 1));
    if (names.length > NAMES_MAX)
      throw badRequest('invalidValue', `${parameter} names more than ${NAMES_MAX} attributes`);
  }
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

function* topLevel(schema: ResourceSchema): Iterable<Attribute> {
  for (const part of [schema.core, ...schema.extensions]) yield* part.attributes.values();
}

function hidden(attribute: Attribute): boolean {
  return attribute.returned === 'never' || attribute.returned === 'request';
}

/** A complex attribute without those of its sub-attributes that are never shown, or only when they are named. */
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
    // A bare URN asks for what its schema shows by default; what is served on request only is asked for by its own name.
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

function build(schema: ResourceSchema, choice: Choice): Projection {
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
  return { core, extensions, includes };
}

/** A user or a group as the directory hands it out. */
export interface ResourceView {
  readonly id: string;
  readonly version: number;
  readonly created: Date;
  readonly modified: Date;
  readonly attributes: Attributes;
}

/** Makes SCIM resources of one resource type. */
export interface Renderer {
  /** The SCIM resource, its values as they are in the view. It shares them: neither is to be changed afterwards. */
  render(view: ResourceView, projection: Projection): Record<string, unknown>;
  /** One element of a group's `members`; undefined where the projection leaves nothing of it. */
  renderMember(member: MemberView, projection: Projection): Record<string, unknown> | undefined;
  /** The weak entity tag of a version: `W/"3"`. */
  etag(version: number): string;
}

/** Attributes whose `value` is the id of a resource here, by `Attribute.key`, and the endpoint where that resource is. */
const REFERENCES = { groups: '/Groups', members: '/Users', 'enterprise.manager': '/Users' };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Makes the renderer of a resource type; `baseUrl` is the SCIM base without a slash at its end. An extension is listed in
 * `schemas` where the resource has values of it that are shown by default, or are asked for.
 * @see RFC 7643 §3, §3.1
 */
export function createRenderer(options: { schema: ResourceSchema; baseUrl: string }): Renderer {
  const { schema, baseUrl } = options;
  const ordinary = defaultProjection(schema);
  const references = referenceBases(schema, baseUrl);
  const membersBase = references.get('members');

  const render = (view: ResourceView, projection: Projection): Record<string, unknown> => {
    const schemas = [schema.core.urn];
    const resource: Record<string, unknown> = { schemas, id: view.id };
    place(resource, view.attributes, projection.core, references, '');
    for (const part of schema.extensions) {
      const values = view.attributes[part.key];
      if (!isComplex(values)) continue;
      const extension: Record<string, unknown> = {};
      const asked = projection.extensions.get(part.key);
      const placed = asked !== undefined && place(extension, values, asked, references, part.key);
      if (placed) resource[part.urn] = extension;
      if (placed || hasAny(values, ordinary.extensions.get(part.key))) schemas.push(part.urn);
    }
    const meta = projection.core.get('meta');
    if (meta) resource['meta'] = meta === true ? metaOf(view) : pick(metaOf(view), meta);
    return resource;
  };

  const metaOf = (view: ResourceView) => ({
    resourceType: schema.name,
    created: view.created.toISOString(),
    lastModified: view.modified.toISOString(),
    location: `${baseUrl}${schema.endpoint}/${view.id}`,
    version: etag(view.version),
  });

  const renderMember = (member: MemberView, projection: Projection): Record<string, unknown> | undefined => {
    const shown = projection.core.get('members');
    if (!shown) return undefined;
    const element = { value: member.id, $ref: `${membersBase}${member.id}`, type: 'User', display: member.display };
    return shown === true ? element : pick(element, shown);
  };

  return { render, renderMember, etag };
}

function etag(version: number): string {
  return `W/"${version}"`;
}

/** Where referenced resources are, by `Attribute.key`; a schema file that drops `$ref` drops it from the answers. */
function referenceBases(schema: ResourceSchema, baseUrl: string): ReadonlyMap<string, string> {
  const bases = new Map<string, string>();
  for (const [key, endpoint] of Object.entries(REFERENCES)) {
    if (schema.byKey.has(`${key}.$ref`)) bases.set(key, `${baseUrl}${endpoint}/`);
  }
  return bases;
}

/** Puts what is shown of one schema's values into the answer; says whether that was anything. */
function place(
  into: Record<string, unknown>,
  values: Attributes,
  shownOf: ReadonlyMap<string, Shown>,
  references: ReadonlyMap<string, string>,
  part: string,
): boolean {
  let placed = false;
  for (const name of Object.keys(values)) {
    const shown = shownOf.get(name);
    const value = values[name];
    if (shown === undefined || value === undefined) continue;
    const base = references.get(part === '' ? name : `${part}.${name}`);
    const linked = base === undefined ? value : withReferences(value, base);
    const served = shown === true ? linked : narrowed(linked, shown);
    if (served === undefined) continue;
    into[name] = served;
    placed = true;
  }
  return placed;
}

function withReferences(value: AttributeValue, base: string): AttributeValue {
  if (Array.isArray(value)) return value.map((element) => withReferences(element, base));
  // A manager that did not resolve is kept as it was sent: an address made of it would lead nowhere.
  if (!isComplex(value) || typeof value['value'] !== 'string' || !UUID.test(value['value'])) return value;
  return { ...value, $ref: base + value['value'] };
}

/** A complex value, or each element of a list of them, cut to some sub-attributes; undefined where nothing is left. */
function narrowed(value: AttributeValue, shown: ReadonlySet<string>): unknown {
  if (!Array.isArray(value)) return isComplex(value) ? pick(value, shown) : undefined;
  const elements = value.flatMap((element) => (isComplex(element) ? (pick(element, shown) ?? []) : []));
  return elements.length > 0 ? elements : undefined;
}

function pick(
  from: Readonly<Record<string, unknown>>,
  shown: ReadonlySet<string>,
): Record<string, unknown> | undefined {
  const picked: Record<string, unknown> = {};
  let any = false;
  for (const name of Object.keys(from)) {
    if (!shown.has(name)) continue;
    picked[name] = from[name];
    any = true;
  }
  return any ? picked : undefined;
}

function hasAny(values: Attributes, names: ReadonlyMap<string, Shown> | undefined): boolean {
  return names !== undefined && Object.keys(values).some((name) => names.has(name));
}

function isComplex(value: AttributeValue | undefined): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
