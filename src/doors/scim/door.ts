// The SCIM door: from a request to the directory and back, free of HTTP libraries and of the store (RFC 7644 §3).

import { fault, type Outcome, StoreUnavailable } from '../../directory/faults.ts';
import { type Lookup, type Provision, QueryNotSupported } from '../../directory/ports.ts';
import type { SchemaCatalogue } from '../../directory/schema/catalogue.ts';
import { type BulkLimits, runBulk } from './bulk/bulk.ts';
import { entityTag, isUnmodified, writeConditions } from './conditions.ts';
import type { Discovery } from './discovery/documents.ts';
import { discoveryAnswer } from './discovery/endpoint.ts';
import { createGroupEndpoint } from './endpoints/groups.ts';
import type { ResourceEndpoint, ResourceView } from './endpoints/resource.ts';
import { createUserEndpoint } from './endpoints/users.ts';
import type { ScimRequest, ScimResponse } from './exchange.ts';
import {
  errorResponse,
  faultResponse,
  notFoundDetail,
  scimErrorResponse,
  unavailableResponse,
} from './fault-messages.ts';
import { resourceAnswer } from './listing/answer.ts';
import { createCursorCodec } from './listing/cursor.ts';
import { list } from './listing/listing.ts';
import { type PageLimits, parametersOfQuery, parametersOfSearch } from './listing/parameters.ts';
import { type Projection, parseProjection } from './protocol/names/projection.ts';
import type { Renderer } from './protocol/renderer.ts';
import { badRequest, ScimError } from './protocol/scim-error.ts';
import { matchRoute, methodsOf, type Route } from './routes.ts';

export interface ScimDoorOptions {
  provision: Provision;
  lookup: Lookup;
  catalogue: SchemaCatalogue;
  discovery: Discovery;
  renderers: { user: Renderer; group: Renderer };
  /** The SCIM base without a slash at its end: the start of every location. */
  baseUrl: string;
  limits: PageLimits & BulkLimits & { cursorLifetimeSeconds: number };
  /** Signs cursors; 32 bytes or more, the same in all instances. */
  cursorKey: Uint8Array;
  /** Told of what nobody expected. */
  report: (error: unknown) => void;
  now?: () => number;
}

export interface ScimDoor {
  /** Answers a request. Never rejects: whatever happens becomes a SCIM answer. */
  handle(request: ScimRequest): Promise<ScimResponse>;
  /** The refusal of a path or method, before the body is read; undefined where the endpoint has the method. */
  preflight(method: string, path: string): ScimResponse | undefined;
}

/**
 * Makes the SCIM door.
 * @see RFC 7644 §3.2
 */
export function createScimDoor(options: ScimDoorOptions): ScimDoor {
  const { provision, lookup, catalogue, renderers, baseUrl } = options;
  const endpoints: Endpoints = {
    User: createUserEndpoint(catalogue.user, provision, lookup, renderers.user),
    Group: createGroupEndpoint(catalogue.group, provision, lookup, renderers.group, baseUrl),
  };
  const cursors = createCursorCodec(options.cursorKey, options.limits.cursorLifetimeSeconds, options.now);

  const dispatch = async (request: ScimRequest): Promise<ScimResponse> => {
    const match = matchRoute(request.path);
    const refusal = refuse(request.method, match);
    if (refusal || !match.ok) return refusal ?? unknownPath();
    const { route } = match;
    switch (route.kind) {
      case 'collection':
        if (request.method === 'POST') return create(endpoints[route.type], request, baseUrl);
        return list([endpoints[route.type]], request.caller, parametersOfQuery(request.query, options.limits), cursors);
      case 'resource':
        return resource(endpoints[route.type], route.id, request, baseUrl);
      case 'search': {
        const searched = route.type ? [endpoints[route.type]] : [endpoints.User, endpoints.Group];
        return list(searched, request.caller, parametersOfSearch(needBody(request), options.limits), cursors);
      }
      case 'bulk':
        return runBulk(
          needBody(request),
          request.caller,
          endpoints,
          options.limits,
          baseUrl,
          toResponse(options.report),
        );
      case 'me':
        return errorResponse(
          501,
          undefined,
          '/Me means nothing here: a bearer token speaks for a client, not for a user.',
        );
      default:
        return discoveryAnswer(options.discovery, route, request);
    }
  };

  return {
    handle: (request) => dispatch(request).catch(toResponse(options.report)),
    preflight: (method, path) => refuse(method, matchRoute(path)),
  };
}

/** The two resource types behind their endpoints. */
export type Endpoints = Record<'User' | 'Group', ResourceEndpoint>;

/** What is thrown on the way, as an answer: the one place. */
function toResponse(report: (error: unknown) => void) {
  return (error: unknown): ScimResponse => {
    if (error instanceof ScimError) return scimErrorResponse(error);
    if (error instanceof StoreUnavailable) return unavailableResponse();
    if (error instanceof QueryNotSupported)
      return errorResponse(400, 'invalidFilter', `${error.path}: ${error.message}.`);
    report(error);
    return errorResponse(500, undefined, 'The server failed on this request; the error has been logged.');
  };
}

