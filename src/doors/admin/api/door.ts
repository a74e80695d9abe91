// The admin door: passes a request to its operation after checking the role, the account and the form of the request, in this
// order. Operations are reached only through it.

import { may } from '../../../directory/administration/permissions.ts';
import { type Fault, fault, StoreUnavailable } from '../../../directory/faults.ts';
import { QueryNotSupported, QueryTooCostly } from '../../../directory/ports.ts';
import {
  type Door,
  type DoorRequest,
  type DoorResponse,
  type Refusal,
  RefusedWhileReading,
  type Route,
} from '../../contract.ts';
import type { PageCursors } from '../../page-cursors.ts';
import { type DoorWording, wordRefusal } from '../../refusals.ts';
import { type IdempotencyStore, once } from './idempotency.ts';
import type { AdminSession, Operation } from './operation.ts';
import { faultProblem, problem } from './problem.ts';
import { checkRequest } from './request-check.ts';
import type { OperationMatch, OperationTable } from './routes.ts';

/** A session, or undefined if the operation is for connections or learners, or open to everyone. */
type Session = AdminSession | undefined;

/** A route with the operation that it leads to, for authentication. */
export interface AdminRoute extends Route<Session> {
  operation: Operation;
  params: Record<string, string>;
}

export type AdminDoor = Door<Session, AdminRoute>;

export interface AdminDoorOptions {
  operations: OperationTable;
  idempotency: IdempotencyStore;
  /** Signs the cursors of lists. */
  cursors: PageCursors;
  bodyBytesMax: number;
  /** Receives unexpected errors. */
  report: (error: unknown) => void;
}

/** Makes the admin door. */
export function createAdminDoor(options: AdminDoorOptions): AdminDoor {
  const { operations, idempotency, cursors, bodyBytesMax, report } = options;

  async function dispatch(
    operation: Operation,
    params: Record<string, string>,
    request: DoorRequest<Session>,
  ): Promise<DoorResponse> {
    const refused = refusalOf(operation, request.session);
    if (refused) return faultProblem([refused]);
    const response = await perform(operation, params, request);
    // The event of a refused request has the resource of the path as its subject, too.
    const subject = response.subject ?? subjectOf(params);
    return {
      ...response,
      ...(subject ? { subject } : {}),
      ...(operation.confidential ? { isConfidential: true } : {}),
    };
  }

  async function perform(
    operation: Operation,
    params: Record<string, string>,
    request: DoorRequest<Session>,
  ): Promise<DoorResponse> {
    const checked = checkRequest(operation, params, request, cursors);
    if (!checked.ok) return faultProblem(checked.faults);
    if (!operation.idempotent) return operation.handle(checked.request);
    return once(idempotency, keyUseOf(operation, request), () => operation.handle(checked.request));
  }

  return {
    name: 'admin',
    mediaType: 'application/json; charset=utf-8',
    match(method, path) {
      const match = operations.match(method, path);
      if (match.kind !== 'found') return { ok: false, response: noOperation(match) };
      const { operation, params } = match;
      return {
        ok: true,
        route: {
          name: operation.path,
          operation,
          params,
          bodyBytesMax,
          takesBytes: operation.bytes !== undefined,
          handle: (request) =>
            dispatch(operation, params, request).catch((error: unknown) => responseTo(error, report)),
        },
      };
    },
    refuse,
  };
}

function noOperation(match: Exclude<OperationMatch, { kind: 'found' }>): DoorResponse {
  if (match.kind === 'unknown') return problem(404, 'notFound', 'No such path exists.');
  const allow = match.allow.join(', ');
  return problem(405, 'method', `This path supports the methods ${allow}.`, { Allow: allow });
}

function keyUseOf(operation: Operation, { headers, caller, session, path, body }: DoorRequest<Session>) {
  return {
    key: headers['idempotency-key'],
    account: caller.account.id,
    administrator: session?.actor.id ?? '',
    operation: operation.id,
    path,
    body,
  };
}

/** The fault if this administrator may not use the operation at all. Other accounts do not exist for them. */
function refusalOf({ permission, path, browserOnly }: Operation, session: Session): Fault | undefined {
  const forbidden = permissionFault(permission, session);
  if (forbidden) return forbidden;
  if (browserOnly && !session?.browser)
    return fault('forbidden', '', { operation: 'session', rule: 'a personal token cannot do this; sign in to do it' });
  return path.startsWith('/accounts/{account}') && !session?.account ? fault('notFound', 'Account') : undefined;
}

function permissionFault(permission: Operation['permission'], session: Session): Fault | undefined {
  // The authentication admits only connections, and only learners, to operations for them.
  if (permission === 'open' || permission === 'connection' || permission === 'learner') return undefined;
  if (!session) return fault('forbidden', '', { operation: permission });
  if (permission === 'signedIn' || may(session.actor, permission)) return undefined;
  return fault('forbidden', '', { operation: permission, rule: `your role does not include ${permission}` });
}

/** The resource that a path names. */
function subjectOf({ user, group, store }: Record<string, string>): DoorResponse['subject'] {
  if (user !== undefined) return { type: 'User', id: user };
  if (group !== undefined) return { type: 'Group', id: group };
  return store === undefined ? undefined : { type: 'Store', id: store };
}

function responseTo(error: unknown, report: (error: unknown) => void): DoorResponse {
  if (error instanceof StoreUnavailable) return { ...refuse({ kind: 'unavailable' }), cause: error };
  if (error instanceof QueryTooCostly) return costly(error);
  if (error instanceof RefusedWhileReading) return refuse(error.refusal);
  if (error instanceof QueryNotSupported) return problem(400, 'invalidValue', `${error.path}: ${error.message}.`);
  if (isDisconnect(error)) return problem(400, 'brokenOff', 'The upload was interrupted; none of it was imported.');
  report(error);
  return { ...refuse({ kind: 'internal' }), cause: error };
}

function costly(error: QueryTooCostly): DoorResponse {
  return error.mustWait
    ? refuse({ kind: 'overloaded', scope: 'account', of: 'costly queries' })
    : problem(400, 'tooMany', error.message);
}

/** Whether the client disconnected during the upload. */
function isDisconnect(error: unknown): boolean {
  return error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET';
}

const WORDING: DoorWording = {
  credential: 'Sign in (POST /session), or send a personal token: Authorization: Bearer mbp_….',
  mediaTypes: 'application/json',
};

function refuse(refusal: Refusal): DoorResponse {
  const { status, detail, headers } = wordRefusal(refusal, WORDING);
  return problem(status, refusal.kind, detail, headers);
}
