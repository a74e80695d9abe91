// Translates the directory's filter tree to MongoDB. Field names come from the compiled schema and from this file, values
// from the client; a value is never an operator. What the store can't answer is said (QueryNotSupported), never guessed.

import { QueryNotSupported } from '../../directory/ports.ts';
import type { ComparisonOperator, Filter, Literal } from '../../directory/query/query.ts';
import { comparedAt, foldText } from '../../directory/schema/fold.ts';
import type { Attribute } from '../../directory/schema/schema.ts';

/** A condition as MongoDB reads it: field paths and operators of ours, values of the client's. */
export type Condition = { [path: string]: unknown };
export type Compare = Filter & { kind: 'compare' };

/** Matches nothing, on an index. */
export const NOTHING: Condition = { _id: { $in: [] } };
export const EVERYTHING: Condition = {};

/** How one resource type stores what is not in `data`: conditions for attributes that it answers itself. */
export interface SpecialAttributes {
  /** A condition for a comparison, or undefined where the attribute stands in `data`. */
  compare(term: Compare): Promise<Condition | undefined>;
  present(attribute: Attribute): Promise<Condition | undefined>;
  /** A filter that one element of `attribute` must satisfy. */
  element(attribute: Attribute, filter: Filter): Promise<Condition | undefined>;
}

/** @throws QueryNotSupported */
export async function translateFilter(filter: Filter, special: SpecialAttributes): Promise<Condition> {
  switch (filter.kind) {
    case 'and':
      return { $and: await Promise.all(filter.terms.map((term) => translateFilter(term, special))) };
    case 'or':
      return { $or: await Promise.all(filter.terms.map((term) => translateFilter(term, special))) };
    case 'not':
      return { $nor: [await translateFilter(filter.term, special)] };
    case 'present':
      return (await special.present(filter.attribute)) ?? presentAt(comparedAt(filter.attribute));
    case 'compare':
      return (await special.compare(filter)) ?? compareStored(filter);
    case 'element': {
      const own = await special.element(filter.attribute, filter.filter);
      return own ?? elementAt(filter.attribute, filter.filter);
    }
  }
}

/** One element of an attribute satisfies a filter. */
export function elementAt(attribute: Attribute, filter: Filter): Condition {
  return { [comparedAt(attribute)]: { $elemMatch: elementCondition(filter) } };
}

export function presentAt(path: string): Condition {
  return { [path]: { $exists: true, $nin: [null, []] } };
}

/** A comparison of an attribute that stands in `data`. */
export function compareStored(term: Compare): Condition {
  const { attribute, operator } = term;
  const path = comparedAt(attribute);
  const value = foldedLiteral(term);
  // Any one element may satisfy it, and it must be one that has a value.
  if (operator === 'ne' && attribute.parent?.multiValued && value !== null) {
    const element = comparedAt(attribute.parent);
    return { [element]: { $elemMatch: { [attribute.name]: { $exists: true, $ne: value } } } };
  }
  if (operator === 'ne' && attribute.multiValued && value !== null) {
    return { [path]: { $elemMatch: { $ne: value } } };
  }
  return comparison(path, operator, value);
}

/** The literal as the attribute's values are stored for comparison. */
export function foldedLiteral({ attribute, value }: Compare): Literal {
  return typeof value === 'string' && attribute.type === 'string' && !attribute.caseExact ? foldText(value) : value;
}

/** One comparison at a stored path. */
export function comparison(path: string, operator: ComparisonOperator, value: Literal): Condition {
  if (value === null) {
    return operator === 'ne' ? presentAt(path) : { $nor: [presentAt(path)] };
  }
  switch (operator) {
    case 'eq':
      return { [path]: { $eq: value } };
    case 'ne':
      return { [path]: { $ne: value } };
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return { [path]: { [RANGE[operator]]: value } };
    case 'co':
    case 'sw':
    case 'ew':
      return textMatch(path, operator, String(value));
  }
}

const RANGE = { gt: '$gt', ge: '$gte', lt: '$lt', le: '$lte' } as const;

/**
 * A literal inside a regular expression: every character that means something there is escaped, so none does. A blank stays what
 * it is: only then is the beginning of a text a range of an index.
 */
function textMatch(path: string, operator: 'co' | 'sw' | 'ew', value: string): Condition {
  if (value.includes('\u0000')) return NOTHING;
  const literal = value.replace(/[\\^$.*+?()[\]{}|/#-]|[^\S ]/g, (character) =>
    /\s/.test(character) ? `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}` : `\\${character}`,
  );
  if (operator === 'sw') return { [path]: { $regex: `^${literal}` } };
  return { [path]: { $regex: operator === 'ew' ? `${literal}\\z` : literal } };
}

/** The inner condition of `$elemMatch`: paths are names of sub-attributes. */
function elementCondition(filter: Filter): Condition {
  switch (filter.kind) {
    case 'and':
      return { $and: filter.terms.map(elementCondition) };
    case 'or':
      return { $or: filter.terms.map(elementCondition) };
    case 'not':
      return { $nor: [elementCondition(filter.term)] };
    case 'present':
      return presentAt(filter.attribute.name);
    case 'compare':
      return comparison(filter.attribute.name, filter.operator, foldedLiteral(filter));
    case 'element':
      throw new QueryNotSupported(filter.attribute.path, 'a filter inside [] can not hold another');
  }
}

/** Turns a comparison of a constant into a condition: `meta.resourceType eq "User"`. */
export function constantCompare(term: Compare, constant: string): Condition {
  const { operator, attribute } = term;
  const value = foldedLiteral(term);
  const own = attribute.caseExact ? constant : foldText(constant);
  if (value === null) return operator === 'ne' ? EVERYTHING : NOTHING;
  const text = String(value);
  const holds: Record<ComparisonOperator, boolean> = {
    eq: own === text,
    ne: own !== text,
    co: own.includes(text),
    sw: own.startsWith(text),
    ew: own.endsWith(text),
    gt: own > text,
    ge: own >= text,
    lt: own < text,
    le: own <= text,
  };
  return holds[operator] ? EVERYTHING : NOTHING;
}

/** Conditions for the common attributes (RFC 7643 §3.1), which every resource type stores alike. */
export function commonCompare(term: Compare, resourceType: string): Condition | undefined {
  const { attribute, operator, value } = term;
  switch (attribute.key) {
    case 'id':
      return comparison('_id', operator, value);
    case 'meta.created':
      return comparison('created', operator, value);
    case 'meta.lastModified':
      return comparison('modified', operator, value);
    case 'meta.resourceType':
      return constantCompare(term, resourceType);
    case 'meta.version': {
      const version = typeof value === 'string' ? Number(/^(?:W\/)?"?(\d{1,15})"?$/.exec(value)?.[1] ?? -1) : value;
      if (operator !== 'eq' && operator !== 'ne')
        throw new QueryNotSupported('meta.version', 'only eq and ne compare versions');
      return comparison('version', operator, version);
    }
    case 'meta.location': {
      if (operator !== 'eq') throw new QueryNotSupported('meta.location', 'only eq compares locations');
      return typeof value === 'string' ? { _id: { $eq: value.slice(value.lastIndexOf('/') + 1) } } : NOTHING;
    }
    default:
      return undefined;
  }
}

/** Presence of the common attributes: always there, except for what a client gives. */
export function commonPresent(attribute: Attribute): Condition | undefined {
  const always = ['id', 'schemas', 'meta'].includes(attribute.key) || attribute.key.startsWith('meta.');
  return always ? EVERYTHING : undefined;
}
