// Pages of a collection within an account: filtered, sorted and counted in MongoDB (RFC 7644 §3.4.2). Ids are in creation order.

import { BSON, type Collection, type Document, type Filter as MongoFilter } from 'mongodb';
import type { CursorPosition, PageRequest, Sort, UnreadPage } from '../../directory/query/query.ts';
import { type RawQuery, readRaw } from '../client/raw-batch.ts';
import type { QueryCosts, TimeLimit } from './cost.ts';
import type { Condition } from './filter.ts';
import type { Totals } from './totals.ts';

/** What `readPage` needs to know about a collection. */
export interface PageSource<T extends { _id: string; account: string }> {
  collection: Collection<T>;
  totals: Totals;
  /** The stored path of a sort attribute that every resource has and that is indexed; otherwise undefined. */
  indexedSort(sort: Sort): string | undefined;
  /** The indexed sort path that is unique within an account; its index does not contain ids. */
  uniqueSort?: string;
  /** The stored path of any other sort attribute. */
  sortPath(sort: Sort): { path: string; multiValued: boolean };
  /** The paths of the collection that have an index. */
  indexed: ReadonlySet<string>;
  costs: QueryCosts;
}

/** What the collections of a database have in common as sources. */
export type PageParts = Pick<PageSource<never>, 'totals' | 'indexed' | 'costs'>;

/** A source for one query, with the time that its statements may take. */
type LimitedSource<T extends { _id: string; account: string }> = PageSource<T> & { limit: TimeLimit };

/**
 * The documents of a page. They stay raw BSON and are decoded one at a time, so that pages held by waiting requests cost the garbage
 * collector nothing.
 */
type PageDocuments<T> = Pick<UnreadPage<T>, 'length' | 'at'>;

/** Leaves out the fields that no view needs. */
export const FOR_VIEWS = { fold: 0, terms: 0, changes: 0, sources: 0, phones: 0 } as const;
const WITH_SORT_KEYS = { terms: 0, changes: 0 } as const;

/** The index range of all texts with this folded prefix. */
export function beginsWith(prefix: string): { $gte: string; $lt: string } {
  return { $gte: prefix, $lt: `${prefix}\u{10ffff}` };
}

/** Reads one page. @param condition undefined for all resources of the account. @throws QueryTooCostly */
export function readPage<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  account: string,
  condition: Condition | undefined,
  sort: Sort | undefined,
  page: PageRequest,
): Promise<UnreadPage<T>> {
  const sortsAll = sort !== undefined && source.indexedSort(sort) === undefined;
  return source.costs.run({ account, condition, sortsAll, indexed: source.indexed }, (limit) =>
    readLimitedPage({ ...source, limit }, account, condition, sort, page),
  );
}

async function readLimitedPage<T extends { _id: string; account: string }>(
  source: LimitedSource<T>,
  account: string,
  condition: Condition | undefined,
  sort: Sort | undefined,
  page: PageRequest,
): Promise<UnreadPage<T>> {
  const query = scopeToAccount(account, condition);
  if (page.kind === 'cursor') return cursorPage(source, account, query, condition, sort, page);
  const skip = Math.max(0, page.startIndex - 1);
  // The total of an account is cheap and is read together with the page. A filter is counted only if its page does not show the total.
  const accountTotal = condition ? undefined : source.totals.of(account);
  const found = page.count > 0 ? documents(source, query, sort, skip, page.count) : noDocuments<T>();
  const [{ length, at }, known] = await Promise.all([found, accountTotal]);
  // A page that is not full is the last one and so gives the total.
  const isLast = page.count > 0 && length < page.count && (skip === 0 || length > 0);
  const total = isLast ? skip + length : (known ?? (await countAll(source, account, query, condition)));
  return { total: length > 0 ? Math.max(total, skip + length) : total, length, at };
}

async function noDocuments<T>(): Promise<PageDocuments<T>> {
  return decodedDocuments<T>([]);
}

/** Reads a page of a query in the order of an index. */
async function rawDocuments<T extends { _id: string; account: string }>(
  source: LimitedSource<T>,
  filter: Condition,
  sort: Record<string, 1 | -1>,
  options: Pick<RawQuery, 'projection' | 'skip' | 'limit' | 'hint'>,
): Promise<PageDocuments<T>> {
  const found = await readRaw(source.collection, { filter, sort, ...options, ...source.limit });
  return { length: found.length, at: (index) => BSON.deserialize(found[index] as Uint8Array) as T };
}

/** The documents of a page that are decoded already. */
export function decodedDocuments<T>(documents: readonly T[]): PageDocuments<T> {
  return {
    length: documents.length,
    at(index) {
      const document = documents[index];
      if (document === undefined) throw new RangeError(`the page has no document ${index}`);
      return document;
    },
  };
}

/**
 * A condition within an account. `$or` is hoisted to the root and every branch repeats the account and all other conditions; otherwise
 * MongoDB cannot use one index per branch, nor an index that contains only resources with the attribute.
 */
