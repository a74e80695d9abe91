// Users who are incomplete because of a store are judged again when the store changes: the background to a request, never
// part of it. A revision that states nothing writes nothing but a new `missing[]`.

import type { Caller } from '../model.ts';
import type { Provision } from '../ports.ts';
import type { Records } from '../records.ts';

const STEP = 200;
/** Stores that wait at most; an incomplete user is also judged with its own next change. */
const WAITING_MAX = 1000;

export interface JudgeAgain {
  storeChanged: (caller: Caller, storeId: string) => void;
  settled(): Promise<void>;
}

export function createJudgeAgain(
  records: Pick<Records, 'usersMissingStoreData'>,
  provision: () => Pick<Provision, 'updateUser'>,
  onError: (error: unknown) => void,
): JudgeAgain {
  const waiting = new Map<string, Caller>();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    for (const [storeId, caller] of waiting) {
      waiting.delete(storeId);
      try {
        await judgeUsersOf(caller, storeId);
      } catch (error) {
        onError(error);
      }
    }
    running = undefined;
  }

  async function judgeUsersOf(caller: Caller, storeId: string): Promise<void> {
    let after = '';
    for (;;) {
      const ids = await records.usersMissingStoreData(caller.account.id, storeId, after, STEP);
      for (const id of ids) {
        await provision().updateUser(caller, id, undefined, ({ attributes }) => ({
          ok: true,
          revision: { mode: 'patch', attributes, stated: new Set() },
        }));
      }
      if (ids.length < STEP) return;
      after = ids.at(-1) ?? after;
    }
  }

  return {
    storeChanged(caller, storeId) {
      if (waiting.size >= WAITING_MAX) return;
      waiting.set(storeId, caller);
      running ??= Promise.resolve().then(run);
    },
    async settled() {
      while (running) await running;
    },
  };
}
