// What the calls of a client say about the set-up: which kinds of calls have arrived, and what the last refused one meant.

import type { SetupClient, SetupTick } from '../../auth/setup-link-store.ts';
import type { ConnectionCall } from '../../directory/event.ts';
import { isOfOneResource, REFUSED_FROM } from '../../directory/request-outcome.ts';

/** The last call that was refused, if nothing of the kind has succeeded since. */
interface RefusedCall {
  at: Date;
  method: string;
  path: string;
  status: number;
  /** Why, in the words of the answer. */
  detail: string;
  /** The codes of the reasons; the status if there are none. */
  codes: string[];
}

/** The last call with a token of the connection that no longer works. */
interface RefusedToken {
  at: Date;
  reason: 'revoked' | 'expired';
  /** The id of the credential. */
  credential: string;
}

/** What was seen. */
export interface SeenCalls {
  ticks: Partial<Record<SetupTick, Date>>;
  lastCall: Date | undefined;
  lastSuccess: Date | undefined;
  refused: RefusedCall | undefined;
  /** Undefined if a call has succeeded since. */
  refusedToken: RefusedToken | undefined;
}

const UNAUTHORIZED = 401;
const NOT_FOUND = 404;

/** Reads the calls of a connection, the newest first. */
export function seenIn(calls: readonly ConnectionCall[], client: SetupClient): SeenCalls {
  const ticks: SeenCalls['ticks'] = {};
  // From the newest to the oldest, so that the first of each kind remains.
  for (const call of calls) for (const tick of ticksOf(call, client)) ticks[tick] = call.at;
  const refused = calls.find((call) => isRefused(call) && refusedTokenOf(call) === undefined);
  const isOver =
    refused && calls.some((call) => call.at > refused.at && call.status < REFUSED_FROM && isAlike(call, refused));
  const lastSuccess = calls.find(({ status }) => status < REFUSED_FROM)?.at;
  const refusedToken = calls.map(refusedTokenOf).find((one) => one !== undefined);
  const isMended = refusedToken && lastSuccess && lastSuccess > refusedToken.at;
  return {
    ticks,
    lastCall: calls[0]?.at,
    lastSuccess,
    refused: refused && !isOver ? refusedCall(refused) : undefined,
    refusedToken: isMended ? undefined : refusedToken,
  };
}

/**
 * Clients ask for people who are gone, and write to them: the 404 is how they learn it, and the connection works. The health of the
 * connection counts such writes (`foundNothing` in src/directory/request-outcome.ts is about reads and deletions alone).
 */
function isRefused({ status, path }: ConnectionCall): boolean {
  return status >= REFUSED_FROM && !(status === NOT_FOUND && isOfOneResource(path));
}

function refusedTokenOf({ at, status, credential, faults = [] }: ConnectionCall): RefusedToken | undefined {
  const code = faults[0]?.code;
  if (status !== UNAUTHORIZED || credential === undefined) return undefined;
  return code === 'revoked' || code === 'expired' ? { at, reason: code, credential } : undefined;
}

function isAlike(one: ConnectionCall, other: ConnectionCall): boolean {
  return one.method === other.method && kindOf(one) === kindOf(other);
}

function kindOf({ path }: Pick<ConnectionCall, 'path'>): string {
  return /\/(Users|Groups|Bulk|Schemas|ServiceProviderConfig|ResourceTypes)\b/.exec(path)?.[1] ?? '';
}

/** A list of users or groups. */
const LIST = /\/(?:Users|Groups)\/?(?:\?|$)/;
const FILTERED = /[?&]filter=/;

/**
 * The call that each product sends when its test button is pressed. Okta reads the first users, and the first groups if it imports them
 * (`GET /Users?startIndex=1&count=2`); it never writes. Entra ID looks for a user who cannot exist, and wants an empty list. Of the others
 * a list is enough, and of a client that nobody knows, any call.
 * @see https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/
 * @see https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups
 */
function isTest({ isRead = false, path }: ConnectionCall, client: SetupClient): boolean {
  if (client === 'other') return true;
  const isList = isRead && LIST.test(path);
  return client === 'okta' ? isList && !FILTERED.test(path) : isList;
}

function ticksOf(call: ConnectionCall, client: SetupClient): SetupTick[] {
  if (call.status >= REFUSED_FROM) return [];
  return [...(isTest(call, client) ? (['test'] as const) : []), ...writeTicksOf(call)];
}

function writeTicksOf(call: ConnectionCall): SetupTick[] {
  const kind = kindOf(call);
  if (call.isRead) return [];
  if (kind === 'Groups') return ['group'];
  if (kind !== 'Users') return [];
  if (call.method === 'POST') return ['create'];
  if (call.method === 'DELETE') return ['deactivate'];
  return [call.isInactive ? 'deactivate' : 'update'];
}

function refusedCall({ at, method, path, status, faults = [] }: ConnectionCall): RefusedCall {
  const detail = faults.map((fault) => fault.detail).join(' ');
  const codes = faults.length > 0 ? [...new Set(faults.map(({ code }) => code))] : [String(status)];
  return { at, method, path: path.split('?', 1)[0] ?? '', status, detail, codes };
}