function scopeToAccount(account: string, condition: Condition | undefined): Condition {
  if (!condition) return { account };
  const operands = operandsOf(condition);
  const disjunction = operands.find((operand) => branchesOf(operand));
  const others = operands.filter((operand) => operand !== disjunction);
  const branches = disjunction ? flatBranches(disjunction) : [];
  if (!disjunction || branches.length * comparisonsIn(others) > REPEATED_MAX)
    return { $and: [{ account }, ...operands] };
  return { $or: branches.map((branch) => ({ $and: [{ account }, branch, ...others] })) };
}

/** The maximum number of comparisons that the branches of `$or` repeat; MongoDB plans each branch separately, which takes time. */
const REPEATED_MAX = 256;

/** The number of comparisons in conditions. */
function comparisonsIn(conditions: readonly Condition[]): number {
  let count = 0;
  for (const condition of conditions) {
    for (const [key, value] of Object.entries(condition)) {
      count += key.startsWith('$') && Array.isArray(value) ? comparisonsIn(value) : 1;
    }
  }
  return count;
}

/** The operands of nested `$and`s, as one list. */
function operandsOf({ $and: operands, ...others }: Condition): Condition[] {
  if (!Array.isArray(operands)) return [others];
  return [...operands.flatMap(operandsOf), ...(Object.keys(others).length > 0 ? [others] : [])];
}

/** The branches of nested `$or`s, as one list. */
function flatBranches(condition: Condition): Condition[] {
  return branchesOf(condition)?.flatMap(flatBranches) ?? [condition];
}

/** The branches of a condition that consists only of `$or`; otherwise undefined. */
function branchesOf({ $or: branches, ...others }: Condition): Condition[] | undefined {
  return Array.isArray(branches) && Object.keys(others).length === 0 ? branches : undefined;
}

/** Adds a condition to a query; to every branch if the query is an `$or`. */
function narrowed(query: Condition, condition: Condition): Condition {
  const branches = branchesOf(query);
  if (isWhole(query)) return { ...query, ...condition };
  if (!branches) return { $and: [query, condition] };
  return { $or: branches.map((branch) => ({ $and: [branch, condition] })) };
}

async function countAll<T extends { _id: string; account: string }>(
  source: LimitedSource<T>,
  account: string,
  query: Condition,
  condition: Condition | undefined,
): Promise<number> {
  return condition
    ? source.collection.countDocuments(query as MongoFilter<T>, source.limit)
    : source.totals.of(account);
}

async function documents<T extends { _id: string; account: string }>(
  source: LimitedSource<T>,
  query: Condition,
  sort: Sort | undefined,
  skip: number,
  limit: number,
): Promise<PageDocuments<T>> {
  const indexed = sort ? source.indexedSort(sort) : '_id';
  if (sort && indexed === undefined) {
    return decodedDocuments(await sortedDocuments(source, query, sort, undefined, skip, limit));
  }
  const path = indexed ?? '_id';
  const direction = sort?.descending ? -1 : 1;
  const order: Record<string, 1 | -1> = isUnique(source, path)
    ? { [path]: direction }
    : { [path]: direction, _id: direction };
  if (path === '_id' && skip >= COVERED_SKIP_MIN && isWhole(query)) {
    const page = await documentsAfterSkip(source, query, order, skip, limit, sort ? WITH_SORT_KEYS : FOR_VIEWS);
    if (page) return page;
  }
  // Without the hint, the planner may choose the index of ids, which contains all accounts.
  const hint = path === '_id' && isPartOfWhole(query) ? { hint: 'account_id' } : {};
  return rawDocuments(source, query, order, { projection: sort ? WITH_SORT_KEYS : FOR_VIEWS, skip, limit, ...hint });
}

function isUnique(source: Pick<PageSource<never>, 'uniqueSort'>, path: string): boolean {
  return path === '_id' || path === source.uniqueSort;
}

/** Shorter skips cost less than a second round trip: about 0.4 µs per document in memory. */
const COVERED_SKIP_MIN = 2000;

/** Whether a query matches everything in an account. */
function isWhole(query: Condition): boolean {
  return Object.keys(query).length === 1 && typeof query.account === 'string';
}

/** Whether a query matches everything in an account, or everything after an id. */
function isPartOfWhole(query: Condition): boolean {
  return typeof query.account === 'string' && Object.keys(query).every((key) => key === 'account' || key === '_id');
}

/**
 * Reads the page after a long skip: skipped entries are read from the index only. Returns undefined if a document of the page was
 * deleted in between, because a short page would mean that the list ends there.
 */
