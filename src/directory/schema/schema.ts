// The compiled form of the SCIM schema definitions in scim-schemas/ (RFC 7643 §7), as the directory and every door see it.
// Nothing here knows where the JSON came from, how SCIM spells a request, or how a value is stored.

/** One value of an attribute, as JSON has it. */
export type AttributeValue = string | number | boolean | null | AttributeValue[] | Attributes;

/**
 * Attribute values by canonical name. Extension attributes stand one level down under the short key of their
 * schema (`enterprise`, `mobietrain`), never under the URN: a URN has a dot in it ("2.0"), which no store path survives.
 * Always made with `emptyAttributes()`: client text is never a key, only declared names are.
 */
export interface Attributes {
  [name: string]: AttributeValue;
}

export type AttributeType =
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'integer'
  | 'dateTime'
  | 'reference'
  | 'binary'
  | 'complex';

/** An attribute definition as RFC 7643 §7 writes it. */
export interface AttributeDefinition {
  name: string;
  type: AttributeType;
  multiValued: boolean;
  description: string;
  required: boolean;
  caseExact?: boolean;
  mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  returned: 'always' | 'never' | 'default' | 'request';
  uniqueness?: 'none' | 'server' | 'global';
  canonicalValues?: string[];
  referenceTypes?: string[];
  subAttributes?: AttributeDefinition[];
}

/** A schema as RFC 7643 §7 writes it and `/Schemas` serves it. */
export interface SchemaDocument {
  id: string;
  name: string;
  description: string;
  attributes: AttributeDefinition[];
}

/** A resource type as RFC 7643 §6 writes it and `/ResourceTypes` serves it. */
export interface ResourceTypeDocument {
  id: string;
  name: string;
  endpoint: string;
  description: string;
  schema: string;
  schemaExtensions: { schema: string; required: boolean }[];
}

/** A compiled attribute: its definition plus where it stands. */
export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly required: boolean;
  /** Strings of this attribute compare exactly (RFC 7643 §2.2; references and binaries always do). */
  readonly caseExact: boolean;
  readonly mutability: AttributeDefinition['mutability'];
  readonly returned: AttributeDefinition['returned'];
  /** As a client writes it: `name.givenName`, `urn:…:User:manager.value`. */
  readonly path: string;
  /** Where it stands in `Attributes`, dot separated: `name.givenName`, `enterprise.manager.value`. */
  readonly key: string;
  readonly parent: Attribute | undefined;
  /** Sub-attributes by lower-cased name; empty unless `type` is complex. */
  readonly sub: ReadonlyMap<string, Attribute>;
}

