// Managers who were named before they were here: told to the reports that wait for them, off the request path (systems.md §1:
// one who does not resolve is kept as sent and resolved when it comes).

import type { StoredUser } from '../model.ts';
import type { Records } from '../records.ts';
import { managerReference, textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';

/** Users that wait to be looked at, at most. */
const WAITING_MAX = 5000;
/** Several that come together are looked at together. */
const GATHER_MS = 20;

export interface ManagerArrivals {
  /** A user who came to be or is called otherwise now, or who names a manager who is not here. */
  add: (user: StoredUser) => void;
  settled(): Promise<void>;
}

/** What a manager is told by: the folded texts that a reference may be. */
interface Arrival {
  id: string;
  externalId: string | undefined;
  userNameFold: string;
}

export function createManagerArrivals(
  records: Pick<Records, 'awaitedManagers' | 'resolveManagers' | 'usersByReferences'>,
  onError: (error: unknown) => void,
): ManagerArrivals {
  let waiting: StoredUser[] = [];
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        for (const account of new Set(batch.map((user) => user.account))) {
          await settle(
            account,
            batch.filter((user) => user.account === account),
          );
        }
      } catch (error) {
        onError(error);
      }
    }
    running = undefined;
  }

  async function settle(account: string, users: StoredUser[]): Promise<void> {
    await tellReports(account, users);
    // A report that was planned before its manager was there and written after it was told of.
    const wanted = new Set(users.filter(isWaiting).map(({ data }) => managerReference(data) ?? ''));
    if (wanted.size === 0) return;
    for (const { reference, id } of await records.usersByReferences(account, [...wanted])) {
      await records.resolveManagers(account, id, [reference]);
    }
  }

  async function tellReports(account: string, users: StoredUser[]): Promise<void> {
    const byFold = new Map<string, Arrival[]>();
    for (const { _id: id, data } of users) {
      const externalId = textAt(data, 'externalId');
      const arrival = { id, externalId, userNameFold: foldText(textAt(data, 'userName') ?? '') };
      for (const fold of new Set([arrival.userNameFold, ...(externalId === undefined ? [] : [foldText(externalId)])])) {
        const known = byFold.get(fold);
        if (known) known.push(arrival);
        else byFold.set(fold, [arrival]);
      }
    }
    for (const reference of await records.awaitedManagers(account, [...byFold.keys()])) {
      const fold = foldText(reference);
      const named = byFold.get(fold) ?? [];
      const manager =
        named.find(({ externalId }) => externalId === reference) ?? named.find((one) => one.userNameFold === fold);
      if (manager) await records.resolveManagers(account, manager.id, [reference]);
    }
  }

  return {
    add(user) {
      if (waiting.length >= WAITING_MAX) return;
      waiting.push(user);
      running ??= new Promise<void>((done) => setTimeout(done, GATHER_MS)).then(run);
    },
    async settled() {
      while (running) await running;
    },
  };
}

/** Whether a user names a manager who was not here when it was written. */
export function isWaiting(user: StoredUser): boolean {
  return user.awaits !== undefined;
}
