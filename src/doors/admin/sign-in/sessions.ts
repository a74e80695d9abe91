// Sign-in over the admin API: sessions for browsers, by password or OpenID, personal tokens for scripts, changing one's password.

import { z } from 'zod';
import type { PersonalToken } from '../../../auth/administrator-store.ts';
import type { Administrators, NewSession } from '../../../auth/administrators.ts';
import type { OidcSignIn } from '../../../auth/oidc.ts';
import { PASSWORD_CHARS_MAX } from '../../../auth/passwords.ts';
import {
  OPERATIONS,
  operationsOf,
  type Operation as Permission,
} from '../../../directory/administration/permissions.ts';
import { fault } from '../../../directory/faults.ts';
import { dateTime, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem, problem } from '../api/problem.ts';
import { administratorSchema, renderAdministrator } from '../operations/administrators.ts';
import { expiredCookie, type SessionCookies } from './cookies.ts';

const TOKEN_DAYS_MAX = 3650;

const sessionSchema = z
  .object({
    administrator: administratorSchema,
    account: z.string().optional().meta({ description: 'The login slug of the account; absent above accounts' }),
    operations: z
      .array(z.enum(Object.keys(OPERATIONS) as [Permission, ...Permission[]]))
      .meta({ description: 'What the role may do' }),
    csrfToken: z.string().optional().meta({ description: 'For the header X-CSRF-Token of every unsafe request' }),
    expires: dateTime.optional(),
  })
  .meta({ id: 'Session' });

const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    hint: z.string(),
    created: dateTime,
    expires: dateTime.optional(),
    lastUsed: dateTime.optional(),
  })
  .meta({ id: 'PersonalToken' });

export interface SessionOperationsOptions {
  administrators: Administrators;
  oidc: OidcSignIn | undefined;
  cookies: SessionCookies;
  /** The slug of an account by its id. */
  slugOf: (account: string) => Promise<string | undefined>;
  /** Where a browser is redirected after signing in with OpenID: the configured public URL. */
  home: string;
}

