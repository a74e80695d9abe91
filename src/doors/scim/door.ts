// The SCIM door: turns requests into calls of the directory and results into responses, independent of HTTP libraries and the
// store (RFC 7644 §3).

import type { EventFault } from '../../directory/event.ts';
import type { Caller } from '../../directory/model.ts';
import type { Lookup, Provision } from '../../directory/ports.ts';
import type { SchemasOf, WithAttributes } from '../../directory/schema/account-attributes.ts';
import { RESOURCE_TYPES, type SchemaCatalogue } from '../../directory/schema/catalogue.ts';
import type { ResourceSchema } from '../../directory/schema/schema.ts';
import type { Door, DoorRequest, DoorResponse } from '../contract.ts';
import { entityTag, isUnmodified, preconditionOf } from '../entity-tags.ts';
import { parseQuery } from '../query-string.ts';
import { runBulk } from './bulk/bulk.ts';
import { createDiscovery, type Discovery } from './discovery/documents.ts';
import { discoveryAnswer } from './discovery/endpoint.ts';
import { createGroupEndpoint } from './endpoints/groups.ts';
import {
  createOrgUnitEndpoint,
  createStoreEndpoint,
  type OrgUnitDesk,
  type StoreDesk,
} from './endpoints/identified.ts';
import type { Endpoints, ResourceEndpoint } from './endpoints/resource.ts';
import { createUserEndpoint } from './endpoints/users.ts';
import { createToResponse, refusalResponse } from './errors.ts';
import { errorResponse, notFoundDetail } from './fault-messages.ts';
import type { ScimLimits } from './limits.ts';
import { resourceAnswer } from './listing/answer.ts';
import { createCursorCodec } from './listing/cursor.ts';
import { list } from './listing/listing.ts';
import { parametersOfQuery, parametersOfSearch } from './listing/parameters.ts';
import { SCIM_MEDIA_TYPE } from './protocol/messages.ts';
import { type Projection, parseProjection } from './protocol/names/projection.ts';
import { createRenderer } from './protocol/renderer.ts';
import { badRequest, ScimError } from './protocol/scim-error.ts';
import { type EndpointRoute, matchRoute, methodsOf, nameOf } from './routes.ts';
import { isKept, keyOfCreate, ownCreation, type UnconfirmedRequests } from './unconfirmed.ts';

export interface ScimDoorOptions {
  provision: Provision;
  lookup: Lookup;
  stores: StoreDesk;
  orgUnits: OrgUnitDesk;
  /** The schemas of an account. */
  schemasOf: SchemasOf;
  /** The SCIM base without a trailing slash: the beginning of every location. */
  baseUrl: string;
  /** A page for people about this server, which ServiceProviderConfig announces; without it, none is announced. */
  documentationUri?: string | undefined;
  limits: ScimLimits;
  /** Signs page cursors: 32 bytes or more, the same in all instances. */
  cursorKey: Uint8Array;
  /** Receives unexpected errors. */
  report: (error: unknown) => void;
  /** Keeps requests that were answered 503; without it, a repeated POST conflicts with what the first one created. */
  unconfirmed?: UnconfirmedRequests;
}

/** A request with its query read. */
interface ScimRequest {
  method: string;
  query: URLSearchParams;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  body: unknown;
  caller: Caller;
}

/**
 * Makes the SCIM door.
 * @see RFC 7644 §3.2
 */
export function createScimDoor(options: ScimDoorOptions): Door {
  const { limits } = options;
  const dispatch = createDispatcher(options);
  const toResponse = createToResponse(options.report);
  return {
    name: 'scim',
    mediaType: SCIM_MEDIA_TYPE,
    match(method, path) {
      const matched = matchRoute(path);
      if (!matched.ok) return { ok: false, response: matched.reason === 'unknown' ? unknownPath() : malformedPath() };
      const { route } = matched;
      const methods = methodsOf(route);
      if (!methods || route.kind === 'me') return { ok: false, response: noSubject() };
      if (!methods.includes(method)) return { ok: false, response: methodNotAllowed(route, methods) };
      return {
        ok: true,
        route: {
          bodyBytesMax: route.kind === 'bulk' ? limits.bulkPayloadBytesMax : limits.bodyBytesMax,
          takesBytes: false,
          name: nameOf(route),
          handle: async (request) => withSubject(route, await dispatch(route, request).catch(toResponse)),
          ...(route.kind === 'collection' && method === 'POST' && isKept(route.type)
            ? { unconfirmed: ({ caller, body }) => remember(options.unconfirmed, caller, route.type, body) }
            : {}),
        },
      };
    },
    refuse: refusalResponse,
  };
}

