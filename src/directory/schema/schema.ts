// The types of attribute values and of compiled schema definitions (RFC 7643 §7), as the directory and all doors use them.
// Independent of the schema files, of the SCIM protocol and of the database.

/** A JSON value of an attribute. */
export type AttributeValue = string | number | boolean | null | AttributeValue[] | Attributes;

/**
 * Attribute values by canonical name. Extension attributes are one level down, under the short key of their schema (`enterprise`,
 * `mobietrain`) and not under the URN, since a URN contains a dot ("2.0"), which separates the steps of a path in MongoDB.
 * Create it with `emptyAttributes()`. Only declared names are keys, never text of a client.
 */
export interface Attributes {
  [name: string]: AttributeValue;
}

type AttributeType = 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'reference' | 'binary' | 'complex';

/** An attribute definition. @see RFC 7643 §7 */
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

/** A schema as `/Schemas` serves it. @see RFC 7643 §7 */
export interface SchemaDocument {
  id: string;
  name: string;
  description: string;
  attributes: AttributeDefinition[];
}

/** A resource type as `/ResourceTypes` serves it. @see RFC 7643 §6 */
export interface ResourceTypeDocument {
  id: string;
  name: string;
  endpoint: string;
  description: string;
  schema: string;
  schemaExtensions: { schema: string; required: boolean }[];
}

/** A compiled attribute: its definition and its position in the resource. */
export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly required: boolean;
  /** Whether values are compared exactly (RFC 7643 §2.2); always true for references and binaries. */
  readonly caseExact: boolean;
  readonly mutability: AttributeDefinition['mutability'];
  readonly returned: AttributeDefinition['returned'];
  /** In SCIM notation: `name.givenName`, `urn:…:User:manager.value`. */
  readonly path: string;
  /** The path in `Attributes`: `name.givenName`, `enterprise.manager.value`. */
  readonly key: string;
  readonly parent: Attribute | undefined;
  /** Whether it is a custom attribute of an account by which users are found. */
  readonly isMatching?: boolean;
  /** Sub-attributes by lower-cased name; empty unless `type` is complex. */
  readonly sub: ReadonlyMap<string, Attribute>;
}

/** One schema of a resource type: the core schema or an extension. */
export interface SchemaPart {
  readonly urn: string;
  /** The short key of an extension; '' for the core schema. */
  readonly key: string;
  /** Top-level attributes by lower-cased name. */
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** How personal data is protected: never stored, stored in part, or removed on erasure. */
export type PersonalDataClass = 'secret' | 'masked' | 'personal';

/** A compiled resource type. */
export interface ResourceSchema {
  readonly name: string;
  readonly endpoint: string;
  /** Includes the common attributes `schemas`, `id`, `externalId` and `meta` (RFC 7643 §3.1). */
  readonly core: SchemaPart;
  readonly extensions: readonly SchemaPart[];
  /** Every attribute and sub-attribute by its `key`. */
  readonly byKey: ReadonlyMap<string, Attribute>;
  /** Text attributes that clients match on and that have search keys instead of their own index. */
  readonly searchKeyAttributes: readonly Attribute[];
  /** The classes of attributes with personal data, by `key`. */
  readonly personalData: ReadonlyMap<string, PersonalDataClass>;
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
 * Returns an empty object without `__proto__` and `constructor`: its prototype is empty and frozen. (V8 stores objects with a null
 * prototype as hash tables, which are several times slower to fill and read.)
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
 * @throws Error if the URN has none, so that the server does not start
 */
function extensionKey(urn: string): string {
  const key = /:extension:([A-Za-z][A-Za-z0-9]*):/.exec(urn)?.[1];
  if (key === undefined) throw new Error(`scim-schemas: no short key can be read from the extension URN ${urn}`);
  return key;
}

/**
 * Compiles a resource type and its schemas. Called once, at start.
 * @throws Error if a schema of the resource type is missing
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
  return {
    name: type.name,
    endpoint: type.endpoint,
    core,
    extensions,
    byKey,
    searchKeyAttributes: [],
    personalData: new Map(),
  };
}

/**
 * A resource type with a further extension, whose document need not be in a file. The given type stays as it is.
 * @throws Error if no short key can be read from the URN
 */
export function withExtension(
  schema: ResourceSchema,
  document: SchemaDocument,
  isMatching: (definition: AttributeDefinition) => boolean,
): ResourceSchema {
  const byKey = new Map(schema.byKey);
  const key = extensionKey(document.id);
  const attributes = new Map<string, Attribute>();
  for (const definition of document.attributes) {
    const compiled = compile(definition, `${document.id}:`, `${key}.`, undefined, byKey);
    const attribute = isMatching(definition) ? { ...compiled, isMatching: true } : compiled;
    byKey.set(attribute.key, attribute);
    attributes.set(definition.name.toLowerCase(), attribute);
  }
  return { ...schema, byKey, extensions: [...schema.extensions, { urn: document.id, key, attributes }] };
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
