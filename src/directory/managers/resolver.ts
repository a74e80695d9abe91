// Resolves manager references that named nobody when they were written, off the request path: a reference that does not resolve
// is kept as sent, and resolved when its manager is created or renamed.

import type { StoredUser } from '../model.ts';
import type { Records } from '../records.ts';
import { managerReference, textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';

/** Users in the queue at most; the others are resolved by the next run over a file or by their own next change. */
const QUEUED_MAX = 5000;
/** Users that are saved within this time are resolved together. */
const GATHER_MS = 20;

export interface ManagerResolver {
  /** Queues a user who was created or renamed, or who names a manager who does not exist yet. */
  add: (user: StoredUser) => void;
  /** Resolves once the queue is empty. */
  settled(): Promise<void>;
}

/** By what a reference may name a manager. */
interface NamedManager {
  id: string;
  externalId: string | undefined;
  userNameFold: string;
}

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
    // A report that was planned before its manager existed, and written after the manager was resolved.
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
    async settled() {
      while (running) await running;
    },
  };
}

/** Whether a user names a manager who did not exist when it was written. */
export function hasUnresolvedManager(user: StoredUser): boolean {
  return user.awaits !== undefined;
}
