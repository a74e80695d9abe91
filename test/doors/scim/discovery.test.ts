// What the SCIM door says about itself: RFC 7643 §5-§7, RFC 9865 §4, and SCIMMY's second look at every definition.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { z } from 'zod';
import { loadSchemaCatalogue, type SchemaCatalogue } from '../../../src/directory/schema/catalogue.ts';
import type { AttributeDefinition, SchemaDocument } from '../../../src/directory/schema/schema.ts';
import { createDiscovery, defineSchema } from '../../../src/doors/scim/discovery/documents.ts';

const baseUrl = 'https://scim.example.com/scim/v2';
const limits = {
  bulkOperationsMax: 1000,
  bulkPayloadBytesMax: 1_048_576,
  filterResultsMax: 500,
  defaultPageSize: 100,
  maxPageSize: 500,
  cursorLifetimeSeconds: 3600,
};
const catalogue = loadSchemaCatalogue('scim-schemas');
const documentationUri = 'https://scim.example.com/docs';
const discovery = createDiscovery({ catalogue, baseUrl, limits, documentationUri });

const version = z.string().regex(/^W\/"[0-9a-f]{16}"$/);
const metaOf = (resourceType: string) =>
  z.strictObject({ resourceType: z.literal(resourceType), location: z.string().startsWith(`${baseUrl}/`), version });

const attribute = z.strictObject({
  name: z.string().regex(/^\$?[a-z][A-Za-z0-9]*$/),
  type: z.enum(['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary', 'complex']),
  multiValued: z.boolean(),
  description: z.string().min(1),
  required: z.boolean(),
  caseExact: z.boolean(),
  mutability: z.enum(['readOnly', 'readWrite', 'immutable', 'writeOnly']),
  returned: z.enum(['always', 'never', 'default', 'request']),
  uniqueness: z.enum(['none', 'server', 'global']),
  canonicalValues: z.array(z.string()).min(1).optional(),
  referenceTypes: z
    .array(z.enum(['User', 'Group', 'external', 'uri']))
    .min(1)
    .optional(),
  get subAttributes() {
    return z.array(attribute).min(1).optional();
  },
});
const schema = z.strictObject({
  schemas: z.tuple([z.literal('urn:ietf:params:scim:schemas:core:2.0:Schema')]),
  id: z.string().startsWith('urn:ietf:params:scim:schemas:'),
  name: z.string().min(1),
  description: z.string().min(1),
  attributes: z.array(attribute).min(1),
  meta: metaOf('Schema'),
});
const resourceType = z.strictObject({
  schemas: z.tuple([z.literal('urn:ietf:params:scim:schemas:core:2.0:ResourceType')]),
  id: z.string(),
  name: z.string(),
  endpoint: z.string().startsWith('/'),
  description: z.string(),
  schema: z.string(),
  schemaExtensions: z.array(z.strictObject({ schema: z.string(), required: z.literal(false) })),
  meta: metaOf('ResourceType'),
});
const supported = z.strictObject({ supported: z.literal(true) });
const positive = z.number().int().positive();
const serviceProviderConfig = z.strictObject({
  schemas: z.tuple([z.literal('urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig')]),
  documentationUri: z.literal(documentationUri),
  patch: supported,
  bulk: z.strictObject({ supported: z.literal(true), maxOperations: positive, maxPayloadSize: positive }),
  filter: z.strictObject({ supported: z.literal(true), maxResults: positive }),
  changePassword: z.strictObject({ supported: z.literal(false) }),
  sort: supported,
  etag: supported,
  pagination: z.strictObject({
    cursor: z.literal(true),
    index: z.literal(true),
    defaultPaginationMethod: z.literal('index'),
    defaultPageSize: positive,
    maxPageSize: positive,
    cursorTimeout: positive,
  }),
  authenticationSchemes: z.tuple([
    z.strictObject({
      type: z.literal('oauthbearertoken'),
      name: z.string(),
      description: z.string(),
      specUri: z.url(),
      documentationUri: z.literal(documentationUri),
      primary: z.literal(true),
    }),
  ]),
  meta: metaOf('ServiceProviderConfig'),
});

