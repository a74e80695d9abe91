// Pages of a collection within an account: filtered, sorted and counted in MongoDB. Creation order is the order of ids.

import { BSON, type Collection, type Document, type Filter as MongoFilter } from 'mongodb';
import type { CursorPosition, PageRequest, Sort, UnreadPage } from '../../directory/query/query.ts';
import type { Condition } from './filter.ts';
import type { Totals } from './totals.ts';

export interface PageSource<T extends { _id: string; account: string }> {
  collection: Collection<T>;
  totals: Totals;
  /** The stored path of a sort attribute that every resource has and an index serves, or undefined. */
  indexedSort(sort: Sort): string | undefined;
  /** Of those the one that no two resources of an account have in common: its index knows no ids, and needs none. */
  uniqueSort?: string;
  /** The stored path of any other sort attribute. */
  sortPath(sort: Sort): { path: string; multiValued: boolean };
}

/**
 * Documents that were found. They stay the bytes that came until they are asked for: what many requests hold while they wait for
 * something else then costs the garbage collector nothing.
 */
type Found<T> = Pick<UnreadPage<T>, 'length' | 'at'>;

/** Fields that no view needs. */
export const FOR_VIEWS = { fold: 0, terms: 0, changes: 0, sources: 0, phones: 0 } as const;
const WITH_SORT_KEYS = { terms: 0, changes: 0 } as const;

/** Everything that begins with a folded text, as a range that an index serves. */
export function beginsWith(prefix: string): { $gte: string; $lt: string } {
  return { $gte: prefix, $lt: `${prefix}\u{10ffff}` };
}

/** One page; `condition` is undefined for everything in the account. */
export async function readPage<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  account: string,
  condition: Condition | undefined,
  sort: Sort | undefined,
  page: PageRequest,
): Promise<UnreadPage<T>> {
  const query = within(account, condition);
  if (page.kind === 'cursor') return cursorPage(source, account, query, condition, sort, page);
  const skip = Math.max(0, page.startIndex - 1);
  // How many an account has costs little, and is asked for beside the page; a filter is counted where the page does not tell.
  const whole = condition ? undefined : source.totals.of(account);
  const found = page.count > 0 ? documents(source, query, sort, skip, page.count) : none<T>();
  const [{ length, at }, known] = await Promise.all([found, whole]);
  // A first page that is not full has everything: its length is the count.
  const complete = page.count > 0 && length < page.count && (skip === 0 || length > 0);
  const total = complete ? skip + length : (known ?? (await countAll(source, account, query, condition)));
  return { total: length > 0 ? Math.max(total, skip + length) : total, length, at };
}

async function none<T>(): Promise<Found<T>> {
  return decoded<T>([]);
}

/** A page of a query in the order of an index. */
async function rawDocuments<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  query: Condition,
  order: Record<string, 1 | -1>,
  options: { projection: Document; skip?: number; limit?: number; hint?: string },
): Promise<Found<T>> {
  const found = (await source.collection
    .find(query as MongoFilter<T>, { ...options, raw: true })
    .sort(order)
    .toArray()) as unknown as Uint8Array[];
  return { length: found.length, at: (index) => BSON.deserialize(found[index] as Uint8Array) as T };
}

function decoded<T>(documents: T[]): Found<T> {
  return { length: documents.length, at: (index) => documents[index] as T };
}

/**
 * A condition within an account. An `or` is at the root, and each of its branches says everything, the account too: only then does
 * each find by an index of its own, which may hold no more than the resources that have the attribute.
 */
function within(account: string, condition: Condition | undefined): Condition {
  if (!condition) return { account };
  const terms = termsOf(condition);
  const either = terms.find((term) => branchesOf(term));
  const others = terms.filter((term) => term !== either);
  const branches = either ? alternatives(either) : [];
  if (!either || branches.length * leavesOf(others) > SPREAD_MAX) return { $and: [{ account }, ...terms] };
  return { $or: branches.map((branch) => ({ $and: [{ account }, branch, ...others] })) };
}

/** Comparisons that all branches of an `or` repeat, at most: each branch is planned by itself, and that takes its time. */
const SPREAD_MAX = 256;

/** How many comparisons some conditions have. */
function leavesOf(conditions: readonly Condition[]): number {
  let leaves = 0;
  for (const condition of conditions) {
    for (const [key, value] of Object.entries(condition)) {
      leaves += key.startsWith('$') && Array.isArray(value) ? leavesOf(value as Condition[]) : 1;
    }
  }
  return leaves;
}

