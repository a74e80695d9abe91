// The types of queries: a filter, an order, a page. Doors build them from their own syntax with the compiled schema; src/mongo
// translates them. Text of a client is never a key or an operator.

import type { Attribute } from '../schema/schema.ts';

/** A comparison operator. @see RFC 7644 §3.4.2.2, table 3 */
export type ComparisonOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** A comparison value. Doors check that it matches the type of the attribute. A dateTime is a Date. */
export type Literal = string | number | boolean | null | Date;

/**
 * A filter over resources. `attribute` is a simple attribute or sub-attribute, except in `present` and `element`. Inside `element`, the
 * attributes are sub-attributes of `element.attribute`, and a single element must match the whole inner filter.
 * @see RFC 7644 §3.4.2.2
 */
export type Filter =
  | { kind: 'and'; terms: Filter[] }
  | { kind: 'or'; terms: Filter[] }
  | { kind: 'not'; term: Filter }
  | { kind: 'present'; attribute: Attribute }
  | { kind: 'compare'; attribute: Attribute; operator: ComparisonOperator; value: Literal }
  | { kind: 'element'; attribute: Attribute; filter: Filter };

/** An order by one attribute. Resources without a value are last if ascending, first if descending. @see RFC 7644 §3.4.2.3 */
export interface Sort {
  attribute: Attribute;
  descending: boolean;
}

/** A position in an ordered list: the sort value (null if there is none) and the id of the last resource served. */
export interface CursorPosition {
  key: string | number | boolean | null;
  id: string;
}

/** `startIndex` counts from 1; cursor paging starts without `after`. @see RFC 7644 §3.4.2.4, RFC 9865 */
export type PageRequest =
  | { kind: 'index'; startIndex: number; count: number }
  | { kind: 'cursor'; after?: CursorPosition; count: number };

/** A query for a page of resources. */
export interface Query {
  filter?: Filter;
  /** Words to search for. Each must be a prefix of a word of the resource, or equal to its external ID. */
  search?: string;
  sort?: Sort;
  page: PageRequest;
}

/** A page of resources. `total` is the number of all matches; `next` is present if more follow (cursor paging only). */
export interface Page<T> {
  total: number;
  resources: T[];
  next?: CursorPosition;
}

/**
 * A page whose resources are decoded one at a time as they are read, so that a long page needs little memory. `at` takes an index
 * from 0 to `length - 1`. `encodedAt` returns the resource with its attributes encoded; absent or undefined if only `at` has it.
 */
export interface UnreadPage<T, E = never> {
  total: number;
  next?: CursorPosition;
  length: number;
  at: (index: number) => T;
  encodedAt?: ((index: number) => E | undefined) | undefined;
}

/** An unread page some of whose resources need a query before they can be returned. */
export type PendingPage<T, E = never> = UnreadPage<T | Promise<T>, E>;

/** Reads all resources of a page. */
export function readWhole<T>({ length, at, encodedAt: _encodedAt, ...page }: UnreadPage<T, unknown>): Page<T> {
  return { ...page, resources: Array.from({ length }, (_, index) => at(index)) };
}

/** Wraps a page that is already in memory. */
export function unread<T>({ resources, ...page }: Page<T>): UnreadPage<T> {
  return { ...page, length: resources.length, at: (index) => resources[index] as T };
}
