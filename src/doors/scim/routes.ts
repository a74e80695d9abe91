// The endpoint of a path, and the methods that it supports (RFC 7644 §3.2, table 2). Matching is on the raw path, in any case,
// because clients write `/users` too; only an id is percent-decoded, once, and keeps its case.

import type { ResourceTypeName } from '../../directory/schema/catalogue.ts';

/** An endpoint. `id` is decoded and opaque; an undefined `id` of a discovery list means the whole list. */
export type Route =
  | { kind: 'collection'; type: ResourceTypeName }
  | { kind: 'resource'; type: ResourceTypeName; id: string }
  | { kind: 'search'; type: ResourceTypeName | undefined }
  | { kind: 'bulk' }
  | { kind: 'me' }
  | { kind: 'serviceProviderConfig' }
  | { kind: 'resourceTypes' | 'schemas'; id: string | undefined };

/** The methods of each kind of endpoint. */
const METHODS: Record<EndpointRoute['kind'], readonly string[]> = {
  collection: ['GET', 'HEAD', 'POST'],
  resource: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
  search: ['POST'],
  bulk: ['POST'],
  serviceProviderConfig: ['GET', 'HEAD'],
  resourceTypes: ['GET', 'HEAD'],
  schemas: ['GET', 'HEAD'],
};

const ID_CHARS_MAX = 255;

/** A route that the door serves. */
export type EndpointRoute = Exclude<Route, { kind: 'me' }>;

/** The methods of an endpoint; undefined if every method gets the same response. */
export function methodsOf(route: Route): readonly string[] | undefined {
  return route.kind === 'me' ? undefined : METHODS[route.kind];
}

/** The name of an endpoint, without the id. */
export function nameOf(route: EndpointRoute): string {
  switch (route.kind) {
    case 'collection':
      return `/${route.type}s`;
    case 'resource':
      return `/${route.type}s/{id}`;
    case 'search':
      return route.type === undefined ? '/.search' : `/${route.type}s/.search`;
    case 'bulk':
      return '/Bulk';
    default:
      return `/${route.kind[0]?.toUpperCase()}${route.kind.slice(1)}`;
  }
}

/** The result of matching a path: an endpoint, none, or percent-encoding that can't be decoded. */
export type RouteMatch = { ok: true; route: Route } | { ok: false; reason: 'unknown' | 'malformed' };

const UNKNOWN: RouteMatch = { ok: false, reason: 'unknown' };

/**
 * Finds the endpoint of a path below the base. Several slashes are one, since bases are entered with and without one at their end, and
 * one at the end does not count.
 * @see RFC 7644 §3.2
 */
export function matchRoute(path: string): RouteMatch {
  const single = path.replace(/\/{2,}/g, '/');
  const trimmed = single.endsWith('/') ? single.slice(0, -1) : single;
  const segments = trimmed.split('/', 5);
  // A path starts with a slash; no endpoint is deeper than /Endpoint/id.
  if (segments[0] !== '' || segments.length < 2) return UNKNOWN;
  const [, given = '', second] = segments;
  const name = given.toLowerCase();
  if (name === 'me') return { ok: true, route: { kind: 'me' } };
  if (segments.length > 3 || second === '') return UNKNOWN;
  if (second === undefined) return matchCollection(name);
  return matchItem(name, second);
}

/** The type of resources at a path, in lower case. */
function typeAt(name: string): ResourceTypeName | undefined {
  switch (name) {
    case 'users':
      return 'User';
    case 'groups':
      return 'Group';
    case 'stores':
      return 'Store';
    case 'orgunits':
      return 'OrgUnit';
    default:
      return undefined;
  }
}

/** @param name in lower case */
function matchCollection(name: string): RouteMatch {
  const type = typeAt(name);
  if (type) return { ok: true, route: { kind: 'collection', type } };
  switch (name) {
    case '.search':
      return { ok: true, route: { kind: 'search', type: undefined } };
    case 'bulk':
      return { ok: true, route: { kind: 'bulk' } };
    case 'serviceproviderconfig':
      return { ok: true, route: { kind: 'serviceProviderConfig' } };
    case 'resourcetypes':
      return { ok: true, route: { kind: 'resourceTypes', id: undefined } };
    case 'schemas':
      return { ok: true, route: { kind: 'schemas', id: undefined } };
    default:
      return UNKNOWN;
  }
}

/** @param name in lower case */
function matchItem(name: string, segment: string): RouteMatch {
  const type = typeAt(name);
  const discovery = name === 'resourcetypes' ? 'resourceTypes' : name === 'schemas' ? 'schemas' : undefined;
  if (type === undefined && discovery === undefined) return UNKNOWN;
  if (type && segment.toLowerCase() === '.search') return { ok: true, route: { kind: 'search', type } };
  const id = decode(segment);
  if (id === undefined) return { ok: false, reason: 'malformed' };
  if (id.length > ID_CHARS_MAX) return UNKNOWN;
  if (type) return { ok: true, route: { kind: 'resource', type, id } };
  return discovery ? { ok: true, route: { kind: discovery, id } } : UNKNOWN;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
