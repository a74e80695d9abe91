// Bulk: many writes in one request, in order, with forward, backward and circular references (RFC 7644 §3.7).

import type { EventFault } from '../../../directory/event.ts';
import type { Caller } from '../../../directory/model.ts';
import type { DoorResponse } from '../../contract.ts';
import { entityTag, preconditionOf } from '../../entity-tags.ts';
import { createTurns } from '../../turns.ts';
import type { Endpoints, Written } from '../endpoints/resource.ts';
import type { ToResponse } from '../errors.ts';
import type { ScimLimits } from '../limits.ts';
import { MESSAGE } from '../protocol/messages.ts';
import { badRequest, quote, ScimError } from '../protocol/scim-error.ts';
import { sideBySide, sideBySideUntil } from './order.ts';
import { completion, type Resolve, referencesIn, withIds } from './references.ts';
import { type BulkOperation, readBulkRequest } from './request.ts';
import { createWork, type Work } from './work.ts';

const REASONS_KEPT_MAX = 20;

/** The result of an operation. */
interface Result {
  status: number;
  /** The id of the resource, if there is one. */
  id?: string;
  version?: number;
  error?: DoorResponse;
  /** What the operation contained that was not applied. */
  notes?: EventFault[];
}

interface Run {
  caller: Caller;
  endpoints: Endpoints;
  toResponse: ToResponse;
  operations: BulkOperation[];
  /** The POST operation of each bulkId. */
  posts: Map<string, BulkOperation>;
  results: (Result | undefined)[];
  /** Operations that wait for one that they refer to. A reference to one of these closes a circle. */
  open: Set<number>;
  /** References left out of a POST because they close a circle; a second step adds them. */
  leftOut: { operation: BulkOperation; names: Set<string> }[];
  errors: number;
  errorsMax: number;
  work: Work;
  /** Lets other requests in between; see turns.ts. */
  turn: () => Promise<void> | undefined;
}

/**
 * Runs a Bulk request. Each operation is all or nothing by itself; an error ends the run only if `failOnErrors` says so.
 * If an operation refers to a later POST, that POST is carried out first. A second step closes circles.
 * @throws ScimError 400, 413
 * @see RFC 7644 §3.7
 */
export async function runBulk(
  body: unknown,
  caller: Caller,
  endpoints: Endpoints,
  limits: Pick<ScimLimits, 'bulkOperationsMax'>,
  baseUrl: string,
  toResponse: ToResponse,
): Promise<DoorResponse> {
  const { failOnErrors, operations } = readBulkRequest(body, limits);
  const posts = new Map<string, BulkOperation>();
  for (const operation of operations) {
    if (operation.method === 'POST' && operation.bulkId && !operation.refusal) posts.set(operation.bulkId, operation);
  }
  const run: Run = {
    caller,
    endpoints,
    toResponse,
    operations,
    posts,
    results: [],
    open: new Set(),
    leftOut: [],
    errors: 0,
    errorsMax: failOnErrors ?? Number.POSITIVE_INFINITY,
    work: createWork(),
    turn: createTurns(),
  };
  for (let at = 0; at < operations.length && run.errors < run.errorsMax; ) {
    // If an error can end the run, the result of each operation must be known before the next one starts.
    const end = failOnErrors === undefined ? sideBySideUntil(operations, at) : at + 1;
    await sideBySide(operations.slice(at, end), (operation) => perform(run, operation));
    await closeCircles(run);
    at = end;
  }
  return bulkAnswer(run, baseUrl);
}

/** Carries out an operation, once, after those that it needs. */
async function perform(run: Run, operation: BulkOperation): Promise<void> {
  const { index } = operation;
  if (run.results[index] || run.open.has(index)) return;
  run.open.add(index);
  await run.turn();
  const result = await attempt(run, operation).catch((error: unknown) => failed(run.toResponse(error)));
  run.open.delete(index);
  run.results[index] = result;
  if (result.error) run.errors += 1;
}

async function attempt(run: Run, operation: BulkOperation): Promise<Result> {
  const { target, refusal } = operation;
  run.work.check();
  if (refusal || !target) throw refusal ?? badRequest('invalidSyntax', 'No target.');
  const names = referencesIn(operation.data);
  if (target.reference !== undefined) names.add(target.reference);
  const circular = await prepare(run, operation, names);
  const resolve = resolver(run);
  const id = target.reference === undefined ? target.id : resolve(target.reference);
  const result = await write(run, operation, callerOf(run, operation, ''), id, withIds(operation.data, resolve));
  if (circular.size > 0 && !result.error) run.leftOut.push({ operation, names: circular });
  return result;
}

/** Changes of one document by two operations of a request are distinguished by the request id under which they are recorded. */
function callerOf(run: Run, operation: BulkOperation, step: string): Caller {
  return { ...run.caller, requestId: `${run.caller.requestId}.${operation.index}${step}` };
}

function resolver(run: Run): Resolve {
  return (name) => run.results[run.posts.get(name)?.index ?? -1]?.id;
}

