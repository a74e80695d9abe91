// Sign-in over the admin API: browser sessions by password or OpenID, and changing one's password.

import { z } from 'zod';
import type { Administrators } from '../../../auth/administrators.ts';
import type { OidcRefusal, OidcSignIn } from '../../../auth/oidc.ts';
import type { NewSession } from '../../../auth/sessions.ts';
import {
  OPERATIONS,
  operationsOf,
  type Operation as Permission,
} from '../../../directory/administration/permissions.ts';
import { PASSWORD_CHARS_MAX } from '../../../directory/users/password-sync.ts';
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
  /** The id of an account by its slug; a text that no account has if there is none. */
  accountIdOf: (slug: string) => Promise<string>;
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
    setPasswordByLink(options),
    linkOidc(options),
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
      .strictObject({
        email: z.string().max(255),
        password: z.string().max(PASSWORD_CHARS_MAX),
        account: z
          .string()
          .max(63)
          .optional()
          .meta({ description: 'The login slug of the account, if you administer several with this e-mail' }),
      })
      .meta({ id: 'SignIn' }),
    answers: {
      200: { description: 'Signed in; the session is in a cookie', schema: sessionSchema },
      401: { description: 'Wrong e-mail or password' },
      409: { description: 'E-mail and password are right for several accounts; name one' },
    },
    async handle({ body, ...request }) {
      const account = body.account === undefined ? undefined : await options.accountIdOf(body.account);
      const signedIn = await options.administrators.signIn({ ...body, account, ...browserOf(request) });
      if (signedIn.ok) return sessionAnswer(options, signedIn, 200);
      if (signedIn.reason === 'ambiguous')
        return problem(409, 'accountNeeded', 'You administer several accounts with this e-mail. Name the `account`.');
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

function setPasswordByLink({ administrators }: SessionOperationsOptions): Operation {
  return operation({
    id: 'setPasswordByLink',
    tag: 'Session',
    method: 'PUT',
    path: '/session/password-link',
    summary: 'Set your password with the token of a link that was sent to you',
    description: 'Ends all sessions and personal tokens; sign in afterwards.',
    permission: 'open',
    body: z.strictObject({ token: z.string().max(100), password: z.string().max(1000) }).meta({ id: 'PasswordByLink' }),
    answers: {
      200: {
        description: 'The password is set; `ended` counts what was ended',
        schema: z.object({ ended: endedSchema }).meta({ id: 'PasswordSet' }),
      },
    },
    async handle({ body }) {
      const changed = await administrators.setPasswordByLink(body.token, body.password);
      return changed.ok ? json(200, { ended: changed.value.ended }) : faultProblem(changed.faults);
    },
  });
}

function linkOidc({ administrators, oidc, cookies }: SessionOperationsOptions): Operation {
  return operation({
    id: 'linkOidc',
    tag: 'Session',
    method: 'POST',
    path: '/session/oidc',
    summary: 'Link an identity at the OpenID provider to yourself; open the returned URL in this browser',
    permission: 'signedIn',
    browserOnly: true,
    body: z.strictObject({ currentPassword: z.string().max(PASSWORD_CHARS_MAX) }).meta({ id: 'OidcLink' }),
    answers: {
      200: { description: 'Where to continue', schema: z.object({ url: z.string() }).meta({ id: 'OidcLinkStart' }) },
      404: { description: 'OpenID is not configured' },
    },
    async handle({ session, body }) {
      if (!oidc) return notSetUp();
      const { id } = session.administrator;
      const confirmed = await administrators.confirm(id, body.currentPassword);
      if ('reason' in confirmed) return postponed(confirmed);
      if (!confirmed.ok) return faultProblem(confirmed.faults);
      const started = await oidc.start(id);
      if (!started) return providerAway();
      const cookie = cookies.pending(started.secret, started.maxAgeSeconds);
      return json(200, { url: started.url }, { 'Set-Cookie': cookie });
    },
  });
}

function notSetUp(): AdminAnswer {
  return problem(404, 'notSetUp', 'OpenID is not configured on this server.');
}

function providerAway(): AdminAnswer {
  return problem(503, 'providerAway', 'The OpenID provider does not respond.', { 'Retry-After': '10' });
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
      if (!oidc) return notSetUp();
      if (!started) return providerAway();
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
      if (!oidc) return notSetUp();
      const found = await oidc.finish(cookies.readPending(request.headers.cookie), request.rawQuery);
      if (!found.ok) return refusedOidc(found.reason);
      const session = await administrators.startSession(found.administrator, browserOf(request));
      if (!session) return refusedOidc('unknown');
      const answer = await sessionAnswer(options, session, 302);
      return { status: 302, headers: { ...answer.headers, Location: home } };
    },
  });
}

const OIDC_REFUSALS: Record<OidcRefusal, string> = {
  expired: 'The sign-in took too long. Try again.',
  provider: 'The sign-in was refused by the OpenID provider, or its answer is not valid. Try again.',
  unknown: 'The OpenID provider recognized you, but you are not an administrator of this server.',
  notLinked: 'Sign in with your password first, and link this identity to yourself (POST /session/oidc).',
  taken: 'This identity is linked to another administrator.',
};

function refusedOidc(reason: OidcRefusal): AdminAnswer {
  return problem(401, reason, OIDC_REFUSALS[reason], { 'WWW-Authenticate': 'Session' });
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