/** One schema of a resource type: the core one, or an extension under its short key. */
export interface SchemaPart {
  readonly urn: string;
  /** '' for the core schema; the short key under which an extension's values stand otherwise. */
  readonly key: string;
  /** Top-level attributes by lower-cased name. */
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** Everything known about a resource type. */
export interface ResourceSchema {
  readonly name: string;
  readonly endpoint: string;
  /** The common attributes of RFC 7643 §3.1 (`schemas`, `id`, `externalId`, `meta`) are part of it. */
  readonly core: SchemaPart;
  readonly extensions: readonly SchemaPart[];
  /** Every attribute and sub-attribute by its `key`. */
  readonly byKey: ReadonlyMap<string, Attribute>;
  /** Attributes of text that clients match on and that have no index of their own: resources are found by marks of them. */
  readonly marked: readonly Attribute[];
}

const COMMON: AttributeDefinition[] = [
  {
    ...common('schemas', 'reference', 'The URIs of the schemas that this resource uses.'),
    multiValued: true,
    mutability: 'readWrite',
    returned: 'always',
  },
  { ...common('id', 'string', 'The identifier that the server gave the resource.'), returned: 'always' },
  {
    ...common('externalId', 'string', 'The identifier that the provisioning client gave the resource.'),
    mutability: 'readWrite',
  },
  {
    ...common('meta', 'complex', 'What the server knows about the resource.'),
    subAttributes: [
      common('resourceType', 'string', 'The name of the resource type.'),
      common('created', 'dateTime', 'When the resource was created.'),
      common('lastModified', 'dateTime', 'When the resource last changed.'),
      common('location', 'reference', 'Where the resource is.'),
      common('version', 'string', 'The entity tag of the resource.'),
    ],
  },
];

function common(name: string, type: AttributeType, description: string): AttributeDefinition {
  return {
    name,
    type,
    multiValued: false,
    description,
    required: false,
    caseExact: true,
    mutability: 'readOnly',
    returned: 'default',
    uniqueness: 'none',
  };
}

/**
 * An object on which `__proto__` and `constructor` are never found: behind it is one that is empty and frozen, and nothing.
 * (Engines keep what has no prototype at all as a hash table, which costs several times as much to fill and to read.)
 */
export function emptyAttributes(): Attributes {
  return new Bare();
}

class Bare implements Attributes {
  [name: string]: AttributeValue;
}
Object.setPrototypeOf(Bare.prototype, null);
Reflect.deleteProperty(Bare.prototype, 'constructor');
Object.freeze(Bare.prototype);

/**
 * The short key of an extension: the word after `extension:` in its URN.
 * @throws Error for a URN that has none: a schema file is wrong, and the server does not start.
 */
export function extensionKey(urn: string): string {
  const key = /:extension:([A-Za-z][A-Za-z0-9]*):/.exec(urn)?.[1];
  if (key === undefined) throw new Error(`scim-schemas: no short key can be read from the extension URN ${urn}`);
  return key;
}

/**
 * Compiles a resource type and its schemas once, at start.
 * @throws Error where a schema that the resource type names is missing.
 * @see RFC 7643 §6, §7
 */
export function compileResourceSchema(
  type: ResourceTypeDocument,
  documents: ReadonlyMap<string, SchemaDocument>,
): ResourceSchema {
  const byKey = new Map<string, Attribute>();
  const part = (urn: string, key: string): SchemaPart => {
    const document = documents.get(urn);
    if (!document) throw new Error(`scim-schemas: resource type ${type.name} names ${urn}, which no file defines`);
    const attributes = new Map<string, Attribute>();
    const definitions = key === '' ? [...COMMON, ...document.attributes] : document.attributes;
    for (const definition of definitions) {
      const pathPrefix = key === '' ? '' : `${urn}:`;
      const keyPrefix = key === '' ? '' : `${key}.`;
      attributes.set(definition.name.toLowerCase(), compile(definition, pathPrefix, keyPrefix, undefined, byKey));
    }
    return { urn, key, attributes };
  };
  const core = part(type.schema, '');
  const extensions = type.schemaExtensions.map((extension) => part(extension.schema, extensionKey(extension.schema)));
  for (const extension of extensions) {
    if (core.attributes.has(extension.key.toLowerCase()))
      throw new Error(`scim-schemas: the short key ${extension.key} is also a core attribute of ${type.name}`);
  }
  return { name: type.name, endpoint: type.endpoint, core, extensions, byKey, marked: [] };
}

function compile(
  definition: AttributeDefinition,
  pathPrefix: string,
  keyPrefix: string,
  parent: Attribute | undefined,
  byKey: Map<string, Attribute>,
): Attribute {
  const sub = new Map<string, Attribute>();
  const exactByType = definition.type === 'reference' || definition.type === 'binary' || definition.type === 'dateTime';
  const attribute: Attribute = {
    name: definition.name,
    type: definition.type,
    multiValued: definition.multiValued,
    required: definition.required,
    caseExact: exactByType || definition.caseExact === true,
    mutability: definition.mutability,
    returned: definition.returned,
    path: pathPrefix + definition.name,
    key: keyPrefix + definition.name,
    parent,
    sub,
  };
  byKey.set(attribute.key, attribute);
  for (const child of definition.subAttributes ?? []) {
    sub.set(child.name.toLowerCase(), compile(child, `${attribute.path}.`, `${attribute.key}.`, attribute, byKey));
  }
  return attribute;
}
