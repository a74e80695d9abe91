// The URNs of SCIM's messages and their media type (RFC 7644 §3.1, §8.2).

/** The media type of every SCIM body. @see RFC 7644 §3.1 */
export const SCIM_MEDIA_TYPE = 'application/scim+json; charset=utf-8';

/** The URNs of the protocol's messages. @see RFC 7644 §8.2 */
export const MESSAGE = {
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  search: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  bulkRequest: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
  bulkResponse: 'urn:ietf:params:scim:api:messages:2.0:BulkResponse',
} as const;
