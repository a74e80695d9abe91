// The change relay: moves change records, which are stored with the changes themselves, into the audit collection, and removes what
// deletions leave behind. Every server takes a share of the documents. See docs/decisions/0016-the-change-relay.md.

import { randomUUID } from 'node:crypto';
import type { Db, Document } from 'mongodb';
import { createBackgroundLoop } from '../../background-loop.ts';
import { collectionsOf } from '../collections.ts';
import { cleanUpDeletions } from './left-behind.ts';
import { createShares } from './shares.ts';
import {
  CHANGED_COLLECTIONS,
  type ChangedCollection,
  createWaitingChanges,
  type WaitingChanges,
} from './waiting-changes.ts';

/**
 * The pause when nothing more waits. A record waits for one or two pauses, so that several changes of one resource are moved together,
 * and so that a resource is not written by the relay while requests are still changing it.
 */
const PAUSE_MS = 500;
const BATCH = 1000;
const LEASE_MS = 6_000;
const RENEW_MS = 2_000;
/** How long documents are left alone if a transaction holds one of them. */
const HELD_MS = 2_000;
const EVERYTHING: Document = {};

/** Moves change records in the background. */
export interface ChangeRelay {
  start(): void;
  stop(): Promise<void>;
  /** Moves everything that is waiting now, whichever server's share it is: for tests and commands. */
  drain(): Promise<void>;
}

/** Creates the relay; nothing runs until `start()`. */
export function createChangeRelay(db: Db, now: () => Date, onError: (error: unknown) => void): ChangeRelay {
  const shares = createShares(collectionsOf(db).leases, randomUUID(), { leaseMs: LEASE_MS, renewMs: RENEW_MS });
  const rounds = createRounds(createWaitingChanges(db));
  // Two loops, because removing the links to a large group takes long.
  const loops = [(share: Document) => rounds.next(share), (share: Document) => cleanUpDeletions(db, share, now)].map(
    (work) =>
      createBackgroundLoop({
        async round() {
          const share = await shares.mine();
          return share !== undefined && (await work(share));
        },
        pauseMs: PAUSE_MS,
        onError,
      }),
  );
  return {
    start() {
      for (const loop of loops) loop.start();
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
      await shares.leave().catch(() => undefined);
    },
    async drain() {
      const draining = createRounds(createWaitingChanges(db));
      await draining.look();
      while (await draining.next(EVERYTHING));
      while (await cleanUpDeletions(db, EVERYTHING, now));
    },
  };
}

/**
 * Rounds over the collections. What waits is compared with what was seen at the end of the previous round, and not with a clock, because
 * the clocks of the servers that wrote the records may differ.
 */
function createRounds(waiting: WaitingChanges) {
  const seen = new Map<ChangedCollection, Date | undefined>();
  /** Documents that are left alone, and until when. */
  const held = new Map<string, number>();

  async function lookAt(name: ChangedCollection): Promise<void> {
    seen.set(name, await waiting.bound(name, 'newest'));
  }

  /** Moves one batch of a collection. Returns true if there is more. */
  async function moveBatch(name: ChangedCollection, share: Document): Promise<boolean> {
    const upTo = seen.get(name);
    const batch = upTo ? await waiting.read(name, upTo, withoutHeld(share), BATCH) : [];
    for (const id of await waiting.move(name, batch)) held.set(id, performance.now() + HELD_MS);
    if (batch.length === BATCH) return true;
    await lookAt(name);
    return false;
  }

  function withoutHeld(share: Document): Document {
    for (const [id, until] of held) if (performance.now() > until) held.delete(id);
    return held.size === 0 ? share : { $and: [share, { _id: { $nin: [...held.keys()] } }] };
  }

  return {
    /** Looks what waits, for the next round to move it. */
    async look(): Promise<void> {
      for (const name of CHANGED_COLLECTIONS) await lookAt(name);
    },
    /** Moves one batch of each collection. Returns true if there is more. */
    async next(share: Document): Promise<boolean> {
      let more = false;
      for (const name of CHANGED_COLLECTIONS) more = (await moveBatch(name, share)) || more;
      return more;
    },
  };
}
