// The demo app as an OpenID client of this server (OpenID Connect Core §3.1, RFC 7636): the library does the protocol.

import * as oidc from 'openid-client';

/** What is remembered between the beginning of a sign-in and the return. */
export interface BegunSignIn extends Record<string, unknown> {
  state: string;
  nonce: string;
  verifier: string;
}

/** Who is signed in. */
export interface DemoSession extends Record<string, unknown> {
  accessToken: string;
  sub: string;
}

/** A course as the API lists it. */
export interface OwnCourse {
  title: string;
  link: string;
  newSince: string;
}

export interface DemoClient {
  /** Begins a sign-in: the address of the provider, and what to remember. */
  begin(): Promise<{ url: URL; begun: BegunSignIn }>;
  /** Who came back. @throws the errors of openid-client if the answer is not that of the sign-in */
  finish(returned: URL, begun: BegunSignIn): Promise<DemoSession>;
  /** The claims, and how many courses are new; undefined if the session has ended. */
  person(session: DemoSession): Promise<{ claims: oidc.UserInfoResponse; newCourses: number } | undefined>;
  /** The first courses, after which none is new; undefined if the session has ended. */
  courses(session: DemoSession): Promise<OwnCourse[] | undefined>;
  /** The address of the provider at which a person signs out (OpenID Connect RP-Initiated Logout). */
  signOutUrl(): Promise<URL>;
}

const SCOPE = 'openid profile email account role language groups stores';

/** Creates the client. @param appUrl without a trailing slash; the redirect address is below it */
export function createDemoClient(options: {
  issuer: string;
  clientId: string;
  appUrl: string;
  /** The address of the API, without a trailing slash. */
  apiUrl: string;
}): DemoClient {
  const { issuer, clientId, appUrl, apiUrl } = options;
  const redirectUri = `${appUrl}/callback`;
  let discovered: Promise<oidc.Configuration> | undefined;

  /** Read at the first use, because the server is its own provider. */
  function configuration(): Promise<oidc.Configuration> {
    const execute = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
    discovered ??= oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), { execute });
    discovered.catch(() => {
      discovered = undefined;
    });
    return discovered;
  }

  async function get<T>({ accessToken }: DemoSession, path: string): Promise<T> {
    const url = new URL(apiUrl + path);
    const answer = await oidc.fetchProtectedResource(await configuration(), accessToken, url, 'GET');
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  return {
    async begin() {
      const begun = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() };
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: SCOPE,
        state: begun.state,
        nonce: begun.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(begun.verifier),
        code_challenge_method: 'S256',
      });
      return { url, begun };
    },
    async finish(returned, { state, nonce, verifier }) {
      const tokens = await oidc.authorizationCodeGrant(await configuration(), returned, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      return { accessToken: tokens.access_token, sub: tokens.claims()?.sub ?? '' };
    },
    person: (session) =>
      undefinedIfEnded(async () => {
        const claims = await oidc.fetchUserInfo(await configuration(), session.accessToken, session.sub);
        const { newCourses } = await get<{ newCourses: number }>(session, '/me/badge');
        return { claims, newCourses };
      }),
    courses: (session) =>
      undefinedIfEnded(async () => (await get<{ items: OwnCourse[] }>(session, '/me/courses')).items),
    signOutUrl: async () => oidc.buildEndSessionUrl(await configuration(), { post_logout_redirect_uri: appUrl }),
  };
}

async function undefinedIfEnded<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof oidc.WWWAuthenticateChallengeError && error.status === 401) return undefined;
    throw error;
  }
}
