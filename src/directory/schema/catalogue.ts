// Owns the files of scim-schemas/: reads them once at start, validates and compiles them.
// RFC 7643 §6 (resource types), §7 (schemas). No definition in a file is repeated in code.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type Attribute,
  type AttributeDefinition,
  compileResourceSchema,
  type PersonalDataClass,
  type ResourceSchema,
  type ResourceTypeDocument,
  type SchemaDocument,
} from './schema.ts';

/** An attribute with personal data. The class of a complex attribute applies to its sub-attributes. */
interface PersonalDatum {
  readonly attribute: Attribute;
  readonly class: PersonalDataClass;
}

/** The contents of scim-schemas/. */
export interface SchemaCatalogue {
  readonly user: ResourceSchema;
  readonly group: ResourceSchema;
  readonly store: ResourceSchema;
  readonly orgUnit: ResourceSchema;
  /** The schema files unchanged, in the order in which the resource types refer to them. */
  readonly documents: readonly SchemaDocument[];
  readonly resourceTypes: readonly ResourceTypeDocument[];
  /** The attributes that clients match on. Each has its own index or search keys (search-keys.ts). */
  readonly matching: { readonly User: readonly Attribute[]; readonly Group: readonly Attribute[] };
  readonly personalData: { readonly User: readonly PersonalDatum[]; readonly Group: readonly PersonalDatum[] };
}

const RESOURCE_TYPES_FILE = 'resource-types.json';
const MATCHING_FILE = 'matching.json';
const PERSONAL_DATA_FILE = 'personal-data.json';

/** Attributes that every resource has (RFC 7643 §3.1); a core schema file must not define them again. */
const COMMON_NAMES = new Set(['schemas', 'id', 'externalid', 'meta']);

/** A name becomes an object key, so `__proto__` is not valid; `$ref` is (RFC 7643 §2.1). */
const attributeName = z
  .string()
  .max(100)
  .regex(/^\$?[A-Za-z][A-Za-z0-9_-]*$/);
const urn = z
  .string()
  .max(200)
  .regex(/^urn:ietf:params:scim:schemas:[A-Za-z0-9:._-]+$/);

const characteristics = {
  name: attributeName,
  multiValued: z.boolean(),
  description: z.string().min(1),
  required: z.boolean(),
  caseExact: z.boolean(),
  mutability: z.enum(['readOnly', 'readWrite', 'immutable', 'writeOnly']),
  returned: z.enum(['always', 'never', 'default', 'request']),
  uniqueness: z.enum(['none', 'server', 'global']),
};

const plainAttribute = z
  .strictObject({
    ...characteristics,
    type: z.enum(['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary']),
    canonicalValues: z.array(z.string().min(1)).min(1).exactOptional(),
    referenceTypes: z.array(z.string().min(1)).min(1).exactOptional(),
  })
  .refine((a) => (a.type === 'reference') === (a.referenceTypes !== undefined), {
    path: ['referenceTypes'],
    error: 'must be present for references and for no other type',
  })
  .refine((a) => a.type !== 'binary' || (a.caseExact && a.uniqueness === 'none'), {
    path: ['caseExact'],
    error: 'a binary attribute must be case-exact and have uniqueness none',
  });

// RFC 7643 §2.3.8 does not allow complex sub-attributes.
const complexAttribute = z.strictObject({
  ...characteristics,
  type: z.literal('complex'),
  subAttributes: z.array(plainAttribute).min(1).refine(distinctNames, 'two sub-attributes have the same name'),
});

const schemaDocument = z.strictObject({
  id: urn,
  name: z.string().min(1),
  description: z.string().min(1),
  attributes: z
    .array(z.unknown())
    .min(1)
    .transform((list, context) => list.map((entry, index) => attributeOf(entry, index, context)))
    .refine(distinctNames, 'two attributes have the same name'),
});

/** The names of the resource types. */
export const RESOURCE_TYPES = ['User', 'Group', 'Store', 'OrgUnit'] as const;

/** The name of a resource type. */
export type ResourceTypeName = (typeof RESOURCE_TYPES)[number];

const resourceTypes = z.array(
  z.strictObject({
    id: z.enum(RESOURCE_TYPES),
    name: z.enum(RESOURCE_TYPES),
    endpoint: z.string().regex(/^\/[A-Za-z]+$/),
    description: z.string().min(1),
    schema: urn,
    schemaExtensions: z.array(z.strictObject({ schema: urn, required: z.boolean() })),
  }),
);

const matchingPaths = z.strictObject({ User: z.array(z.string()), Group: z.array(z.string()) });

const personalEntries = z.array(z.strictObject({ path: z.string(), class: z.enum(['secret', 'masked', 'personal']) }));
const personalPaths = z.strictObject({ User: personalEntries, Group: personalEntries });

/**
 * Reads and compiles the schema files of a folder. Called once, at start.
 * @throws Error with the file and the field if a file is missing, is not JSON or has an invalid value
 * @see RFC 7643 §6, §7
 */
