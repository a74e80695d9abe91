// Sign-in over the admin API: browser sessions by password or OpenID, and changing one's password.

import { z } from 'zod';
import type { Administrators } from '../../../auth/administrators.ts';
import type { OidcRefusal, OidcSignIn } from '../../../auth/oidc.ts';
import { PASSWORD_CHARS_MAX } from '../../../auth/passwords/hashing.ts';
import type { NewSession } from '../../../auth/sessions.ts';
import {
  OPERATIONS,
  operationsOf,
  type Operation as Permission,
} from '../../../directory/administration/permissions.ts';
import { dateTime } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem, problem } from '../api/problem.ts';
import { administratorSchema, endedSchema, renderAdministrator } from '../operations/administrators.ts';
import { browserOf, postponed } from './browser.ts';
import { expiredCookie, type SessionCookies } from './cookies.ts';

const sessionSchema = z
  .object({
    administrator: administratorSchema,
    account: z
      .string()
      .optional()
      .meta({ description: 'The login slug of the account; absent for System Administrators' }),
    operations: z
      .array(z.enum(Object.keys(OPERATIONS) as [Permission, ...Permission[]]))
      .meta({ description: 'The operations that the role may perform' }),
    csrfToken: z
      .string()
      .optional()
      .meta({ description: 'Send this in the X-CSRF-Token header of every POST, PUT, PATCH and DELETE' }),
    expires: dateTime.optional(),
  })
  .meta({ id: 'Session' });

export interface SessionOperationsOptions {
  administrators: Administrators;
  oidc: OidcSignIn | undefined;
  cookies: SessionCookies;
  /** The slug of an account by its id. */
  slugOf: (account: string) => Promise<string | undefined>;
  /** The URL a browser is redirected to after a sign-in over OpenID. */
  home: string;
}

/** The operations on sign-in, the current session and the administrator's own password. */
export function sessionOperations(options: SessionOperationsOptions): Operation[] {
  return [
    signIn(options),
    readSession(options),
    signOut(options),
    changePassword(options),
    startOidc(options),
    finishOidc(options),
  ];
}

function signIn(options: SessionOperationsOptions): Operation {
  return operation({
    id: 'signIn',
    tag: 'Session',
    method: 'POST',
    path: '/session',
    summary: 'Sign in with e-mail and password',
    permission: 'open',
    body: z
      .strictObject({ email: z.string().max(255), password: z.string().max(PASSWORD_CHARS_MAX) })
      .meta({ id: 'SignIn' }),
    answers: {
      200: { description: 'Signed in; the session is in a cookie', schema: sessionSchema },
      401: { description: 'Wrong e-mail or password' },
    },
    async handle({ body, ...request }) {
      const signedIn = await options.administrators.signIn({ ...body, ...browserOf(request) });
      if (signedIn.ok) return sessionAnswer(options, signedIn, 200);
      if (signedIn.reason !== 'credentials') return postponed(signedIn);
      return problem(401, 'credentials', 'Wrong e-mail or password.', { 'WWW-Authenticate': 'Session' });
    },
  });
}

function readSession({ slugOf }: SessionOperationsOptions): Operation {
  return operation({
    id: 'readSession',
    tag: 'Session',
    method: 'GET',
    path: '/session',
    summary: 'Retrieve the current session: who is signed in and what their role may do',
    permission: 'signedIn',
    answers: { 200: { description: 'The session', schema: sessionSchema } },
    async handle({ session: { administrator, browser } }) {
      const account = administrator.account === undefined ? undefined : await slugOf(administrator.account);
      return json(200, {
        administrator: renderAdministrator(administrator),
        ...(account === undefined ? {} : { account }),
        operations: operationsOf(administrator.role),
        ...(browser ? { csrfToken: browser.csrfToken, expires: browser.expires.toISOString() } : {}),
      });
    },
  });
}

function signOut({ administrators, cookies }: SessionOperationsOptions): Operation {
  return operation({
    id: 'signOut',
    tag: 'Session',
    method: 'DELETE',
    path: '/session',
    summary: 'Sign out',
    permission: 'signedIn',
    answers: { 204: { description: 'Signed out' } },
    async handle({ session: { browser } }) {
      if (browser) await administrators.signOut(browser.hash);
      return { ...noContent(), headers: { 'Set-Cookie': expiredCookie(cookies) } };
    },
  });
}

