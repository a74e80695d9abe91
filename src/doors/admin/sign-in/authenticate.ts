// Authenticates requests of the admin API by session cookie or personal token. Every operation that is not declared open, or for a
// connection or a learner, requires an administrator. A SCIM token is refused (403), and unsafe requests of a browser need a CSRF token.

import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Administrator } from '../../../auth/administrator-store.ts';
import type { Administrators, SignedIn } from '../../../auth/administrators.ts';
import { headOf, parseBearer } from '../../../auth/tokens.ts';
import { administratorsConnection, learnersConnection } from '../../../directory/accounts/accounts.ts';
import type { Actor } from '../../../directory/administration/permissions.ts';
import type { Account, Caller, RequestActor } from '../../../directory/model.ts';
import type { Lookup } from '../../../directory/ports.ts';
import type { Admittance, Authenticate, RefusedCredential, RequestOwner } from '../../contract.ts';
import { isForeign } from '../../foreign.ts';
import type { AdminRoute } from '../api/door.ts';
import type { AdminSession } from '../api/operation.ts';
import { storeRefIdsOf } from '../operations/user-translation.ts';
import type { SessionCookies } from './cookies.ts';

type AdminAdmittance = Admittance<AdminSession | undefined>;

/** Finds the learner whom an access token belongs to; undefined if the token is not valid. @throws StoreUnavailable */
export type FindSignedIn = (token: string) => Promise<{ account: Account; user: string; isIn: boolean } | undefined>;

export interface AdminAuthenticationOptions {
  administrators: Administrators;
  cookies: SessionCookies;
  lookup: Pick<Lookup, 'user'>;
  accountBySlug: (slug: string) => Promise<Account | undefined>;
  /** The owner of a SCIM credential; undefined if the header holds none. */
  scimOwner: (authorization: string) => Promise<RequestOwner | undefined>;
  /** The learner whom an access token signs in; `isIn` is false while something is left to do before the learner may use the app. */
  learnerOf: FindSignedIn;
  /** The origin of the public URL, which a browser states in `Origin`. */
  publicOrigin: string;
}

/** The account of requests that belong to no account. */
const SYSTEM: Account = {
  id: 'system',
  slug: '',
  name: 'System',
  requiredData: 'enforce',
  derivedGroups: [],
};

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const CHALLENGE = 'Bearer realm="MobieTrain administration"';
const LEARNER_CHALLENGE = 'Bearer realm="MobieTrain"';

/** Makes the authentication of the admin API. @throws StoreUnavailable */
export function createAdminAuthentication(
  options: AdminAuthenticationOptions,
): Authenticate<AdminSession | undefined, AdminRoute> {
  const { administrators, cookies } = options;

  return async ({ method = 'GET', headers }, match) => {
    const matched = match();
    if (matched.ok && matched.route.operation.permission === 'open') {
      if (!SAFE.has(method) && isForeign(headers, options.publicOrigin))
        return refuse('The request comes from another site.');
      return { ok: true, caller: ownerOf(SYSTEM, 'anonymous'), session: undefined, reserved: 'open' };
    }
    if (matched.ok && matched.route.operation.permission === 'connection')
      return admitConnection(headers.authorization);
    if (matched.ok && matched.route.operation.permission === 'learner')
      return admitLearner(options.learnerOf, headers.authorization);
    const token = cookies.readSession(headers.cookie);
    const found = await administrators.authenticate(token, headers.authorization);
    if (!found) return refuseStranger(headers.authorization, token);
    const { administrator, credentialId } = found;
    const own = found.account ?? SYSTEM;
    const slug = matched.ok ? matched.route.params.account : undefined;
    const account = await accountOf(own, slug);
    const by = { kind: 'administrator', id: administrator.id, name: administrator.email } as const;
    const caller = ownerOf(account ?? own, credentialId, by);
    if (!SAFE.has(method) && found.session && !hasCsrfToken(headers, found.session.csrfToken)) {
      return refuse('The X-CSRF-Token header is missing or does not belong to this session (GET /session).', caller);
    }
    const session = await sessionOf(found, administrator, own, account);
    return { ok: true, caller, session, person: administrator.id, ...reservedFor(own) };
  };

  async function admitConnection(authorization: string | undefined): Promise<AdminAdmittance> {
    const owner = authorization === undefined ? undefined : await options.scimOwner(authorization);
    if (owner) return { ok: true, caller: owner, session: undefined };
    return { ok: false, challenge: CHALLENGE, refused: refusedCredential(authorization, undefined) };
  }

  /** The account of a path: the administrator's own, or any for a System Administrator. */
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
      actor: await actorOf(administrator, own, options.lookup),
      administrator,
      ...(found.session ? { browser: found.session } : {}),
      ...(account ? { account } : {}),
    };
  }

  async function refuseStranger(
    authorization: string | undefined,
    session: string | undefined,
  ): Promise<AdminAdmittance> {
    const owner = authorization === undefined ? undefined : await options.scimOwner(authorization);
    if (!owner) return { ok: false, challenge: CHALLENGE, refused: refusedCredential(authorization, session) };
    return refuse("A connection's token represents a client, not an administrator.", owner);
  }
}