async function documentsAfterSkip<T extends { _id: string; account: string }>(
  source: LimitedSource<T>,
  query: Condition,
  order: Record<string, 1 | -1>,
  skip: number,
  limit: number,
  projection: Document,
): Promise<PageDocuments<T> | undefined> {
  const keys = await source.collection
    .find(query as MongoFilter<T>, { projection: { _id: 1 }, hint: 'account_id' })
    .sort(order)
    .skip(skip)
    .limit(limit)
    .toArray();
  const ids = keys.map((key) => key._id);
  if (ids.length === 0) return decodedDocuments<T>([]);
  const byIds: Condition = { ...query, _id: { $in: ids } };
  const found = await rawDocuments(source, byIds, order, { projection, limit: ids.length, hint: 'account_id' });
  return found.length === ids.length ? found : undefined;
}

/**
 * Sorts by any attribute: only the sort keys are sorted (the top `skip + limit` of them), then the page is read by id.
 * Resources without a value come last ascending, first descending (RFC 7644 §3.4.2.3).
 */
async function sortedDocuments<T extends { _id: string; account: string }>(
  source: LimitedSource<T>,
  query: Condition,
  sort: Sort,
  after: CursorPosition | undefined,
  skip: number,
  limit: number,
): Promise<T[]> {
  const direction = sort.descending ? -1 : 1;
  const keys = await source.collection
    .aggregate<{ _id: string }>(
      [
        { $match: query },
        { $project: { key: sortKey(source.sortPath(sort)) } },
        { $set: { none: { $cond: [{ $eq: ['$key', null] }, 1, 0] } } },
        ...(after ? [{ $match: followsPosition(after, sort.descending) }] : []),
        { $sort: { none: direction, key: direction, _id: direction } },
        { $skip: skip },
        { $limit: limit },
        { $project: { _id: 1 } },
      ],
      source.limit,
    )
    .toArray();
  const ids = keys.map((key) => key._id);
  const found = await source.collection
    .find({ $and: [query, { _id: { $in: ids } }] } as MongoFilter<T>, { projection: sort ? WITH_SORT_KEYS : FOR_VIEWS })
    .toArray();
  const byId = new Map(found.map((document) => [document._id as string, document as T]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** The value to sort by: of a multi-valued attribute that of the primary element, otherwise of the first (RFC 7644 §3.4.2.3). */
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

/** Matches everything after a position in the order (none, key, _id). */
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
  source: LimitedSource<T>,
  account: string,
  query: Condition,
  condition: Condition | undefined,
  sort: Sort | undefined,
  page: PageRequest & { kind: 'cursor' },
): Promise<UnreadPage<T>> {
  const path = sort ? source.indexedSort(sort) : '_id';
  const [total, { length: found, at }] = await Promise.all([
    countAll(source, account, query, condition),
    page.count === 0 ? noDocuments<T>() : documentsAfter(source, query, sort, path, page),
  ]);
  const length = Math.min(found, page.count);
  if (found <= page.count) return { total, length, at };
  const last = at(length - 1);
  return { total, length, at, next: { key: keyOf(source, last, sort, path), id: last._id } };
}

/** Reads one document more than the page, to find out whether another page follows. */
async function documentsAfter<T extends { _id: string; account: string }>(
  source: LimitedSource<T>,
  query: Condition,
  sort: Sort | undefined,
  indexed: string | undefined,
  page: PageRequest & { kind: 'cursor' },
): Promise<PageDocuments<T>> {
  const { after, count } = page;
  if (sort && indexed === undefined) {
    return decodedDocuments(await sortedDocuments(source, query, sort, after, 0, count + 1));
  }
  if (!after) return documents(source, query, sort, 0, count + 1);
  const path = indexed ?? '_id';
  const operator = sort?.descending ? '$lt' : '$gt';
  const key = path === 'created' || path === 'modified' ? new Date(Number(after.key)) : after.key;
  const follows: Condition = isUnique(source, path)
    ? { [path]: { [operator]: path === '_id' ? after.id : key } }
    : {
        // The start of the index range; with `$or` alone, MongoDB would read the index from the first page on.
        [path]: { [`${operator}e`]: key },
        $or: [{ [path]: { [operator]: key } }, { [path]: { $eq: key }, _id: { [operator]: after.id } }],
      };
  return documents(source, narrowed(query, follows), sort, 0, count + 1);
}

function keyOf<T extends { _id: string; account: string }>(
  source: LimitedSource<T>,
  document: T,
  sort: Sort | undefined,
  path: string | undefined,
): CursorPosition['key'] {
  if (!sort || path === '_id') return null;
  const sorted = path === undefined ? source.sortPath(sort) : { path, multiValued: false };
  const value = readPath(document, sorted.path, sorted.multiValued);
  if (value instanceof Date) return value.getTime();
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function readPath(document: unknown, path: string, multiValued: boolean): unknown {
  let value: unknown = document;
  for (const step of path.split('.')) {
    if (Array.isArray(value)) {
      const list: { primary?: boolean }[] = value;
      value = multiValued ? (list.find((element) => element.primary === true) ?? list[0]) : undefined;
    }
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  }
  return value;
}
