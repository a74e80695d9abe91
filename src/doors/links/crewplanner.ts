// The CrewPlanner link: a signed token in a link tells who clicked it. The claims are a sync of one user, who is found by External ID or
// created; whether the user may go on is decided elsewhere. docs/crewplanner.md documents the claims.

import { v4 } from 'uuid';
import { z } from 'zod';
import { type PartnerTokenRefusal, type PartnerTrust, verifyPartnerToken } from '../../auth/partner-tokens.ts';
import { type Fault, fault } from '../../directory/faults.ts';
import type { LinkChange } from '../../directory/links/changes.ts';
import type { Account, Caller, Connection, UserRevision, UserView } from '../../directory/model.ts';
import type { Provision } from '../../directory/ports.ts';
import { setAt, textAt, withPrimaryValue } from '../../directory/schema/attributes.ts';
import { type Attributes, emptyAttributes } from '../../directory/schema/schema.ts';

/** The name of the connection to which links and values from CrewPlanner belong. */
export const CREWPLANNER_CONNECTION = 'CrewPlanner';
const DEPARTMENT_TYPE = 'Department';
const LIST_MAX = 100;
const TEXT_MAX = 255;

const text = z.string().trim().min(1).max(TEXT_MAX);
const texts = z.union([text.transform((one) => [one]), z.array(text).max(LIST_MAX)]);

/** The claims besides those of every token. Others are ignored, among them whether CrewPlanner counts the employee as active. */
const claimsSchema = z.object({
  given_name: text.optional(),
  family_name: text.optional(),
  email: text.optional(),
  phone_number: text.optional(),
  locale: text.optional(),
  job_title: text.optional(),
  department: texts.optional(),
  stores: z
    .array(z.object({ ref_id: text, name: text.optional(), country: text.optional() }))
    .max(LIST_MAX)
    .optional(),
});
type Claims = z.output<typeof claimsSchema>;

/** Why a link leads nowhere. */
type LinkRefusal =
  | { reason: PartnerTokenRefusal }
  /** The account does not exist or has no CrewPlanner. */
  | { reason: 'notConnected' }
  /** The link was used before. */
  | { reason: 'used' }
  /** The directory refused the user of the claims. */
  | { reason: 'refused'; faults: readonly Fault[] };

/** The user who clicked a link. */
interface OpenedLink {
  account: Account;
  user: UserView;
  isNew: boolean;
}

export interface CrewPlannerOptions {
  accountBySlug: (slug: string) => Promise<Account | undefined>;
  /** The keys of an account; undefined if CrewPlanner is not set up there. */
  trustOf: (account: Account) => Promise<PartnerTrust | undefined>;
  connectionOf: (account: Account) => Promise<Connection>;
  /** Remembers a token until it has expired; false if it was remembered already. */
  takeOnce: (account: string, tokenId: string, expires: Date) => Promise<boolean>;
  provision: Pick<Provision, 'saveUser'>;
  now: () => number;
}

/** Opens the link with this token of an account. @throws StoreUnavailable */
export type OpenCrewPlannerLink = (
  slug: string,
  token: string,
) => Promise<({ ok: true } & OpenedLink) | ({ ok: false; account?: Account } & LinkRefusal)>;

/** Creates the function that opens links. A token is used up only if it is valid, and by one request only. */
export function createCrewPlannerLinks(options: CrewPlannerOptions): OpenCrewPlannerLink {
  return async (slug, token) => {
    const account = await options.accountBySlug(slug);
    const trust = account && (await options.trustOf(account));
    if (!account || !trust) return { ok: false, reason: 'notConnected' };
    const verified = await verifyPartnerToken(token, trust, options.now());
    if (!verified.ok) return { ...verified, account };
    const claims = claimsSchema.safeParse(verified.claims);
    if (!claims.success) return { ok: false, account, reason: 'refused', faults: faultsOf(claims.error) };
    const { sub, jti, exp } = verified.claims;
    if (!(await options.takeOnce(account.id, jti, new Date(exp * 1000)))) return { ok: false, account, reason: 'used' };
    const caller = callerOf(account, await options.connectionOf(account), jti);
    const saved = await saveUser(options.provision, caller, sub, claims.data);
    if (!saved.ok) return { ok: false, account, reason: 'refused', faults: saved.faults };
    return { ok: true, account, user: saved.value.after, isNew: saved.value.before === undefined };
  };
}

