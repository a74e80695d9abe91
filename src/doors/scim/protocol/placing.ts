// Places the values of a view into a resource: which of them are shown, and references to other resources (RFC 7643 §3.1, RFC 7644 §3.9).

import type { GroupView, UserView } from '../../../directory/model.ts';
import type { Attributes, AttributeValue, ResourceSchema, SchemaPart } from '../../../directory/schema/schema.ts';
import { defaultProjection, type Shown } from './names/projection.ts';

/** A resource with attributes and nothing beside them: a store or an org unit. */
type PlainView = Pick<GroupView, 'id' | 'version' | 'created' | 'modified' | 'attributes'>;

/** A resource as the directory returns it. */
export type ResourceView = UserView | GroupView | PlainView;

/** A kind of reference: the endpoint of the resources, and whether a value of a view refers to one that exists. */
interface Reference {
  endpoint: string;
  resolves(view: ResourceView, value: string): boolean;
}

/** Attributes whose `value` is the id of a resource of this server, by `Attribute.key`. */
const REFERENCES: Record<string, Reference> = {
  groups: { endpoint: '/Groups', resolves: () => true },
  // An unresolved manager is returned as it was sent, without a `$ref`, because there is no such resource.
  'enterprise.manager': {
    endpoint: '/Users',
    resolves: (view, value) => 'manager' in view && view.manager === value,
  },
};

/** The references of one schema, by attribute name, with the beginning of the addresses. */
export type ReferencesOf = ReadonlyMap<string, Reference & { base: string }>;

/** What the rendering of a resource type looks up. */
export interface ResourceParts {
  coreReferences: ReferencesOf;
  extensions: readonly {
    urn: string;
    key: string;
    references: ReferencesOf;
    /** What is shown by default. An extension is listed in `schemas` if the resource has any of it. */
    ordinary: ReadonlyMap<string, Shown>;
  }[];
}

/** The parts of a resource type; `baseUrl` is the SCIM base without a trailing slash. */
export function partsOf(schema: ResourceSchema, baseUrl: string): ResourceParts {
  const ordinary = defaultProjection(schema);
  return {
    coreReferences: referencesOf(schema, schema.core, baseUrl),
    extensions: schema.extensions.map((part) => ({
      urn: part.urn,
      key: part.key,
      references: referencesOf(schema, part, baseUrl),
      ordinary: ordinary.extensions.get(part.key) ?? new Map<string, Shown>(),
    })),
  };
}

/** Only for attributes that have a `$ref`: if the schema file drops it, responses do not have it either. */
function referencesOf(schema: ResourceSchema, part: SchemaPart, baseUrl: string): ReferencesOf {
  const references = new Map<string, Reference & { base: string }>();
  for (const [key, reference] of Object.entries(REFERENCES)) {
    const attribute = schema.byKey.get(key);
    if (attribute?.sub.has('$ref') && part.attributes.get(attribute.name.toLowerCase()) === attribute)
      references.set(attribute.name, { ...reference, base: `${baseUrl}${reference.endpoint}/` });
  }
  return references;
}

/** Copies the shown values of one schema into the resource; returns whether there were any. */
export function place(
  into: Record<string, unknown>,
  view: ResourceView,
  values: Attributes,
  shownOf: ReadonlyMap<string, Shown>,
  references: ReferencesOf,
): boolean {
  let placed = false;
  for (const name of Object.keys(values)) {
    const shown = shownOf.get(name);
    const value = values[name];
    if (shown === undefined || value === undefined) continue;
    const reference = references.get(name);
    const linked = reference === undefined ? value : withReferences(view, value, reference);
    const served = shown === true ? linked : narrowed(linked, shown);
    if (served === undefined) continue;
    into[name] = served;
    placed = true;
  }
  return placed;
}

function withReferences(
  view: ResourceView,
  value: AttributeValue,
  reference: Reference & { base: string },
): AttributeValue {
  if (Array.isArray(value)) return value.map((element) => withReferences(view, element, reference));
  if (!isComplex(value) || typeof value.value !== 'string' || !reference.resolves(view, value.value)) return value;
  // A loop, because spreading an object without a prototype costs several times as much.
  const linked: Record<string, AttributeValue> = {};
  for (const name of Object.keys(value)) linked[name] = value[name] ?? null;
  linked.$ref = reference.base + value.value;
  return linked;
}

/** A complex value, or each element of a list of them, reduced to some sub-attributes; undefined if nothing is left. */
function narrowed(value: AttributeValue, shown: ReadonlySet<string>): unknown {
  if (!Array.isArray(value)) return isComplex(value) ? pick(value, shown) : undefined;
  const elements = value.flatMap((element) => (isComplex(element) ? (pick(element, shown) ?? []) : []));
  return elements.length > 0 ? elements : undefined;
}

export function pick(
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

export function isComplex(value: AttributeValue | undefined): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
