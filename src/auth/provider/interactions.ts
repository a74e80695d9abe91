// The providers of this process over time, and the interactions that a door answers. A door has the headers of a request; oidc-provider
// takes requests, so that it gets one that has these headers and no connection.

import { type IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type Provider from 'oidc-provider';
import { ENTRY, SESSION_SECONDS } from './provider.ts';
import type { Client, ClientStore } from './provider-store.ts';
import type { SigningKeys } from './signing-keys.ts';

/** An interaction of a browser. */
export interface OpenInteraction {
  uid: string;
  /** Sign-in, or what is left to do of a user who is signed in. */
  kind: { name: 'signIn' } | { name: 'entry'; user: string };
  client: Client;
  /** What the application says about the languages of the person. */
  languages: string | undefined;
  /** The login name that the application knows. */
  loginHint: string;
}

/** What a door does with interactions. Every method throws StoreUnavailable if the database is unavailable. */
export interface Interactions {
  /** The interaction of this browser; undefined if it is another browser's, or is over. */
  find(uid: string, headers: IncomingHttpHeaders): Promise<OpenInteraction | undefined>;
  /** Ends an interaction, with the user who signed in. Returns the address to go on at, which the provider made. */
  finish(headers: IncomingHttpHeaders, user?: string): Promise<string>;
  /** The address at which a sign-in as somebody else begins. */
  restart(interaction: OpenInteraction, headers: IncomingHttpHeaders): Promise<string>;
  /** Signs a user in in this browser; returns its cookies. */
  signIn(user: string, headers: IncomingHttpHeaders): Promise<string[]>;
}

/** Keeps one provider until other keys must be loaded. Instances agree on the keys without talking to each other. */
export function createProviders(
  load: () => Promise<SigningKeys>,
  make: (keys: SigningKeys) => Provider,
  now: () => Date,
): () => Promise<Provider> {
  let current: { until: Date; provider: Promise<Provider> } | undefined;
  return () => {
    if (current && now() < current.until) return current.provider;
    const loading = load();
    const made: { until: Date; provider: Promise<Provider> } = {
      // Requests that come meanwhile wait for the same provider.
      until: new Date(8_640_000_000_000_000),
      provider: loading.then((keys) => {
        made.until = keys.until;
        return make(keys);
      }),
    };
    current = made;
    made.provider.catch(() => {
      if (current === made) current = undefined;
    });
    return made.provider;
  };
}

/** Creates what a door does with interactions. */
export function createInteractions(
  provider: () => Promise<Provider>,
  clients: Pick<ClientStore, 'client'>,
  publicUrl: string,
): Interactions {
  /** A request and a response with these headers, for what reads and writes cookies. */
  const exchange = (headers: IncomingHttpHeaders) => {
    const { host, protocol } = new URL(publicUrl);
    const request = new IncomingMessage(new Socket());
    request.headers = { cookie: headers.cookie ?? '', host, 'x-forwarded-proto': protocol.slice(0, -1) };
    request.url = '/';
    return { request, response: new ServerResponse(request) };
  };
  return {
    async find(uid, headers) {
      const { request, response } = exchange(headers);
      const found = await (await provider()).interactionDetails(request, response).catch(undefinedIfNone);
      if (found?.uid !== uid) return undefined;
      const { client_id: id, ui_locales: languages, login_hint: hint } = found.params;
      const client = typeof id === 'string' ? await clients.client(id) : undefined;
      const user = found.session?.accountId;
      if (!client) return undefined;
      return {
        uid,
        kind: found.prompt.name === ENTRY && user !== undefined ? { name: 'entry', user } : { name: 'signIn' },
        client,
        languages: typeof languages === 'string' ? languages : undefined,
        loginHint: typeof hint === 'string' ? hint : '',
      };
    },
    async finish(headers, user) {
      const { request, response } = exchange(headers);
      const result = user === undefined ? { [ENTRY]: {} } : { login: { accountId: user, amr: ['pwd'] } };
      return (await provider()).interactionResult(request, response, result);
    },
    async restart({ client }, headers) {
      const { request, response } = exchange(headers);
      const found = await (await provider()).interactionDetails(request, response).catch(undefinedIfNone);
      const url = new URL(`${publicUrl}/oidc/auth`);
      for (const [name, value] of Object.entries(found?.params ?? {}))
        if (typeof value === 'string' && name !== 'prompt') url.searchParams.set(name, value);
      url.searchParams.set('client_id', client.id);
      url.searchParams.set('prompt', 'login');
      return url.href;
    },
    async signIn(user, headers) {
      const { request, response } = exchange({ host: headers.host });
      const current = await provider();
      const session = new current.Session();
      session.loginAccount({ accountId: user });
      await session.save(SESSION_SECONDS);
      const { cookies } = current.createContext(request, response);
      cookies.set(current.cookieName('session'), session.jti, {
        httpOnly: true,
        sameSite: 'lax',
        signed: true,
        secure: publicUrl.startsWith('https:'),
        maxAge: SESSION_SECONDS * 1000,
      });
      return [response.getHeader('set-cookie') ?? []].flat().map(String);
    },
  };
}

/** oidc-provider throws if a browser has no interaction. */
function undefinedIfNone(error: unknown): undefined {
  if (error instanceof Error && error.name === 'SessionNotFound') return undefined;
  throw error;
}