/** What must hold together. */
function termsOf({ $and: terms, ...others }: Condition): Condition[] {
  if (!Array.isArray(terms)) return [others];
  return [...terms.flatMap(termsOf), ...(Object.keys(others).length > 0 ? [others] : [])];
}

/** The branches of an `or`; a branch that is one itself is several. */
function alternatives(condition: Condition): Condition[] {
  return branchesOf(condition)?.flatMap(alternatives) ?? [condition];
}

/** The branches of a condition that is an `or` and nothing else. */
function branchesOf({ $or: branches, ...others }: Condition): Condition[] | undefined {
  return Array.isArray(branches) && Object.keys(others).length === 0 ? branches : undefined;
}

/** What satisfies a query and a condition more; of an `or` every branch has it. */
function narrowed(query: Condition, condition: Condition): Condition {
  const branches = branchesOf(query);
  if (isWhole(query)) return { ...query, ...condition };
  if (!branches) return { $and: [query, condition] };
  return { $or: branches.map((branch) => ({ $and: [branch, condition] })) };
}

async function countAll<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  account: string,
  query: Condition,
  condition: Condition | undefined,
): Promise<number> {
  return condition ? source.collection.countDocuments(query as MongoFilter<T>) : source.totals.of(account);
}

async function documents<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  query: Condition,
  sort: Sort | undefined,
  skip: number,
  limit: number,
): Promise<Found<T>> {
  const path = sort ? source.indexedSort(sort) : '_id';
  if (path === undefined) return decoded(await sortedDocuments(source, query, sort as Sort, undefined, skip, limit));
  const direction = sort?.descending ? -1 : 1;
  const order: Record<string, 1 | -1> = isUnique(source, path)
    ? { [path]: direction }
    : { [path]: direction, _id: direction };
  if (path === '_id' && skip >= COVERED_SKIP_MIN && isWhole(query)) {
    const page = await skipped(source, query, order, skip, limit, sort ? WITH_SORT_KEYS : FOR_VIEWS);
    if (page) return page;
  }
  // By ids alone the planner might as well go through those of every account.
  const hint = path === '_id' && isPartOfWhole(query) ? { hint: 'account_id' } : {};
  return rawDocuments(source, query, order, { projection: sort ? WITH_SORT_KEYS : FOR_VIEWS, skip, limit, ...hint });
}

function isUnique(source: Pick<PageSource<never>, 'uniqueSort'>, path: string): boolean {
  return path === '_id' || path === source.uniqueSort;
}

/** Skips so short cost less than a second round trip: some 0.4 µs a document that stands in memory. */
const COVERED_SKIP_MIN = 2000;

/** Whether a query is about everything in an account. */
function isWhole(query: Condition): boolean {
  return Object.keys(query).length === 1 && typeof query.account === 'string';
}

/** Whether a query is about everything in an account, from some id on. */
function isPartOfWhole(query: Condition): boolean {
  return typeof query.account === 'string' && Object.keys(query).every((key) => key === 'account' || key === '_id');
}

/**
 * The page behind a long skip: what is skipped is read from the index alone, and only the page from its documents. Undefined
 * where one of them was deleted in between: a page that is short says that the list ends there.
 */
async function skipped<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  query: Condition,
  order: Record<string, 1 | -1>,
  skip: number,
  limit: number,
  projection: Document,
): Promise<Found<T> | undefined> {
  const keys = await source.collection
    .find(query as MongoFilter<T>, { projection: { _id: 1 }, hint: 'account_id' })
    .sort(order)
    .skip(skip)
    .limit(limit)
    .toArray();
  const ids = keys.map((key) => key._id);
  if (ids.length === 0) return decoded<T>([]);
  const within: Condition = { ...query, _id: { $in: ids } };
  const found = await rawDocuments(source, within, order, { projection, hint: 'account_id' });
  return found.length === ids.length ? found : undefined;
}

/**
 * An order by any attribute: the keys alone are sorted (the top `skip + limit` of them), then the page is read by id.
 * Resources without a value come last ascending, first descending (RFC 7644 §3.4.2.3).
 */
