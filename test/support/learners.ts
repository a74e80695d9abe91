// A server whose demo account takes passwords from SCIM, an application of it as openid-client sees it, and people who sign in.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { type AdminServer, type Api, idOf, openAdminServer, person } from './admin.ts';
import { type Browser, type BrowserPage, createBrowser } from './browser.ts';

/** Where the application of the tests takes people back; nothing listens there. */
export const APP = 'http://localhost:9/in';
export const PASSWORD = 'seven green buckets of rain';

/** An application of an account, as openid-client sees it. */
export interface App {
  clientId: string;
  config: oidc.Configuration;
  /** Begins a sign-in at the application. */
  begin(browser: Browser, more?: Record<string, string>): Promise<Begun>;
  /** Signs in, and accepts whatever is asked. */
  signIn(browser: Browser, name: string, password?: string): Promise<Begun>;
  /** The tokens for the code with which a browser came back to the application. */
  tokens(begun: Begun): ReturnType<typeof oidc.authorizationCodeGrant>;
}

export interface LearnerServer extends App {
  api: AdminServer;
  origin: string;
  /** Creates a user over SCIM, with the password; gives the id. */
  user(userName: string, more?: Record<string, unknown>): Promise<string>;
  settings(change: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

interface Begun {
  page: BrowserPage;
  verifier: string;
  state: string;
}

/** Creates an application of an account; `root` is the System Administrator. */
export async function openApp(origin: string, root: Api, slug: string): Promise<App> {
  const clientId = idOf(
    await root('POST', `/accounts/${slug}/clients`, {
      body: {
        name: 'App',
        redirectUris: [APP],
        postLogoutRedirectUris: ['http://localhost:9/out'],
        startUrl: 'http://localhost:9/start',
      },
    }),
  );
  const config = await oidc.discovery(new URL(`${origin}/oidc`), clientId, undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  });

  const begin: App['begin'] = async (browser, more = {}) => {
    const verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: APP,
      scope: 'openid profile email account role language groups stores',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      ...more,
    });
    return { page: await browser.open(url.href), verifier, state };
  };

  return {
    clientId,
    config,
    begin,
    async signIn(browser, name, password = PASSWORD) {
      const begun = await begin(browser);
      let page = await browser.submit(begun.page, { name, password });
      if (page.text.includes('name="language"') && page.text.includes('type="radio"'))
        page = await browser.submit(page, { language: 'nl' });
      if (page.text.includes('name="accepted"')) page = await browser.submit(page, { accepted: 'yes' });
      return { ...begun, page };
    },
    tokens: ({ page, verifier, state }) =>
      oidc.authorizationCodeGrant(config, new URL(page.url), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        idTokenExpected: true,
      }),
  };
}

export async function openLearnerServer(settings: Record<string, string> = {}): Promise<LearnerServer> {
  const api = await openAdminServer(settings);
  const { origin } = api.server;
  const changeSettings: LearnerServer['settings'] = async (body) => {
    const changed = await api.root('PATCH', '/accounts/demo', { body });
    assert.equal(changed.status, 200, changed.text);
  };
  await changeSettings({ passwordSync: true });
  return {
    ...(await openApp(origin, api.root, 'demo')),
    api,
    origin,
    async user(userName, more = {}) {
      const made = await api.server.call('POST', '/Users', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        ...person(userName, { password: PASSWORD, ...more }),
      });
      return idOf(made);
    },
    settings: changeSettings,
    stop: () => api.stop(),
  };
}

export { createBrowser };
