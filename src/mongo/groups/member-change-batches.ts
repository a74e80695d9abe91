// Queues the writes of each group within this process. Waiting changes of members of the same group share one transaction; each request
// keeps its own outcome, version and change record, and a refused one does not affect the others.

import type { CommitResult, GroupWrite } from '../../directory/records.ts';
import { joinBudgets, type RetryBudget } from '../../directory/retry-budget.ts';
import { createKeyedQueue } from '../client/keyed-queue.ts';
import { isOutage } from '../client/mongo-errors.ts';

/** The maximum number of requests and of users in one transaction. */
const REQUESTS_MAX = 100;
const USERS_MAX = 1000;

/** A write of a group and its members. */
export type MembersGroupWrite = Exclude<GroupWrite, { kind: 'deleteGroup' }>;

interface Waiting {
  account: string;
  write: MembersGroupWrite;
  budget: RetryBudget;
  resolve: (result: CommitResult) => void;
  reject: (error: unknown) => void;
}

/** Queues the writes of each group. */
export interface GroupQueue {
  /** Commits a write when it is its turn, together with the changes of members that wait behind it. */
  commit(account: string, write: MembersGroupWrite, budget: RetryBudget): Promise<CommitResult>;
  /** Runs `work` while no other request in this process writes the group; `busy` if too many are waiting. */
  alone<T>(group: string, work: () => Promise<T>): Promise<T | 'busy'>;
}

/**
 * Creates the queue.
 * @param carryOut commits writes of one group of one account; either one of any kind, or several that only add and remove members
 */
export function createGroupQueue(
  carryOut: (account: string, writes: readonly MembersGroupWrite[], budget: RetryBudget) => Promise<CommitResult[]>,
): GroupQueue {
  const turns = createKeyedQueue(isOutage);
  const waiting = new Map<string, Waiting[]>();

  /** Adds a request to the waiting ones; `withdraw` removes it again and returns false if it has begun. */
  function enqueue(group: string, request: Waiting): { withdraw: () => boolean } {
    const list = waiting.get(group) ?? [];
    waiting.set(group, list);
    list.push(request);
    const withdraw = (): boolean => {
      const index = list.indexOf(request);
      if (index >= 0) list.splice(index, 1);
      if (list.length === 0 && waiting.get(group) === list) waiting.delete(group);
      return index >= 0;
    };
    return { withdraw };
  }

  /** Carries out the first waiting request of a group, and those behind it that can share its transaction. */
  async function carryOutNext(group: string): Promise<void> {
    const list = waiting.get(group);
    const batch = list ? takeBatch(list) : [];
    if (list?.length === 0) waiting.delete(group);
    const [first] = batch;
    if (!first) return;
    try {
      const writes = batch.map(({ write }) => write);
      const results = await carryOut(first.account, writes, joinBudgets(batch.map(({ budget }) => budget)));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] ?? BUSY);
    } catch (error) {
      for (const { reject } of batch) reject(error);
      throw error;
    }
  }

  return {
    alone: (group, work) => turns.run(group, work),
    commit(account, write, budget) {
      const group = groupOf(write);
      return new Promise<CommitResult>((resolve, reject) => {
        const { withdraw } = enqueue(group, { account, write, budget, resolve, reject });
        // Every request takes a turn. If an earlier batch has included it, nothing is left to do in that turn.
        turns
          .run(group, () => carryOutNext(group))
          .then(
            (turn) => {
              if (turn === 'busy' && withdraw()) resolve(BUSY);
            },
            (error: unknown) => {
              // An earlier turn failed, and this one never began.
              if (withdraw()) reject(error);
            },
          );
      });
    },
  };
}

const BUSY: CommitResult = { ok: false, reason: 'busy' };

/** The id of the group that a write concerns. */
export function groupOf(write: GroupWrite): string {
  return write.kind === 'insertGroup' ? write.group._id : write.id;
}

/** Whether a write only adds and removes members, unconditionally, and so can share a transaction with others. */
function isSharable(write: MembersGroupWrite): boolean {
  if (write.kind === 'insertGroup' || write.ifVersion !== undefined) return false;
  const { set, unset } = write.changes;
  return write.members?.change.kind === 'delta' && Object.keys(set).length === 0 && unset.length === 0;
}

/** The users that a sharable write names. */
function namedMembers({ members }: MembersGroupWrite): string[] {
  return members?.change.kind === 'delta' ? [...members.change.add, ...members.change.remove] : [];
}

/**
 * Removes from the head of a list the writes that share the next transaction: changes of members in one account, without repeated users
 * and within the bounds; or a single other write.
 */
function takeBatch(list: Waiting[]): Waiting[] {
  const named = new Set<string>();
  const batch: Waiting[] = [];
  for (const request of list) {
    const [first] = batch;
    const ids = namedMembers(request.write);
    const fits = batch.length < REQUESTS_MAX && named.size + ids.length <= USERS_MAX;
    const joins = first && isSharable(first.write) && isSharable(request.write) && first.account === request.account;
    if (first && !(joins && fits && !ids.some((id) => named.has(id)))) break;
    for (const id of ids) named.add(id);
    batch.push(request);
  }
  list.splice(0, batch.length);
  return batch;
}
