// The OpenAPI 3.1 document of the SCIM endpoints. Resources follow the schema files, limits the configuration (RFC 7644 §3, §4).

import type { ResourceTypeName, SchemaCatalogue } from '../../../directory/schema/catalogue.ts';
import type { ScimLimits } from '../limits.ts';
import { EXAMPLES, type Examples } from './examples.ts';
import { messageSchemas, PATCH_OPERATION } from './messages.ts';
import { componentRef, type JsonSchema, resourceSchemas } from './schemas.ts';

/** The options of `createScimOpenApi`. */
export interface ScimOpenApiOptions {
  catalogue: SchemaCatalogue;
  /** The SCIM base without a trailing slash. */
  baseUrl: string;
  limits: ScimLimits;
}

type Operation = Record<string, unknown>;
type Resource = ResourceTypeName;

const MEDIA_TYPE = 'application/scim+json';

const DESCRIPTION = `Provisioning of users, groups, stores and org units by an identity provider, after [RFC 7643](https://www.rfc-editor.org/rfc/rfc7643)
and [RFC 7644](https://www.rfc-editor.org/rfc/rfc7644). Every request needs the bearer token of a connection, which determines the account.

| MobieTrain | attribute | required |
|---|---|---|
| External ID | \`externalId\` | yes |
| First name, last name | \`name.givenName\`, \`name.familyName\` | yes |
| E-mail | \`emails\` | one of e-mail and phone |
| Phone | \`phoneNumbers\`, with the country code | one of e-mail and phone |
| Job position | \`title\` | |
| User group | \`userGroups[]\`, or \`userGroupId\`, \`userGroupName\`, \`userGroupType\` | |
| Store | \`stores[]\`, or \`storeRefId\`, \`storeName\`, \`storeCountry\` | with a name: country and ref id |
| Manager | \`manager\` | |

An account either refuses a user who lacks required data, or accepts and reports it. Every connection reads stores and org units; an
administrator decides which of them also write them.`;

const STATUSES: Record<number, string> = {
  400: 'The request is not valid; `scimType` and `detail` say why',
  401: 'No valid bearer token',
  403: 'Not allowed: the contract of the account allows no more active users, or the connection may not write stores and org units',
  404: 'There is no such resource in this account',
  409: 'Another resource has the same login name, external ID, name or identity, or users still use the resource',
  412: 'The resource has changed since the version that `If-Match` names',
  413: 'The body is too large, or has too many operations',
  415: 'The body is not JSON',
  429: 'Too many requests of this account at once; `Retry-After` says when to try again',
  503: 'Temporarily unavailable; `Retry-After` says when to try again',
};

/** Makes the document, once, at start. */
export function createScimOpenApi({ catalogue, baseUrl, limits }: ScimOpenApiOptions): Record<string, unknown> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'MobieTrain provisioning: SCIM 2.0',
      version: '2.0',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: baseUrl }],
    security: [{ token: [] }],
    tags: ['Users', 'Groups', 'Stores', 'OrgUnits', 'Searches', 'Bulk', 'Discovery'].map((name) => ({ name })),
    paths: {
      ...resourcePaths('User', 'Users', limits),
      ...resourcePaths('Group', 'Groups', limits),
      ...resourcePaths('Store', 'Stores', limits),
      ...resourcePaths('OrgUnit', 'OrgUnits', limits),
      '/.search': { post: search('Searches', 'ResourceList', 'searchAll', 'Search resources of all types') },
      '/Bulk': { post: bulk(limits) },
      ...discoveryPaths(),
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of a connection of the account.' },
      },
      schemas: {
        ...resourceSchemas(catalogue),
        ...messageSchemas({ operationsMax: limits.bulkOperationsMax, pageSizeMax: limits.maxPageSize }),
        PatchOperation: PATCH_OPERATION,
      },
    },
  };
}

type Tag = `${Resource}s`;

function resourcePaths(type: Resource, tag: Tag, limits: ScimLimits): Record<string, unknown> {
  const texts = TEXTS[type];
  return {
    [`/${tag}`]: listPath(type, tag, limits, texts),
    [`/${tag}/{id}`]: resourcePath(type, tag, texts),
    [`/${tag}/.search`]: { post: search(tag, `${type}List`, `search${tag}`, `Search ${texts.many}`) },
  };
}

