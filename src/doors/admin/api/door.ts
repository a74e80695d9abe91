// The admin door: from a request to an operation and back. In this order: the role, the account, the form of the request,
// then the work. Everything is judged here; no operation is reached in another way.

import { may } from '../../../directory/administration/permissions.ts';
import { type Fault, type Faults, fault, StoreUnavailable } from '../../../directory/faults.ts';
import type { Caller, Precondition } from '../../../directory/model.ts';
import { QueryNotSupported } from '../../../directory/ports.ts';
import { type IdempotencyStore, once } from './idempotency.ts';
import type { AdminRequest, AdminSession, Operation } from './operation.ts';
import { type AdminAnswer, faultProblem, problem } from './problem.ts';
import type { Router } from './routes.ts';
import { faultsOf } from './validation.ts';

/** A request as the server hands it over. */
interface DoorRequest {
  method: string;
  path: string;
  query: string;
  ifMatch: string | undefined;
  headers: AdminRequest<unknown, unknown, unknown>['headers'];
  remoteAddress: string;
  body: unknown;
  bytes?: AsyncIterable<Uint8Array>;
  caller: Caller;
  session: AdminSession | undefined;
}

/** Why the server refuses a request before the door is asked. */
type Refusal =
  | { kind: 'unauthenticated' }
  | { kind: 'forbidden'; detail: string }
  | { kind: 'unavailable' }
  | { kind: 'overloaded'; scope: 'account' | 'server' }
  | { kind: 'tooLarge'; bytesMax: number }
  | { kind: 'mediaType'; detail: string }
  | { kind: 'syntax'; detail: string }
  | { kind: 'internal' };

export interface AdminDoorOptions {
  router: Router;
  idempotency: IdempotencyStore;
  bodyBytesMax: number;
  /** Told of what nobody expected. */
  report: (error: unknown) => void;
}

const RETRY_SECONDS = 2;
const PARAMETERS_MAX = 50;
const TAGS_MAX = 20;

/** The admin door as the HTTP server mounts it. */
export function createAdminDoor({ router, idempotency, bodyBytesMax, report }: AdminDoorOptions) {
  async function dispatch(request: DoorRequest): Promise<AdminAnswer> {
    const route = router.match(request.method, request.path);
    if (route.kind !== 'found') return preflight(request.method, request.path) ?? unknownPath();
    const { operation } = route;
    const forbidden = judge(operation, request.session);
    if (forbidden) return faultProblem([forbidden]);
    const isElsewhere = operation.path.startsWith('/accounts/{account}') && !request.session?.account;
    if (isElsewhere) return faultProblem([fault('notFound', 'Account')]);
    const answer = await perform(operation, route.params, request);
    // A refusal belongs to what it is about, too.
    const subject = answer.subject ?? subjectOf(route.params);
    return {
      ...answer,
      ...(subject ? { subject } : {}),
      ...(operation.confidential ? { isConfidential: true } : {}),
    };
  }

  async function perform(
    operation: Operation,
    params: Record<string, string>,
    request: DoorRequest,
  ): Promise<AdminAnswer> {
    const checked = check(operation, params, request);
    if (!checked.ok) return faultProblem(checked.faults);
    if (!operation.idempotent) return operation.handle(checked.request);
    const use = {
      key: request.headers['idempotency-key'],
      account: request.caller.account.id,
      administrator: request.session?.actor.id ?? '',
      operation: operation.id,
      path: request.path,
      body: request.body,
    };
    return once(idempotency, use, () => operation.handle(checked.request));
  }

  function preflight(method: string, path: string): AdminAnswer | undefined {
    const route = router.match(method, path);
    if (route.kind === 'found') return undefined;
    if (route.kind === 'unknown') return unknownPath();
    const allow = route.allow.join(', ');
    return problem(405, 'method', `This path has the methods ${allow}.`, { Allow: allow });
  }

  return {
    door: 'admin' as const,
    mediaType: 'application/json; charset=utf-8',
    preflight,
    bodyBytesMax: () => bodyBytesMax,
    takesBytes(method: string, path: string): boolean {
      const route = router.match(method, path);
      return route.kind === 'found' && route.operation.bytes !== undefined;
    },
    refuse,
    handle: (request: DoorRequest): Promise<AdminAnswer> =>
      dispatch(request).catch((error: unknown) => {
        if (error instanceof StoreUnavailable) return refuse({ kind: 'unavailable' });
        if (error instanceof QueryNotSupported) return problem(400, 'invalidValue', `${error.path}: ${error.message}.`);
        if (isBrokenOff(error)) return problem(400, 'brokenOff', 'The upload broke off; nothing of it was taken in.');
        report(error);
        return refuse({ kind: 'internal' });
      }),
  };
}

