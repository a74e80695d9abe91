// References between the operations of a Bulk request: finds `bulkId:x` in data and paths and replaces it with ids (RFC 7644
// §3.7.2). Pure functions on copies; client text is never a key of an object that has a prototype.

import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import { MESSAGE } from '../protocol/messages.ts';
import { findAttribute, findSchemaPart } from '../protocol/names/attribute-name.ts';
import { isJsonObject, type JsonObject } from '../protocol/values/json.ts';

const PREFIX = 'bulkId:';
const DEPTH_MAX = 64;

/** Whether a text is a reference to another operation's resource. */
function referenceIn(text: unknown): string | undefined {
  return typeof text === 'string' && text.startsWith(PREFIX) && text.length > PREFIX.length
    ? text.slice(PREFIX.length)
    : undefined;
}

/** The references in a PATCH path such as `members[value eq "bulkId:x"]`; found by position, in linear time. */
function referencesInPath(path: string): string[] {
  const found: string[] = [];
  const mark = `"${PREFIX}`;
  for (let at = path.indexOf(mark); at >= 0; at = path.indexOf(mark, at + 1)) {
    const end = path.indexOf('"', at + 1);
    if (end > at + mark.length) found.push(path.slice(at + mark.length, end));
  }
  return found;
}

/**
 * All references in an operation's data, each once. A text is a reference only if it is in the position of an id: the whole value
 * of `value`, `manager` or a URN key that ends with it, or part of the `path` of a PATCH operation.
 */
export function referencesIn(data: unknown): Set<string> {
  const found = new Set<string>();
  walk(data, '', (key, text) => {
    if (isPathKey(key)) for (const name of referencesInPath(text)) found.add(name);
    const name = isReferenceKey(key) ? referenceIn(text) : undefined;
    if (name !== undefined) found.add(name);
  });
  return found;
}

/** Resolves a reference to an id. If it has none yet, the value that holds the reference is left out. */
export type Resolve = (name: string) => string | undefined;

/** A copy of the data with ids instead of references; what can't be resolved yet is left out with the element it names. */
export function withIds(data: unknown, resolve: Resolve): unknown {
  const copied = copy(data, '', resolve, 0);
  return copied === LEFT_OUT ? undefined : copied;
}

const LEFT_OUT = Symbol('left out');

function copy(value: unknown, key: string, resolve: Resolve, depth: number): unknown {
  if (typeof value === 'string') return copyText(value, key, resolve);
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return value;
  if (Array.isArray(value)) {
    return value.map((element) => copy(element, key, resolve, depth + 1)).filter((element) => element !== LEFT_OUT);
  }
  const result = Object.create(null) as Record<string, unknown>;
  for (const [name, inner] of Object.entries(value)) {
    const copied = copy(inner, name, resolve, depth + 1);
    // An element is useless without its id: {value: "bulkId:x", display} is left out as a whole.
    if (copied === LEFT_OUT && name.toLowerCase() === 'value') return LEFT_OUT;
    if (copied !== LEFT_OUT) result[name] = copied;
  }
  return result;
}

function copyText(text: string, key: string, resolve: Resolve): unknown {
  if (isPathKey(key)) return copyPath(text, resolve);
  const name = isReferenceKey(key) ? referenceIn(text) : undefined;
  return name === undefined ? text : (resolve(name) ?? LEFT_OUT);
}

function copyPath(path: string, resolve: Resolve): string {
  let result = path;
  for (const name of new Set(referencesInPath(path))) {
    const id = resolve(name);
    if (id !== undefined) result = result.replaceAll(`"${PREFIX}${name}"`, () => `"${id}"`);
  }
  return result;
}

function isPathKey(key: string): boolean {
  return key.toLowerCase() === 'path';
}

function isReferenceKey(key: string): boolean {
  const name = key.toLowerCase();
  return (
    name === '' ||
    name === 'value' ||
    name === 'members' ||
    name === 'manager' ||
    name.endsWith(':manager') ||
    name.endsWith('manager.value')
  );
}

function walk(value: unknown, key: string, visit: (key: string, text: string) => void, depth = 0): void {
  if (typeof value === 'string') visit(key, value);
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return;
  if (Array.isArray(value)) for (const element of value) walk(element, key, visit, depth + 1);
  else for (const [name, inner] of Object.entries(value)) walk(inner, name, visit, depth + 1);
}

/** A PATCH operation for an attribute that had to be left out of a POST. */
interface Completion {
  op: 'add';
  path: string;
  value: unknown;
}

/**
 * The PatchOp that adds what a POST left out because it refers to these names, which resolve now. Of a list, it adds only the
 * elements that were left out, so that nothing is added twice.
 */
export function completion(data: unknown, names: Set<string>, resolve: Resolve, schema: ResourceSchema): object {
  const operations = isJsonObject(data) ? completions(data, '', names, resolve, schema) : [];
  return { schemas: [MESSAGE.patch], Operations: operations };
}

function completions(
  object: JsonObject,
  prefix: string,
  names: Set<string>,
  resolve: Resolve,
  schema: ResourceSchema,
): Completion[] {
  return Object.entries(object).flatMap(([key, value]): Completion[] => {
    const path = prefix + key;
    const part = prefix === '' ? findSchemaPart(schema, key) : undefined;
    if (part && isJsonObject(value)) return completions(value, `${part.urn}:`, names, resolve, schema);
    const refers = (inner: unknown): boolean => [...referencesUnder(key, inner)].some((name) => names.has(name));
    // The POST ignored attributes that are in no schema; they have no path.
    if (!findAttribute(schema, path) || !refers(value)) return [];
    const said = Array.isArray(value) ? value.filter(refers) : value;
    return [{ op: 'add', path, value: valueUnder(key, said, resolve) }];
  });
}

function referencesUnder(key: string, value: unknown): Set<string> {
  return referencesIn(Object.assign(Object.create(null) as object, { [key]: value }));
}

function valueUnder(key: string, value: unknown, resolve: Resolve): unknown {
  const copied = copy(value, key, resolve, 0);
  return copied === LEFT_OUT ? undefined : copied;
}
