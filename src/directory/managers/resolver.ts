// Resolves pending managers in the background: an unresolved reference is stored as sent, and resolved when the manager is created or
// renamed.

import type { StoredUser } from '../model.ts';
import type { Records } from '../records.ts';
import { managerReference, textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';

/** Maximum number of queued users; the others are resolved by the next import or by their next change. */
const QUEUED_MAX = 5000;
/** Users who are saved within this time are processed together. */
const GATHER_MS = 20;

/** A queue of users whose own manager or whose reports may have to be resolved. */
interface ManagerResolver {
  /** Queues a user who was created or renamed, or whose manager is unresolved. */
  add: (user: StoredUser) => void;
  /** Resolves once the queue is empty. */
  idle(): Promise<void>;
}

/** The values by which a manager can be referenced. */
interface NamedManager {
  id: string;
  externalId: string | undefined;
  userNameFold: string;
}

/** Creates the queue. `onError` gets errors of the database, which end the attempt but not the queue. */
export function createManagerResolver(
  records: Pick<Records, 'awaitedManagers' | 'resolveManagers' | 'usersByReferences'>,
  onError: (error: unknown) => void,
): ManagerResolver {
  let queued: StoredUser[] = [];
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (queued.length > 0) {
      const batch = queued;
      queued = [];
      try {
        for (const account of new Set(batch.map((user) => user.account))) {
          await resolve(
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

  async function resolve(account: string, users: StoredUser[]): Promise<void> {
    await resolveReportsOf(account, users);
    // A user who was planned before the manager existed and written after the manager was processed.
    const wanted = new Set(users.filter(hasUnresolvedManager).map(({ data }) => managerReference(data) ?? ''));
    if (wanted.size === 0) return;
    for (const { reference, id } of await records.usersByReferences(account, [...wanted])) {
      await records.resolveManagers(account, id, [reference]);
    }
  }

  async function resolveReportsOf(account: string, users: StoredUser[]): Promise<void> {
    const byFold = new Map<string, NamedManager[]>();
    for (const { _id: id, data } of users) {
      const externalId = textAt(data, 'externalId');
      const named = { id, externalId, userNameFold: foldText(textAt(data, 'userName') ?? '') };
      for (const fold of new Set([named.userNameFold, ...(externalId === undefined ? [] : [foldText(externalId)])])) {
        const known = byFold.get(fold);
        if (known) known.push(named);
        else byFold.set(fold, [named]);
      }
    }
    for (const reference of await records.awaitedManagers(account, [...byFold.keys()])) {
      const fold = foldText(reference);
      const managers = byFold.get(fold) ?? [];
      const manager =
        managers.find(({ externalId }) => externalId === reference) ??
        managers.find(({ userNameFold }) => userNameFold === fold);
      if (manager) await records.resolveManagers(account, manager.id, [reference]);
    }
  }

  return {
    add(user) {
      if (queued.length >= QUEUED_MAX) return;
      queued.push(user);
      running ??= new Promise<void>((done) => setTimeout(done, GATHER_MS)).then(run);
    },
    async idle() {
      while (running) await running;
    },
  };
}

/** Whether a user has an unresolved manager. */
export function hasUnresolvedManager(user: StoredUser): boolean {
  return user.awaits !== undefined;
}
