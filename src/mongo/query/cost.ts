// What queries cost. A query that no index narrows reads the whole account: such queries of one account run one after the other, each for
// a bounded time, so that they don't slow down other accounts.

import { type IndexDescription, MongoServerError } from 'mongodb';
import { QueryTooCostly } from '../../directory/ports.ts';
import { createKeyedQueue } from '../client/keyed-queue.ts';
import { isOutage } from '../client/mongo-errors.ts';
import type { Condition } from './filter.ts';

/** The maximum number of comparisons by regular expressions that match in the middle or at the end of a text. */
const PATTERNS_MAX = 50;
/** The maximum time of a query, unless the connection waits for less. */
const QUERY_MS_MAX = 3_000;
/** How long a query waits for others of its account. */
const WAIT_MS_MAX = 3_000;
/** Accounts whose costly queries take less time are small, and theirs don't wait for each other. */
const SLOW_MS = 100;
const REMEMBERED_MS = 60_000;
const ACCOUNTS_MAX = 10_000;
const MAX_TIME_EXPIRED = 50;

/** The options of the statements of a query. */
export interface TimeLimit {
  maxTimeMS?: number;
}

/** A query as `createQueryCosts` gets it. */
interface CostedQuery {
  account: string;
  condition: Condition | undefined;
  /** All matches are sorted, because no index has the order. */
  sortsAll: boolean;
  /** The paths of the collection that have an index; see `indexedPaths`. */
  indexed: ReadonlySet<string>;
}

/** Runs queries within their limits. */
export interface QueryCosts {
  /**
   * Runs a query, at once or when it is its turn.
   * @throws QueryTooCostly, and what the query throws
   */
  run<T extends object>(query: CostedQuery, work: (limit: TimeLimit) => Promise<T>): Promise<T>;
}

/** Creates the limits of a process. @param waitMs how long the connection waits for an answer; undefined if without a limit */
export function createQueryCosts(waitMs: number | undefined, now: () => number = Date.now): QueryCosts {
  const limit: TimeLimit = { maxTimeMS: waitMs ? Math.min(QUERY_MS_MAX, Math.ceil(waitMs * 0.75)) : QUERY_MS_MAX };
  const queue = createKeyedQueue(isOutage);
  /** How long the costly queries of an account have been fast or slow. */
  const speeds = new Map<string, { fastUntil: number; slowUntil: number }>();

  const remember = (account: string, ms: number): void => {
    if (speeds.size >= ACCOUNTS_MAX) speeds.clear();
    const speed = speeds.get(account) ?? { fastUntil: 0, slowUntil: 0 };
    speed[ms < SLOW_MS ? 'fastUntil' : 'slowUntil'] = now() + REMEMBERED_MS;
    speeds.set(account, speed);
  };
  const isFast = (account: string): boolean => {
    const { fastUntil = 0, slowUntil = 0 } = speeds.get(account) ?? {};
    return fastUntil > now() && slowUntil <= now();
  };

  async function costly<T>(account: string, work: (limit: TimeLimit) => Promise<T>): Promise<T> {
    const startedAt = now();
    try {
      return await work(limit);
    } catch (error) {
      if (!isExpired(error)) throw error;
      throw new QueryTooCostly(
        `The query was ended after ${limit.maxTimeMS} ms, because no index narrows it. ${NARROW}`,
      );
    } finally {
      remember(account, now() - startedAt);
    }
  }

  return {
    async run({ account, condition, sortsAll, indexed }, work) {
      if (!condition && !sortsAll) return work({});
      if (condition && patternsIn(condition) > PATTERNS_MAX)
        throw new QueryTooCostly(`The filter has more than ${PATTERNS_MAX} comparisons by co or ew. ${NARROW}`);
      if (condition && isNarrow(condition, indexed)) return work(limit);
      if (isFast(account)) return costly(account, work);
      const arrivedAt = now();
      const result = await queue.run(account, async () => {
        if (now() - arrivedAt > WAIT_MS_MAX) throw mustWait();
        return costly(account, work);
      });
      if (result === 'busy') throw mustWait();
      return result;
    },
  };
}

const NARROW = 'Narrow it by and with a comparison that has an index, such as userName, externalId or emails.value.';

function mustWait(): QueryTooCostly {
  return new QueryTooCostly(
    'Other queries of this account that no index narrows are in progress. Try again shortly.',
    true,
  );
}

function isExpired(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === MAX_TIME_EXPIRED;
}

/** The paths by which the indexes of a collection narrow the documents of an account. */
export function indexedPaths(indexes: readonly IndexDescription[]): ReadonlySet<string> {
  return new Set(indexes.flatMap(({ key }) => Object.keys(key)).filter((path) => path !== 'account'));
}

/** Whether an index leads to few documents, as far as the condition shows. */
export function isNarrow(condition: Condition, indexed: ReadonlySet<string>): boolean {
  return Object.entries(condition).some(([key, value]) => {
    if (key === '$and') return (value as Condition[]).some((operand) => isNarrow(operand, indexed));
    if (key === '$or') return (value as Condition[]).every((operand) => isNarrow(operand, indexed));
    return indexed.has(key) && isRange(value);
  });
}

/** A search key without its value: all users who have one of the kind. */
const WHOLE_KIND = /^ \S+ $/;

/** Whether a comparison is a part of an index: a value, a list of values, or a range. */
function isRange(comparison: unknown): boolean {
  if (typeof comparison !== 'object' || comparison === null) return comparison !== null;
  const { $eq, $in, $gt, $gte, $lt, $lte, $regex, $elemMatch } = comparison as Record<string, unknown>;
  if ($elemMatch !== undefined) return isRange($elemMatch);
  if (typeof $regex === 'string') return $regex.startsWith('^');
  if (typeof $gte === 'string' && WHOLE_KIND.test($gte) && typeof $lt === 'string' && $lt === `${$gte}\u{10ffff}`)
    return false;
  return [$eq, $in, $gt, $gte, $lt, $lte].some((value) => value !== undefined && value !== null);
}

/** The number of regular expressions that no index serves. */
function patternsIn(condition: unknown): number {
  if (typeof condition !== 'object' || condition === null) return 0;
  if (Array.isArray(condition)) return condition.reduce<number>((sum, operand) => sum + patternsIn(operand), 0);
  let count = 0;
  for (const [key, value] of Object.entries(condition)) {
    if (key === '$regex') count += typeof value === 'string' && value.startsWith('^') ? 0 : 1;
    else count += patternsIn(value);
  }
  return count;
}
