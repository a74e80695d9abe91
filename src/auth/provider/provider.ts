// Owns how this server is an OpenID provider: oidc-provider with authorization code and PKCE, refresh tokens that rotate, and nothing
// else. Sign-in, registration and terms are its interactions; the pages are a door.

import type { IncomingMessage } from 'node:http';
import type { JWK } from 'jose';
import type OidcProvider from 'oidc-provider';
import type {
  AdapterFactory,
  Configuration,
  KoaContextWithOIDC,
  interactionPolicy as policyTypes,
} from 'oidc-provider';
import { interactionPolicy, Provider } from './library.ts';
import { CLAIMS, type People } from './people.ts';
import { SIGNING_ALGORITHM } from './signing-keys.ts';

const MINUTE = 60;
const DAY = 86_400;
/** How long a browser stays signed in without coming back. */
export const SESSION_SECONDS = 30 * DAY;

/** How long things are good, in seconds. */
const LIFETIMES = {
  AuthorizationCode: MINUTE,
  AccessToken: 10 * MINUTE,
  IdToken: 10 * MINUTE,
  Interaction: 60 * MINUTE,
  Session: SESSION_SECONDS,
  RefreshToken: 30 * DAY,
  Grant: 90 * DAY,
};

/** Pages that the provider shows itself. Each is HTML with the Content-Security-Policy under which it works. */
export interface ProviderPages {
  /** Asks whether to sign out. The form sends `secret` as `xsrf` to `action`, and then leads to one of `formTargets`. */
  signOut(page: PageContext & { action: string; secret: string; formTargets: string[] }): Promise<ProviderPage>;
  signedOut(page: PageContext): Promise<ProviderPage>;
  /** A request of an application that can't be answered by sending the person back. `code` is one of OAuth's. */
  failed(page: PageContext & { code: string }): Promise<ProviderPage>;
}

interface ProviderPage {
  html: string;
  policy: string;
}

/** Whose page it is, and what the browser says of its languages. */
export interface PageContext {
  /** The account of the client; undefined if there is no client. */
  account: string | undefined;
  languages: string | undefined;
}

/** What the provider is made from. */
export interface ProviderOptions {
  /** Such as `https://example.com/oidc`. */
  issuer: string;
  adapter: AdapterFactory;
  keys: readonly JWK[];
  /** Signs cookies; at least 32 bytes, the same in all instances. */
  cookieKey: Uint8Array;
  people: People;
  pages: ProviderPages;
  /** The path of the page of an interaction. */
  interactionPath: (uid: string) => string;
  /** Called with every request and the account that it was about. */
  answered: (request: IncomingMessage, account: string) => Promise<void>;
  /** Called with errors that are this server's own. */
  report: (message: string, error: unknown) => void;
}

/** The name of the interaction in which language and terms are chosen, or a refusal is explained. */
export const ENTRY = 'entry';

/** Creates the provider. */
export function createProvider(options: ProviderOptions): OidcProvider {
  const { issuer, people, report } = options;
  const provider = new Provider(issuer, configuration(options));
  // Addresses are those of the issuer: the server sets host and scheme of each request, whatever the client sent.
  provider.proxy = true;
  provider.use(async (ctx, next) => {
    await next();
    const { oidc } = ctx as Partial<KoaContextWithOIDC>;
    const account = oidc?.client?.account;
    if (typeof account === 'string') await options.answered(ctx.req, account);
    if (oidc?.route !== 'end_session_confirm' || oidc.body?.everywhere !== 'yes') return;
    const user = oidc.session?.accountId;
    if (ctx.status === 303 && user !== undefined) await people.signOutEverywhere(user);
  });
  provider.on('server_error', (_ctx, error) => report('The OpenID provider failed', error));
  return provider;
}

