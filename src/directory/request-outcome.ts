// Owns what counts as refused, for events, health, charts and the command line alike.

/** What of a request decides how it counts. */
export interface EndedRequest {
  status: number;
  method: string;
  /** Whether the request could only read. */
  isRead: boolean;
  /** Whether its address names one resource, or a lookup names one person or thing. */
  isOfOne?: boolean;
}

/**
 * How a request counts. `refused`: a status from 400 to 498, but for `foundNothing`. `failed`: a server error, or given up by the client
 * (499).
 */
export type RequestOutcome = 'accepted' | 'refused' | 'failed';

/** The lowest status of a request that was refused or failed. */
export const REFUSED_FROM = 400;
const FAILED_FROM = 499;
const NOT_FOUND = 404;

/** Whether a request asked for one resource, or deleted it, and there was none: that is an answer and no refusal. */
export function foundNothing({ status, method, isRead, isOfOne = false }: EndedRequest): boolean {
  return status === NOT_FOUND && isOfOne && (isRead || method === 'DELETE');
}

/** How a request counts. @param request with `foundNothing` as it was decided when the request ended */
export function outcomeOf(request: { status: number; foundNothing?: boolean | undefined }): RequestOutcome {
  if (request.status < REFUSED_FROM || request.foundNothing) return 'accepted';
  return request.status < FAILED_FROM ? 'refused' : 'failed';
}

/** The address of a resource of SCIM. */
const ONE_RESOURCE = /\/(?:Users|Groups|Stores|OrgUnits)\/[^/?.][^/?]*\/?(?:\?|$)/;

/** Whether a request of SCIM was about one resource, by its address. */
export function isOfOneResource(url: string): boolean {
  return ONE_RESOURCE.test(url);
}