export function loadSchemaCatalogue(folder: string): SchemaCatalogue {
  const types = readFile(folder, RESOURCE_TYPES_FILE, resourceTypes);
  const byUrn = readDocuments(folder);
  const schemas = { User: compileType('User', types, byUrn), Group: compileType('Group', types, byUrn) };
  const matching = readFile(folder, MATCHING_FILE, matchingPaths);
  const personal = readFile(folder, PERSONAL_DATA_FILE, personalPaths);
  const matchingOf = (type: 'User' | 'Group') =>
    matching[type].map((path) => resolve(schemas[type], path, MATCHING_FILE));
  const personalOf = (type: 'User' | 'Group') =>
    personal[type].map((entry) => ({
      attribute: resolve(schemas[type], entry.path, PERSONAL_DATA_FILE),
      class: entry.class,
    }));
  const matchingUser = matchingOf('User');
  const personalData = { User: personalOf('User'), Group: personalOf('Group') };
  const classesOf = (type: 'User' | 'Group') =>
    new Map(personalData[type].map((datum) => [datum.attribute.key, datum.class]));
  return {
    user: {
      ...schemas.User,
      searchKeyAttributes: matchingUser.filter(hasSearchKeys),
      personalData: classesOf('User'),
    },
    group: { ...schemas.Group, personalData: classesOf('Group') },
    store: compileType('Store', types, byUrn),
    orgUnit: compileType('OrgUnit', types, byUrn),
    documents: inOrderOfUse(types, byUrn),
    resourceTypes: types,
    matching: { User: matchingUser, Group: matchingOf('Group') },
    personalData,
  };
}

/** Unique names and attributes that are not text have their own index. */
function hasSearchKeys({ key, type }: Attribute): boolean {
  return type === 'string' && !['userName', 'externalId'].includes(key) && !key.startsWith('meta.');
}

function readDocuments(folder: string): Map<string, SchemaDocument> {
  const apart = new Set([RESOURCE_TYPES_FILE, MATCHING_FILE, PERSONAL_DATA_FILE]);
  const byUrn = new Map<string, SchemaDocument>();
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.json') || apart.has(file)) continue;
    const document = readFile(folder, file, schemaDocument);
    if (byUrn.has(document.id)) throw new Error(`scim-schemas/${file}: id: another file defines ${document.id} too`);
    byUrn.set(document.id, document);
  }
  return byUrn;
}

function compileType(
  name: ResourceTypeName,
  types: ResourceTypeDocument[],
  byUrn: ReadonlyMap<string, SchemaDocument>,
): ResourceSchema {
  const named = types.filter((type) => type.name === name);
  const [type] = named;
  if (!type || named.length > 1) throw new Error(`scim-schemas/${RESOURCE_TYPES_FILE}: ${name} must be there once`);
  for (const attribute of byUrn.get(type.schema)?.attributes ?? []) {
    if (COMMON_NAMES.has(attribute.name.toLowerCase()))
      throw new Error(`scim-schemas: ${type.schema} defines ${attribute.name}, which every resource has anyway`);
  }
  return compileResourceSchema(type, byUrn);
}

/** Refuses a file that no resource type refers to: `/Schemas` must not announce attributes that no resource can have. */
function inOrderOfUse(types: ResourceTypeDocument[], byUrn: ReadonlyMap<string, SchemaDocument>): SchemaDocument[] {
  const used = new Set(types.flatMap((type) => [type.schema, ...type.schemaExtensions.map((entry) => entry.schema)]));
  for (const id of byUrn.keys()) {
    if (!used.has(id)) throw new Error(`scim-schemas/${RESOURCE_TYPES_FILE}: no resource type names ${id}`);
  }
  return [...used].flatMap((id) => byUrn.get(id) ?? []);
}

function resolve(schema: ResourceSchema, path: string, file: string): Attribute {
  const wanted = path.toLowerCase();
  for (const attribute of schema.byKey.values()) if (attribute.path.toLowerCase() === wanted) return attribute;
  throw new Error(`scim-schemas/${file}: ${schema.name}: no attribute has the path ${path}`);
}

function readFile<T>(folder: string, file: string, form: z.ZodType<T>): T {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new Error(`scim-schemas/${file}: ${reason}`, { cause });
  }
  const checked = form.safeParse(content);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map(
    (issue) => `${z.core.toDotPath(issue.path) || '(whole file)'}: ${issue.message}`,
  );
  throw new Error(`scim-schemas/${file}: ${problems.join('; ')}`);
}

/** Validates a definition by its type, so that an error is reported at its field and not for the whole union. */
function attributeOf(entry: unknown, index: number, context: z.RefinementCtx): AttributeDefinition {
  const complex = typeof entry === 'object' && entry !== null && 'type' in entry && entry.type === 'complex';
  const checked = (complex ? complexAttribute : plainAttribute).safeParse(entry);
  if (checked.success) return checked.data;
  for (const issue of checked.error.issues) {
    context.addIssue({ code: 'custom', message: issue.message, path: [index, ...issue.path] });
  }
  return z.NEVER;
}

function distinctNames(attributes: readonly { name: string }[]): boolean {
  return new Set(attributes.map((attribute) => attribute.name.toLowerCase())).size === attributes.length;
}
