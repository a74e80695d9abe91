// The endpoints ServiceProviderConfig, ResourceTypes and Schemas: fixed documents with entity tags (RFC 7644 §4).

import type { DoorResponse } from '../../contract.ts';
import { isUnmodified } from '../../entity-tags.ts';
import { errorResponse, notFoundDetail } from '../fault-messages.ts';
import { MESSAGE } from '../protocol/messages.ts';
import type { Route } from '../routes.ts';
import type { Discovery, DiscoveryResource } from './documents.ts';

type DiscoveryRoute = Extract<Route, { kind: 'serviceProviderConfig' | 'resourceTypes' | 'schemas' }>;

/** The parts of a request that a discovery endpoint reads. */
interface DiscoveryRequest {
  query: URLSearchParams;
  ifNoneMatch: string | undefined;
}

/**
 * Answers a GET of a discovery endpoint. A filter is refused; paging and attribute parameters are ignored.
 * @see RFC 7644 §4
 */
export function discoveryAnswer(discovery: Discovery, route: DiscoveryRoute, request: DiscoveryRequest): DoorResponse {
  if (request.query.getAll('filter').some((filter) => filter.trim() !== ''))
    return errorResponse(403, undefined, "What the server says about itself can't be filtered (RFC 7644 §4).");
  if (route.kind === 'serviceProviderConfig') return documentAnswer(discovery.serviceProviderConfig, request);
  const all = route.kind === 'schemas' ? discovery.schemas : discovery.resourceTypes;
  const { id } = route;
  if (id === undefined) {
    const body = {
      schemas: [MESSAGE.list],
      totalResults: all.length,
      startIndex: 1,
      itemsPerPage: all.length,
      Resources: all,
    };
    return { status: 200, headers: {}, body };
  }
  const wanted = id.toLowerCase();
  const found = all.find((document) => document.id?.toLowerCase() === wanted);
  const type = route.kind === 'schemas' ? 'Schema' : 'ResourceType';
  return found ? documentAnswer(found, request) : errorResponse(404, undefined, notFoundDetail(type, id));
}

function documentAnswer(document: DiscoveryResource, request: DiscoveryRequest): DoorResponse {
  const headers = { ETag: document.meta.version };
  if (isUnmodified(request.ifNoneMatch, document.meta.version)) return { status: 304, headers };
  return { status: 200, headers, body: document };
}
