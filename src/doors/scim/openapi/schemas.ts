// The resources of SCIM as JSON Schema, made from the schema files, so that the document follows them (RFC 7643 §2, §7).

import type { SchemaCatalogue } from '../../../directory/schema/catalogue.ts';
import type { AttributeDefinition, ResourceTypeDocument, SchemaDocument } from '../../../directory/schema/schema.ts';

/** A JSON Schema object, as OpenAPI 3.1 has it. */
export type JsonSchema = Record<string, unknown>;

/** The most canonical values that a description lists. */
const LISTED_VALUES_MAX = 12;

const JSON_TYPES: Record<Exclude<AttributeDefinition['type'], 'complex'>, JsonSchema> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  decimal: { type: 'number' },
  integer: { type: 'integer' },
  dateTime: { type: 'string', format: 'date-time' },
  reference: { type: 'string', format: 'uri-reference' },
  binary: { type: 'string', contentEncoding: 'base64' },
};

/** A reference to a component of the document. */
export function componentRef(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** The components of all resource types and of their extensions, by name. */
export function resourceSchemas({ resourceTypes, documents }: SchemaCatalogue): Record<string, JsonSchema> {
  const byUrn = new Map(documents.map((document) => [document.id, document]));
  const components: Record<string, JsonSchema> = {};
  for (const type of resourceTypes) {
    for (const { schema } of type.schemaExtensions) {
      const extension = byUrn.get(schema);
      if (extension) components[extensionName(extension)] = objectOf(extension.attributes, extension.description);
    }
    const core = byUrn.get(type.schema);
    if (core) components[type.name] = resourceSchema(type, core, byUrn);
  }
  return components;
}

/** `EnterpriseUser` for `urn:…:extension:enterprise:2.0:User`. */
function extensionName({ id }: SchemaDocument): string {
  const [, key = '', resource = ''] = /extension:([^:]+):.*:([^:]+)$/.exec(id) ?? [];
  return key.charAt(0).toUpperCase() + key.slice(1) + resource;
}

function resourceSchema(
  type: ResourceTypeDocument,
  core: SchemaDocument,
  byUrn: ReadonlyMap<string, SchemaDocument>,
): JsonSchema {
  const object = objectOf(core.attributes, core.description);
  const extensions = type.schemaExtensions.flatMap(({ schema }): [string, JsonSchema][] => {
    const extension = byUrn.get(schema);
    return extension ? [[schema, componentRef(extensionName(extension))]] : [];
  });
  return {
    ...object,
    properties: {
      schemas: {
        type: 'array',
        items: { type: 'string' },
        description: 'The URNs of the schemas that the resource uses. A POST or PUT may leave it out.',
        examples: [[type.schema]],
      },
      id: { type: 'string', format: 'uuid', readOnly: true, description: 'The identifier that the server gave it.' },
      externalId: {
        type: 'string',
        maxLength: 255,
        description: 'The identifier that the client gave it. Unique in the account.',
      },
      ...(object.properties as object),
      ...Object.fromEntries(extensions),
      meta: componentRef('Meta'),
    },
  };
}

function objectOf(attributes: readonly AttributeDefinition[], description: string): JsonSchema {
  const required = attributes.filter((attribute) => attribute.required).map(({ name }) => name);
  return {
    type: 'object',
    description,
    // A property called `$ref` would be read as a reference by tools; the description names it.
    properties: Object.fromEntries(
      attributes.filter(({ name }) => name !== '$ref').map((attribute) => [attribute.name, propertyOf(attribute)]),
    ),
    ...(required.length > 0 ? { required } : {}),
  };
}

function propertyOf(attribute: AttributeDefinition): JsonSchema {
  const { type, multiValued, mutability, subAttributes = [] } = attribute;
  const description = describe(attribute);
  const single: JsonSchema =
    type === 'complex' ? objectOf(subAttributes, description) : { ...JSON_TYPES[type], ...valuesOf(attribute) };
  const access = mutability === 'readOnly' ? { readOnly: true } : mutability === 'writeOnly' ? { writeOnly: true } : {};
  return multiValued
    ? { type: 'array', maxItems: 1_000, items: single, description, ...access }
    : { ...single, description, ...access };
}

/** Canonical values are suggestions (RFC 7643 §2.4), except those of an attribute that only the server writes. */
function valuesOf({ canonicalValues = [], mutability }: AttributeDefinition): JsonSchema {
  if (canonicalValues.length === 0) return {};
  return mutability === 'readOnly' ? { enum: canonicalValues } : { examples: canonicalValues.slice(0, 1) };
}

function describe(attribute: AttributeDefinition): string {
  const { description, canonicalValues = [], returned, mutability, subAttributes = [] } = attribute;
  const sentences = [description];
  if (subAttributes.some(({ name }) => name === '$ref'))
    sentences.push('`$ref` is the address of the resource, if it exists.');
  if (canonicalValues.length > LISTED_VALUES_MAX)
    sentences.push(
      `One of ${canonicalValues.length} values, which \`/Schemas\` lists, such as \`${canonicalValues[0]}\`.`,
    );
  else if (canonicalValues.length > 0 && mutability !== 'readOnly')
    sentences.push(`Usual values: ${canonicalValues.map((value) => `\`${value}\``).join(', ')}.`);
  if (returned === 'request') sentences.push('Returned only if `attributes` names it.');
  if (returned === 'never') sentences.push('Never returned.');
  return sentences.join(' ');
}
