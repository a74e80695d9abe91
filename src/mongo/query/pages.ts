// Pages of a collection within an account: filtered, sorted and counted in MongoDB (RFC 7644 §3.4.2). Ids are in creation order.

import { BSON, type Collection, type Document, type Filter as MongoFilter } from 'mongodb';
import type { CursorPosition, PageRequest, Sort, UnreadPage } from '../../directory/query/query.ts';
import { type RawQuery, readRaw } from '../client/raw-batch.ts';
import type { QueryCosts, TimeLimit } from './cost.ts';
import { type Condition, NOTHING } from './filter.ts';
import { type PageEnds, REMEMBERED_FROM } from './page-ends.ts';
import { isPartOfWhole, narrowed, scopeToAccount } from './scope.ts';
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
  /** Where pages ended; without it, pages by startIndex skip everything before them. */
  ends?: PageEnds;
}

/** What the collections of a database have in common as sources. */
export type PageParts = Pick<PageSource<never>, 'totals' | 'indexed' | 'costs' | 'ends'>;

/** A source for one query, with the time that its statements may take. */
type LimitedSource<T extends { _id: string; account: string }> = PageSource<T> & { limit: TimeLimit };

/**
 * The documents of a page. They stay raw BSON and are decoded one at a time, so that pages held by waiting requests cost the garbage
 * collector nothing.
 */
type PageDocuments<T> = Pick<UnreadPage<T, RawDocument>, 'length' | 'at' | 'encodedAt'>;

/** A document of a page as raw BSON. */
export type RawDocument = Uint8Array;

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
): Promise<UnreadPage<T, RawDocument>> {
  if (condition === NOTHING) return Promise.resolve({ total: 0, ...decodedDocuments<T>([]) });
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
): Promise<UnreadPage<T, RawDocument>> {
  const query = scopeToAccount(account, condition);
  if (page.kind === 'cursor') return cursorPage(source, account, query, condition, sort, page);
  const skip = Math.max(0, page.startIndex - 1);
  // The total of an account is cheap and is read together with the page. A filter is counted only if its page does not show the total.
  const accountTotal = condition ? undefined : source.totals.of(account);
  const found: Promise<IndexPage<T>> =
    page.count > 0 ? indexPage(source, account, query, condition, sort, skip, page.count) : noDocuments<T>();
  const [{ length, at, encodedAt, isCounted }, known] = await Promise.all([found, accountTotal]);
  // A page that is not full is the last one and so gives the total.
  const isLast = isCounted === true && length < page.count && (skip === 0 || length > 0);
  const total = isLast ? skip + length : (known ?? (await countAll(source, account, query, condition)));
  return { total: length > 0 ? Math.max(total, skip + length) : total, length, at, encodedAt };
}

/** A page by index. `isCounted`: everything before it was skipped now, not when an earlier page ended there. */
type IndexPage<T> = PageDocuments<T> & { isCounted?: boolean };

