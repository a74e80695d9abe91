// Evaluates a filter in memory on one element of a multi-valued attribute, and derives the element that a PATCH must create to
// satisfy such a filter (RFC 7644 §3.5.2, valuePath).

import type { ComparisonOperator, Filter, Literal } from '../../../../directory/query/query.ts';
import { parseDateTime } from '../../../../directory/schema/date-time.ts';
import { foldText, isObject } from '../../../../directory/schema/fold.ts';
import {
  type Attribute,
  type Attributes,
  type AttributeValue,
  emptyAttributes,
} from '../../../../directory/schema/schema.ts';
import { badRequest } from '../scim-error.ts';
import { isUnassigned } from '../values/json.ts';
import { isWritable } from '../values/value.ts';

/** How many comparisons a request may still use; shared by all its operations. */
export interface Effort {
  left: number;
}

/**
 * Subtracts comparisons from those that the request may still use.
 * @throws ScimError 400 tooMany if none are left.
 */
export function spend(effort: Effort, comparisons: number): void {
  effort.left -= comparisons;
  if (effort.left < 0)
    throw badRequest('tooMany', 'The operations compare too many elements: send them in several smaller requests.');
}

/**
 * Whether an element satisfies the whole filter. Texts compare folded unless their attribute is case-exact.
 * @throws ScimError 400 tooMany if the request has used all its comparisons.
 * @see RFC 7644 §3.4.2.2
 */
export function matchesElement(filter: Filter, element: AttributeValue, effort: Effort): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.terms.every((term) => matchesElement(term, element, effort));
    case 'or':
      return filter.terms.some((term) => matchesElement(term, element, effort));
    case 'not':
      return !matchesElement(filter.term, element, effort);
    case 'present':
      return !isUnassigned(valueIn(element, filter.attribute));
    case 'compare':
      spend(effort, 1);
      return compares(filter.attribute, filter.operator, valueIn(element, filter.attribute), filter.value);
    case 'element':
      return false;
  }
}

/**
 * What an element must hold to satisfy the filter: the sub-attributes of its `eq` terms. undefined if the filter contains
 * anything other than `eq` terms joined by `and`, or contradicts itself.
 * @see RFC 7644 §3.5.2.1
 */
export function seedFrom(filter: Filter): Attributes | undefined {
  const seed = emptyAttributes();
  const terms = filter.kind === 'and' ? filter.terms : [filter];
  for (const term of terms) {
    const inner = term.kind === 'and' ? seedFrom(term) : seedOfTerm(term);
    if (!inner) return undefined;
    for (const [name, value] of Object.entries(inner)) {
      if (Object.hasOwn(seed, name) && seed[name] !== value) return undefined;
      seed[name] = value;
    }
  }
  return seed;
}

function seedOfTerm(term: Filter): Attributes | undefined {
  if (term.kind !== 'compare' || term.operator !== 'eq' || term.value === null) return undefined;
  if (!term.attribute.parent || !isWritable(term.attribute)) return undefined;
  const value = term.value instanceof Date ? term.value.toISOString() : term.value;
  return Object.assign(emptyAttributes(), { [term.attribute.name]: value });
}

/** The value used in comparisons: folded unless its attribute is case-exact. */
export function comparable(attribute: Attribute, value: AttributeValue | undefined): AttributeValue | undefined {
  return typeof value === 'string' && !attribute.caseExact ? foldText(value) : value;
}

function valueIn(element: AttributeValue, attribute: Attribute): AttributeValue | undefined {
  if (!isObject(element)) return attribute.parent ? undefined : element;
  // RFC 7643 §2.4: an element without `primary` is not primary.
  return element[attribute.name] ?? (attribute.name === 'primary' && attribute.type === 'boolean' ? false : undefined);
}

function compares(
  attribute: Attribute,
  operator: ComparisonOperator,
  actual: AttributeValue | undefined,
  expected: Literal,
): boolean {
  if (operator === 'ne') return !compares(attribute, 'eq', actual, expected);
  if (expected === null) return isUnassigned(actual);
  if (expected instanceof Date) {
    const date = typeof actual === 'string' ? parseDateTime(actual) : undefined;
    return date !== undefined && inOrder(operator, date.getTime(), expected.getTime());
  }
  const left = comparable(attribute, actual);
  const right = comparable(attribute, expected);
  if (typeof left === 'string' && typeof right === 'string') return textCompares(operator, left, right);
  if (typeof left === 'number' && typeof right === 'number') return inOrder(operator, left, right);
  return operator === 'eq' && left === right;
}

function textCompares(operator: ComparisonOperator, left: string, right: string): boolean {
  if (operator === 'co') return left.includes(right);
  if (operator === 'sw') return left.startsWith(right);
  if (operator === 'ew') return left.endsWith(right);
  return inOrder(operator, left, right);
}

function inOrder<T extends string | number>(operator: ComparisonOperator, left: T, right: T): boolean {
  if (operator === 'gt') return left > right;
  if (operator === 'ge') return left >= right;
  if (operator === 'lt') return left < right;
  if (operator === 'le') return left <= right;
  return left === right;
}
