// The messages of the SCIM protocol as JSON Schema: lists, searches, PATCH, Bulk, errors (RFC 7644 §3, §8.2).

import { MESSAGE } from '../protocol/messages.ts';
import { SCIM_TYPES } from '../protocol/scim-error.ts';
import { componentRef, type JsonSchema } from './schemas.ts';

const text = (description: string): JsonSchema => ({ type: 'string', description });
const schemas = (urn: string): JsonSchema => ({ type: 'array', items: { type: 'string', enum: [urn] } });

/** The components of the protocol's messages, by name. */
export function messageSchemas(limits: { operationsMax: number; pageSizeMax: number }): Record<string, JsonSchema> {
  return {
    Meta: {
      type: 'object',
      readOnly: true,
      description: 'What the server knows about the resource.',
      properties: {
        resourceType: text('The name of the resource type.'),
        created: { type: 'string', format: 'date-time' },
        lastModified: { type: 'string', format: 'date-time' },
        location: { type: 'string', format: 'uri' },
        version: text('The entity tag, for If-Match and If-None-Match.'),
      },
    },
    PatchOp: patchMessage(),
    SearchRequest: searchMessage(limits.pageSizeMax),
    BulkRequest: bulkRequest(limits.operationsMax),
    BulkResponse: bulkResponse(),
    UserList: listOf('User'),
    GroupList: listOf('Group'),
    StoreList: listOf('Store'),
    OrgUnitList: listOf('OrgUnit'),
    ResourceList: {
      ...listOf('User'),
      properties: { ...listProperties(), Resources: { type: 'array', items: { type: 'object' } } },
    },
    Error: {
      type: 'object',
      required: ['schemas', 'status', 'detail'],
      properties: {
        schemas: schemas(MESSAGE.error),
        status: text('The HTTP status, as text.'),
        scimType: { type: 'string', enum: SCIM_TYPES, description: 'The keyword of a 400 or 409.' },
        detail: text('What is wrong, with the attribute and the rule.'),
      },
    },
  };
}

function patchMessage(): JsonSchema {
  return {
    type: 'object',
    required: ['schemas', 'Operations'],
    properties: {
      schemas: schemas(MESSAGE.patch),
      Operations: { type: 'array', maxItems: 1_000, items: componentRef('PatchOperation') },
    },
  };
}

/** The component of one PATCH operation. */
export const PATCH_OPERATION: JsonSchema = {
  type: 'object',
  required: ['op'],
  properties: {
    op: { type: 'string', enum: ['add', 'replace', 'remove'], description: 'In any case.' },
    path: {
      type: 'string',
      maxLength: 8_192,
      description: 'The attribute, such as `title`, `emails[type eq "work"].value` or `members[value eq "<id>"]`.',
    },
    value: { description: 'Required for add and replace. Without a path, an object with attributes.' },
  },
};

function searchMessage(pageSizeMax: number): JsonSchema {
  const names = { type: 'array', items: { type: 'string' } };
  return {
    type: 'object',
    required: ['schemas'],
    properties: {
      schemas: schemas(MESSAGE.search),
      filter: text('As the query parameter of the same name.'),
      sortBy: text('As the query parameter of the same name.'),
      sortOrder: { type: 'string', enum: ['ascending', 'descending'] },
      startIndex: { type: 'integer', minimum: 1 },
      count: { type: 'integer', minimum: 0, maximum: pageSizeMax },
      cursor: text('As the query parameter of the same name.'),
      attributes: names,
      excludedAttributes: names,
    },
  };
}

function bulkRequest(operationsMax: number): JsonSchema {
  return {
    type: 'object',
    required: ['schemas', 'Operations'],
    properties: {
      schemas: schemas(MESSAGE.bulkRequest),
      failOnErrors: { type: 'integer', minimum: 1, description: 'The number of errors after which the request ends.' },
      Operations: {
        type: 'array',
        maxItems: operationsMax,
        items: {
          type: 'object',
          required: ['method', 'path'],
          properties: {
            method: { type: 'string', enum: ['POST', 'PUT', 'PATCH', 'DELETE'] },
            path: text(
              '`/Users`, `/Groups`, `/Stores`, `/OrgUnits` or the path of one resource; `bulkId:x` stands for the id of a POST.',
            ),
            bulkId: text('Required for POST.'),
            version: text('The entity tag that the resource must have.'),
            data: {
              description:
                'The body. Of a PATCH also without `schemas`, as the array of operations alone, or as one operation.',
            },
          },
        },
      },
    },
  };
}

function bulkResponse(): JsonSchema {
  return {
    type: 'object',
    properties: {
      schemas: schemas(MESSAGE.bulkResponse),
      Operations: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            method: { type: 'string' },
            bulkId: { type: 'string' },
            location: { type: 'string', format: 'uri' },
            version: { type: 'string' },
            status: { type: 'string' },
            response: componentRef('Error'),
          },
        },
      },
    },
  };
}

function listProperties(): Record<string, JsonSchema> {
  return {
    schemas: schemas(MESSAGE.list),
    totalResults: { type: 'integer' },
    startIndex: { type: 'integer' },
    itemsPerPage: { type: 'integer' },
    nextCursor: text('Where the next page begins, if pages are by cursor.'),
  };
}

function listOf(resource: string): JsonSchema {
  return {
    type: 'object',
    required: ['schemas', 'totalResults'],
    properties: { ...listProperties(), Resources: { type: 'array', items: componentRef(resource) } },
  };
}