async function sortedDocuments<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  query: Condition,
  sort: Sort,
  after: CursorPosition | undefined,
  skip: number,
  limit: number,
): Promise<T[]> {
  const direction = sort.descending ? -1 : 1;
  const keys = await source.collection
    .aggregate<{ _id: string }>([
      { $match: query },
      { $project: { key: sortKey(source.sortPath(sort)) } },
      { $set: { none: { $cond: [{ $eq: ['$key', null] }, 1, 0] } } },
      ...(after ? [{ $match: followsPosition(after, sort.descending) }] : []),
      { $sort: { none: direction, key: direction, _id: direction } },
      { $skip: skip },
      { $limit: limit },
      { $project: { _id: 1 } },
    ])
    .toArray();
  const ids = keys.map((key) => key._id);
  const found = await source.collection
    .find({ $and: [query, { _id: { $in: ids } }] } as MongoFilter<T>, { projection: sort ? WITH_SORT_KEYS : FOR_VIEWS })
    .toArray();
  const byId = new Map(found.map((document) => [document._id as string, document as T]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** The value to sort by: of a multi-valued attribute the primary element's, else the first's (RFC 7644 §3.4.2.3). */
function sortKey({ path, multiValued }: { path: string; multiValued: boolean }): Document {
  if (!multiValued) return { $ifNull: [`$${path}`, null] };
  const at = path.lastIndexOf('.');
  const list = `$${path.slice(0, at)}`;
  const primary = { $filter: { input: { $ifNull: [list, []] }, cond: { $eq: ['$$this.primary', true] } } };
  return {
    $let: {
      vars: { element: { $ifNull: [{ $first: primary }, { $first: { $ifNull: [list, []] } }] } },
      in: { $ifNull: [`$$element.${path.slice(at + 1)}`, null] },
    },
  };
}

/** Everything that comes after a position in the order (none, key, _id). */
function followsPosition({ key, id }: CursorPosition, descending: boolean): Document {
  const beyond = descending ? '$lt' : '$gt';
  const none = key === null ? 1 : 0;
  return {
    $or: [
      { none: { [beyond]: none } },
      ...(key === null ? [] : [{ none, key: { [beyond]: key } }]),
      { none, key: { $eq: key }, _id: { [beyond]: id } },
    ],
  };
}

async function cursorPage<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  account: string,
  query: Condition,
  condition: Condition | undefined,
  sort: Sort | undefined,
  page: PageRequest & { kind: 'cursor' },
): Promise<UnreadPage<T>> {
  const path = sort ? source.indexedSort(sort) : '_id';
  const [total, { length: found, at }] = await Promise.all([
    countAll(source, account, query, condition),
    page.count === 0 ? none<T>() : beyond(source, query, sort, path, page),
  ]);
  const length = Math.min(found, page.count);
  if (found <= page.count) return { total, length, at };
  const last = at(length - 1);
  return { total, length, at, next: { key: keyOf(source, last, sort, path), id: last._id } };
}

/** One more than the page, to know whether more follows. */
async function beyond<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  query: Condition,
  sort: Sort | undefined,
  path: string | undefined,
  page: PageRequest & { kind: 'cursor' },
): Promise<Found<T>> {
  const { after, count } = page;
  if (path === undefined) return decoded(await sortedDocuments(source, query, sort as Sort, after, 0, count + 1));
  if (!after) return documents(source, query, sort, 0, count + 1);
  const operator = sort?.descending ? '$lt' : '$gt';
  const key = path === 'created' || path === 'modified' ? new Date(Number(after.key)) : after.key;
  const follows: Condition = isUnique(source, path)
    ? { [path]: { [operator]: path === '_id' ? after.id : key } }
    : {
        // Where the index begins to be read; the `or` alone would have it read from the first page on.
        [path]: { [`${operator}e`]: key },
        $or: [{ [path]: { [operator]: key } }, { [path]: { $eq: key }, _id: { [operator]: after.id } }],
      };
  return documents(source, narrowed(query, follows), sort, 0, count + 1);
}

function keyOf<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  document: T,
  sort: Sort | undefined,
  path: string | undefined,
): CursorPosition['key'] {
  if (!sort || path === '_id') return null;
  const place = path === undefined ? source.sortPath(sort) : { path, multiValued: false };
  const value = readPath(document, place.path, place.multiValued);
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function readPath(document: unknown, path: string, multiValued: boolean): unknown {
  let value: unknown = document;
  for (const step of path.split('.')) {
    if (Array.isArray(value)) {
      const list = value as { primary?: boolean }[];
      value = multiValued ? (list.find((element) => element.primary === true) ?? list[0]) : undefined;
    }
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  }
  return value;
}
