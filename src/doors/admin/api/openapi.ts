// The OpenAPI 3.1 document of the admin API, generated from the schemas of the operations: it documents exactly what is validated.

import { OpenAPIRegistry, OpenApiGeneratorV31, type ResponseConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { problemSchema } from './common-schemas.ts';
import type { Answer, Operation } from './operation.ts';
import { PROBLEM_MEDIA_TYPE } from './problem.ts';

type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

const JSON_TYPE = 'application/json';
const REFUSALS: Record<number, string> = {
  400: 'The request is not valid',
  401: 'Not signed in',
  403: 'The role does not allow it, or the account has reached its limit',
  404: 'It does not exist in this scope',
  409: 'Another resource has the same value',
  412: 'It has changed since the version that If-Match names',
  413: 'The body is too large',
  415: 'The body has an unsupported media type',
  422: 'The Idempotency-Key was used for another request',
  429: 'Too many requests',
  503: 'Temporarily unavailable; Retry-After says when to try again',
};

/** Makes the document. @param serverUrl where the API is, such as `https://host/api/v1` */
export function createOpenApiDocument(operations: readonly Operation[], serverUrl: string): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: serverUrl.startsWith('https:') ? '__Host-mobietrain-session' : 'mobietrain-session',
    description: 'POST /session gives it. Unsafe requests also need the header X-CSRF-Token.',
  });
  registry.registerComponent('securitySchemes', 'personalToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'A personal token of an administrator, `mbp_…`: POST /session/tokens',
  });
  registry.registerComponent('securitySchemes', 'connectionToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of a connection, `mbt_…`, which its SCIM client has, too',
  });
  registry.registerComponent('securitySchemes', 'accessToken', {
    type: 'http',
    scheme: 'bearer',
    description:
      'An access token of the OpenID provider of this server, which an application gets when a learner signs in',
  });
  for (const operation of operations) register(registry, operation);
  const document = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'MobieTrain provisioning: admin API',
      version: '1.0.0',
      description:
        'Users, groups, stores and everything administered around them. The role of the signed-in administrator decides what a request may do; whatever is outside their scope does not exist for them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
  });
  return document;
}

/** The permissions that no role gives. */
const WITHOUT_ROLE: ReadonlySet<Operation['permission']> = new Set(['open', 'signedIn', 'connection', 'learner']);

function register(registry: OpenAPIRegistry, operation: Operation): void {
  const { id, tag, method, path, summary, description, permission, params, query, body, bytes } = operation;
  const needs = WITHOUT_ROLE.has(permission) ? [] : [`Needs \`${permission}\`.`];
  const credentials = operation.browserOnly ? ['Personal tokens are refused.'] : [];
  const words = [...(description ? [description] : []), ...needs, ...credentials].join(' ');
  const headers = headersOf(operation);
  registry.registerPath({
    operationId: id,
    tags: [tag],
    method: method.toLowerCase() as 'get',
    path,
    summary,
    ...(words === '' ? {} : { description: words }),
    security: securityOf(operation),
    request: {
      ...(params ? { params } : {}),
      ...(query ? { query } : {}),
      ...(headers ? { headers } : {}),
      ...(body
        ? { body: { required: !body.safeParse(undefined).success, content: { [JSON_TYPE]: { schema: body } } } }
        : {}),
      ...(bytes
        ? { body: { required: true, content: { [bytes]: { schema: { type: 'string', format: 'binary' } } } } }
        : {}),
    },
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, answer]) => [status, responseOf(status, answer)]),
      ),
      ...Object.fromEntries(refusalsOf(operation).map((status) => [status, refusal(REFUSALS[status] ?? 'Refused')])),
    },
  });
}

function headersOf({ conditional, idempotent }: Operation) {
  const shape: Record<string, z.ZodType> = {};
  if (conditional) {
    shape['If-Match'] = z
      .string()
      .regex(/^(\*|(W\/)?"[0-9]{1,15}")$/)
      .optional()
      .meta({ description: 'Only if the version is still this one: the ETag of the last read' });
  }
  if (idempotent) {
    shape['Idempotency-Key'] = z
      .string()
      .min(1)
      .max(255)
      .optional()
      .meta({ description: 'A repeated request with the same key gets the first answer; kept for a day' });
  }
  return Object.keys(shape).length > 0 ? z.object(shape) : undefined;
}

/** The credentials of which an operation needs one. */
function securityOf({ permission, browserOnly }: Operation) {
  if (permission === 'open') return [];
  if (permission === 'connection') return [{ connectionToken: [] }];
  if (permission === 'learner') return [{ accessToken: [] }];
  return [...(browserOnly ? [] : [{ personalToken: [] }]), { session: [] }];
}

function responseOf(status: string, { description, schema, mediaType }: Answer): ResponseConfig {
  if (schema) return { description, content: { [mediaType ?? JSON_TYPE]: { schema } } };
  if (mediaType) return { description, content: { [mediaType]: { schema: { type: 'string' } } } };
  return Number(status) >= 400 ? refusal(description) : { description };
}

function refusal(description: string): ResponseConfig {
  return { description, content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } } };
}

/** The possible error responses in addition to those that the operation declares. */
function refusalsOf({
  answers,
  permission,
  params,
  method,
  body,
  bytes,
  idempotent,
  conditional,
}: Operation): number[] {
  const takesBody = body !== undefined || bytes !== undefined;
  const statuses = [
    400,
    ...(permission === 'open' ? [] : [401]),
    ...(permission === 'open' && method === 'GET' ? [] : [403]),
    ...(params ? [404] : []),
    ...(method === 'GET' ? [] : [409]),
    ...(conditional ? [412] : []),
    ...(method === 'POST' || method === 'PUT' || method === 'PATCH' || takesBody ? [413, 415] : []),
    ...(idempotent ? [422] : []),
    429,
    503,
  ];
  return statuses.filter((status) => !(status in answers));
}
