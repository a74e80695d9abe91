// Follows the events of a connection as they are recorded, by any process, in the order of their ids (docs/decisions/0021).

import { setTimeout as sleep } from 'node:timers/promises';
import type { EventFilter, EventReader, RecordedEvent } from './event.ts';
import { StoreUnavailable } from './faults.ts';
import { firstIdAt } from './ids.ts';

/** How often new events are looked for. */
const POLL_MS = 500;
/**
 * How old an event must be. Ids are made just before events are written, by several processes; by then every event with a lower id is
 * stored, if the clocks agree and the database is not disturbed.
 */
const DELAY_MS = 2_000;
/** How long a recorder tries to write an event whose id is made, at most. */
const LATE_MS = 30_000;
/** For how long after a disturbance events may come late. */
const RECOVERY_MS = 15_000;
/** The events of an account that one step looks at. */
const STEP = 200;
/** The ids of delivered events that are remembered, in case some come late. */
const DELIVERED_MAX = 5_000;

/** What is followed. */
export interface FollowOptions {
  account: string;
  connection: string;
  filter: EventFilter;
  /** Begins behind the event with this id; with what is recorded from now on by default. */
  after?: string | undefined;
  /** Ends it. */
  signal: AbortSignal;
}

/** A step: what is new, and the id behind which a later call continues. Most steps have no events. */
export interface FollowedStep {
  events: readonly RecordedEvent[];
  position: string;
}

/**
 * Follows the events of a connection until the signal ends it. Each comes once; the first step has none and comes at once. While the
 * database is unavailable, steps are empty. Afterwards events that are stored late are looked for, and come behind newer ones.
 */
export async function* followEvents(
  reader: Pick<EventReader, 'span'>,
  { account, connection, filter, after, signal }: FollowOptions,
): AsyncGenerator<FollowedStep> {
  const now = firstIdAt(new Date());
  const position = createPosition(after !== undefined && after < now ? after : now);
  yield { events: [], position: position.reported() };
  let recoversUntil = 0;
  while (!signal.aborted) {
    const before = firstIdAt(new Date(Date.now() - DELAY_MS));
    const span = { connection, after: position.current(), before, filter, limit: STEP };
    const found = await reader.span(account, span).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailable)) throw error;
      recoversUntil = Date.now() + RECOVERY_MS;
      return { events: [], reached: undefined, isWhole: true };
    });
    const events = position.advance(found.events, found.reached);
    yield { events, position: position.reported() };
    if (!found.isWhole) continue;
    if (Date.now() < recoversUntil) position.goBack(firstIdAt(new Date(Date.now() - LATE_MS)));
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** How far the reading has come. It can be set back without an event being delivered twice. */
function createPosition(origin: string) {
  let current = origin;
  let reported = origin;
  /** Where the reading may be set back to: everything that was delivered behind it is remembered. */
  let floor = origin;
  const delivered = new Set<string>();
  return {
    current: () => current,
    /** The highest id that was read. */
    reported: () => reported,
    /** Moves on to an id; returns the events that were not delivered before. */
    advance(events: readonly RecordedEvent[], reached: string | undefined): RecordedEvent[] {
      const fresh = events.filter(({ _id }) => !delivered.has(_id));
      for (const { _id } of fresh) delivered.add(_id);
      for (const id of delivered) {
        if (delivered.size <= DELIVERED_MAX) break;
        delivered.delete(id);
        if (id > floor) floor = id;
      }
      if (reached !== undefined && reached > current) current = reached;
      if (current > reported) reported = current;
      return fresh;
    },
    goBack(to: string): void {
      if (to < current) current = to > floor ? to : floor;
    },
  };
}
