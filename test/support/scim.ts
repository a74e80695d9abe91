// The URNs of SCIM and of the extensions (RFC 7643 §8.7, RFC 7644 §8.2), and the bodies of requests that many tests send.

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const MOBIETRAIN_USER = 'urn:ietf:params:scim:schemas:extension:mobietrain:2.0:User';
export const MOBIETRAIN_GROUP = 'urn:ietf:params:scim:schemas:extension:mobietrain:2.0:Group';
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
export const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
export const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** A user that breaks no rule. */
export function userNamed(userName: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    schemas: [USER],
    userName,
    externalId: `ext-${userName}`,
    name: { givenName: 'Ann', familyName: 'Example' },
    emails: [{ value: `${userName}@example.com`, type: 'work', primary: true }],
    active: true,
    ...more,
  };
}

/** The body of a PATCH with these operations. @see RFC 7644 §3.5.2 */
export function patchBody(...operations: unknown[]): { schemas: string[]; Operations: unknown[] } {
  return { schemas: [PATCH], Operations: operations };
}

/** The body of a Bulk request with these operations. @see RFC 7644 §3.7 */
export function bulkBody(...operations: unknown[]): { schemas: string[]; Operations: unknown[] } {
  return { schemas: [BULK], Operations: operations };
}
