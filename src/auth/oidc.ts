// Sign-in of administrators over an OpenID provider: authorization code with PKCE (OpenID Connect Core §3.1, RFC 7636).
// The provider only identifies a person; whether they may sign in depends on the administrators of this server.

import { randomBytes } from 'node:crypto';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Administrator, AdministratorSecret, AdministratorStore } from './administrator-store.ts';
import { withoutSecret } from './sign-in.ts';
import { hashToken } from './tokens.ts';

const PENDING_MS_MAX = 600_000;
const TIMEOUT_SECONDS = 10;

export interface OidcOptions {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The redirect URL that is registered at the provider. */
  redirectUrl: string;
  store: AdministratorStore;
  /** Called with the reason of a failed sign-in, which the browser never sees. */
  report: (message: string, error: unknown) => void;
  now?: () => Date;
}

/** Why a sign-in was refused. */
export type OidcRefusal = 'expired' | 'provider' | 'unknown' | 'notLinked' | 'taken';

export interface OidcSignIn {
  /** With `administrator`, links the identity to this one, who has stated the password. The provider's URL, and the secret that the browser must bring back; undefined if the provider cannot be reached. */
  start(administrator?: string): Promise<{ url: string; secret: string; maxAgeSeconds: number } | undefined>;
  /** The administrator who returned from the provider; `query` is the raw query string of the callback. */
  finish(
    secret: string | undefined,
    query: string,
  ): Promise<{ ok: true; administrator: Administrator } | { ok: false; reason: OidcRefusal }>;
}

/** Sign-in over one provider. Only the configured redirect URL is ever used, so there is no open redirect. */
export function createOidcSignIn(options: OidcOptions): OidcSignIn {
  const dependencies: Dependencies = {
    ...options,
    now: options.now ?? (() => new Date()),
    configuration: onceSuccessful(() => discover(options)),
  };
  return {
    start: (administrator) => start(dependencies, administrator),
    finish: (secret, query) => finish(dependencies, secret, query),
  };
}

interface Dependencies extends OidcOptions {
  now: () => Date;
  /** The provider's metadata. */
  configuration: () => Promise<Configuration>;
}

/** Remembers the first successful result of `work`; a failure is not remembered. */
function onceSuccessful<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work().catch((error: unknown) => {
      result = undefined;
      throw error;
    });
    return result;
  };
}

async function start(
  { configuration, store, redirectUrl, report, now }: Dependencies,
  administrator: string | undefined,
): ReturnType<OidcSignIn['start']> {
  const config = await configuration().catch((error: unknown) => {
    report('The OpenID provider does not respond', error);
    return undefined;
  });
  if (!config) return undefined;
  const secret = randomBytes(32).toString('base64url');
  const codeVerifier = randomPKCECodeVerifier();
  const [state, nonce] = [randomState(), randomNonce()];
  const expires = new Date(now().getTime() + PENDING_MS_MAX);
  const linking = administrator === undefined ? {} : { administrator };
  await store.keepSignIn({ hash: hashToken(secret), state, nonce, codeVerifier, expires, ...linking });
  const url = buildAuthorizationUrl(config, {
    redirect_uri: redirectUrl,
    scope: 'openid email',
    response_type: 'code',
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  });
  return { url: url.href, secret, maxAgeSeconds: PENDING_MS_MAX / 1000 };
}

async function finish(
  dependencies: Dependencies,
  secret: string | undefined,
  query: string,
): ReturnType<OidcSignIn['finish']> {
  const { store, report, now } = dependencies;
  const pending = secret === undefined ? undefined : await store.takeSignIn(hashToken(secret));
  if (!pending || pending.expires <= now()) return { ok: false, reason: 'expired' };
  const claims = await claimsOf(dependencies, query, pending).catch((error: unknown) => {
    report('A sign-in over OpenID failed', error);
    return undefined;
  });
  if (!claims) return { ok: false, reason: 'provider' };
  const administrator = await administratorOf(store, claims, pending.administrator);
  return typeof administrator === 'string'
    ? { ok: false, reason: administrator }
    : { ok: true, administrator: withoutSecret(administrator) };
}

/** Exchanges the code of a callback for the claims of the ID token. @throws an error of openid-client if the answer is not valid */
async function claimsOf(
  { configuration, redirectUrl }: Dependencies,
  query: string,
  pending: { state: string; nonce: string; codeVerifier: string },
) {
  const config = await configuration();
  const tokens = await authorizationCodeGrant(config, new URL(`${redirectUrl}?${query}`), {
    expectedState: pending.state,
    expectedNonce: pending.nonce,
    pkceCodeVerifier: pending.codeVerifier,
    idTokenExpected: true,
  });
  return tokens.claims();
}

/**
 * The administrator with an identity at the provider, or the one who links it now. At the first sign-in, an administrator who was made
 * without a password for the e-mail that the provider has verified: such an administrator was invited to sign in over OpenID. One with a
 * password links the identity after signing in with it, so that nobody takes over an administrator with a mailbox alone.
 */
async function administratorOf(
  store: AdministratorStore,
  { iss, sub, email, email_verified: isVerified }: Record<string, unknown>,
  linking: string | undefined,
): Promise<AdministratorSecret | Administrator | 'unknown' | 'notLinked' | 'taken'> {
  if (typeof iss !== 'string' || typeof sub !== 'string') return 'unknown';
  const identity = { issuer: iss, subject: sub };
  const found = await store.byIdentity(iss, sub);
  if (found) return linking === undefined || linking === found.id ? found : 'taken';
  if (linking !== undefined) return (await store.update(linking, { identity })) ?? 'unknown';
  if (typeof email !== 'string' || isVerified !== true) return 'unknown';
  const named = (await store.byEmail(email)).filter((one) => !one.disabled && !one.identity);
  const invited = named.filter(({ passwordHash }) => passwordHash === undefined);
  const [first] = invited;
  if (first && invited.length === 1) return (await store.update(first.id, { identity })) ?? 'unknown';
  return named.length > invited.length ? 'notLinked' : 'unknown';
}

function discover({ issuer, clientId, clientSecret }: OidcOptions): Promise<Configuration> {
  const url = new URL(issuer);
  // Plain HTTP is allowed only on this machine, for tests and first steps.
  const isLocal = url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return discovery(url, clientId, clientSecret, undefined, {
    timeout: TIMEOUT_SECONDS,
    // The signature of the ID token is checked too, although it comes from the provider over TLS (OpenID Connect Core §3.1.3.7, 6).
    execute: [enableNonRepudiationChecks, ...(isLocal ? [allowInsecureRequests] : [])],
  });
}
