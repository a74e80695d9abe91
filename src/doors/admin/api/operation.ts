// The definition of an operation of the admin API: it validates requests, documents them in OpenAPI and does the work.

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Administrator } from '../../../auth/administrator-store.ts';
import type { Actor, Operation as Permission } from '../../../directory/administration/permissions.ts';
import type { Account, Caller, Precondition } from '../../../directory/model.ts';
import type { CursorPosition } from '../../../directory/query/query.ts';
import type { AdminAnswer } from './problem.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The administrator and how they signed in; undefined for operations that need none. */
export interface AdminSession {
  actor: Actor;
  administrator: Administrator;
  /** Present for a browser's session. */
  browser?: { id: string; hash: string; csrfToken: string; expires: Date };
  /** The account of the path: the administrator's own, or any for a System Administrator; undefined if it is not theirs. */
  account?: Account;
}

/** A request as an operation receives it: authorized and validated. */
export interface AdminRequest<P, Q, B> {
  caller: Caller;
  session: AdminSession;
  params: P;
  query: Q;
  body: B;
  precondition: Precondition;
  /** Of a list: the position behind which the page begins, from the parameter `cursor`. */
  after: CursorPosition | undefined;
  /** Of a list: the cursor of the page behind a position. */
  nextCursor: (position: CursorPosition) => string;
  headers: IncomingHttpHeaders;
  rawQuery: string;
  remoteAddress: string;
  /** The body as a stream, for operations that take bytes. */
  bytes?: AsyncIterable<Uint8Array>;
}

/** A response that an operation can return. */
export interface Answer {
  description: string;
  schema?: z.ZodType;
  /** Other than JSON. */
  mediaType?: string;
  headers?: Record<string, string>;
}

type Shape = z.ZodObject;

export interface OperationDefinition<P extends Shape, Q extends Shape, B extends z.ZodType> {
  id: string;
  tag: string;
  method: Method;
  /** Below the base, with parameters in braces. */
  path: string;
  summary: string;
  description?: string;
  /**
   * What the role must include; `signedIn`: any administrator; `connection`: the token of a connection instead of an administrator;
   * `learner`: an access token of the OpenID provider, for the learner whom it belongs to; `open`: everyone, without signing in.
   */
  permission: Permission | 'signedIn' | 'connection' | 'learner' | 'open';
  params?: P;
  query?: Q;
  body?: B;
  /** The body is taken as bytes of this media type, and not checked here. */
  bytes?: string;
  /** A repeated request with the same Idempotency-Key gets the first response. */
  idempotent?: boolean;
  /** The write supports If-Match. */
  conditional?: boolean;
  /** Concerns credentials: needs a browser's session, and a personal token is refused. */
  browserOnly?: boolean;
  /** The bodies are not kept with the event. */
  confidential?: boolean;
  answers: Record<number, Answer>;
  handle(request: AdminRequest<z.output<P>, z.output<Q>, z.output<B>>): Promise<AdminAnswer>;
}

/** An operation whose types have been checked where it was defined. */
export interface Operation extends Omit<OperationDefinition<Shape, Shape, z.ZodType>, 'handle'> {
  handle(request: AdminRequest<Record<string, unknown>, Record<string, unknown>, unknown>): Promise<AdminAnswer>;
}

const NOTHING = z.object({});

/** Defines an operation; the schemas that it names are the types that its handler gets. */
export function operation<
  P extends Shape = typeof NOTHING,
  Q extends Shape = typeof NOTHING,
  B extends z.ZodType = z.ZodType,
>(definition: OperationDefinition<P, Q, B>): Operation {
  // The dispatcher parses with these same schemas before it calls the handler.
  return definition as unknown as Operation;
}

export function json(status: number, body: object, headers: Record<string, string> = {}): AdminAnswer {
  return { status, headers, body };
}

export function noContent(): AdminAnswer {
  return { status: 204, headers: {} };
}
