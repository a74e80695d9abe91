// Users who are incomplete because of a store are validated again when the store changes: in the background, never as part of a
// request. A revision that states nothing writes nothing but a new `missing[]`.

import type { Caller } from '../model.ts';
import type { Provision } from '../ports.ts';
import type { Records } from '../records.ts';
import { emptyAttributes } from '../schema/schema.ts';

const STEP = 200;
/** Stores that wait at most; an incomplete user is also validated with its own next change. */
const STORES_MAX = 1000;

export interface Revalidation {
  /** Validates the incomplete users of a store again, soon. */
  storeChanged: (caller: Caller, storeId: string) => void;
  /** Resolves when nothing waits or runs any more. */
  idle(): Promise<void>;
}

/** Makes the revalidation. @param provision asked for at the first store: it is made with this revalidation */
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
