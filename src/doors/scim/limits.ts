// The limits of the SCIM door: it enforces the ones that ServiceProviderConfig announces (RFC 7643 §5, RFC 9865 §4).

export interface ScimLimits {
  /** Size of an ordinary body, in bytes after decompression. */
  bodyBytesMax: number;
  /** Size of a Bulk body, in bytes after decompression. */
  bulkPayloadBytesMax: number;
  bulkOperationsMax: number;
  /** Resources in one filtered response. */
  filterResultsMax: number;
  defaultPageSize: number;
  maxPageSize: number;
  cursorLifetimeSeconds: number;
}

/** The limits if nothing else is configured. */
export const SCIM_LIMITS: ScimLimits = {
  bodyBytesMax: 1_048_576,
  bulkPayloadBytesMax: 8_388_608,
  bulkOperationsMax: 1_000,
  filterResultsMax: 1_000,
  defaultPageSize: 100,
  maxPageSize: 1_000,
  cursorLifetimeSeconds: 3_600,
};
