// What can be asked of the directory: a typed filter tree, an order, a page. Doors build it from their own syntax
// against the compiled schema; the store translates it. No client text is ever a key or an operator in it.

import type { Attribute } from '../schema/schema.ts';

/** RFC 7644 §3.4.2.2, table 3. */
export type ComparisonOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** A comparison literal; its type fits the attribute's (the door has checked it). A dateTime is a Date. */
export type Literal = string | number | boolean | null | Date;

/**
 * A filter over resources. `attribute` is always a leaf (a sub-attribute where the attribute is complex) except in
 * `present` and `element`. Inside `element`, the attributes are sub-attributes of `element.attribute`, and one and
 * the same element must satisfy the whole inner filter (RFC 7644 §3.4.2.2, valuePath).
 */
export type Filter =
  | { kind: 'and'; terms: Filter[] }
  | { kind: 'or'; terms: Filter[] }
  | { kind: 'not'; term: Filter }
  | { kind: 'present'; attribute: Attribute }
  | { kind: 'compare'; attribute: Attribute; operator: ComparisonOperator; value: Literal }
  | { kind: 'element'; attribute: Attribute; filter: Filter };

/** An order by one attribute; resources that have no value come last ascending, first descending (RFC 7644 §3.4.2.3). */
export interface Sort {
  attribute: Attribute;
  descending: boolean;
}

/** A place in an ordered list: the sort value (null where the resource has none) and id of the last resource served. */
export interface CursorPosition {
  key: string | number | boolean | null;
  id: string;
}

/** Index paging counts from 1 (RFC 7644 §3.4.2.4); cursor paging starts without `after` (RFC 9865). */
export type PageRequest =
  | { kind: 'index'; startIndex: number; count: number }
  | { kind: 'cursor'; after?: CursorPosition; count: number };

export interface Query {
  filter?: Filter;
  /** Words; each must begin a word of the resource. An external ID is found whole. */
  search?: string;
  sort?: Sort;
  page: PageRequest;
}

/** A page of an answer. `total` counts everything that matched; `next` is there while more follows (cursor paging only). */
export interface Page<T> {
  total: number;
  resources: T[];
  next?: CursorPosition;
}

/**
 * A page that still stands as the store gave it: each resource is made when it is asked for, so that of a long page few
 * stand in memory at once. `index` from 0, below `length`.
 */
export interface UnreadPage<T> {
  total: number;
  next?: CursorPosition;
  length: number;
  at: (index: number) => T;
}

/** The same, where now and then something has to be asked for before a resource can be made. */
export type PendingPage<T> = UnreadPage<T | Promise<T>>;

/** Everything of a page. */
export function readWhole<T>({ length, at, ...page }: UnreadPage<T>): Page<T> {
  return { ...page, resources: Array.from({ length }, (_, index) => at(index)) };
}

/** A page that stands in memory already. */
export function unread<T>({ resources, ...page }: Page<T>): UnreadPage<T> {
  return { ...page, length: resources.length, at: (index) => resources[index] as T };
}
