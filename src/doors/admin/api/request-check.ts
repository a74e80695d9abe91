// Checks the form of a request against its operation: query, If-Match, parameters and body, every fault at once.

import { type Fault, type Faults, fault, isNonEmpty } from '../../../directory/faults.ts';
import type { DoorRequest } from '../../contract.ts';
import { isTagList, preconditionOf } from '../../entity-tags.ts';
import type { PageCursors } from '../../page-cursors.ts';
import { parseQuery } from '../../query-string.ts';
import { cursorOf, positionOf } from './cursor.ts';
import type { AdminRequest, AdminSession, Operation } from './operation.ts';
import { faultsOf } from './validation.ts';

type CheckedRequest =
  | { ok: true; request: AdminRequest<Record<string, unknown>, Record<string, unknown>, unknown> }
  | { ok: false; faults: Faults };

const UNKNOWN_SHOWN_MAX = 20;

/** Reports the input with each issue, which distinguishes a missing value from one of the wrong type. */
const REPORT_INPUT = { reportInput: true };

/** The validated request that the operation receives. Faults: required, wrongType, tooLong, tooMany, invalidValue, mutability. */
export function checkRequest(
  operation: Operation,
  params: Record<string, string>,
  request: DoorRequest<AdminSession | undefined>,
  cursors: PageCursors,
): CheckedRequest {
  const { ifMatch } = request;
  const query = parseQuery(request.query);
  if (!query.ok) return invalid('query', query.rule);
  if (operation.conditional && ifMatch !== undefined && !isTagList(ifMatch))
    return invalid('If-Match', 'must be * or a list of entity tags');
  const read = {
    params: operation.params?.safeParse(params, REPORT_INPUT),
    query: operation.query?.safeParse(firstValues(query.parameters), REPORT_INPUT),
    body: operation.body?.safeParse(request.body, REPORT_INPUT),
  };
  const faults = Object.values(read).flatMap((result) => (result && !result.success ? faultsOf(result.error) : []));
  faults.push(...unknownParameters(operation, query.parameters));
  if (isNonEmpty(faults)) return { ok: false, faults };
  // The directory checks whatever the operation does against the rights of this administrator.
  const caller = request.session ? { ...request.caller, actor: request.session.actor } : request.caller;
  const list = {
    operation: operation.id,
    caller,
    params: (read.params?.data ?? {}) as Record<string, unknown>,
    query: (read.query?.data ?? {}) as Record<string, unknown>,
  };
  const after = typeof list.query.cursor === 'string' ? positionOf(cursors, list, list.query.cursor) : undefined;
  if (after && 'code' in after) return { ok: false, faults: [after] };
  return {
    ok: true,
    request: {
      ...list,
      // An operation that is open to everyone never looks at its session.
      session: request.session as AdminSession,
      body: read.body?.data,
      precondition: operation.conditional ? preconditionOf(ifMatch, undefined) : undefined,
      after,
      nextCursor: (position) => cursorOf(cursors, list, position),
      headers: request.headers,
      rawQuery: request.query,
      remoteAddress: request.remoteAddress,
      ...(request.bytes ? { bytes: request.bytes } : {}),
    },
  };
}

/**
 * A fault for each parameter that the operation does not have, with those that it has: a filter with a typing error would list
 * everybody. What an OpenID provider adds to its answer is ignored (RFC 6749 §4.1.2).
 */
function unknownParameters({ permission, query: schema }: Operation, query: URLSearchParams): Fault[] {
  if (permission === 'open') return [];
  const known = Object.keys(schema?.shape ?? {});
  const rule =
    known.length === 0
      ? 'is not known: this operation has no query parameters'
      : `is not known: the query parameters of this operation are ${known.join(', ')}`;
  const unknown = [...new Set(query.keys())].filter((name) => !known.includes(name));
  return unknown.slice(0, UNKNOWN_SHOWN_MAX).map((name) => fault('invalidValue', name.slice(0, 100), { rule }));
}

function invalid(path: string, rule: string): CheckedRequest {
  return { ok: false, faults: [fault('invalidValue', path, { rule })] };
}

/** The first value of each parameter, in an object without a prototype. */
function firstValues(query: URLSearchParams): Record<string, string> {
  const values = Object.create(null) as Record<string, string>;
  for (const [name, value] of query) if (!(name in values)) values[name] = value;
  return values;
}