/** The client went away in the middle of its file. */
function isBrokenOff(error: unknown): boolean {
  return error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET';
}

/** What a path names. */
function subjectOf({ user, group, store }: Record<string, string>): AdminAnswer['subject'] {
  if (user !== undefined) return { type: 'User', id: user };
  if (group !== undefined) return { type: 'Group', id: group };
  return store === undefined ? undefined : { type: 'Store', id: store };
}

function unknownPath(): AdminAnswer {
  return problem(404, 'notFound', 'There is no such path.');
}

function judge({ permission }: Operation, session: AdminSession | undefined): Fault | undefined {
  if (permission === 'open') return undefined;
  if (!session) return fault('forbidden', '', { operation: permission });
  if (permission === 'signedIn' || may(session.actor, permission)) return undefined;
  return fault('forbidden', '', { operation: permission, rule: `the role has not the right ${permission}` });
}

type Checked =
  | { ok: true; request: AdminRequest<Record<string, unknown>, Record<string, unknown>, unknown> }
  | { ok: false; faults: Faults };

function check(operation: Operation, params: Record<string, string>, request: DoorRequest): Checked {
  const query = parseQuery(request.query);
  const precondition = operation.conditional ? preconditionOf(request.ifMatch) : undefined;
  if (!query) return { ok: false, faults: [fault('invalidValue', 'query', { rule: 'has an encoding that is wrong' })] };
  if (precondition === 'malformed')
    return { ok: false, faults: [fault('invalidValue', 'If-Match', { rule: 'must be * or entity tags' })] };
  const read = {
    params: operation.params?.safeParse(params),
    query: operation.query?.safeParse(query),
    body: operation.body?.safeParse(request.body),
  };
  const faults = Object.values(read).flatMap((result) => (result && !result.success ? faultsOf(result.error) : []));
  const [first, ...more] = faults;
  if (first) return { ok: false, faults: [first, ...more] };
  return {
    ok: true,
    request: {
      caller: request.caller,
      // An operation that is open to everybody never looks at it.
      session: request.session as AdminSession,
      params: (read.params?.data ?? {}) as Record<string, unknown>,
      query: (read.query?.data ?? {}) as Record<string, unknown>,
      body: read.body?.data,
      precondition,
      headers: request.headers,
      rawQuery: request.query,
      remoteAddress: request.remoteAddress,
      ...(request.bytes ? { bytes: request.bytes } : {}),
    },
  };
}

/** The parameters of a query, the first of each name; undefined where an encoding can't be decoded. */
function parseQuery(query: string): Record<string, string> | undefined {
  const parameters = Object.create(null) as Record<string, string>;
  try {
    for (const pair of query.split('&', PARAMETERS_MAX)) {
      if (pair === '') continue;
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      const key = decodeURIComponent(name.replaceAll('+', ' '));
      if (!(key in parameters)) parameters[key] = decodeURIComponent(value.replaceAll('+', ' '));
    }
    return parameters;
  } catch {
    return undefined;
  }
}

/** @see RFC 9110 §13.1.1 */
function preconditionOf(ifMatch: string | undefined): Precondition | 'malformed' {
  if (ifMatch === undefined) return undefined;
  if (ifMatch.trim() === '*') return { any: true };
  const tags = ifMatch.split(',', TAGS_MAX + 1).map((tag) => /^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(tag)?.[1]);
  if (tags.length > TAGS_MAX || tags.some((tag) => tag === undefined)) return 'malformed';
  return { versions: tags.map(Number) };
}

function refuse(refusal: Refusal): AdminAnswer {
  switch (refusal.kind) {
    case 'unauthenticated':
      return problem(
        401,
        'unauthenticated',
        'Sign in (POST /session), or send a personal token: Authorization: Bearer mbp_….',
      );
    case 'forbidden':
      return problem(403, 'forbidden', refusal.detail);
    case 'unavailable':
      return problem(503, 'unavailable', 'The directory is not available for the moment. Try again shortly.', {
        'Retry-After': String(RETRY_SECONDS),
      });
    case 'overloaded': {
      const [status, who] = refusal.scope === 'account' ? [429, ' of this account'] : [503, ''];
      return problem(status as number, 'overloaded', `Too many requests${who} at once. Try again shortly.`, {
        'Retry-After': String(RETRY_SECONDS),
      });
    }
    case 'tooLarge':
      return problem(413, 'tooLarge', `The body is larger than ${refusal.bytesMax} bytes.`);
    case 'mediaType':
      return problem(415, 'mediaType', refusal.detail.replace('application/scim+json or ', ''));
    case 'syntax':
      return problem(400, 'syntax', refusal.detail);
    case 'internal':
      return problem(500, 'internal', 'The server failed on this request; the error has been logged.');
  }
}
