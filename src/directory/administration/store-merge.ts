// Owns the merge of two stores: the users of one become users of the other, each by a change under all rules, and then the empty store is
// removed (decision 27). A merge is done in steps, so it can be continued.

import { type Fault, fault, type Outcome, refused } from '../faults.ts';
import type { Caller, StoreView } from '../model.ts';
import type { Provision } from '../ports.ts';
import type { CursorPosition } from '../query/query.ts';
import type { RecordsReader } from '../records.ts';
import type { ResourceSchema } from '../schema/schema.ts';
import type { Administration } from './administration.ts';
import { countHolders, type MovedUsers, moveHolders } from './holders.ts';

/** What a merge would do. */
interface StoreMergePreview {
  from: StoreView;
  into: StoreView;
  users: number;
}

/** What came of a step of a merge. */
interface MergedStores {
  into: StoreView;
  /** How many users this step moved. */
  moved: number;
  /** Whether the merge is over, and the merged store removed. */
  done: boolean;
  /** How many users this step could not move, and the reasons of at most 20 of them. */
  stayed: number;
  reasons: MovedUsers['reasons'];
  /** The position at which the next step begins, so that it does not try again who could not be moved. */
  next?: CursorPosition;
}

/** Merges stores. Faults: notFound, invalidValue (the store itself), busy. */
export interface StoreMerge {
  preview(caller: Caller, from: string, into: string): Promise<Outcome<StoreMergePreview>>;
  /**
   * Does one step, from a position on; again until it is `done`, or has no `next` because all who are left could not be moved. Faults: also
   * those of the first user, if none of all users could be moved.
   */
  step(caller: Caller, from: string, into: string, after?: CursorPosition): Promise<Outcome<MergedStores>>;
}

/** As many users as are moved well within the time of a request. */
const STEP_USERS_MAX = 200;

interface StoreMergeDependencies {
  records: Pick<RecordsReader, 'users'>;
  provision: Pick<Provision, 'updateUser'>;
  administration: Pick<Administration, 'store' | 'deleteStore'>;
  /** The schema of users. */
  schema: ResourceSchema;
}

/** Creates the merge of stores. */
export function createStoreMerge(dependencies: StoreMergeDependencies): StoreMerge {
  const { records, administration, schema } = dependencies;

  async function both(
    caller: Caller,
    fromId: string,
    intoId: string,
  ): Promise<{ ok: true; from: StoreView; into: StoreView } | { ok: false; fault: Fault }> {
    const [from, into] = await Promise.all([fromId, intoId].map((id) => administration.store(caller, id)));
    if (!from) return { ok: false, fault: fault('notFound', 'Store', { id: fromId }) };
    if (!into) return { ok: false, fault: fault('notFound', 'Store', { id: intoId }) };
    if (fromId === intoId) return { ok: false, fault: fault('invalidValue', 'into', { rule: ITSELF }) };
    return { ok: true, from, into };
  }

  return {
    async preview(caller, fromId, intoId) {
      const found = await both(caller, fromId, intoId);
      if (!found.ok) return refused(found.fault);
      const { from, into } = found;
      const users = await countHolders(records, schema, caller.account.id, { store: from.refId });
      return { ok: true, value: { from, into, users }, effect: 'unchanged' };
    },
    async step(caller, fromId, intoId, after) {
      const found = await both(caller, fromId, intoId);
      if (!found.ok) return refused(found.fault);
      const { from, into } = found;
      const place = { store: from.refId };
      const moving = { limit: STEP_USERS_MAX, after };
      const step = await moveHolders(dependencies, caller, place, { store: into }, moving);
      const [first, ...others] = step.reasons[0]?.faults ?? [];
      const isWhole = after === undefined && step.next === undefined;
      if (isWhole && step.moved === 0 && first) return refused(first, ...others);
      const isLeft = step.next !== undefined || (await countHolders(records, schema, caller.account.id, place)) > 0;
      if (isLeft) return { ok: true, value: { ...step, into, done: false }, effect: 'updated' };
      const removed = await administration.deleteStore(caller, fromId, undefined);
      return removed.ok ? { ok: true, value: { ...step, into, done: true }, effect: 'deleted' } : removed;
    },
  };
}

const ITSELF = 'must be another store';
