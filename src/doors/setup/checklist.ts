// What the calls of a client say about the set-up: which kinds of calls have arrived, and what the last refused one meant.

import type { SetupTick } from '../../auth/setup-link-store.ts';
import type { ConnectionCall } from '../../directory/event.ts';
import { outcomeOf, REFUSED_FROM } from '../../directory/request-outcome.ts';

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

/** What was seen. */
export interface SeenCalls {
  ticks: Partial<Record<SetupTick, Date>>;
  lastCall: Date | undefined;
  refused: RefusedCall | undefined;
}

/** Reads the calls of a connection, the newest first. */
export function seenIn(calls: readonly ConnectionCall[]): SeenCalls {
  const ticks: SeenCalls['ticks'] = {};
  // From the newest to the oldest, so that the first of each kind remains.
  for (const call of calls) for (const tick of ticksOf(call)) ticks[tick] = call.at;
  const refused = calls.find((call) => outcomeOf(call) !== 'accepted');
  const isOver =
    refused && calls.some((call) => call.at > refused.at && call.status < REFUSED_FROM && isAlike(call, refused));
  return {
    ticks,
    lastCall: calls[0]?.at,
    refused: refused && !isOver ? refusedCall(refused) : undefined,
  };
}

function isAlike(one: ConnectionCall, other: ConnectionCall): boolean {
  return one.method === other.method && kindOf(one) === kindOf(other);
}

function kindOf({ path }: Pick<ConnectionCall, 'path'>): string {
  return /\/(Users|Groups|Bulk|Schemas|ServiceProviderConfig|ResourceTypes)\b/.exec(path)?.[1] ?? '';
}

function ticksOf(call: ConnectionCall): SetupTick[] {
  if (call.status >= REFUSED_FROM) return [];
  const kind = kindOf(call);
  if (call.isRead || kind === '') return ['test'];
  if (kind === 'Groups') return ['test', 'group'];
  if (kind !== 'Users') return ['test'];
  if (call.method === 'POST') return ['test', 'create'];
  if (call.method === 'DELETE') return ['test', 'deactivate'];
  return ['test', call.isInactive ? 'deactivate' : 'update'];
}

function refusedCall({ at, method, path, status, faults = [] }: ConnectionCall): RefusedCall {
  const detail = faults.map((fault) => fault.detail).join(' ');
  const codes = faults.length > 0 ? [...new Set(faults.map(({ code }) => code))] : [String(status)];
  return { at, method, path: path.split('?', 1)[0] ?? '', status, detail, codes };
}
