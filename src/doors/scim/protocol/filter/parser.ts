// SCIM filter text to the directory's typed filter tree (RFC 7644 §3.4.2.2): a recursive descent of bounded depth.

import type { ComparisonOperator, Filter, Literal } from '../../../../directory/query/query.ts';
import type { Attribute, ResourceSchema } from '../../../../directory/schema/schema.ts';
import { findAttribute } from '../names/attribute-name.ts';
import { badRequest, quote, UnknownAttribute } from '../scim-error.ts';
import { literalFor, numberFrom } from './literal.ts';
import { FilterScanner } from './scanner.ts';

const FILTER_CHARACTERS_MAX = 8_192;
const FILTER_TERMS_MAX = 200;
const FILTER_DEPTH_MAX = 32;

const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'pr'] as const;

/** The state of parsing one text: the position, the attributes that can be named, and how much of the limits is used. */
interface Run {
  scanner: FilterScanner;
  /** The attribute that a name refers to, undefined if there is none. */
  find: (name: string) => Attribute | undefined;
  /** What the names belong to, for messages. */
  owner: string;
  /** The attribute whose brackets the run is in. */
  within: Attribute | undefined;
  terms: number;
  depth: number;
}

/**
 * Parses a filter of at most 8,192 characters, 200 terms and 32 levels into the typed tree.
 * @throws ScimError 400 invalidFilter that says what was expected and where, or names the attribute and the rule.
 * @see RFC 7644 §3.4.2.2
 */
export function parseFilter(text: string, schema: ResourceSchema): Filter {
  if (text.length > FILTER_CHARACTERS_MAX)
    throw badRequest('invalidFilter', `The filter is longer than ${FILTER_CHARACTERS_MAX} characters.`);
  const run: Run = {
    scanner: new FilterScanner(text),
    find: (name) => findAttribute(schema, name),
    owner: schema.name,
    within: undefined,
    terms: 0,
    depth: 0,
  };
  const filter = disjunction(run);
  if (!run.scanner.atEnd) run.scanner.fail('"and", "or" or the end of the filter');
  return filter;
}

/**
 * Parses the filter inside the brackets of a value path; the scanner is after `[` and ends after `]`.
 * In a multi-valued attribute without sub-attributes, `value` is the element itself.
 * @throws ScimError 400 invalidFilter
 * @see RFC 7644 §3.5.2
 */
export function parseElementFilter(scanner: FilterScanner, attribute: Attribute): Filter {
  const run = { scanner, terms: 0, depth: 0, within: undefined, owner: '', find: () => undefined };
  return elementFilter(run, attribute);
}

function disjunction(run: Run): Filter {
  return chain(run, 'or', () => chain(run, 'and', () => term(run)));
}

function chain(run: Run, kind: 'and' | 'or', operand: () => Filter): Filter {
  const first = operand();
  const terms = [first];
  while (keyword(run, kind)) terms.push(operand());
  return terms.length === 1 ? first : { kind, terms };
}

function keyword(run: Run, word: 'and' | 'or'): boolean {
  run.scanner.skipSpace();
  if (run.scanner.peekWord().toLowerCase() !== word) return false;
  run.scanner.word();
  return true;
}

function term(run: Run): Filter {
  const { scanner } = run;
  scanner.skipSpace();
  if (scanner.take('(')) return group(run);
  const start = scanner.position;
  const name = scanner.word();
  if (name === '') scanner.fail('an attribute name, "not" or "("');
  const afterName = scanner.position;
  if (name.toLowerCase() === 'not') {
    scanner.skipSpace();
    if (!scanner.take('(')) scanner.fail('"(" after "not"', afterName);
    return { kind: 'not', term: group(run) };
  }
  const attribute = readable(run, name, start);
  if (scanner.take('[')) return valuePath(run, attribute, start);
  return comparison(run, attribute);
}

function group(run: Run): Filter {
  return deeper(run, () => {
    const filter = disjunction(run);
    if (!run.scanner.take(')')) run.scanner.fail('"and", "or" or ")"');
    return filter;
  });
}

function deeper(run: Run, parse: () => Filter): Filter {
  run.depth += 1;
  if (run.depth > FILTER_DEPTH_MAX)
    throw badRequest('invalidFilter', `The filter is nested deeper than ${FILTER_DEPTH_MAX} levels.`);
  const filter = parse();
  run.depth -= 1;
  return filter;
}

