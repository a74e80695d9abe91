// Validates users who are incomplete because of a store again when the store changes, in the background. An empty revision only
// updates `missing[]`.

import type { Caller } from '../model.ts';
import type { Provision } from '../ports.ts';
import type { Records } from '../records.ts';
import { emptyAttributes } from '../schema/schema.ts';

const STEP = 200;
/** Maximum number of queued stores; an incomplete user is also validated with its next change. */
const STORES_MAX = 1000;

/** A queue of stores whose users are validated again. */
interface Revalidation {
  /** Queues a store that changed. */
  storeChanged: (caller: Caller, storeId: string) => void;
  /** Resolves once the queue is empty. */
  idle(): Promise<void>;
}

/** Creates the queue. @param provision called at the first store, since Provision is created with this queue */
export function createRevalidation(
  records: Pick<Records, 'usersMissingStoreData'>,
  provision: () => Pick<Provision, 'updateUser'>,
  onError: (error: unknown) => void,
): Revalidation {
  const waiting = new Map<string, Caller>();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    for (const [storeId, caller] of waiting) {
      waiting.delete(storeId);
      try {
        await revalidateUsersOf(caller, storeId);
      } catch (error) {
        onError(error);
      }
    }
    running = undefined;
  }

  async function revalidateUsersOf(caller: Caller, storeId: string): Promise<void> {
    let after = '';
    for (;;) {
      const ids = await records.usersMissingStoreData(caller.account.id, storeId, after, STEP);
      for (const id of ids) {
        await provision().updateUser(caller, id, undefined, () => ({
          ok: true,
          revision: { mode: 'patch', attributes: emptyAttributes(), stated: new Set() },
        }));
      }
      if (ids.length < STEP) return;
      after = ids.at(-1) ?? after;
    }
  }

  return {
    storeChanged(caller, storeId) {
      if (waiting.size >= STORES_MAX) return;
      waiting.set(storeId, caller);
      running ??= Promise.resolve().then(run);
    },
    async idle() {
      while (running) await running;
    },
  };
}
