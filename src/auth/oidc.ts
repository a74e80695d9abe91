// Sign-in of administrators over an OpenID provider: authorization code with PKCE (OpenID Connect Core §3.1, RFC 7636).
// Who may come in is decided here by the directory of administrators; the provider only says who it is.

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
  /** Where the provider sends the browser back to, as it is registered there. */
  redirectUrl: string;
  store: AdministratorStore;
  /** Told why a sign-in failed: never shown to the browser. */
  report: (message: string, error: unknown) => void;
  now?: () => Date;
}

/** Why nobody was let in. */
export type OidcRefusal = 'expired' | 'provider' | 'unknown';

export interface OidcSignIn {
  /** Where the browser goes, and the secret that it has to bring back; undefined where the provider can't be reached. */
  start(): Promise<{ url: string; secret: string; maxAgeSeconds: number } | undefined>;
  /** Who came back; `query` is the raw query string of the callback. */
  finish(
    secret: string | undefined,
    query: string,
  ): Promise<{ ok: true; administrator: Administrator } | { ok: false; reason: OidcRefusal }>;
}

/** Sign-in over one provider. Only the redirect URL that was configured is ever used: there is no open redirect. */
export function createOidcSignIn(options: OidcOptions): OidcSignIn {
  const { store, redirectUrl } = options;
  const now = options.now ?? (() => new Date());
  let known: Promise<Configuration> | undefined;

  /** The provider's metadata, asked for once; asked again after a failure. */
  const configuration = (): Promise<Configuration> => {
    known ??= discover(options).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };

  return {
    async start() {
      const config = await configuration().catch((error: unknown) => {
        options.report('The OpenID provider does not answer', error);
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
    },

    async finish(secret, query) {
      const pending = secret === undefined ? undefined : await store.takeSignIn(hashToken(secret));
      if (!pending || pending.expires <= now()) return { ok: false, reason: 'expired' };
      const claims = await claimsOf(query, pending).catch((error: unknown) => {
        options.report('A sign-in over OpenID failed', error);
        return undefined;
      });
      if (!claims) return { ok: false, reason: 'provider' };
      const administrator = await administratorOf(claims);
      return administrator ? { ok: true, administrator } : { ok: false, reason: 'unknown' };
    },
  };

  /** @throws whatever is wrong with the answer of the provider */
  async function claimsOf(query: string, pending: { state: string; nonce: string; codeVerifier: string }) {
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
   * The administrator of an identity. The first time it is the one whose e-mail the provider says is verified: that
   * administrator was made for this address, and has no identity yet.
   */
  async function administratorOf(claims: Record<string, unknown>): Promise<Administrator | undefined> {
    const { iss, sub, email, email_verified: verified } = claims;
    if (typeof iss !== 'string' || typeof sub !== 'string') return undefined;
    const found = await store.byIdentity(iss, sub);
    if (found) return found.disabled ? undefined : found;
    if (typeof email !== 'string' || verified !== true) return undefined;
    const named = await store.byEmail(email);
    if (!named || named.disabled || named.identity) return undefined;
    const linked = await store.update(named.id, { identity: { issuer: iss, subject: sub } });
    return linked === 'taken' ? undefined : linked;
  }
}

function discover({ issuer, clientId, clientSecret }: OidcOptions): Promise<Configuration> {
  const url = new URL(issuer);
  // Plain HTTP only to this machine: for trying and for tests.
  const isLocal = url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return discovery(url, clientId, clientSecret, undefined, {
    timeout: TIMEOUT_SECONDS,
    ...(isLocal ? { execute: [allowInsecureRequests] } : {}),
  });
}
