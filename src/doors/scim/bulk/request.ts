// The message of a Bulk request, checked as a whole before anything is done (RFC 7644 §3.7).

import type { ResourceTypeName } from '../../../directory/schema/catalogue.ts';
import type { ScimLimits } from '../limits.ts';
import { MESSAGE } from '../protocol/messages.ts';
import { badRequest, ScimError } from '../protocol/scim-error.ts';
import { isJsonObject, isUnassigned, type JsonObject, memberOf } from '../protocol/values/json.ts';
import { matchRoute } from '../routes.ts';

/** The target of an operation. `reference` is the bulkId of a path such as `/Users/bulkId:x`. */
interface BulkTarget {
  type: ResourceTypeName;
  id: string | undefined;
  reference: string | undefined;
}

/** One operation, or the error if it is malformed: the error becomes its result, and the others are carried out. */
export interface BulkOperation {
  index: number;
  method: string;
  bulkId: string | undefined;
  version: string | undefined;
  data: unknown;
  target: BulkTarget | undefined;
  refusal: ScimError | undefined;
}

export interface BulkRequest {
  /** The number of errors after which the run ends; undefined if errors do not end it. */
  failOnErrors: number | undefined;
  operations: BulkOperation[];
}

const METHODS = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const BULK_ID_CHARS_MAX = 255;

/**
 * Reads a BulkRequest.
 * @throws ScimError 400 invalidSyntax, invalidValue; 413 if there are more operations than `bulkOperationsMax`.
 * @see RFC 7644 §3.7, §3.7.4
 */
export function readBulkRequest(body: unknown, limits: Pick<ScimLimits, 'bulkOperationsMax'>): BulkRequest {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object, a BulkRequest.');
  const schemas = memberOf(body, 'schemas')?.value;
  if (!Array.isArray(schemas) || !schemas.includes(MESSAGE.bulkRequest))
    throw badRequest('invalidSyntax', `schemas must be an array with "${MESSAGE.bulkRequest}".`);
  const operations = memberOf(body, 'operations')?.value;
  if (!Array.isArray(operations)) throw badRequest('invalidSyntax', 'Operations must be an array.');
  if (operations.length > limits.bulkOperationsMax) {
    const detail = `Operations has ${operations.length} elements, more than the ${limits.bulkOperationsMax} of maxOperations.`;
    throw new ScimError(413, undefined, detail);
  }
  const failOnErrors = memberOf(body, 'failonerrors')?.value;
  if (failOnErrors !== undefined && failOnErrors !== null && !isPositiveInteger(failOnErrors))
    throw badRequest('invalidValue', 'failOnErrors must be an integer of 1 or more.');
  const seen = new Set<string>();
  return {
    failOnErrors: typeof failOnErrors === 'number' ? failOnErrors : undefined,
    operations: operations.map((operation: unknown, index) => readOperation(operation, index, seen)),
  };
}

function isPositiveInteger(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

function readOperation(given: unknown, index: number, seen: Set<string>): BulkOperation {
  const operation: BulkOperation = {
    index,
    method: '',
    bulkId: undefined,
    version: undefined,
    data: undefined,
    target: undefined,
    refusal: undefined,
  };
  try {
    if (!isJsonObject(given)) throw badRequest('invalidSyntax', `Operations[${index}] must be an object.`);
    fill(operation, given, seen);
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    operation.refusal = error;
  }
  return operation;
}

function fill(operation: BulkOperation, given: JsonObject, seen: Set<string>): void {
  const where = `Operations[${operation.index}]`;
  operation.bulkId = text(given, 'bulkId', where)?.slice(0, BULK_ID_CHARS_MAX);
  operation.method = text(given, 'method', where)?.toUpperCase() ?? '';
  operation.version = text(given, 'version', where);
  if (!METHODS.has(operation.method))
    throw badRequest('invalidSyntax', `${where}.method must be POST, PUT, PATCH or DELETE.`);
  operation.target = targetOf(text(given, 'path', where) ?? '', operation.method, where);
  const data = memberOf(given, 'data')?.value;
  operation.data = operation.method === 'PATCH' ? patchOf(data) : data;
  if (operation.method !== 'DELETE' && !isJsonObject(operation.data))
    throw badRequest('invalidSyntax', `${where}.data must be an object: ${operation.method} requires it.`);
  if (operation.method !== 'POST') return;
  if (!operation.bulkId) throw badRequest('invalidSyntax', `${where}.bulkId is missing: POST requires one.`);
  if (seen.has(operation.bulkId)) throw badRequest('invalidValue', `${where}.bulkId is used by an earlier operation.`);
  seen.add(operation.bulkId);
}

/**
 * The PatchOp message that the data of a PATCH means. Clients shorten it here, unlike in a PATCH by itself: without `schemas`, as the
 * array of operations alone (so does the RFC), or as one operation.
 * @see RFC 7644 §3.7.3
 */
function patchOf(data: unknown): unknown {
  if (Array.isArray(data)) return { schemas: [MESSAGE.patch], Operations: data };
  if (!isJsonObject(data)) return data;
  const given = memberOf(data, 'schemas')?.value;
  const schemas = isUnassigned(given) ? [MESSAGE.patch] : given;
  const operations = memberOf(data, 'operations');
  const isOneOperation = operations === undefined && memberOf(data, 'op') !== undefined;
  return { schemas, Operations: isOneOperation ? [data] : operations?.value };
}

function text(given: JsonObject, name: string, where: string): string | undefined {
  const value = memberOf(given, name.toLowerCase())?.value;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw badRequest('invalidSyntax', `${where}.${name} must be a string.`);
}

function targetOf(path: string, method: string, where: string): BulkTarget {
  const match = matchRoute(path);
  const route = match.ok ? match.route : undefined;
  if (method === 'POST' && route?.kind === 'collection')
    return { type: route.type, id: undefined, reference: undefined };
  if (method !== 'POST' && route?.kind === 'resource') {
    const reference = route.id.startsWith('bulkId:') ? route.id.slice('bulkId:'.length) : undefined;
    return { type: route.type, id: route.id, reference };
  }
  const expected =
    method === 'POST' ? 'of a type of resources, such as /Users,' : 'of a resource, such as /Users/{id},';
  throw badRequest('invalidValue', `${where}.path must be that ${expected} for ${method}.`);
}
