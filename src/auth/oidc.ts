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
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Administrator, AdministratorStore } from './administrator-store.ts';
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
export type OidcRefusal = 'expired' | 'provider' | 'unknown';

export interface OidcSignIn {
  /** The provider's URL, and the secret that the browser must bring back; undefined if the provider cannot be reached. */
  start(): Promise<{ url: string; secret: string; maxAgeSeconds: number } | undefined>;
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
    start: () => start(dependencies),
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

async function start({
  configuration,
  store,
  redirectUrl,
  report,
  now,
}: Dependencies): ReturnType<OidcSignIn['start']> {
  const config = await configuration().catch((error: unknown) => {
    report('The OpenID provider does not respond', error);
    return undefined;
  });
  if (!config) return undefined;
  const secret = randomBytes(32).toString('base64url');
  const codeVerifier = randomPKCECodeVerifier();
  const [state, nonce] = [randomState(), randomNonce()];
  const expires = new Date(now().getTime() + PENDING_MS_MAX);
  await store.keepSignIn({ hash: hashToken(secret), state, nonce, codeVerifier, expires });
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
  const administrator = await administratorOf(store, claims);
  return administrator ? { ok: true, administrator } : { ok: false, reason: 'unknown' };
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
 * The administrator with an identity at the provider. At the first sign-in, the administrator without an identity who has the
 * e-mail that the provider has verified; the identity is then stored.
 */
async function administratorOf(
  store: AdministratorStore,
  claims: Record<string, unknown>,
): Promise<Administrator | undefined> {
  const { iss, sub, email, email_verified: isVerified } = claims;
  if (typeof iss !== 'string' || typeof sub !== 'string') return undefined;
  const found = await store.byIdentity(iss, sub);
  if (found) return found.disabled ? undefined : found;
  if (typeof email !== 'string' || isVerified !== true) return undefined;
  const invited = await store.byEmail(email);
  if (!invited || invited.disabled || invited.identity) return undefined;
  const linked = await store.update(invited.id, { identity: { issuer: iss, subject: sub } });
  return linked === 'taken' ? undefined : linked;
}

function discover({ issuer, clientId, clientSecret }: OidcOptions): Promise<Configuration> {
  const url = new URL(issuer);
  // Plain HTTP is allowed only on this machine, for tests and first steps.
  const isLocal = url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return discovery(url, clientId, clientSecret, undefined, {
    timeout: TIMEOUT_SECONDS,
    ...(isLocal ? { execute: [allowInsecureRequests] } : {}),
  });
}