/** Admits the learner whom an access token belongs to. @see RFC 6750 §3 */
async function admitLearner(find: FindSignedIn, authorization: string | undefined): Promise<AdminAdmittance> {
  const parsed = parseBearer(authorization);
  const found = parsed.kind === 'token' ? await find(parsed.token) : undefined;
  if (!found) {
    const error = ', error="invalid_token", error_description="The access token is not valid"';
    const challenge = parsed.kind === 'missing' ? LEARNER_CHALLENGE : LEARNER_CHALLENGE + error;
    return { ok: false, challenge, refused: refusedCredential(authorization, undefined) };
  }
  const { account, user, isIn } = found;
  const by = { kind: 'learner', id: user } as const;
  const caller = { account, connection: learnersConnection(account), credentialId: 'learner', by };
  if (!isIn)
    return refuse('Something is left to do before this learner may use the app. Let them sign in again.', caller);
  return { ok: true, caller, session: undefined, person: user };
}

/** A Superior's stores are the current stores of the administrator's own user. */
async function actorOf(
  { id, role, account, orgUnit, user }: Administrator,
  own: Account,
  lookup: AdminAuthenticationOptions['lookup'],
): Promise<Actor> {
  const actor: Actor = {
    id,
    role,
    ...(account === undefined ? {} : { account }),
    ...(orgUnit === undefined ? {} : { orgUnit }),
    ...(user === undefined ? {} : { user }),
  };
  if (role !== 'superior' || user === undefined) return actor;
  const caller: Caller = { ...ownerOf(own, id), door: 'admin', requestId: '' };
  const view = await lookup.user(caller, user);
  return view ? { ...actor, stores: storeRefIdsOf(view) } : actor;
}

/** System Administrators have places of their own. */
function reservedFor(own: Account): { reserved?: 'system' } {
  return own === SYSTEM ? { reserved: 'system' } : {};
}

function refuse(detail: string, caller?: RequestOwner): AdminAdmittance {
  return { ok: false, refusal: { kind: 'forbidden', detail }, ...(caller ? { caller } : {}) };
}

function refusedCredential(authorization: string | undefined, session: string | undefined): RefusedCredential {
  if (authorization === undefined) return { reason: session === undefined ? 'missing' : 'session' };
  const parsed = parseBearer(authorization);
  return parsed.kind === 'token' ? { reason: 'unknown', hint: headOf(parsed.token) } : { reason: parsed.kind };
}

/** Administrators count as one source of an account's data. */
function ownerOf(account: Account, credentialId: string, by?: RequestActor): RequestOwner {
  return {
    account,
    connection: administratorsConnection(account),
    credentialId,
    ...(by ? { by } : {}),
  };
}

function hasCsrfToken(headers: IncomingHttpHeaders, expected: string): boolean {
  const given = headers['x-csrf-token'];
  if (typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
