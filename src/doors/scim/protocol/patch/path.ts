// The path of a PATCH operation: attribute, sub-attribute, element filter, or a whole extension (RFC 7644 §3.5.2, figure 7).

import type { Filter } from '../../../../directory/query/query.ts';
import type { Attribute, ResourceSchema, SchemaPart } from '../../../../directory/schema/schema.ts';
import { parseElementFilter } from '../filter/parser.ts';
import { FilterScanner } from '../filter/scanner.ts';
import { findAttribute, findSchemaPart } from '../names/attribute-name.ts';
import { badRequest, quote, UnknownAttribute } from '../scim-error.ts';

const PATH_CHARACTERS_MAX = 8_192;

/**
 * The target of a path. `attribute` is top-level; `element` is the filter in brackets, where `value` in a multi-valued
 * attribute without sub-attributes is the attribute itself; a bare URN (the core one too) is its schema.
 */
export type PatchPath =
  | { kind: 'attribute'; attribute: Attribute; element?: Filter; sub?: Attribute }
  | { kind: 'extension'; part: SchemaPart };

/**
 * Parses a PATCH path of at most 8,192 characters; spaces around it don't count.
 * @throws UnknownAttribute invalidPath or invalidFilter; ScimError 400 invalidPath if it is malformed, invalidFilter for the filter in
 *   brackets.
 * @see RFC 7644 §3.5.2
 */
export function parsePath(text: string, schema: ResourceSchema): PatchPath {
  if (text.length > PATH_CHARACTERS_MAX)
    throw badRequest('invalidPath', `The path is longer than ${PATH_CHARACTERS_MAX} characters.`);
  const scanner = new FilterScanner(text);
  scanner.skipSpace();
  const name = scanner.word();
  const hasElement = scanner.take('[');
  const part = hasElement ? undefined : findSchemaPart(schema, name);
  const attribute = findAttribute(schema, name);
  if (!part && !attribute) throw unknown(text, schema);
  const element = hasElement && attribute ? elementOf(scanner, attribute, text) : undefined;
  const sub = attribute && element ? subOf(scanner, attribute, text, schema) : undefined;
  scanner.skipSpace();
  if (!scanner.atEnd)
    throw badRequest(
      'invalidPath',
      `The path ${quote(text)} has something after its end (position ${scanner.position + 1}).`,
    );
  if (part || !attribute) return { kind: 'extension', part: part ?? schema.core };
  if (attribute.parent) return { kind: 'attribute', attribute: attribute.parent, sub: attribute };
  return { kind: 'attribute', attribute, ...(element && { element }), ...(sub && { sub }) };
}

function elementOf(scanner: FilterScanner, attribute: Attribute, text: string): Filter {
  if (!attribute.multiValued)
    throw badRequest('invalidPath', `The path ${quote(text)} has a filter, but ${attribute.path} is not multi-valued.`);
  return parseElementFilter(scanner, attribute);
}

function subOf(
  scanner: FilterScanner,
  attribute: Attribute,
  text: string,
  schema: ResourceSchema,
): Attribute | undefined {
  if (!scanner.take('.')) return undefined;
  const name = scanner.word().toLowerCase();
  // The elements of a simple list are their own values.
  if (attribute.type !== 'complex' && name === 'value') return undefined;
  const sub = attribute.sub.get(name);
  if (!sub) throw unknown(text, schema);
  return sub;
}

function unknown(text: string, schema: ResourceSchema): UnknownAttribute {
  return new UnknownAttribute('invalidPath', `The path ${quote(text)} names no attribute of ${schema.name}.`);
}