function readable(run: Run, name: string, start: number): Attribute {
  const attribute = run.find(name);
  if (!attribute)
    throw new UnknownAttribute(
      'invalidFilter',
      `${run.owner} has no attribute ${quote(name)} (position ${start + 1}).`,
    );
  if (attribute.returned === 'never' || attribute.mutability === 'writeOnly')
    throw badRequest('invalidFilter', `The attribute ${attribute.path} can't be filtered on: it is never returned.`);
  return attribute;
}

function valuePath(run: Run, attribute: Attribute, start: number): Filter {
  const { scanner } = run;
  if (run.within) scanner.fail('a comparison, not another "[" inside "[…]"', scanner.position - 1);
  if (!attribute.multiValued)
    throw badRequest('invalidFilter', `${attribute.path} is not multi-valued, so "[…]" can't follow it.`);
  const inner = elementFilter(run, attribute);
  if (attribute.type !== 'complex') {
    // Elements without sub-attributes have a single value, so only one condition makes sense.
    if (inner.kind === 'compare' || inner.kind === 'present') return inner;
    scanner.fail(`one comparison inside the brackets of ${attribute.path}`, start);
  }
  const name = scanner.next === '.' ? scanner.word().slice(1) : '';
  if (name === '') return { kind: 'element', attribute, filter: inner };
  const sub = attribute.sub.get(name.toLowerCase());
  if (!sub) throw new UnknownAttribute('invalidFilter', `${attribute.path} has no sub-attribute ${quote(name)}.`);
  const outer = comparison(run, sub);
  const terms = inner.kind === 'and' ? [...inner.terms, outer] : [inner, outer];
  return { kind: 'element', attribute, filter: { kind: 'and', terms } };
}

function elementFilter(run: Run, attribute: Attribute): Filter {
  const inside: Run = {
    ...run,
    within: attribute,
    owner: attribute.path,
    find: (name) => {
      if (attribute.type === 'complex') return attribute.sub.get(name.toLowerCase());
      return name.toLowerCase() === 'value' ? attribute : undefined;
    },
  };
  const filter = deeper(inside, () => disjunction(inside));
  if (!run.scanner.take(']')) run.scanner.fail('"and", "or" or "]"');
  run.terms = inside.terms;
  return filter;
}

function comparison(run: Run, attribute: Attribute): Filter {
  const { scanner } = run;
  run.terms += 1;
  if (run.terms > FILTER_TERMS_MAX)
    throw badRequest('invalidFilter', `The filter has more than ${FILTER_TERMS_MAX} terms.`);
  if (!scanner.skipSpace()) scanner.fail('a space and an operator after the attribute name');
  const operator = operatorOf(scanner);
  if (operator === 'pr') return { kind: 'present', attribute };
  if (!scanner.skipSpace()) scanner.fail(`a space and a value after "${operator}"`);
  const leaf = attribute.type === 'complex' ? attribute.sub.get('value') : attribute;
  if (!leaf)
    throw badRequest(
      'invalidFilter',
      `${attribute.path} is complex: compare one of its sub-attributes, not the whole.`,
    );
  return { kind: 'compare', attribute: leaf, operator, value: literalFor(leaf, operator, literal(scanner)) };
}

function operatorOf(scanner: FilterScanner): ComparisonOperator | 'pr' {
  const start = scanner.position;
  const word = scanner.word().toLowerCase();
  const operator = OPERATORS.find((known) => known === word);
  return operator ?? scanner.fail('an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)', start);
}

function literal(scanner: FilterScanner): Exclude<Literal, Date> {
  const start = scanner.position;
  let value: Exclude<Literal, Date>;
  if (scanner.next === '"') {
    value = scanner.string();
  } else {
    const word = scanner.word();
    const lower = word.toLowerCase();
    if (lower === 'true' || lower === 'false') value = lower === 'true';
    else if (lower === 'null') value = null;
    else
      value =
        numberFrom(word) ?? scanner.fail('a value: a string in double quotes, a number, true, false or null', start);
  }
  const ends = scanner.atEnd || ' \t\r\n)]'.includes(scanner.next);
  if (!ends) scanner.fail('a space, a closing bracket or the end after the value');
  return value;
}