describe('the documents as a client reads them', () => {
  for (const served of discovery.schemas) {
    test(`schema ${served.id}`, () => {
      const parsed = schema.parse(JSON.parse(JSON.stringify(served)));
      assert.equal(parsed.meta.location, `${baseUrl}/Schemas/${served.id}`);
    });
  }
  for (const served of discovery.resourceTypes) {
    test(`resource type ${served.id}`, () => {
      const parsed = resourceType.parse(JSON.parse(JSON.stringify(served)));
      assert.equal(parsed.meta.location, `${baseUrl}/ResourceTypes/${served.id}`);
      const known = new Set(discovery.schemas.map((entry) => entry.id));
      for (const urn of [parsed.schema, ...parsed.schemaExtensions.map((entry) => entry.schema)])
        assert.ok(known.has(urn), urn);
    });
  }
  test('ServiceProviderConfig announces the limits that it was given', () => {
    const parsed = serviceProviderConfig.parse(JSON.parse(JSON.stringify(discovery.serviceProviderConfig)));
    assert.equal(parsed.meta.location, `${baseUrl}/ServiceProviderConfig`);
    assert.equal(parsed.bulk.maxOperations, 1000);
    assert.equal(parsed.bulk.maxPayloadSize, 1_048_576);
    assert.equal(parsed.filter.maxResults, 500);
    assert.equal(parsed.pagination.cursorTimeout, 3600);
  });
  test('without a page, none is announced', () => {
    const { serviceProviderConfig: config } = createDiscovery({ catalogue, baseUrl, limits });
    assert.ok(!JSON.stringify(config).includes('documentationUri'));
  });
  test('no null anywhere, which Entra cannot read', () => {
    assert.ok(!JSON.stringify(discovery).includes('null'));
  });
});

describe('the files and SCIMMY agree', () => {
  for (const document of catalogue.documents) {
    test(`every attribute of ${document.name} survives`, () => {
      const definition = defineSchema(document);
      for (const path of paths(document.attributes)) assert.ok(definition.attribute(path), path);
      const served = discovery.schemas.find((entry) => entry.id === document.id);
      assert.deepEqual(served?.attributes, document.attributes);
    });
  }

  test('canonical values stay suggestions', () => {
    const definition = defineSchema(documentNamed('User'));
    const emails = [{ value: 'a@b.example', type: 'Private' }];
    const coerced = definition.coerce({ userName: 'a', emails }, 'in');
    assert.equal(coerced.emails[0].type, 'Private');
  });

  test('a definition that SCIMMY refuses stops the server', () => {
    const changed = withAttribute({ name: 'not valid' });
    assert.throws(() => createDiscovery({ catalogue: changed, baseUrl, limits }), /Invalid character/);
  });

  test('a definition that SCIMMY reads otherwise stops the server', () => {
    const changed = withAttribute({ type: 'binary', caseExact: true, uniqueness: 'none', multiValued: false });
    assert.doesNotThrow(() => createDiscovery({ catalogue: changed, baseUrl, limits }));
    const hidden = withAttribute({ caseExact: undefined as unknown as boolean });
    assert.throws(() => createDiscovery({ catalogue: hidden, baseUrl, limits }), /another caseExact/);
  });

  test('nothing is declared process-wide', async () => {
    const { Resources, Schemas } = await import('scimmy');
    assert.deepEqual(Object.keys(Resources.declared()), []);
    assert.ok(!Schemas.declared().some((entry) => entry.id.includes('mobietrain')));
  });
});

test('a change to a schema changes its entity tag and no other', () => {
  const changed = createDiscovery({ catalogue: withAttribute({ description: 'Something else.' }), baseUrl, limits });
  const versions = (from: typeof discovery) => from.schemas.map((entry) => entry.meta.version);
  const differing = versions(changed).filter((entry, index) => entry !== versions(discovery)[index]);
  assert.equal(differing.length, 1);
});

function paths(attributes: readonly AttributeDefinition[]): string[] {
  return attributes.flatMap((entry) => [
    entry.name,
    ...(entry.subAttributes ?? []).map((sub) => `${entry.name}.${sub.name}`),
  ]);
}

function documentNamed(name: string): SchemaDocument {
  const document = catalogue.documents.find((entry) => entry.name === name);
  assert.ok(document);
  return document;
}

/** The catalogue with the first attribute of the MobieTrain user changed. */
function withAttribute(change: Partial<AttributeDefinition>): SchemaCatalogue {
  const original = documentNamed('MobieTrainUser');
  const [first, ...rest] = original.attributes;
  assert.ok(first);
  const attributes = [{ ...first, ...change }, ...rest];
  const documents = catalogue.documents.map((entry) => (entry === original ? { ...entry, attributes } : entry));
  return { ...catalogue, documents };
}