/** The operations around sign-in. */
export function sessionOperations(options: SessionOperationsOptions): Operation[] {
  const { administrators, oidc, cookies } = options;

  async function started(session: NewSession, status: number): Promise<AdminAnswer> {
    const { administrator, csrfToken, expires } = session;
    const account = administrator.account === undefined ? undefined : await options.slugOf(administrator.account);
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

  return [
    operation({
      id: 'signIn',
      tag: 'Session',
      method: 'POST',
      path: '/session',
      summary: 'Sign in with email and password',
      permission: 'open',
      body: z
        .strictObject({ email: z.string().max(255), password: z.string().max(PASSWORD_CHARS_MAX) })
        .meta({ id: 'SignIn' }),
      answers: {
        200: { description: 'Signed in; the session is in a cookie', schema: sessionSchema },
        401: { description: 'No administrator has this email and password' },
      },
      async handle({ body, remoteAddress }) {
        const signedIn = await administrators.signIn({ ...body, address: remoteAddress });
        if (signedIn.ok) return started(signedIn, 200);
        if (signedIn.reason === 'limited') {
          return limited(signedIn.waitSeconds);
        }
        return problem(401, 'credentials', 'No administrator has this email and password.', {
          'WWW-Authenticate': 'Session',
        });
      },
    }),
    operation({
      id: 'readSession',
      tag: 'Session',
      method: 'GET',
      path: '/session',
      summary: 'Read who is signed in, and what the role may do',
      permission: 'signedIn',
      answers: { 200: { description: 'The session', schema: sessionSchema } },
      async handle({ session: { administrator, browser } }) {
        const account = administrator.account === undefined ? undefined : await options.slugOf(administrator.account);
        return json(200, {
          administrator: renderAdministrator(administrator),
          ...(account === undefined ? {} : { account }),
          operations: operationsOf(administrator.role),
          ...(browser ? { csrfToken: browser.csrfToken, expires: browser.expires.toISOString() } : {}),
        });
      },
    }),
    operation({
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
    }),
    operation({
      id: 'changePassword',
      tag: 'Session',
      method: 'PUT',
      path: '/session/password',
      summary: 'Change your password; this ends all of your sessions',
      permission: 'signedIn',
      body: z
        .strictObject({ currentPassword: z.string().max(PASSWORD_CHARS_MAX), password: z.string().max(1000) })
        .meta({ id: 'PasswordChange' }),
      answers: { 204: { description: 'Changed; sign in again' } },
      async handle({ session, body, remoteAddress }) {
        const { email, id } = session.administrator;
        const changed = await administrators.changeOwnPassword(id, body.currentPassword, body.password, {
          email,
          address: remoteAddress,
        });
        if (changed.ok) return noContent();
        return 'reason' in changed ? limited(changed.waitSeconds) : faultProblem(changed.faults);
      },
    }),
    operation({
      id: 'startOidc',
      tag: 'Session',
      method: 'GET',
      path: '/session/oidc',
      summary: 'Sign in with the OpenID provider: redirects to it',
      permission: 'open',
      answers: {
        302: { description: 'To the provider' },
        404: { description: 'No provider is configured' },
      },
      async handle() {
        const begun = oidc && (await oidc.start());
        if (!oidc) return problem(404, 'notSetUp', 'No OpenID provider is configured.');
        if (!begun)
          return problem(503, 'providerAway', 'The OpenID provider does not answer.', { 'Retry-After': '10' });
        const cookie = cookies.pending(begun.secret, begun.maxAgeSeconds);
        return { status: 302, headers: { Location: begun.url, 'Set-Cookie': cookie } };
      },
    }),
    operation({
      id: 'finishOidc',
      tag: 'Session',
      method: 'GET',
      path: '/session/oidc/callback',
      summary: 'The redirect back from the OpenID provider',
      permission: 'open',
      answers: {
        302: { description: 'Signed in; to the console' },
        401: { description: 'The sign-in was refused' },
        404: { description: 'No provider is configured' },
      },
      async handle({ headers, rawQuery }) {
        if (!oidc) return problem(404, 'notSetUp', 'No OpenID provider is configured.');
        const found = await oidc.finish(cookies.readPending(headers.cookie), rawQuery);
        if (!found.ok) {
          const detail =
            found.reason === 'unknown'
              ? 'The provider knows you, but you are not an administrator here.'
              : 'The sign-in took too long, or the provider refused it. Start again.';
          return problem(401, found.reason, detail, { 'WWW-Authenticate': 'Session' });
        }
        const answer = await started(await administrators.startSession(found.administrator), 302);
        return { status: 302, headers: { ...answer.headers, Location: options.home } };
      },
    }),
    operation({
      id: 'listTokens',
      tag: 'Session',
      method: 'GET',
      path: '/session/tokens',
      summary: 'List your personal tokens',
      permission: 'signedIn',
      answers: {
        200: {
          description: 'All of them',
          schema: z.object({ items: z.array(tokenSchema) }).meta({ id: 'PersonalTokenList' }),
        },
      },
      async handle({ session }) {
        const found = await administrators.tokensOf(session.administrator.id);
        return json(200, { items: found.map(renderToken) });
      },
    }),
    operation({
      id: 'createToken',
      tag: 'Session',
      method: 'POST',
      path: '/session/tokens',
      summary: 'Create a personal token for scripts',
      permission: 'signedIn',
      body: z
        .strictObject({
          name: z.string().min(1).max(1000),
          expiresInDays: z.number().int().min(1).max(TOKEN_DAYS_MAX).optional(),
        })
        .meta({ id: 'PersonalTokenDraft' }),
      answers: {
        201: {
          description: 'The token, shown only once',
          schema: tokenSchema.extend({ token: z.string() }).meta({ id: 'NewPersonalToken' }),
        },
      },
      async handle({ session, body }) {
        const made = await administrators.createToken(session.administrator.id, body.name, body.expiresInDays);
        if (!made.ok) return faultProblem(made.faults);
        return json(201, { ...renderToken(made.value), token: made.value.token });
      },
    }),
    operation({
      id: 'deleteToken',
      tag: 'Session',
      method: 'DELETE',
      path: '/session/tokens/{token}',
      summary: 'Delete a personal token',
      permission: 'signedIn',
      params: z.object({ token: withId('token') }),
      answers: { 204: { description: 'Deleted' } },
      async handle({ session, params }) {
        const gone = await administrators.removeToken(session.administrator.id, params.token);
        return gone ? noContent() : faultProblem([fault('notFound', 'Token', { id: params.token })]);
      },
    }),
  ];
}

function renderToken({ id, name, hint, created, expires, lastUsed }: PersonalToken) {
  return {
    id,
    name,
    hint,
    created: created.toISOString(),
    ...(expires ? { expires: expires.toISOString() } : {}),
    ...(lastUsed ? { lastUsed: lastUsed.toISOString() } : {}),
  };
}

function limited(waitSeconds: number): AdminAnswer {
  const minutes = Math.max(1, Math.ceil(waitSeconds / 60));
  return problem(429, 'tooManySignIns', `Too many wrong passwords. Wait ${minutes} min, then try again.`, {
    'Retry-After': String(waitSeconds),
  });
}
