// Translates the directory's filter tree to MongoDB. Field names come from the compiled schema and from this folder, values from the
// client; a value is never used as an operator. Unsupported filters are rejected with QueryNotSupported (RFC 7644 §3.4.2.2).

import { QueryNotSupported } from '../../directory/ports.ts';
import type { ComparisonOperator, Filter, Literal } from '../../directory/query/query.ts';
import { comparedAt, foldText } from '../../directory/schema/fold.ts';
import type { Attribute } from '../../directory/schema/schema.ts';

/** A MongoDB condition: our own field paths and operators, with values from the client. */
export type Condition = { [path: string]: unknown };
/** A comparison in a filter. */
export type Compare = Filter & { kind: 'compare' };

/** Matches nothing, using an index. */
export const NOTHING: Condition = { _id: { $in: [] } };
/** Matches everything. */
export const EVERYTHING: Condition = {};

/** The conditions of a resource type for attributes that are not stored in `data`; each method returns undefined for all others. */
export interface AttributeOverrides {
  compare(term: Compare): Promise<Condition | undefined>;
  present(attribute: Attribute): Promise<Condition | undefined>;
  /** A filter that one element of `attribute` must satisfy. */
  element(attribute: Attribute, filter: Filter): Promise<Condition | undefined>;
}

/** Translates a filter; the overrides take precedence. @throws QueryNotSupported */
export async function translateFilter(filter: Filter, overrides: AttributeOverrides): Promise<Condition> {
  switch (filter.kind) {
    case 'and':
      return { $and: await Promise.all(filter.terms.map((term) => translateFilter(term, overrides))) };
    case 'or':
      return { $or: await Promise.all(filter.terms.map((term) => translateFilter(term, overrides))) };
    case 'not':
      return { $nor: [await translateFilter(filter.term, overrides)] };
    case 'present':
      return (await overrides.present(filter.attribute)) ?? presentAt(comparedAt(filter.attribute));
    case 'compare':
      return (await overrides.compare(filter)) ?? compareStored(filter);
    case 'element': {
      return (await overrides.element(filter.attribute, filter.filter)) ?? elementAt(filter.attribute, filter.filter);
    }
  }
}

/** Matches if one element of an attribute satisfies a filter. */
export function elementAt(attribute: Attribute, filter: Filter): Condition {
  return { [comparedAt(attribute)]: { $elemMatch: elementCondition(filter) } };
}

/** Matches if there is a value at a stored path. */
export function presentAt(path: string): Condition {
  return { [path]: { $exists: true, $nin: [null, []] } };
}

/** A comparison of an attribute that is stored in `data`. */
export function compareStored(term: Compare): Condition {
  const { attribute, operator } = term;
  const path = comparedAt(attribute);
  const value = foldedLiteral(term);
  // Any element with a value may satisfy the comparison.
  if (operator === 'ne' && attribute.parent?.multiValued && value !== null) {
    const element = comparedAt(attribute.parent);
    return { [element]: { $elemMatch: { [attribute.name]: { $exists: true, $ne: value } } } };
  }
  if (operator === 'ne' && attribute.multiValued && value !== null) {
    return { [path]: { $elemMatch: { $ne: value } } };
  }
  return comparison(path, operator, value);
}

/** The literal, folded in the same way as the stored values of the attribute. */
export function foldedLiteral({ attribute, value }: Compare): Literal {
  return typeof value === 'string' && attribute.type === 'string' && !attribute.caseExact ? foldText(value) : value;
}

/** A comparison at a stored path. */
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
 * Matches a literal by a regular expression in which all special characters are escaped. Blanks are not escaped, because MongoDB
 * could otherwise not turn a prefix into an index range.
 */
function textMatch(path: string, operator: 'co' | 'sw' | 'ew', value: string): Condition {
  if (value.includes('\u0000')) return NOTHING;
  const literal = value.replace(/[\\^$.*+?()[\]{}|/#-]|[^\S ]/g, (character) =>
    /\s/.test(character) ? `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}` : `\\${character}`,
  );
  if (operator === 'sw') return { [path]: { $regex: `^${literal}` } };
  return { [path]: { $regex: operator === 'ew' ? `${literal}\\z` : literal } };
}

/** The condition inside `$elemMatch`, whose paths are names of sub-attributes. */
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

/** Compares an attribute with a constant value, such as `meta.resourceType eq "User"`. */
function constantCompare(term: Compare, constant: string): Condition {
  const { operator, attribute } = term;
  const value = foldedLiteral(term);
  const folded = attribute.caseExact ? constant : foldText(constant);
  if (value === null) return operator === 'ne' ? EVERYTHING : NOTHING;
  const text = String(value);
  const holds: Record<ComparisonOperator, boolean> = {
    eq: folded === text,
    ne: folded !== text,
    co: folded.includes(text),
    sw: folded.startsWith(text),
    ew: folded.endsWith(text),
    gt: folded > text,
    ge: folded >= text,
    lt: folded < text,
    le: folded <= text,
  };
  return holds[operator] ? EVERYTHING : NOTHING;
}

/** Conditions for the common attributes (RFC 7643 §3.1), which all resource types store in the same way. */
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

/** Presence of the common attributes, all of which always have a value except `externalId`. */
export function commonPresent(attribute: Attribute): Condition | undefined {
  const always = ['id', 'schemas', 'meta'].includes(attribute.key) || attribute.key.startsWith('meta.');
  return always ? EVERYTHING : undefined;
}
