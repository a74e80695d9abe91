// The parameters of a list or search, from a query string or a SearchRequest: filter, order, page, attributes
// (RFC 7644 §3.4.2, §3.4.3; RFC 9865 §2).

import type { Filter, PageRequest, Sort } from '../../../directory/query/query.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import type { ScimLimits } from '../limits.ts';
import { parseFilter } from '../protocol/filter/parser.ts';
import { MESSAGE } from '../protocol/messages.ts';
import { findAttribute } from '../protocol/names/attribute-name.ts';
import { type Projection, parseProjection } from '../protocol/names/projection.ts';
import { badRequest, quote } from '../protocol/scim-error.ts';
import { isJsonObject, memberOf } from '../protocol/values/json.ts';

type PageLimits = Pick<ScimLimits, 'defaultPageSize' | 'maxPageSize'>;

/** The parameters before names are resolved against a schema. */
export interface ListParameters {
  filter: string | undefined;
  sortBy: string | undefined;
  descending: boolean;
  page: { kind: 'index'; startIndex: number; count: number } | { kind: 'cursor'; cursor: string; count: number };
  attributes: string[];
  excludedAttributes: string[];
}

/** A parameter as text; undefined if it is absent. */
type Read = (name: string) => string | undefined;

/** Larger than any directory, and still a number that the store can skip to. */
const START_INDEX_MAX = 1_000_000_000;

/**
 * Reads the parameters of a GET; unknown ones are ignored, and one without a value is as absent.
 * @throws ScimError 400 invalidValue, invalidCount
 * @see RFC 7644 §3.4.2
 */
export function parametersOfQuery(query: URLSearchParams, limits: PageLimits): ListParameters {
  return {
    ...readParameters((name) => firstValue(query, name), limits),
    attributes: query.getAll('attributes'),
    excludedAttributes: query.getAll('excludedAttributes'),
  };
}

/** Parameters whose second value would change which resources are listed in which order. */
const SINGLE = new Set(['filter', 'sortBy', 'sortOrder']);

function firstValue(query: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = new Set(query.getAll(name));
  if (others.length > 0 && SINGLE.has(name))
    throw badRequest('invalidValue', `${name} appears more than once, with different values.`);
  return value;
}

/**
 * Reads a SearchRequest.
 * @throws ScimError 400 invalidSyntax, invalidValue, invalidCount
 * @see RFC 7644 §3.4.3
 */
export function parametersOfSearch(body: unknown, limits: PageLimits): ListParameters {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object, a SearchRequest.');
  const schemas = memberOf(body, 'schemas')?.value;
  if (!Array.isArray(schemas) || !schemas.includes(MESSAGE.search))
    throw badRequest('invalidSyntax', `schemas must be an array with "${MESSAGE.search}".`);
  const read: Read = (name) => {
    const value = memberOf(body, name.toLowerCase())?.value;
    if (value === undefined || value === null) return undefined;
    const numeric = name === 'count' || name === 'startIndex';
    if (numeric && typeof value === 'number') return String(value);
    if (typeof value === 'string') return value;
    throw badRequest('invalidValue', `${name} must be ${numeric ? 'an integer' : 'a string'}.`);
  };
  const names = (name: string): string[] => {
    const value = memberOf(body, name.toLowerCase())?.value;
    if (value === undefined || value === null) return [];
    const list = typeof value === 'string' ? [value] : value;
    if (Array.isArray(list) && list.every((entry) => typeof entry === 'string')) return list;
    throw badRequest('invalidValue', `${name} must be an array of strings.`);
  };
  return {
    ...readParameters(read, limits),
    attributes: names('attributes'),
    excludedAttributes: names('excludedAttributes'),
  };
}

/** An empty `cursor` asks for the first page (RFC 9865 §2); another parameter without a value is absent. */
function withoutEmpty(read: Read): Read {
  return (name) => {
    const text = read(name);
    return name !== 'cursor' && text?.trim() === '' ? undefined : text;
  };
}

function readParameters(given: Read, limits: PageLimits): Omit<ListParameters, 'attributes' | 'excludedAttributes'> {
  const read = withoutEmpty(given);
  const order = read('sortOrder')?.toLowerCase();
  if (order !== undefined && order !== 'ascending' && order !== 'descending')
    throw badRequest('invalidValue', 'sortOrder must be ascending or descending.');
  return {
    filter: read('filter'),
    sortBy: read('sortBy'),
    descending: order === 'descending',
    page: readPage(read, limits),
  };
}

function readPage(read: Read, limits: PageLimits): ListParameters['page'] {
  const cursor = read('cursor');
  if (cursor === undefined) {
    const startIndex = integer('startIndex', read('startIndex')) ?? 1;
    const count = integer('count', read('count')) ?? limits.defaultPageSize;
    return {
      kind: 'index',
      startIndex: Math.min(Math.max(startIndex, 1), START_INDEX_MAX),
      count: Math.min(Math.max(count, 0), limits.maxPageSize),
    };
  }
  if (read('startIndex') !== undefined) throw badRequest('invalidValue', 'Specify cursor or startIndex, not both.');
  const text = read('count');
  if (text !== undefined && !/^[0-9]{1,400}$/.test(text))
    throw badRequest('invalidCount', 'count must be an integer of 0 or more.');
  const count = Math.min(text === undefined ? limits.defaultPageSize : Number(text), limits.maxPageSize);
  return { kind: 'cursor', cursor, count };
}

function integer(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?[0-9]{1,300}$/.test(text)) throw badRequest('invalidValue', `${name} must be an integer.`);
  return Number(text);
}

/** The parameters resolved for one resource type; the caller sets the page. */
export interface TypedParameters {
  filter: Filter | undefined;
  sort: Sort | undefined;
  projection: Projection;
}

/**
 * Resolves names against a resource type.
 * @throws ScimError 400 invalidFilter, invalidValue
 */
export function applyTo(schema: ResourceSchema, parameters: ListParameters): TypedParameters {
  const { filter } = parameters;
  return {
    filter: filter === undefined ? undefined : parseFilter(filter, schema),
    sort: sortOf(schema, parameters),
    projection: parseProjection(parameters, schema),
  };
}

/**
 * The order by `sortBy`; a complex attribute sorts by its `value`, and without a `value` it has no order.
 * @throws ScimError 400 invalidValue if the attribute is unknown or has no order.
 * @see RFC 7644 §3.4.2.3
 */
function sortOf(schema: ResourceSchema, parameters: ListParameters): Sort | undefined {
  const { sortBy, descending } = parameters;
  if (sortBy === undefined || sortBy === '') return undefined;
  const named = findAttribute(schema, sortBy.trim());
  const attribute = named?.type === 'complex' ? named.sub.get('value') : named;
  const isSecret = named?.returned === 'never' || attribute?.returned === 'never';
  if (!attribute || isSecret || attribute.type === 'binary')
    throw badRequest('invalidValue', `sortBy: resources can't be sorted by ${quote(sortBy)}.`);
  return { attribute, descending };
}

/** A query of the directory without the parts that are not given. */
export function queryOf(typed: TypedParameters, page: PageRequest) {
  return {
    ...(typed.filter ? { filter: typed.filter } : {}),
    ...(typed.sort ? { sort: typed.sort } : {}),
    page,
  };
}