function configuration(options: ProviderOptions): Configuration {
  const { adapter, keys, cookieKey, people, interactionPath } = options;
  return {
    adapter,
    jwks: { keys: keys.map((key) => ({ ...key })) as never },
    cookies: {
      keys: [Buffer.from(cookieKey).toString('base64url')],
      names: { session: 'mobietrain_learner', interaction: 'mobietrain_interaction', resume: 'mobietrain_resume' },
      long: { httpOnly: true, sameSite: 'lax', signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    ttl: LIFETIMES,
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access', ...Object.keys(CLAIMS).filter((scope) => scope !== 'openid')],
    claims: Object.fromEntries(Object.entries(CLAIMS).map(([scope, claims]) => [scope, [...claims]])),
    // An application asks for what it needs, and reads it from the ID token without another request.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    clientAuthMethods: ['none'],
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    enabledJWA: { idTokenSigningAlgValues: [SIGNING_ALGORITHM] },
    extraClientMetadata: { properties: ['account'] },
    clientBasedCORS: (_ctx, origin, client) => (client.redirectUris ?? []).some((uri) => originOf(uri) === origin),
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: { enabled: true, ...logoutPages(options) },
      claimsParameter: { enabled: false },
      dPoP: { enabled: false },
      resourceIndicators: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
    },
    interactions: { policy: policy(), url: (_ctx, { uid }) => interactionPath(uid) },
    loadExistingGrant: grantOf,
    async findAccount(ctx, sub) {
      const account = ctx.oidc.client?.account;
      const person = typeof account === 'string' ? await people.find(account, sub) : undefined;
      return person && { accountId: sub, isIn: person.isIn, claims: async () => ({ ...(await person.claims()) }) };
    },
    async renderError(ctx, { error }, cause) {
      const code = cause.name === 'SessionNotFound' ? 'session_not_found' : error;
      show(ctx, await options.pages.failed({ ...contextOf(ctx), code }));
    },
  };
}

function originOf(uri: string): string | undefined {
  return /^https?:/.test(uri) ? new URL(uri).origin : undefined;
}

/** Sign-in first, then whatever is left to do before the person is in. Applications of the account need no consent. */
function policy(): policyTypes.DefaultPolicy {
  const { base, Check, Prompt } = interactionPolicy;
  const prompts = base();
  prompts.remove('consent');
  // A session of somebody whom the client's account does not know.
  const unknown = new Check('unknown_user', 'End-User authentication is required', ({ oidc }) =>
    Boolean(oidc.session?.accountId && !oidc.account),
  );
  prompts.get('login')?.checks.add(unknown);
  const isNotIn = new Check('not_in', 'The person has to choose or accept something', ({ oidc }) =>
    Boolean(oidc.account && oidc.account.isIn !== true),
  );
  prompts.add(new Prompt({ name: ENTRY, requestable: false }, isNotIn));
  return prompts;
}

/** The grant of a session and a client: all that the client asks for, because it belongs to the account. */
async function grantOf(ctx: KoaContextWithOIDC) {
  const { client, session, account, provider, params } = ctx.oidc;
  if (!client || !session || !account) return undefined;
  const known = session.grantIdFor(client.clientId);
  const found = known === undefined ? undefined : await provider.Grant.find(known);
  const grant =
    found?.accountId === account.accountId
      ? found
      : new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  const before = grant.getOIDCScope();
  grant.addOIDCScope(String(params?.scope ?? 'openid'));
  if (grant.jti === undefined || grant.getOIDCScope() !== before) await grant.save();
  return grant;
}

function logoutPages({ pages }: ProviderOptions) {
  return {
    async logoutSource(ctx: KoaContextWithOIDC, form: string) {
      const [, action = ''] = /action="([^"]*)"/.exec(form) ?? [];
      const [, secret = ''] = /name="xsrf" value="([^"]*)"/.exec(form) ?? [];
      const back = ctx.oidc.params?.post_logout_redirect_uri;
      const formTargets = typeof back === 'string' ? [originOf(back) ?? new URL(back).protocol] : [];
      show(ctx, await pages.signOut({ ...contextOf(ctx), action, secret, formTargets }));
    },
    async postLogoutSuccessSource(ctx: KoaContextWithOIDC) {
      show(ctx, await pages.signedOut(contextOf(ctx)));
    },
  };
}

function contextOf(ctx: KoaContextWithOIDC): PageContext {
  const account = ctx.oidc?.client?.account;
  const wanted = ctx.oidc?.params?.ui_locales;
  return {
    account: typeof account === 'string' ? account : undefined,
    languages: typeof wanted === 'string' ? wanted : ctx.get('accept-language') || undefined,
  };
}

function show(ctx: KoaContextWithOIDC, { html, policy: csp }: ProviderPage): void {
  ctx.type = 'html';
  ctx.set('Content-Security-Policy', csp);
  ctx.body = html;
}