function callerOf(account: Account, connection: Connection, tokenId: string): Caller {
  const by = { kind: 'token', id: tokenId, name: connection.name } as const;
  return { account, connection, credentialId: connection.id, door: 'links', requestId: v4(), by };
}

/** A new user is called by the e-mail address; if somebody else is, by the External ID. */
async function saveUser(provision: Pick<Provision, 'saveUser'>, caller: Caller, sub: string, claims: Claims) {
  const identity = { by: 'file', externalId: sub } as const;
  const save = (userName: string) =>
    provision.saveUser(caller, identity, (current) => ({
      ok: true,
      revision: revisionOf(current, sub, userName, claims),
    }));
  const saved = await save(claims.email ?? sub);
  const isTaken = !saved.ok && saved.faults.some(({ code, path }) => code === 'uniqueness' && path === 'userName');
  return isTaken && claims.email !== undefined ? save(sub) : saved;
}

/** What the claims make of a user. A claim that is absent changes nothing; being active is not CrewPlanner's to say. */
function revisionOf(current: UserView | undefined, sub: string, userName: string, claims: Claims): UserRevision {
  const attributes = emptyAttributes();
  const stated = new Set<string>();
  const state = (key: string, value: Parameters<typeof setAt>[2]) => {
    if (value === undefined) return;
    setAt(attributes, key, value);
    stated.add(key);
  };
  if (!current) {
    state('externalId', sub);
    state('userName', userName);
    state('active', true);
  }
  const stored = current?.attributes ?? emptyAttributes();
  state('name', nameOf(stored, claims));
  state('emails', claims.email === undefined ? undefined : withPrimaryValue(stored, 'emails', claims.email, 'work'));
  state(
    'phoneNumbers',
    claims.phone_number === undefined
      ? undefined
      : withPrimaryValue(stored, 'phoneNumbers', claims.phone_number, 'mobile'),
  );
  // The language that the person chose here stays.
  if (textAt(stored, 'preferredLanguage') === undefined) state('preferredLanguage', claims.locale);
  state('title', claims.job_title);
  return { mode: current ? 'patch' : 'replace', attributes, stated, links: linksOf(claims) };
}

function nameOf(stored: Attributes, { given_name: given, family_name: family }: Claims): Attributes | undefined {
  const isSame = (key: string, value: string | undefined) => value === undefined || value === textAt(stored, key);
  if (isSame('name.givenName', given) && isSame('name.familyName', family)) return undefined;
  const name = emptyAttributes();
  const givenName = given ?? textAt(stored, 'name.givenName');
  const familyName = family ?? textAt(stored, 'name.familyName');
  if (givenName !== undefined) name.givenName = givenName;
  if (familyName !== undefined) name.familyName = familyName;
  return name;
}

function linksOf({ department, stores }: Claims): LinkChange[] {
  const links: LinkChange[] = [];
  if (department)
    links.push({
      op: 'replace',
      target: 'group',
      links: department.map((name) => ({ name, secondaryKey: DEPARTMENT_TYPE })),
    });
  if (stores)
    links.push({
      op: 'replace',
      target: 'store',
      links: stores.map(({ ref_id: reference, name, country }) => ({
        reference,
        ...(name === undefined ? {} : { name }),
        ...(country === undefined ? {} : { secondaryKey: country }),
      })),
    });
  return links;
}

function faultsOf({ issues }: z.ZodError): Fault[] {
  return issues.map((issue) => {
    const path = issue.path.join('.');
    const isTooLong = issue.code === 'too_big' && issue.origin === 'string';
    if (isTooLong) return fault('tooLong', path, { max: Number(issue.maximum) });
    return fault('invalidValue', path, { rule: issue.message });
  });
}
