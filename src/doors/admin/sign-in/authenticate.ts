// Authenticates requests of the admin API by a session cookie or a personal token. Every operation needs one unless it is declared
// open; a SCIM token is not an administrator's (403); an unsafe request of a browser needs its CSRF token.

import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Administrator } from '../../../auth/administrator-store.ts';
import type { Administrators, SignedIn } from '../../../auth/administrators.ts';
import type { Actor } from '../../../directory/administration/permissions.ts';
import type { Account, Caller, Connection } from '../../../directory/model.ts';
import type { Lookup } from '../../../directory/ports.ts';
import type { AdminSession } from '../api/operation.ts';
import type { Router } from '../api/routes.ts';
import { storeRefIdsOf } from '../operations/user-translation.ts';
import type { SessionCookies } from './cookies.ts';

/** The account and connection of a request, for the server. */
interface Owner {
  account: Account;
  connection: Connection;
  credentialId: string;
}

export type AdminAdmittance =
  | { ok: true; caller: Owner; session: AdminSession | undefined }
  | { ok: false; challenge: string }
  | { ok: false; refusal: { kind: 'forbidden'; detail: string }; caller?: Owner };

export interface AdminAuthenticationOptions {
  router: Router;
  administrators: Administrators;
  cookies: SessionCookies;
  lookup: Pick<Lookup, 'user'>;
  accountById: (id: string) => Promise<Account | undefined>;
  accountBySlug: (slug: string) => Promise<Account | undefined>;
  /** The owner of a SCIM credential; undefined if the header contains none. */
  scimOwner: (authorization: string) => Promise<Owner | undefined>;
}

/** The account of requests that belong to none. */
const SYSTEM: Account = {
  id: 'system',
  slug: '',
  name: 'System',
  requiredData: 'enforce',
  derivedGroups: [],
};

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const CHALLENGE = 'Bearer realm="MobieTrain administration"';

/** Makes the authentication of the admin API. @throws StoreUnavailable */
export function createAdminAuthentication(options: AdminAuthenticationOptions) {
  const { router, administrators, cookies } = options;

  return async (method: string, path: string, headers: IncomingHttpHeaders): Promise<AdminAdmittance> => {
    const route = router.match(method, path);
    if (route.kind === 'found' && route.operation.permission === 'open') {
      if (!SAFE.has(method) && isForeign(headers)) return refuse('Cross-site requests are not allowed.');
      return { ok: true, caller: ownerOf(SYSTEM, 'anonymous'), session: undefined };
    }
    const token = cookies.readSession(headers.cookie);
    const found = await administrators.authenticate(token, headers.authorization);
    if (!found) return refuseStranger(options.scimOwner, headers.authorization);
    const { administrator, credentialId } = found;
    const own = administrator.account === undefined ? SYSTEM : await options.accountById(administrator.account);
    if (!own) return { ok: false, challenge: CHALLENGE };
    const slug = route.kind === 'found' ? route.params.account : undefined;
    const account = await accountOf(own, slug);
    const caller = ownerOf(account ?? own, credentialId);
    if (!SAFE.has(method) && found.session && !hasCsrfToken(headers, found.session.csrfToken)) {
      return refuse(
        'The X-CSRF-Token header is missing or does not belong to this session (see GET /session).',
        caller,
      );
    }
    return { ok: true, caller, session: await sessionOf(found, administrator, own, account) };
  };

  /** The account of a path: the administrator's own, or any account for a System Administrator. */
  async function accountOf(own: Account, slug: string | undefined): Promise<Account | undefined> {
    if (slug === undefined) return undefined;
    if (own === SYSTEM) return options.accountBySlug(slug);
    return own.slug === slug ? own : undefined;
  }

  async function sessionOf(
    found: SignedIn,
    administrator: Administrator,
    own: Account,
    account: Account | undefined,
  ): Promise<AdminSession> {
    return {
      actor: await actorOf(administrator, own),
      administrator,
      ...(found.session ? { browser: found.session } : {}),
      ...(account ? { account } : {}),
    };
  }

  /** The stores of a Superior are the current stores of their user in the directory. */
  async function actorOf({ id, role, account, orgUnit, user }: Administrator, own: Account): Promise<Actor> {
    const actor: Actor = {
      id,
      role,
      ...(account === undefined ? {} : { account }),
      ...(orgUnit === undefined ? {} : { orgUnit }),
    };
    if (role !== 'superior' || user === undefined) return actor;
    const caller: Caller = { ...ownerOf(own, id), door: 'admin', requestId: '' };
    const view = await options.lookup.user(caller, user);
    return view ? { ...actor, user, stores: storeRefIdsOf(view) } : actor;
  }
}

/** Refuses a request without an administrator; a SCIM token is recognized, so that its owner learns why. */
async function refuseStranger(
  scimOwner: AdminAuthenticationOptions['scimOwner'],
  authorization: string | undefined,
): Promise<AdminAdmittance> {
  const owner = authorization === undefined ? undefined : await scimOwner(authorization);
  if (!owner) return { ok: false, challenge: CHALLENGE };
  return refuse(
    'This token belongs to a SCIM connection. The admin API needs an administrator: sign in or use a personal token.',
    owner,
  );
}

function refuse(detail: string, caller?: Owner): AdminAdmittance {
  return { ok: false, refusal: { kind: 'forbidden', detail }, ...(caller ? { caller } : {}) };
}

/** Administrators act as one connection of the account. */
function ownerOf(account: Account, credentialId: string): Owner {
  return {
    account,
    connection: { id: 'administrators', account: account.id, name: 'Administrators', kind: 'other' },
    credentialId,
  };
}

/** Whether a browser reports that the request comes from another site; other clients report nothing. @see https://www.w3.org/TR/fetch-metadata/ */
function isForeign(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}

function hasCsrfToken(headers: IncomingHttpHeaders, expected: string): boolean {
  const given = headers['x-csrf-token'];
  if (typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