/** The resource types and the discovery documents of a catalogue. */
interface Served {
  endpoints: Endpoints;
  discovery: Discovery;
}

/** Creates what is served to an account, once for each catalogue: most accounts share one. */
function createServed(options: ScimDoorOptions): (account: WithAttributes) => Served {
  const { provision, lookup, stores, orgUnits, schemasOf, baseUrl, limits, documentationUri } = options;
  const known = new WeakMap<SchemaCatalogue, Served>();
  const served = (account: WithAttributes): Served => {
    const catalogue = schemasOf(account);
    const found = known.get(catalogue);
    if (found) return found;
    const { user, group, store, orgUnit } = catalogue;
    const rendererOf = (schema: ResourceSchema) => createRenderer({ schema, baseUrl });
    const made: Served = {
      endpoints: {
        User: createUserEndpoint(user, provision, lookup, rendererOf(user)),
        Group: createGroupEndpoint(group, provision, lookup, rendererOf(group), baseUrl),
        Store: createStoreEndpoint(store, stores, rendererOf(store)),
        OrgUnit: createOrgUnitEndpoint(orgUnit, orgUnits, rendererOf(orgUnit)),
      },
      discovery: createDiscovery({ catalogue, baseUrl, limits, documentationUri }),
    };
    known.set(catalogue, made);
    return made;
  };
  // A schema file that SCIMMY refuses ends the start, not a request.
  served(NO_ACCOUNT);
  return served;
}

const NO_ACCOUNT: WithAttributes = { id: '', slug: '' };

function createDispatcher(options: ScimDoorOptions) {
  const { baseUrl, limits } = options;
  const servedTo = createServed(options);
  const cursors = createCursorCodec(options.cursorKey, limits.cursorLifetimeSeconds);
  const toResponse = createToResponse(options.report);

  return async (route: EndpointRoute, given: DoorRequest): Promise<DoorResponse> => {
    const { method, ifMatch, ifNoneMatch, body, caller } = given;
    const { endpoints, discovery } = servedTo(caller.account);
    const request: ScimRequest = { method, query: readQuery(given.query), ifMatch, ifNoneMatch, body, caller };
    switch (route.kind) {
      case 'collection':
        if (request.method === 'POST') return create(endpoints[route.type], request, options);
        return list([endpoints[route.type]], request.caller, parametersOfQuery(request.query, limits), cursors);
      case 'resource':
        return resource(endpoints[route.type], route.id, request, baseUrl);
      case 'search': {
        const searched = (route.type ? [route.type] : RESOURCE_TYPES).map((type) => endpoints[type]);
        return list(searched, request.caller, parametersOfSearch(needBody(request), limits), cursors);
      }
      case 'bulk':
        return runBulk(needBody(request), request.caller, endpoints, limits, baseUrl, toResponse);
      default:
        return discoveryAnswer(discovery, route, request);
    }
  };
}

function unknownPath(): DoorResponse {
  return errorResponse(404, undefined, 'No such endpoint exists.');
}

function malformedPath(): DoorResponse {
  return errorResponse(400, 'invalidValue', "The path has a percent-encoding that can't be decoded.");
}

/** @see RFC 7644 §3.11 */
function noSubject(): DoorResponse {
  return errorResponse(501, undefined, '/Me is not supported: a bearer token represents a client, not a user.');
}

function methodNotAllowed(route: EndpointRoute, methods: readonly string[]): DoorResponse {
  const allow = methods.join(', ');
  const name =
    route.kind === 'collection' || route.kind === 'resource' ? `A ${route.type} ${route.kind}` : 'This endpoint';
  return errorResponse(405, undefined, `${name} supports the methods ${allow}.`, { Allow: allow });
}