/** Carries out everything that an operation refers to; returns the references that close a circle. */
async function prepare(run: Run, operation: BulkOperation, names: Set<string>): Promise<Set<string>> {
  const circular = new Set<string>();
  for (const name of names) {
    const post = run.posts.get(name);
    if (!post)
      throw badRequest('invalidValue', `bulkId ${quote(name)}: no POST operation of this request has this bulkId.`);
    mustHaveId(post, name, operation);
    if (run.open.has(post.index)) {
      circular.add(name);
      continue;
    }
    // A chain of references can be as long as the request; awaiting a microtask keeps the stack shallow.
    await Promise.resolve();
    await perform(run, post);
    if (run.results[post.index]?.error) throw referenceFailed(name, operation);
  }
  return circular;
}

/** Users name stores and org units by their identities, which the client knows, and not by ids. */
function mustHaveId({ target }: BulkOperation, name: string, operation: BulkOperation): void {
  if (target?.type === 'User' || target?.type === 'Group' || operation.target?.reference === name) return;
  const identity = target?.type === 'Store' ? 'refId' : 'code';
  throw badRequest('invalidValue', `bulkId ${quote(name)} is a ${target?.type}: refer to it by its ${identity}.`);
}

function referenceFailed(name: string, operation: BulkOperation): ScimError {
  const detail = `Operations[${operation.index}] refers to the bulkId ${quote(name)}, whose operation failed.`;
  return new ScimError(409, undefined, detail);
}

/** Adds the references that were left out of POSTs because of circles. If that fails, the resource is deleted again. */
async function closeCircles(run: Run): Promise<void> {
  for (const { operation, names } of run.leftOut.splice(0)) {
    const before = run.results[operation.index];
    if (before?.id === undefined) continue;
    const result = await closeCircle(run, operation, names, before.id).catch((error: unknown) =>
      failed(run.toResponse(error)),
    );
    run.results[operation.index] = result.error ? result : { ...before, ...result, status: before.status };
    if (!result.error) continue;
    run.errors += 1;
    const endpoint = run.endpoints[operation.target?.type ?? 'User'];
    await endpoint.remove(callerOf(run, operation, '.undo'), before.id, undefined).catch(run.toResponse);
  }
}

async function closeCircle(run: Run, operation: BulkOperation, names: Set<string>, id: string): Promise<Result> {
  const resolve = resolver(run);
  for (const name of names) if (resolve(name) === undefined) throw referenceFailed(name, operation);
  const endpoint = run.endpoints[operation.target?.type ?? 'User'];
  const body = completion(operation.data, names, resolve, endpoint.schema);
  return succeeded(await endpoint.patch(callerOf(run, operation, '.refs'), id, undefined, body), 200);
}

async function write(
  run: Run,
  operation: BulkOperation,
  caller: Caller,
  id: string | undefined,
  data: unknown,
): Promise<Result> {
  const endpoint = run.endpoints[operation.target?.type ?? 'User'];
  const precondition = preconditionOf(operation.version, undefined);
  switch (operation.method) {
    case 'POST':
      return succeeded(await endpoint.create(caller, data), 201);
    case 'PUT':
      return succeeded(await endpoint.replace(caller, id ?? '', precondition, data, run.work), 200);
    case 'PATCH':
      return succeeded(await endpoint.patch(caller, id ?? '', precondition, data, run.work), 200);
    default:
      await endpoint.remove(caller, id ?? '', precondition);
      return { status: 204, ...(id === undefined ? {} : { id }) };
  }
}

function succeeded({ view: { id, version }, notes }: Written, status: number): Result {
  return { status, id, version, notes };
}

function failed(error: DoorResponse): Result {
  return { status: error.status, error };
}

/**
 * The response to a Bulk request: one result for each operation that was started, in the order of the request.
 * @see RFC 7644 §3.7.3
 */
function bulkAnswer(run: Run, baseUrl: string): DoorResponse {
  const operations = run.operations.flatMap((operation) => {
    const result = run.results[operation.index];
    return result ? [resultOf(operation, result, run.endpoints, baseUrl)] : [];
  });
  const reasons = run.results
    .flatMap((result) => result?.error?.reasons ?? result?.notes ?? [])
    .slice(0, REASONS_KEPT_MAX);
  return {
    status: 200,
    headers: {},
    body: { schemas: [MESSAGE.bulkResponse], Operations: operations },
    ...(reasons.length > 0 ? { reasons } : {}),
  };
}

function resultOf(operation: BulkOperation, result: Result, endpoints: Run['endpoints'], baseUrl: string): object {
  const { target, bulkId, method } = operation;
  const id = result.id ?? (method === 'POST' ? undefined : target?.id);
  const location =
    target && id !== undefined
      ? `${baseUrl}${endpoints[target.type].schema.endpoint}/${encodeURIComponent(id)}`
      : undefined;
  return {
    ...(location === undefined ? {} : { location }),
    method,
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(result.version === undefined ? {} : { version: entityTag(result.version) }),
    status: String(result.status),
    ...(result.error?.body ? { response: result.error.body } : {}),
  };
}