/** What the operations of one type of resource are described with. */
interface ResourceTexts {
  /** With its article, and in the plural. */
  one: string;
  many: string;
  examples: Examples;
  patches: Examples;
  filter: string;
}

const TEXTS: Record<Resource, ResourceTexts> = {
  User: {
    one: 'a user',
    many: 'users',
    examples: EXAMPLES.user,
    patches: EXAMPLES.userPatch,
    filter: 'userName eq "ann@example.com"',
  },
  Group: {
    one: 'a group',
    many: 'groups',
    examples: EXAMPLES.group,
    patches: EXAMPLES.groupPatch,
    filter: 'displayName eq "Bakers"',
  },
  Store: {
    one: 'a store',
    many: 'stores',
    examples: EXAMPLES.store,
    patches: EXAMPLES.storePatch,
    filter: 'refId eq "4711"',
  },
  OrgUnit: {
    one: 'an org unit',
    many: 'org units',
    examples: EXAMPLES.orgUnit,
    patches: EXAMPLES.orgUnitPatch,
    filter: 'code sw "Retail/"',
  },
};

/** A resource that is returned, with its version. */
function saved(type: Resource): Operation {
  return { content: body(componentRef(type)), headers: { ETag: TAG_HEADER } };
}

function listPath(
  type: Resource,
  tag: Tag,
  limits: ScimLimits,
  { one, many, examples, filter }: ResourceTexts,
): Operation {
  return {
    get: {
      tags: [tag],
      operationId: `list${tag}`,
      summary: `List or find ${many}`,
      parameters: [...listParameters(filter, limits), ...projectionParameters()],
      responses: {
        200: { description: 'A page', content: body(componentRef(`${type}List`)) },
        ...refusals(400, 401),
      },
    },
    post: {
      tags: [tag],
      operationId: `create${type}`,
      summary: `Create ${one}`,
      parameters: projectionParameters(),
      requestBody: requestBody(type, examples),
      responses: { 201: { description: 'Created', ...saved(type) }, ...refusals(400, 401, 403, 409, 413, 415) },
    },
  };
}

function resourcePath(type: Resource, tag: Tag, { one, examples, patches }: ResourceTexts): Operation {
  return {
    parameters: [
      {
        name: 'id',
        in: 'path',
        required: true,
        schema: { type: 'string' },
        description: 'The id that the server gave it.',
      },
    ],
    get: {
      tags: [tag],
      operationId: `read${type}`,
      summary: `Read ${one}`,
      parameters: [...projectionParameters(), ifNoneMatch()],
      responses: {
        200: { description: `The ${one.replace(/^an? /, '')}`, ...saved(type) },
        304: { description: 'Unchanged since the version that `If-None-Match` names' },
        ...refusals(400, 401, 404),
      },
    },
    put: {
      tags: [tag],
      operationId: `replace${type}`,
      summary: `Replace ${one}`,
      parameters: [...projectionParameters(), ifMatch()],
      requestBody: requestBody(type, examples),
      responses: {
        200: { description: 'Replaced', ...saved(type) },
        ...refusals(400, 401, 403, 404, 409, 412, 413, 415),
      },
    },
    patch: {
      tags: [tag],
      operationId: `change${type}`,
      summary: `Change ${one}`,
      parameters: [...projectionParameters(), ifMatch()],
      requestBody: requestBody('PatchOp', patches),
      responses: {
        200: { description: 'Changed', ...saved(type) },
        ...(type === 'Group' ? { 204: { description: 'Changed; the group has more than 100 members' } } : {}),
        ...refusals(400, 401, 403, 404, 409, 412, 413, 415),
      },
    },
    delete: {
      tags: [tag],
      operationId: `delete${type}`,
      summary: `Delete ${one}`,
      parameters: [ifMatch()],
      responses: {
        204: { description: 'Deleted' },
        ...(type === 'Store' || type === 'OrgUnit' ? refusals(400, 401, 403, 404, 409, 412) : refusals(401, 404, 412)),
      },
    },
  };
}

