// Checks the form of a request against its operation: query, If-Match, parameters and body, every fault at once.

import { type Faults, fault } from '../../../directory/faults.ts';
import type { DoorRequest } from '../../contract.ts';
import { isTagList, preconditionOf } from '../../entity-tags.ts';
import { parseQuery } from '../../query-string.ts';
import type { AdminRequest, AdminSession, Operation } from './operation.ts';
import { faultsOf } from './validation.ts';

type CheckedRequest =
  | { ok: true; request: AdminRequest<Record<string, unknown>, Record<string, unknown>, unknown> }
  | { ok: false; faults: Faults };

/** Reports the input with each issue, which distinguishes a missing value from one of the wrong type. */
const REPORT_INPUT = { reportInput: true };

/** The validated request that the operation receives. Faults: required, wrongType, tooLong, tooMany, invalidValue, mutability. */
export function checkRequest(
  operation: Operation,
  params: Record<string, string>,
  request: DoorRequest<AdminSession | undefined>,
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
  const [first, ...more] = faults;
  if (first) return { ok: false, faults: [first, ...more] };
  return {
    ok: true,
    request: {
      caller: request.caller,
      // An operation that is open to everyone never looks at its session.
      session: request.session as AdminSession,
      params: (read.params?.data ?? {}) as Record<string, unknown>,
      query: (read.query?.data ?? {}) as Record<string, unknown>,
      body: read.body?.data,
      precondition: operation.conditional ? preconditionOf(ifMatch, undefined) : undefined,
      headers: request.headers,
      rawQuery: request.query,
      remoteAddress: request.remoteAddress,
      ...(request.bytes ? { bytes: request.bytes } : {}),
    },
  };
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
