// Whether a filter's literal and operator fit the attribute's type, and the value it is compared as (RFC 7644 §3.4.2.2).

import type { ComparisonOperator, Literal } from '../../../../directory/query/query.ts';
import { parseDateTime } from '../../../../directory/schema/date-time.ts';
import type { Attribute } from '../../../../directory/schema/schema.ts';
import { badRequest } from '../scim-error.ts';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Reads a JSON number; undefined if the text is not one or is not finite.
 * @see RFC 7159 §6
 */
export function numberFrom(word: string): number | undefined {
  if (!NUMBER.test(word)) return undefined;
  const number = Number(word);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * The literal as it is compared with the attribute: "True" as a boolean, a dateTime text as a Date.
 * @throws ScimError 400 invalidFilter that names the attribute, the operator and what is expected.
 * @see RFC 7644 §3.4.2.2
 */
export function literalFor(
  attribute: Attribute,
  operator: ComparisonOperator,
  raw: string | number | boolean | null,
): Literal {
  checkOperator(attribute, operator);
  if (raw !== null) return typedLiteral(attribute, raw);
  if (operator === 'eq' || operator === 'ne') return null;
  throw badRequest('invalidFilter', `null can only be compared with eq and ne (attribute ${attribute.path}).`);
}

function checkOperator(attribute: Attribute, operator: ComparisonOperator): void {
  const refuse = () =>
    badRequest('invalidFilter', `The operator ${operator} does not apply to ${describe(attribute)}.`);
  const { type } = attribute;
  if (operator === 'co' || operator === 'sw' || operator === 'ew') {
    if (type !== 'string' && type !== 'reference') throw refuse();
  } else if (operator !== 'eq' && operator !== 'ne' && (type === 'boolean' || type === 'binary')) {
    throw refuse();
  }
}

function typedLiteral(attribute: Attribute, raw: string | number | boolean): Literal {
  const refuse = (expected: string) =>
    badRequest('invalidFilter', `${describe(attribute)} is compared with ${expected}.`);
  switch (attribute.type) {
    case 'boolean': {
      const text = typeof raw === 'string' ? raw.toLowerCase() : raw;
      if (text === true || text === 'true') return true;
      if (text === false || text === 'false') return false;
      throw refuse('true or false');
    }
    case 'integer':
      if (typeof raw !== 'number' || !Number.isInteger(raw)) throw refuse('an integer');
      return raw;
    case 'decimal':
      if (typeof raw !== 'number') throw refuse('a number');
      return raw;
    case 'dateTime': {
      const date = typeof raw === 'string' ? parseDateTime(raw) : undefined;
      if (!date) throw refuse('a date and time in quotes, such as "2026-01-31T12:00:00Z"');
      return date;
    }
    default:
      if (typeof raw !== 'string') throw refuse('a string in double quotes');
      return raw;
  }
}

function describe(attribute: Attribute): string {
  return `the ${attribute.type} attribute ${attribute.path}`;
}