function search(tag: string, list: string, operationId: string, summary: string): Operation {
  return {
    tags: [tag],
    operationId,
    summary,
    description: 'The parameters of a list, in a body.',
    requestBody: requestBody('SearchRequest', EXAMPLES.search),
    responses: { 200: { description: 'A page', content: body(componentRef(list)) }, ...refusals(400, 401, 413, 415) },
  };
}

function bulk({ bulkOperationsMax, bulkPayloadBytesMax }: ScimLimits): Operation {
  return {
    tags: ['Bulk'],
    operationId: 'bulk',
    summary: 'Write many resources',
    description: `At most ${bulkOperationsMax} operations and ${bulkPayloadBytesMax} bytes. Each operation is all or nothing by itself and has its own result.`,
    requestBody: requestBody('BulkRequest', EXAMPLES.bulk),
    responses: {
      200: { description: 'The results, in the order of the operations', content: body(componentRef('BulkResponse')) },
      ...refusals(400, 401, 413, 415),
    },
  };
}

function discoveryPaths(): Record<string, unknown> {
  const read = (operationId: string, summary: string, parameters: object[] = []): Operation => ({
    tags: ['Discovery'],
    operationId,
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: { 200: { description: 'The document', content: body({ type: 'object' }) }, ...refusals(401, 404) },
  });
  const id = (description: string) => [
    { name: 'id', in: 'path', required: true, schema: { type: 'string' }, description },
  ];
  return {
    '/ServiceProviderConfig': { get: read('readServiceProviderConfig', 'Read what the server supports') },
    '/ResourceTypes': { get: read('listResourceTypes', 'List the resource types') },
    '/ResourceTypes/{id}': { get: read('readResourceType', 'Read a resource type', id('Such as `User`.')) },
    '/Schemas': { get: read('listSchemas', 'List the schemas') },
    '/Schemas/{id}': { get: read('readSchema', 'Read a schema', id('The URN of the schema.')) },
  };
}

// ---- parameters, bodies and responses

const TAG_HEADER = { schema: { type: 'string' }, description: 'The version, for `If-Match` and `If-None-Match`.' };

function query(name: string, schema: JsonSchema, description: string): object {
  return { name, in: 'query', schema, description };
}

function listParameters(example: string, { defaultPageSize, maxPageSize }: ScimLimits): object[] {
  return [
    query(
      'filter',
      { type: 'string', maxLength: 8_192, examples: [example] },
      `Such as \`${example}\` (RFC 7644 §3.4.2.2).`,
    ),
    query('sortBy', { type: 'string' }, 'The name of an attribute.'),
    query('sortOrder', { type: 'string', enum: ['ascending', 'descending'], default: 'ascending' }, 'The direction.'),
    query('startIndex', { type: 'integer', minimum: 1, default: 1 }, 'The first result, counted from 1.'),
    query(
      'count',
      { type: 'integer', minimum: 0, maximum: maxPageSize, default: defaultPageSize },
      'Results per page.',
    ),
    query(
      'cursor',
      { type: 'string' },
      'Instead of startIndex: empty for the first page, then `nextCursor` of the last one.',
    ),
  ];
}

function projectionParameters(): object[] {
  return [
    query(
      'attributes',
      { type: 'string', examples: ['userName,emails.value'] },
      'The names of the attributes to return, separated by commas.',
    ),
    query('excludedAttributes', { type: 'string', examples: ['members'] }, 'The names of the attributes to leave out.'),
  ];
}

function ifMatch(): object {
  return {
    name: 'If-Match',
    in: 'header',
    schema: { type: 'string' },
    description: 'Only if the version is still this one.',
  };
}

function ifNoneMatch(): object {
  return {
    name: 'If-None-Match',
    in: 'header',
    schema: { type: 'string' },
    description: 'Only if the version is another one.',
  };
}

function body(schema: JsonSchema): object {
  return { [MEDIA_TYPE]: { schema } };
}

function requestBody(component: string, examples: Examples): object {
  return { required: true, content: { [MEDIA_TYPE]: { schema: componentRef(component), examples } } };
}

/** The refusals of an operation; every request may be refused with a time after which to repeat it. */
function refusals(...statuses: number[]): Record<string, object> {
  return Object.fromEntries(
    [...statuses, 429, 503].map((status) => [
      status,
      { description: STATUSES[status] ?? '', content: body(componentRef('Error')) },
    ]),
  );
}