function changePassword(options: SessionOperationsOptions): Operation {
  return operation({
    id: 'changePassword',
    tag: 'Session',
    method: 'PUT',
    path: '/session/password',
    summary: 'Change your password; this ends all other sessions and all personal tokens',
    permission: 'signedIn',
    browserOnly: true,
    body: z
      .strictObject({ currentPassword: z.string().max(PASSWORD_CHARS_MAX), password: z.string().max(1000) })
      .meta({ id: 'PasswordChange' }),
    answers: {
      200: {
        description: 'Changed. This browser has a new session, in the cookie; `ended` counts what was ended',
        schema: sessionSchema.extend({ ended: endedSchema }).meta({ id: 'ChangedPassword' }),
      },
    },
    async handle({ session, body, ...request }) {
      const changed = await options.administrators.changeOwn(
        session.administrator.id,
        { password: body.password },
        { current: body.currentPassword, browser: browserOf(request) },
      );
      if ('reason' in changed) return postponed(changed);
      if (!changed.ok) return faultProblem(changed.faults);
      const { session: next, ended } = changed.value;
      if (!next) return problem(401, 'unauthenticated', 'Your password was changed. Sign in again.');
      const answer = await sessionAnswer(options, next, 200);
      return { ...answer, body: { ...answer.body, ended } };
    },
  });
}

function startOidc({ oidc, cookies }: SessionOperationsOptions): Operation {
  return operation({
    id: 'startOidc',
    tag: 'Session',
    method: 'GET',
    path: '/session/oidc',
    summary: 'Sign in with OpenID: redirects to the provider',
    permission: 'open',
    answers: {
      302: { description: 'Redirect to the provider' },
      404: { description: 'OpenID is not configured' },
    },
    async handle() {
      const started = oidc && (await oidc.start());
      if (!oidc) return problem(404, 'notSetUp', 'OpenID is not configured on this server.');
      if (!started)
        return problem(503, 'providerAway', 'The OpenID provider does not respond.', { 'Retry-After': '10' });
      const cookie = cookies.pending(started.secret, started.maxAgeSeconds);
      return { status: 302, headers: { Location: started.url, 'Set-Cookie': cookie } };
    },
  });
}

function finishOidc(options: SessionOperationsOptions): Operation {
  const { administrators, oidc, cookies, home } = options;
  return operation({
    id: 'finishOidc',
    tag: 'Session',
    method: 'GET',
    path: '/session/oidc/callback',
    summary: 'Callback of the OpenID provider',
    permission: 'open',
    answers: {
      302: { description: 'Signed in; redirect to the console' },
      401: { description: 'The sign-in was refused' },
      404: { description: 'OpenID is not configured' },
    },
    async handle(request) {
      if (!oidc) return problem(404, 'notSetUp', 'OpenID is not configured on this server.');
      const found = await oidc.finish(cookies.readPending(request.headers.cookie), request.rawQuery);
      if (!found.ok) return refusedOidc(found.reason);
      const session = await administrators.startSession(found.administrator, browserOf(request));
      if (!session) return refusedOidc('unknown');
      const answer = await sessionAnswer(options, session, 302);
      return { status: 302, headers: { ...answer.headers, Location: home } };
    },
  });
}

function refusedOidc(reason: OidcRefusal): AdminAnswer {
  const detail =
    reason === 'unknown'
      ? 'The OpenID provider recognized you, but you are not an administrator of this server.'
      : 'The sign-in took too long or was refused by the OpenID provider. Try again.';
  return problem(401, reason, detail, { 'WWW-Authenticate': 'Session' });
}

/** Answers with a new session: its cookie and what the administrator may do. */
async function sessionAnswer(
  { cookies, slugOf }: SessionOperationsOptions,
  session: NewSession,
  status: number,
): Promise<AdminAnswer> {
  const { administrator, csrfToken, expires } = session;
  const account = administrator.account === undefined ? undefined : await slugOf(administrator.account);
  const body = {
    administrator: renderAdministrator(administrator),
    ...(account === undefined ? {} : { account }),
    operations: operationsOf(administrator.role),
    csrfToken,
    expires: expires.toISOString(),
  };
  return {
    ...json(status, body, { 'Set-Cookie': cookies.session(session.token, expires) }),
    subject: { type: 'Administrator', id: administrator.id, name: administrator.email },
  };
}