/** Reads the page after `skip` resources, from the last remembered end before it if there is one. */
async function indexPage<T extends { _id: string; account: string }>(
  source: LimitedSource<T>,
  account: string,
  query: Condition,
  condition: Condition | undefined,
  sort: Sort | undefined,
  skip: number,
  count: number,
): Promise<IndexPage<T>> {
  const path = sort ? source.indexedSort(sort) : '_id';
  if (path === undefined || skip + count < REMEMBERED_FROM)
    return { ...(await documents(source, query, sort, skip, count)), isCounted: true };
  const ends = source.ends?.of(account, condition, orderBy(source, path, sort));
  const end = ends?.before(skip);
  const found = end
    ? await documentsAfter(source, query, sort, path, end.at, skip - end.position, count)
    : await documents(source, query, sort, skip, count);
  if (ends && found.length === count) {
    const last = found.at(count - 1);
    const at = { key: keyOf(source, last, sort, path), id: last._id };
    ends.remember({ position: skip + count, at, ...(end?.counted === undefined ? {} : { counted: end.counted }) });
  }
  return { ...found, isCounted: end === undefined };
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
  const encodedAt = (index: number): RawDocument | undefined => found[index];
  return { length: found.length, at: (index) => BSON.deserialize(found[index] as Uint8Array) as T, encodedAt };
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
  const order = orderBy(source, path, sort);
  if (path === '_id' && skip >= COVERED_SKIP_MIN && isPartOfWhole(query)) {
    const page = await documentsAfterSkip(source, query, order, skip, limit, sort ? WITH_SORT_KEYS : FOR_VIEWS);
    if (page) return page;
  }
  // Without the hint, the planner may choose the index of ids, which contains all accounts.
  const hint = path === '_id' && isPartOfWhole(query) ? { hint: 'account_id' } : {};
  return rawDocuments(source, query, order, { projection: sort ? WITH_SORT_KEYS : FOR_VIEWS, skip, limit, ...hint });
}

/** The order of an index; ids come last if the path is not unique. */
function orderBy(
  source: Pick<PageSource<never>, 'uniqueSort'>,
  path: string,
  sort: Sort | undefined,
): Record<string, 1 | -1> {
  const direction = sort?.descending ? -1 : 1;
  return isUnique(source, path) ? { [path]: direction } : { [path]: direction, _id: direction };
}

function isUnique(source: Pick<PageSource<never>, 'uniqueSort'>, path: string): boolean {
  return path === '_id' || path === source.uniqueSort;
}

/** Shorter skips cost less than a second round trip: about 0.4 µs per document in memory. */
const COVERED_SKIP_MIN = 2000;

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
): Promise<UnreadPage<T, RawDocument>> {
  const path = sort ? source.indexedSort(sort) : '_id';
  const [total, { length: found, at, encodedAt }] = await Promise.all([
    countAll(source, account, query, condition),
    page.count === 0 ? noDocuments<T>() : documentsByCursor(source, query, sort, path, page),
  ]);
  const length = Math.min(found, page.count);
  if (found <= page.count) return { total, length, at, encodedAt };
  const last = at(length - 1);
  return { total, length, at, encodedAt, next: { key: keyOf(source, last, sort, path), id: last._id } };
}

/** Reads one document more than the page, to find out whether another page follows. */
async function documentsByCursor<T extends { _id: string; account: string }>(
  source: LimitedSource<T>,
  query: Condition,
  sort: Sort | undefined,
  indexed: string | undefined,
  { after, count }: PageRequest & { kind: 'cursor' },
): Promise<PageDocuments<T>> {
  if (sort && indexed === undefined) {
    return decodedDocuments(await sortedDocuments(source, query, sort, after, 0, count + 1));
  }
  if (!after) return documents(source, query, sort, 0, count + 1);
  return documentsAfter(source, query, sort, indexed ?? '_id', after, 0, count + 1);
}

/** Reads what follows a position in the order of an index, after skipping some. */
async function documentsAfter<T extends { _id: string; account: string }>(
  source: LimitedSource<T>,
  query: Condition,
  sort: Sort | undefined,
  path: string,
  after: CursorPosition,
  skip: number,
  limit: number,
): Promise<PageDocuments<T>> {
  const operator = sort?.descending ? '$lt' : '$gt';
  const key = path === 'created' || path === 'modified' ? new Date(Number(after.key)) : after.key;
  const follows: Condition = isUnique(source, path)
    ? { [path]: { [operator]: path === '_id' ? after.id : key } }
    : {
        // The start of the index range; with `$or` alone, MongoDB would read the index from the first page on.
        [path]: { [`${operator}e`]: key },
        $or: [{ [path]: { [operator]: key } }, { [path]: { $eq: key }, _id: { [operator]: after.id } }],
      };
  return documents(source, narrowed(query, follows), sort, skip, limit);
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
