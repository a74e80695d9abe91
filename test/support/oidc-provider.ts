// A real OpenID provider on a free port that lets the present person in without asking, and a browser that goes through it.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';
import { send } from './http-client.ts';

const FOREIGN_KEY = {
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
  kid: 'foreign',
  alg: 'RS256',
  use: 'sig',
};
const CLIENT = { id: 'mobietrain', secret: 'the-secret-of-the-client' };

/** Whom the provider says has signed in there, and whether it knows the address. */
interface OidcPerson {
  sub: string;
  email: string;
  email_verified: boolean;
}

export interface OidcProvider {
  /** What a server is started with that signs in here. */
  settings: Record<string, string>;
  /** Serves another key than the one that signs ID tokens. */
  hasForeignKeys: boolean;
  /** Who is there at present. */
  person: OidcPerson;
  /** Begins to serve, once it is known where browsers are to come back to. */
  serve(redirectUri: string): void;
  /** A browser at the provider: follows its redirects with its cookies, until one leads back to the server. */
  through(start: string): Promise<string>;
  close(): Promise<void>;
}

export async function openOidcProvider(): Promise<OidcProvider> {
  let provider: Provider | undefined;
  let answer: ReturnType<Provider['callback']> | undefined;
  const server = createServer((request, response) => {
    if (opened.hasForeignKeys && request.url === '/jwks') {
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [FOREIGN_KEY] }));
      return;
    }
    const isLogin = request.url?.startsWith('/interaction/') ?? false;
    if (isLogin && provider) {
      void provider.interactionFinished(request, response, { login: { accountId: opened.person.sub } });
    } else void answer?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const opened: OidcProvider = {
    settings: { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: CLIENT.id, OIDC_CLIENT_SECRET: CLIENT.secret },
    hasForeignKeys: false,
    person: { sub: 'subject-1', email: 'ann@example.com', email_verified: true },
    serve(redirectUri) {
      provider = new Provider(
        issuer,
        configuration(redirectUri, () => opened.person),
      );
      answer = provider.callback();
    },
    through: (start) => through(issuer, start),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return opened;
}

function configuration(redirectUri: string, person: () => OidcPerson): Configuration {
  return {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ['test'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...person(), sub }) }),
    loadExistingGrant: async (ctx) => {
      const { client, session, provider: of } = ctx.oidc;
      const grant = new of.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
  };
}

async function through(issuer: string, start: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let step = 0; step < 10; step += 1) {
    const Cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await send(url, { headers: { Cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const location = response.headers.get('location');
    assert.ok(location, `${url}: ${response.status} ${response.text}`);
    url = new URL(location, url).href;
    if (!url.startsWith(issuer)) return url;
  }
  throw new Error('the provider never came back');
}
