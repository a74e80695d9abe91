// Ways to increment a group's version together with a membership: the cost of one hot document.
// Used by bench/links.ts.

import type { ClientSession, MongoClient } from 'mongodb';
import { MongoError } from 'mongodb';
import type { Shape } from './links-shapes.ts';

const ATTEMPTS_MAX = 100;
const PAUSE_MAX_MS = 32;

/** What happened during the run of a mode. */
export interface Tally {
  retries: number;
  attemptsMost: number;
  /** Adds that gave up after ATTEMPTS_MAX attempts. */
  lost: number;
}

export const emptyTally = (): Tally => ({ retries: 0, attemptsMost: 0, lost: 0 });

const pause = (attempt: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(2 ** attempt, PAUSE_MAX_MS)));

/**
 * Runs `work` in a transaction, again after a write conflict, at most 100 times with a random pause of up to 32 ms.
 * @throws the last MongoError, and any error that is not a conflict.
 */
export async function transact<T>(
  client: MongoClient,
  tally: Tally,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  return client.withSession(async (session) => {
    for (let attempt = 1; ; attempt += 1) {
      tally.attemptsMost = Math.max(tally.attemptsMost, attempt);
      session.startTransaction();
      try {
        const result = await work(session);
        await session.commitTransaction();
        return result;
      } catch (error) {
        if (session.inTransaction()) await session.abortTransaction();
        const again = error instanceof MongoError && error.hasErrorLabel('TransientTransactionError');
        if (!again || attempt === ATTEMPTS_MAX) throw error;
        tally.retries += 1;
        await pause(attempt);
      }
    }
  });
}

/** Increments the group's version. */
export async function bump(shape: Shape, group: string, session?: ClientSession): Promise<void> {
  await shape.groups.updateOne({ _id: group }, { $inc: { version: 1 } }, session ? { session } : {});
}

/** Runs work one after the other per key, within this process. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}

/** A way to add one member. */
export interface Mode {
  readonly label: string;
  add(shape: Shape, group: string, user: string, tally: Tally): Promise<void>;
}

function mustAdd(added: boolean): void {
  if (!added) throw new Error('The user was a member already, or does not exist.');
}

/** Additions to one group that wait for the current one, and then share one transaction. */
class SharedCommits {
  readonly #waiting = new Map<string, { user: string; done: () => void; failed: (why: unknown) => void }[]>();
  readonly #client: MongoClient;
  constructor(client: MongoClient) {
    this.#client = client;
  }

  add(shape: Shape, group: string, user: string, tally: Tally): Promise<void> {
    return new Promise((done, failed) => {
      const key = shape.name + group;
      const queue = this.#waiting.get(key);
      if (queue) queue.push({ user, done, failed });
      else {
        this.#waiting.set(key, [{ user, done, failed }]);
        void this.#drain(key, shape, group, tally);
      }
    });
  }

  async #drain(key: string, shape: Shape, group: string, tally: Tally): Promise<void> {
    for (;;) {
      const batch = this.#waiting.get(key)?.splice(0, 100) ?? [];
      if (batch.length === 0) break;
      try {
        const users = batch.map((entry) => entry.user);
        await transact(this.#client, tally, async (session) => {
          await bump(shape, group, session);
          await shape.addMany(group, users, session);
        });
        for (const entry of batch) entry.done();
      } catch (error) {
        for (const entry of batch) entry.failed(error);
      }
    }
    this.#waiting.delete(key);
  }
}

/** The modes to compare; the lower bound (no version at all) is first. */
export function modes(client: MongoClient): Mode[] {
  const turns = new Turns();
  const fourServers = [new Turns(), new Turns(), new Turns(), new Turns()];
  let arrival = 0;
  const shared = new SharedCommits(client);
  const inTransaction = (shape: Shape, group: string, user: string, tally: Tally): Promise<void> =>
    transact(client, tally, async (session) => {
      await bump(shape, group, session);
      mustAdd(await shape.add(group, user, session));
    });
  return [
    { label: 'member only, no version', add: async (shape, group, user) => mustAdd(await shape.add(group, user)) },
    {
      label: '(iii) two separate writes',
      add: async (shape, group, user) => {
        mustAdd(await shape.add(group, user));
        await bump(shape, group);
      },
    },
    { label: '(i) transaction, version first', add: inTransaction },
    {
      label: '(i) transaction, version last',
      add: (shape, group, user, tally) =>
        transact(client, tally, async (session) => {
          mustAdd(await shape.add(group, user, session));
          await bump(shape, group, session);
        }),
    },
    {
      label: "(i) driver's withTransaction, version first",
      add: (shape, group, user, tally) =>
        client.withSession(async (session) => {
          let attempts = 0;
          await session.withTransaction(async () => {
            attempts += 1;
            await bump(shape, group, session);
            mustAdd(await shape.add(group, user, session));
          });
          tally.retries += attempts - 1;
          tally.attemptsMost = Math.max(tally.attemptsMost, attempts);
        }),
    },
    {
      label: '(ii) transaction, one at a time per group',
      add: (shape, group, user, tally) => turns.run(shape.name + group, () => inTransaction(shape, group, user, tally)),
    },
    {
      label: '(ii) the same, as by four servers',
      add: (shape, group, user, tally) => {
        const server = fourServers[arrival++ % fourServers.length] as Turns;
        return server.run(shape.name + group, () => inTransaction(shape, group, user, tally));
      },
    },
    {
      label: '(ii) waiting adds share a transaction',
      add: (shape, group, user, tally) => shared.add(shape, group, user, tally),
    },
  ];
}
