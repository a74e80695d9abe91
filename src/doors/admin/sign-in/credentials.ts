// Sessions and personal tokens over the admin API: an administrator's own, and those of the administrators whom they manage.

import { z } from 'zod';
import type { PersonalToken } from '../../../auth/administrator-store.ts';
import type { Administrators } from '../../../auth/administrators.ts';
import { endOf, TOKEN_DAYS_DEFAULT, TOKEN_DAYS_MAX } from '../../../auth/personal-tokens.ts';
import type { ListedSession } from '../../../auth/sessions.ts';
import { fault } from '../../../directory/faults.ts';
import { dateTime, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';
import {
  administratorParam,
  findAdministrator,
  LEVELS,
  type Level,
  noAdministrator,
} from '../operations/administrators.ts';

const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    hint: z.string(),
    created: dateTime,
    expires: dateTime,
    lastUsed: dateTime.optional(),
  })
  .meta({ id: 'PersonalToken' });
const tokenList = z.object({ items: z.array(tokenSchema) }).meta({ id: 'PersonalTokenList' });
const sessionList = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        created: dateTime,
        expires: dateTime,
        address: z.string().optional().meta({ description: 'The address that signed in' }),
        userAgent: z.string().optional().meta({ description: 'The browser that signed in' }),
        current: z.boolean().meta({ description: 'Whether this request uses the session' }),
      }),
    ),
  })
  .meta({ id: 'SessionList' });
const endedCount = z.object({ ended: z.number().int() }).meta({ id: 'EndedSessions' });

interface CredentialOperationsOptions {
  administrators: Administrators;
}

/** The operations on sessions and personal tokens. */
export function credentialOperations(options: CredentialOperationsOptions): Operation[] {
  const levels: Target[] = [ownTarget(), ...LEVELS.map((level) => managedTarget(options, level))];
  return [
    createToken(options),
    ...levels.flatMap((target) => [
      listTokens(options, target),
      deleteToken(options, target),
      listSessions(options, target),
      endSession(options, target),
      endSessions(options, target),
    ]),
  ];
}

type Request = Parameters<Operation['handle']>[0];

/** Whose sessions and tokens the operations concern. */
interface Target {
  path: { tokens: string; sessions: string };
  /** Part of the operation ids. */
  infix: string;
  /** Follows "personal tokens" and "sessions" in the summaries. */
  words: string;
  read: Operation['permission'];
  edit: Operation['permission'];
  params: z.ZodObject;
  /** The id of the administrator; undefined if the caller manages no such administrator. */
  of(request: Request): Promise<string | undefined>;
}

function ownTarget(): Target {
  return {
    path: { tokens: '/session/tokens', sessions: '/sessions' },
    infix: '',
    words: 'of your own',
    read: 'signedIn',
    edit: 'signedIn',
    params: z.object({}),
    of: async ({ session }) => session.administrator.id,
  };
}

function managedTarget({ administrators }: CredentialOperationsOptions, level: Level): Target {
  const path = `${level.path}/{administrator}`;
  return {
    path: { tokens: `${path}/tokens`, sessions: `${path}/sessions` },
    infix: `${level.infix}Administrator`,
    words: `of an administrator ${level.words}`,
    read: level.read,
    edit: level.edit,
    params: level.params.extend(administratorParam),
    of: async ({ caller, params }) =>
      (await findAdministrator(administrators, level, caller, String(params.administrator)))?.id,
  };
}

/** Calls `work` with the id of the administrator whom the request names; 404 if there is none. */
async function withTarget(target: Target, request: Request, work: (id: string) => Promise<AdminAnswer>) {
  const id = await target.of(request);
  return id === undefined ? noAdministrator(String(request.params.administrator)) : work(id);
}

function createToken({ administrators }: CredentialOperationsOptions): Operation {
  return operation({
    id: 'createToken',
    tag: 'Session',
    method: 'POST',
    path: '/session/tokens',
    summary: 'Create a personal token for scripts',
    permission: 'signedIn',
    browserOnly: true,
    body: z
      .strictObject({
        name: z.string().min(1).max(1000),
        expiresInDays: z.number().int().min(1).max(TOKEN_DAYS_MAX).default(TOKEN_DAYS_DEFAULT),
      })
      .meta({ id: 'PersonalTokenDraft' }),
    answers: {
      201: {
        description: 'The new token, shown only in this response',
        schema: tokenSchema.extend({ token: z.string() }).meta({ id: 'NewPersonalToken' }),
      },
    },
    async handle({ session, body }) {
      const created = await administrators.createToken(session.administrator, body);
      if (!created.ok) return faultProblem(created.faults);
      return json(201, { ...renderToken(created.value), token: created.value.token });
    },
  });
}