function unknownPath(): ScimResponse {
  return errorResponse(404, undefined, 'There is no such endpoint.');
}

function refuse(method: string, match: ReturnType<typeof matchRoute>): ScimResponse | undefined {
  if (!match.ok) {
    if (match.reason === 'unknown') return unknownPath();
    return errorResponse(400, 'invalidValue', "The path has a percent-encoding that can't be decoded.");
  }
  const methods = methodsOf(match.route);
  if (!methods || methods.includes(method)) return undefined;
  const allow = methods.join(', ');
  return errorResponse(405, undefined, `${endpointName(match.route)} has the methods ${allow}.`, { Allow: allow });
}

function endpointName(route: Route): string {
  return route.kind === 'collection' || route.kind === 'resource' ? `A ${route.type} ${route.kind}` : 'This endpoint';
}

/** @throws ScimError 400 invalidSyntax where the request has no body. */
function needBody(request: ScimRequest): unknown {
  if (request.body === undefined) throw badRequest('invalidSyntax', 'The request has no body; it needs a JSON object.');
  return request.body;
}

function projectionOf(endpoint: ResourceEndpoint, query: URLSearchParams): Projection {
  const attributes = query.getAll('attributes');
  const excludedAttributes = query.getAll('excludedAttributes');
  return parseProjection({ attributes, excludedAttributes }, endpoint.schema);
}

async function create(endpoint: ResourceEndpoint, request: ScimRequest, baseUrl: string): Promise<ScimResponse> {
  const projection = projectionOf(endpoint, request.query);
  const outcome = await endpoint.create(request.caller, needBody(request));
  if (!outcome.ok) return faultResponse(outcome.faults);
  return resourceAnswer(endpoint, request.caller, outcome.value, projection, 201, baseUrl);
}

async function resource(
  endpoint: ResourceEndpoint,
  id: string,
  request: ScimRequest,
  baseUrl: string,
): Promise<ScimResponse> {
  const answer = await onResource(endpoint, id, request, baseUrl);
  return { ...answer, subject: answer.subject ?? { type: endpoint.schema.name === 'Group' ? 'Group' : 'User', id } };
}

function onResource(
  endpoint: ResourceEndpoint,
  id: string,
  request: ScimRequest,
  baseUrl: string,
): Promise<ScimResponse> {
  switch (request.method) {
    case 'PUT':
    case 'PATCH':
      return change(endpoint, id, request, baseUrl);
    case 'DELETE':
      return remove(endpoint, id, request);
    default:
      return read(endpoint, id, request, baseUrl);
  }
}

async function read(
  endpoint: ResourceEndpoint,
  id: string,
  request: ScimRequest,
  baseUrl: string,
): Promise<ScimResponse> {
  const projection = projectionOf(endpoint, request.query);
  const view = await endpoint.read(request.caller, id);
  if (!view) return errorResponse(404, undefined, notFoundDetail(endpoint.schema.name, id));
  const tag = entityTag(view.version);
  if (isUnmodified(request.ifNoneMatch, tag)) return { status: 304, headers: { ETag: tag } };
  return resourceAnswer(endpoint, request.caller, view, projection, 200, baseUrl);
}

async function change(
  endpoint: ResourceEndpoint,
  id: string,
  request: ScimRequest,
  baseUrl: string,
): Promise<ScimResponse> {
  const { caller, query } = request;
  const projection = projectionOf(endpoint, query);
  const conditions = writeConditions(request.ifMatch, request.ifNoneMatch);
  const body = needBody(request);
  const outcome: Outcome<ResourceView> =
    request.method === 'PUT'
      ? await endpoint.replace(caller, id, conditions, body)
      : await endpoint.patch(caller, id, conditions, body);
  if (!outcome.ok) return faultResponse(outcome.faults);
  const saysNothing = !query.has('attributes') && !query.has('excludedAttributes');
  if (request.method === 'PATCH' && saysNothing && (await endpoint.isLarge(caller, id)))
    return { status: 204, headers: { ETag: entityTag(outcome.value.version) } };
  return resourceAnswer(endpoint, caller, outcome.value, projection, 200, baseUrl);
}

async function remove(endpoint: ResourceEndpoint, id: string, request: ScimRequest): Promise<ScimResponse> {
  const { precondition, not } = writeConditions(request.ifMatch, request.ifNoneMatch);
  const current = not.length > 0 ? await endpoint.read(request.caller, id) : undefined;
  if (current && not.includes(current.version)) return faultResponse([fault('preconditionFailed')]);
  const outcome = await endpoint.remove(request.caller, id, precondition);
  return outcome.ok ? { status: 204, headers: {} } : faultResponse(outcome.faults);
}