/** @throws ScimError 400 invalidValue */
function readQuery(query: string): URLSearchParams {
  const parsed = parseQuery(query);
  if (!parsed.ok) throw badRequest('invalidValue', `The query ${parsed.rule}.`);
  return parsed.parameters;
}

/** @throws ScimError 400 invalidSyntax if the request has no body */
function needBody(request: ScimRequest): unknown {
  if (request.body === undefined)
    throw badRequest('invalidSyntax', 'The request has no body; a JSON object is required.');
  return request.body;
}

/** The event of a refused request has the resource of the path as its subject, too. */
function withSubject(route: EndpointRoute, response: DoorResponse): DoorResponse {
  if (route.kind !== 'resource' || response.subject) return response;
  return { ...response, subject: { type: route.type, id: route.id } };
}

function projectionOf(endpoint: ResourceEndpoint, query: URLSearchParams): Projection {
  const attributes = query.getAll('attributes');
  const excludedAttributes = query.getAll('excludedAttributes');
  return parseProjection({ attributes, excludedAttributes }, endpoint.schema);
}

async function create(
  endpoint: ResourceEndpoint,
  request: ScimRequest,
  { baseUrl, unconfirmed }: Pick<ScimDoorOptions, 'baseUrl' | 'unconfirmed'>,
): Promise<DoorResponse> {
  const { caller } = request;
  const projection = projectionOf(endpoint, request.query);
  const body = needBody(request);
  const { view, notes } = await endpoint.create(caller, body).catch(async (error: unknown) => {
    if (!unconfirmed) throw error;
    return { view: await ownCreation(unconfirmed, endpoint, caller, body, error), notes: [] };
  });
  return withNotes(await resourceAnswer(endpoint, caller, view, projection, 201, baseUrl), notes);
}

function remember(unconfirmed: UnconfirmedRequests | undefined, caller: Caller, type: string, body: unknown): void {
  unconfirmed?.add({ key: keyOfCreate(caller, type, body), account: caller.account.id, request: caller.requestId });
}

function resource(
  endpoint: ResourceEndpoint,
  id: string,
  request: ScimRequest,
  baseUrl: string,
): Promise<DoorResponse> {
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
): Promise<DoorResponse> {
  const projection = projectionOf(endpoint, request.query);
  const view = await endpoint.read(request.caller, id);
  if (!view) throw new ScimError(404, undefined, notFoundDetail(endpoint.schema.name, id));
  const tag = entityTag(view.version);
  if (isUnmodified(request.ifNoneMatch, tag)) return { status: 304, headers: { ETag: tag } };
  return resourceAnswer(endpoint, request.caller, view, projection, 200, baseUrl);
}

async function change(
  endpoint: ResourceEndpoint,
  id: string,
  request: ScimRequest,
  baseUrl: string,
): Promise<DoorResponse> {
  const { caller, query, method } = request;
  const projection = projectionOf(endpoint, query);
  const precondition = preconditionOf(request.ifMatch, request.ifNoneMatch);
  const body = needBody(request);
  const { view, notes } =
    method === 'PUT'
      ? await endpoint.replace(caller, id, precondition, body)
      : await endpoint.patch(caller, id, precondition, body);
  const namesNoAttributes = !query.has('attributes') && !query.has('excludedAttributes');
  if (method === 'PATCH' && namesNoAttributes && (await endpoint.isLarge(caller, id)))
    return withNotes({ status: 204, headers: { ETag: entityTag(view.version) } }, notes);
  return withNotes(await resourceAnswer(endpoint, caller, view, projection, 200, baseUrl), notes);
}

/** The event of a request that was carried out says what was not applied. */
function withNotes(response: DoorResponse, notes: EventFault[]): DoorResponse {
  return notes.length > 0 ? { ...response, reasons: notes } : response;
}

async function remove(endpoint: ResourceEndpoint, id: string, request: ScimRequest): Promise<DoorResponse> {
  await endpoint.remove(request.caller, id, preconditionOf(request.ifMatch, request.ifNoneMatch));
  return { status: 204, headers: {} };
}