function listTokens({ administrators }: CredentialOperationsOptions, target: Target): Operation {
  return {
    id: `list${target.infix}Tokens`,
    tag: 'Session',
    method: 'GET',
    path: target.path.tokens,
    summary: `List the personal tokens ${target.words}`,
    permission: target.read,
    params: target.params,
    answers: { 200: { description: 'All personal tokens', schema: tokenList } },
    handle: (request) =>
      withTarget(target, request, async (id) =>
        json(200, { items: (await administrators.tokensOf(id)).map(renderToken) }),
      ),
  };
}

function deleteToken({ administrators }: CredentialOperationsOptions, target: Target): Operation {
  return {
    id: `delete${target.infix}Token`,
    tag: 'Session',
    method: 'DELETE',
    path: `${target.path.tokens}/{token}`,
    summary: `Delete a personal token ${target.words}`,
    permission: target.edit,
    params: target.params.extend({ token: withId('token') }),
    answers: { 204: { description: 'Deleted' } },
    handle: (request) =>
      withTarget(target, request, async (id) => {
        const token = String(request.params.token);
        const isDeleted = await administrators.removeToken(id, token);
        return isDeleted ? noContent() : faultProblem([fault('notFound', 'Token', { id: token })]);
      }),
  };
}

function listSessions({ administrators }: CredentialOperationsOptions, target: Target): Operation {
  return {
    id: `list${target.infix}Sessions`,
    tag: 'Session',
    method: 'GET',
    path: target.path.sessions,
    summary: `List the sessions ${target.words}, newest first`,
    permission: target.read,
    params: target.params,
    answers: { 200: { description: 'All sessions', schema: sessionList } },
    handle: (request) =>
      withTarget(target, request, async (id) => {
        const current = request.session.browser?.id;
        const found = await administrators.sessionsOf(id);
        return json(200, { items: found.map((session) => renderSession(session, current)) });
      }),
  };
}

function endSession({ administrators }: CredentialOperationsOptions, target: Target): Operation {
  return {
    id: `end${target.infix}Session`,
    tag: 'Session',
    method: 'DELETE',
    path: `${target.path.sessions}/{session}`,
    summary: `End a session ${target.words}`,
    permission: target.edit,
    params: target.params.extend({ session: withId('session') }),
    answers: { 204: { description: 'Ended' } },
    handle: (request) =>
      withTarget(target, request, async (id) => {
        const session = String(request.params.session);
        const isEnded = await administrators.endSession(id, session);
        return isEnded ? noContent() : faultProblem([fault('notFound', 'Session', { id: session })]);
      }),
  };
}

function endSessions({ administrators }: CredentialOperationsOptions, target: Target): Operation {
  return {
    id: `end${target.infix}Sessions`,
    tag: 'Session',
    method: 'DELETE',
    path: target.path.sessions,
    summary: `End all sessions ${target.words}`,
    permission: target.edit,
    params: target.params,
    answers: { 200: { description: 'How many ended', schema: endedCount } },
    handle: (request) =>
      withTarget(target, request, async (id) => json(200, { ended: await administrators.endSessions(id) })),
  };
}

function renderToken(token: PersonalToken) {
  const { id, name, hint, created, lastUsed } = token;
  return {
    id,
    name,
    hint,
    created: created.toISOString(),
    expires: endOf(token).toISOString(),
    ...(lastUsed ? { lastUsed: lastUsed.toISOString() } : {}),
  };
}

function renderSession({ id, created, expires, address, userAgent }: ListedSession, current: string | undefined) {
  return {
    id,
    created: created.toISOString(),
    expires: expires.toISOString(),
    ...(address === undefined ? {} : { address }),
    ...(userAgent === undefined ? {} : { userAgent }),
    current: id === current,
  };
}
