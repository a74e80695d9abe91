// The demo app: a few paths, each of which answers with a page or a redirect. It keeps nothing on the server.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { WrittenPage } from '../../doors/html.ts';
import { coursesPage, personPage, problemPage, welcomePage } from './pages.ts';
import { type SealedCookies, sealedCookie } from './sealed-cookies.ts';
import { type BegunSignIn, createDemoClient, type DemoClient, type DemoSession } from './sign-in.ts';

export interface DemoAppOptions {
  /** Of the OpenID provider. */
  issuer: string;
  clientId: string;
  /** The address of the app, without a trailing slash. */
  appUrl: string;
  /** The address of the API, without a trailing slash. */
  apiUrl: string;
  /** Seals cookies; 32 bytes, the same in all instances. */
  key: Uint8Array;
  /** Called with errors. */
  report: (message: string, error: unknown) => void;
}

const SIGN_IN_SECONDS = 3_600;
/** As long as an access token is good. */
const SESSION_SECONDS = 600;

type Answer =
  | { status: number; page: WrittenPage; cookies?: string[] }
  | { location: URL | string; cookies?: string[] };

interface Parts {
  base: string;
  appUrl: string;
  client: DemoClient;
  signIns: SealedCookies<BegunSignIn>;
  sessions: SealedCookies<DemoSession>;
}

/** Creates the app, to be mounted at the path of `appUrl`. */
export function createDemoApp(options: DemoAppOptions): RequestListener {
  const { appUrl, key, report } = options;
  const base = new URL(appUrl).pathname;
  const cookie = { path: base, isSecure: appUrl.startsWith('https:'), key };
  const parts: Parts = {
    base,
    appUrl,
    client: createDemoClient(options),
    signIns: sealedCookie({ ...cookie, name: 'mobietrain_demo_sign_in', seconds: SIGN_IN_SECONDS }),
    sessions: sealedCookie({ ...cookie, name: 'mobietrain_demo', seconds: SESSION_SECONDS }),
  };
  return (request, response) => {
    answer(parts, request)
      .catch((error: unknown): Answer => {
        report('The demo app failed', error);
        return { status: 502, page: problemPage(base, 'The demo app cannot talk to the server. See its log.') };
      })
      .then((answered) => write(response, answered))
      .catch(() => response.destroy());
  };
}

/** @param request its path is below that of the app */
async function answer(parts: Parts, request: IncomingMessage): Promise<Answer> {
  const { base, client, sessions, signIns } = parts;
  const { method = 'GET', headers } = request;
  const [path = '', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  if (path === '/sign-out' && method === 'POST')
    return { location: await client.signOutUrl(), cookies: [sessions.clear()] };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, page: problemPage(base, 'Not that way.') };
  switch (path) {
    case '/':
    case '/courses': {
      const session = await sessions.read(headers.cookie);
      return session ? signedIn(parts, session, path) : { status: 200, page: welcomePage(base) };
    }
    case '/sign-in': {
      const { url, begun } = await client.begin();
      return { location: url, cookies: [await signIns.set(begun)] };
    }
    case '/callback':
      return finish(parts, query, await signIns.read(headers.cookie));
    default:
      return { status: 404, page: problemPage(base, 'There is no such page.') };
  }
}

async function signedIn({ base, client, sessions }: Parts, session: DemoSession, path: string): Promise<Answer> {
  const courses = path === '/courses' ? await client.courses(session) : undefined;
  const person = path === '/courses' ? undefined : await client.person(session);
  if (courses) return { status: 200, page: coursesPage(base, courses) };
  if (person) return { status: 200, page: personPage(base, person) };
  return { status: 200, page: welcomePage(base, 'You are not signed in any more.'), cookies: [sessions.clear()] };
}

/** The way back from the provider. */
async function finish(parts: Parts, query: string, begun: BegunSignIn | undefined): Promise<Answer> {
  const { base, appUrl, client, sessions, signIns } = parts;
  const again = 'The sign-in was begun in another window, or is too old. Sign in again.';
  if (!begun) return { status: 400, page: welcomePage(base, again) };
  try {
    const session = await client.finish(new URL(`${appUrl}/callback?${query}`), begun);
    return { location: appUrl, cookies: [signIns.clear(), await sessions.set(session)] };
  } catch (error) {
    // The library says what is wrong with the answer; a network error is the server's.
    if (!(error instanceof Error && 'code' in error)) throw error;
    return { status: 400, page: welcomePage(base, again), cookies: [signIns.clear()] };
  }
}

function write(response: ServerResponse, answered: Answer): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Referrer-Policy', 'same-origin');
  if (answered.cookies) response.setHeader('Set-Cookie', answered.cookies);
  if ('location' in answered) {
    response.writeHead(303, { Location: String(answered.location) });
    response.end();
    return;
  }
  const { status, page } = answered;
  const body = Buffer.from(page.html, 'utf8');
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': body.length,
    'Content-Security-Policy': page.policy,
  });
  response.end(body);
}
