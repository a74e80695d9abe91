// The documents of /ServiceProviderConfig, /ResourceTypes and /Schemas (RFC 7643 §5-§7, RFC 9865 §4). SCIMMY describes the
// schemas, which checks the schema files a second time; text from clients never reaches it.

import { createHash } from 'node:crypto';
import { Types } from 'scimmy';
import type { SchemaCatalogue } from '../../../directory/schema/catalogue.ts';
import type { AttributeDefinition, ResourceTypeDocument, SchemaDocument } from '../../../directory/schema/schema.ts';
import type { ScimLimits } from '../limits.ts';

/** What ServiceProviderConfig announces. */
type AnnouncedLimits = Omit<ScimLimits, 'bodyBytesMax'>;

/** The `meta` of a discovery resource; `version` is a weak entity tag of its content. */
interface DiscoveryMeta {
  readonly resourceType: 'ServiceProviderConfig' | 'ResourceType' | 'Schema';
  readonly location: string;
  readonly version: string;
}

/** A resource of a discovery endpoint; frozen, and the same for every account. */
export interface DiscoveryResource {
  readonly schemas: readonly string[];
  /** Absent on ServiceProviderConfig, the only one of its kind. */
  readonly id?: string;
  readonly meta: DiscoveryMeta;
  readonly [name: string]: unknown;
}

export interface Discovery {
  readonly serviceProviderConfig: DiscoveryResource;
  readonly resourceTypes: readonly DiscoveryResource[];
  readonly schemas: readonly DiscoveryResource[];
}

const URN = 'urn:ietf:params:scim:schemas:core:2.0:';

/**
 * Makes the documents of all discovery endpoints, once, at start. `baseUrl` is the SCIM base without a trailing slash,
 * `documentationUri` a page for people; without it, none is announced.
 * @throws Error if SCIMMY refuses a schema or describes attributes differently from the file.
 * @see RFC 7644 §4
 */
export function createDiscovery(options: {
  catalogue: SchemaCatalogue;
  baseUrl: string;
  limits: AnnouncedLimits;
  documentationUri?: string | undefined;
}): Discovery {
  const { catalogue, baseUrl, limits, documentationUri } = options;
  return {
    serviceProviderConfig: withMeta(
      serviceProviderConfig(limits, documentationUri),
      'ServiceProviderConfig',
      baseUrl,
      '',
    ),
    resourceTypes: catalogue.resourceTypes.map((type) =>
      withMeta(resourceType(type), 'ResourceType', baseUrl, `/${type.id}`),
    ),
    schemas: catalogue.documents.map((document) =>
      withMeta(describeSchema(document), 'Schema', baseUrl, `/${document.id}`),
    ),
  };
}

/**
 * Defines a schema with SCIMMY, without its registry and configuration. canonicalValues are left out because SCIMMY would
 * refuse every other value, whereas here they are suggestions (RFC 7643 §2.4).
 * @throws TypeError if SCIMMY refuses the definition.
 */
export function defineSchema(document: SchemaDocument): Types.SchemaDefinition {
  return new Types.SchemaDefinition(
    document.name,
    document.id,
    document.description,
    document.attributes.map(defineAttribute),
  );
}

function defineAttribute(definition: AttributeDefinition): Types.Attribute {
  return new Types.Attribute(
    definition.type,
    definition.name,
    {
      multiValued: definition.multiValued,
      description: definition.description,
      required: definition.required,
      canonicalValues: false,
      caseExact: definition.caseExact ?? false,
      mutable: definition.mutability,
      returned: definition.returned,
      referenceTypes: definition.referenceTypes ?? false,
      uniqueness: definition.uniqueness ?? 'none',
    },
    (definition.subAttributes ?? []).map(defineAttribute),
  );
}

function describeSchema(document: SchemaDocument): SchemaDocument & { schemas: string[] } {
  const described: SchemaDocument & { schemas: string[] } = JSON.parse(
    JSON.stringify(defineSchema(document).describe()),
  );
  return {
    schemas: described.schemas,
    id: document.id,
    name: document.name,
    description: document.description,
    attributes: serveFromFile(document.attributes, described.attributes, document.id),
  };
}

/**
 * SCIMMY's description, with the texts of the schema file. SCIMMY omits `uniqueness` of booleans, `caseExact` of attributes that
 * are not texts, and absent `canonicalValues`. Any other difference is a bug, and the server does not start.
 */
function serveFromFile(
  file: AttributeDefinition[],
  described: AttributeDefinition[],
  where: string,
): AttributeDefinition[] {
  if (file.length !== described.length)
    throw new Error(`${where}: SCIMMY describes other attributes than the file has`);
  return file.map((definition, index) => {
    const path = `${where}:${definition.name}`;
    const counterpart: Partial<AttributeDefinition> = described[index] ?? {};
    for (const key of Object.keys(counterpart) as (keyof AttributeDefinition)[]) {
      const same = key === 'subAttributes' || JSON.stringify(counterpart[key]) === JSON.stringify(definition[key]);
      if (!same) throw new Error(`${path}: SCIMMY describes another ${key} than the file has`);
    }
    const subAttributes = definition.subAttributes;
    if (!subAttributes) return { ...counterpart, ...definition };
    return {
      ...counterpart,
      ...definition,
      subAttributes: serveFromFile(subAttributes, counterpart.subAttributes ?? [], path),
    };
  });
}

function resourceType(type: ResourceTypeDocument): ResourceTypeDocument & { schemas: string[] } {
  return { schemas: [`${URN}ResourceType`], ...type };
}

function serviceProviderConfig(
  limits: AnnouncedLimits,
  documentationUri: string | undefined,
): { schemas: string[] } & Record<string, unknown> {
  const documentation = documentationUri === undefined ? {} : { documentationUri };
  return {
    schemas: [`${URN}ServiceProviderConfig`],
    ...documentation,
    patch: { supported: true },
    bulk: {
      supported: true,
      maxOperations: limits.bulkOperationsMax,
      maxPayloadSize: limits.bulkPayloadBytesMax,
    },
    filter: { supported: true, maxResults: limits.filterResultsMax },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: limits.defaultPageSize,
      maxPageSize: limits.maxPageSize,
      cursorTimeout: limits.cursorLifetimeSeconds,
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token of a connection of the account, sent in the Authorization header.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        ...documentation,
        primary: true,
      },
    ],
  };
}

function withMeta(
  content: { schemas: string[]; id?: string },
  resourceType: DiscoveryMeta['resourceType'],
  baseUrl: string,
  suffix: string,
): DiscoveryResource {
  const endpoint = resourceType === 'ServiceProviderConfig' ? resourceType : `${resourceType}s`;
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
  const meta = { resourceType, location: `${baseUrl}/${endpoint}${suffix}`, version: `W/"${hash}"` };
  return Object.freeze({ ...content, meta: Object.freeze(meta) });
}
