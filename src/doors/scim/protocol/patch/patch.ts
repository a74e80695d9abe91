// PATCH requests (RFC 7644 §3.5.2): parses the message into typed operations and applies them to a user or a group. Pure: the
// current resource is never changed, and a request is all or nothing.

import type { EventFault } from '../../../../directory/event.ts';
import { LINK_LIST_KEYS } from '../../../../directory/links/kinds.ts';
import type { GroupRevision, GroupView, UnknownAttributes, UserView } from '../../../../directory/model.ts';
import type { Attributes, ResourceSchema, SchemaPart } from '../../../../directory/schema/schema.ts';
import { MESSAGE } from '../messages.ts';
import { findSchemaPart } from '../names/attribute-name.ts';
import { ignoredName, notApplied, notesOn } from '../notes.ts';
import { badRequest, quote, ScimError, UnknownAttribute } from '../scim-error.ts';
import { isJsonObject, isUnassigned, type JsonObject, memberOf } from '../values/json.ts';
import { isMembers } from '../values/members.ts';
import { isFalse, isWritable, wrongType } from '../values/value.ts';
import {
  type AttributePath,
  type Change,
  changeAttribute,
  clearExtension,
  completeDraft,
  type Draft,
  type ListReport,
  newDraft,
  type PatchVerb,
} from './draft.ts';
import { foldMembers, type MemberFold, memberChange } from './members.ts';
import { parsePath } from './path.ts';

const OPERATIONS_MAX = 1_000;
/** The most operations after those without a path have been split. */
const CHANGES_MAX = 10_000;

/**
 * One typed step of a PATCH: a change of an attribute, a whole extension cleared, or an `id` that must be the resource's own.
 */
type PatchOperation =
  | ({ kind: 'change' } & Change)
  | { kind: 'clear'; op: PatchVerb; part: SchemaPart }
  | { kind: 'id'; value: unknown };

/** A parsed PATCH request. */
export interface ParsedPatch {
  operations: readonly PatchOperation[];
  /** Whether it sets `active` to false. Then whatever can't be applied is noted and left out, and the rest is applied. */
  isDeactivation: boolean;
  /** What was left out in parsing. */
  notes: readonly EventFault[];
}

/** The state of parsing. */
interface Parse {
  schema: ResourceSchema;
  unknown: UnknownAttributes;
  operations: PatchOperation[];
  notes: EventFault[];
  errors: ScimError[];
}

/**
 * Parses a PatchOp message of at most 1,000 operations; those without a path are split into one step per attribute.
 * @param unknown what happens to paths, and keys that are paths, that name no attribute; other unknown keys are always ignored
 * @throws ScimError 400 invalidSyntax (the message), invalidPath, invalidFilter, invalidValue, noTarget, mutability
 * @see RFC 7644 §3.5.2
 */
export function parsePatch(body: unknown, schema: ResourceSchema, unknown: UnknownAttributes = 'refuse'): ParsedPatch {
  const parse: Parse = { schema, unknown, operations: [], notes: [], errors: [] };
  for (const [index, operation] of operationsIn(body).entries())
    attempt(parse, () => parseOperation(parse, operation, `Operations[${index}]`));
  const { operations, notes, errors } = parse;
  const isDeactivation = deactivates(operations);
  if (errors[0] && !isDeactivation) throw errors[0];
  return { operations, isDeactivation, notes: [...notes, ...errors.map(notApplied)] };
}

/** Whether the last operation on `active` sets it to false. */
function deactivates(operations: readonly PatchOperation[]): boolean {
  const last = operations.findLast((step) => step.kind === 'change' && step.path.attribute.key === 'active');
  return last?.kind === 'change' && last.op !== 'remove' && isFalse(last.path.attribute, last.value);
}

/** Parses one part of a message. An error is kept, because whether it counts depends on the rest of the message. */
function attempt(parse: Parse, part: () => void): void {
  try {
    part();
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    if (error instanceof UnknownAttribute && parse.unknown === 'ignore') parse.notes.push(ignoredName(error));
    else parse.errors.push(error);
  }
}

/** A resource after the operations of a request. */
export interface PatchedResource {
  attributes: Attributes;
  /** Keys of the top-level attributes that the operations stated, set or cleared. */
  stated: Set<string>;
  /** The effect of the operations on multi-valued attributes, by key. */
  lists: ReadonlyMap<string, ListReport>;
  /** What was not applied. */
  notes: EventFault[];
}

/**
 * Applies the operations to a user, a store or an org unit.
 * @throws ScimError 400 invalidValue, noTarget, mutability, tooMany; a deactivation throws none
 * @see RFC 7644 §3.5.2
 */
export function applyUserPatch(
  current: Pick<UserView, 'id' | 'attributes'>,
  { operations, isDeactivation, notes }: ParsedPatch,
): PatchedResource {
  const draft = newDraft(current.attributes, LINK_LIST_KEYS);
  const more: EventFault[] = [];
  for (const operation of operations) {
    try {
      applyStep(draft, current.id, operation);
    } catch (error) {
      if (!isDeactivation || !(error instanceof ScimError)) throw error;
      more.push(notApplied(error));
    }
  }
  completeDraft(draft);
  const { attributes, stated, lists } = draft;
  return { attributes, stated, lists, notes: [...notes, ...more] };
}

/** A group has no list of references besides its members. */
const NO_LISTS: ReadonlySet<string> = new Set();

/**
 * Applies the operations to a group. Returns its attributes (without `members`, which is not in `stated` either) and the change
 * of its members.
 * @throws ScimError 400 invalidValue, invalidFilter, noTarget, mutability
 * @see RFC 7644 §3.5.2
 */
export function applyGroupPatch(current: GroupView, { operations }: Pick<ParsedPatch, 'operations'>): GroupRevision {
  const draft = newDraft(current.attributes, NO_LISTS);
  let members: MemberFold = { kind: 'none' };
  for (const operation of operations) {
    if (operation.kind === 'change' && isMembers(operation.path.attribute)) members = foldMembers(members, operation);
    else applyStep(draft, current.id, operation);
  }
  completeDraft(draft);
  return { mode: 'patch', attributes: draft.attributes, stated: draft.stated, members: memberChange(members) };
}

function applyStep(draft: Draft, id: string, operation: PatchOperation): void {
  if (operation.kind === 'change') changeAttribute(draft, operation);
  else if (operation.kind === 'clear') clearExtension(draft, operation.op, operation.part);
  else if (operation.value !== id) throw badRequest('mutability', "id is given by the server and can't be changed.");
}

// ---- the message

function operationsIn(body: unknown): unknown[] {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const schemas = memberOf(body, 'schemas')?.value;
  const named =
    Array.isArray(schemas) &&
    schemas.some((urn) => typeof urn === 'string' && urn.toLowerCase() === MESSAGE.patch.toLowerCase());
  if (!named) throw badRequest('invalidSyntax', `schemas must be an array with "${MESSAGE.patch}".`);
  const operations = memberOf(body, 'operations')?.value;
  if (!Array.isArray(operations)) throw badRequest('invalidSyntax', 'Operations must be an array.');
  if (operations.length > OPERATIONS_MAX)
    throw badRequest('invalidSyntax', `Operations has more than ${OPERATIONS_MAX} elements.`);
  return operations;
}

function parseOperation(parse: Parse, operation: unknown, where: string): void {
  if (!isJsonObject(operation)) throw badRequest('invalidSyntax', `${where} must be an object.`);
  const op = verbOf(memberOf(operation, 'op')?.value, where);
  const path = memberOf(operation, 'path')?.value;
  const value = memberOf(operation, 'value');
  if (op !== 'remove' && !value) throw badRequest('invalidValue', `${where} has no value, which ${op} requires.`);
  if (path === undefined || path === null || path === '') {
    if (op === 'remove') throw badRequest('noTarget', `${where} has no path: specify what to remove.`);
    if (!isJsonObject(value?.value)) throw wrongType(`${where}.value, without a path,`, 'an object', value?.value);
    takeApart(parse, op, value.value, parse.schema.core, false);
    return;
  }
  if (typeof path !== 'string') throw badRequest('invalidPath', `${where}.path must be a string.`);
  // A value is never undefined in JSON: undefined means that there is none.
  parseWithPath(parse, op, path, value?.value);
}

function verbOf(op: unknown, where: string): PatchVerb {
  const verb = typeof op === 'string' ? op.toLowerCase() : undefined;
  if (verb === 'add' || verb === 'replace' || verb === 'remove') return verb;
  throw badRequest('invalidSyntax', `${where}.op must be "add", "replace" or "remove".`);
}

function parseWithPath(parse: Parse, op: PatchVerb, text: string, value: unknown): void {
  const path = parsePath(text, parse.schema);
  if (path.kind === 'extension') {
    parseWholePart(parse, op, path.part, value);
    return;
  }
  const readOnly = [path.attribute, path.sub].find((attribute) => attribute?.mutability === 'readOnly');
  if (readOnly) throw badRequest('mutability', `${readOnly.path} can't be written: only the server sets it.`);
  push(parse, op, path, value, text.trim());
}

function parseWholePart(parse: Parse, op: PatchVerb, part: SchemaPart, value: unknown): void {
  const isCore = part === parse.schema.core;
  const isWhole = op === 'remove' ? value === undefined : op === 'replace' && isUnassigned(value);
  if (isWhole) {
    if (isCore) throw badRequest('noTarget', `A ${parse.schema.name} can't be emptied: name the attributes to remove.`);
    add(parse, { kind: 'clear', op, part });
    return;
  }
  if (isUnassigned(value)) return;
  if (!isJsonObject(value)) throw wrongType(part.urn, 'an object', value);
  takeApart(parse, op, value, part, true);
}

// ---- values without a path

/** Keys with dots, colons or brackets are paths and must resolve; plain names that are unknown or readOnly are ignored. */
function takeApart(parse: Parse, op: PatchVerb, object: JsonObject, part: SchemaPart, nested: boolean): void {
  const seen = new Set<string>();
  for (const key of Object.keys(object)) {
    const value = object[key];
    attempt(parse, () => {
      const named = key.includes(':') ? findSchemaPart(parse.schema, key) : undefined;
      if (named) {
        if (!nested) parseWholePart(parse, op, named, value);
      } else if (!nested && key.toLowerCase() === 'id') {
        if (!isUnassigned(value)) add(parse, { kind: 'id', value });
      } else {
        const path = pathOfKey(parse, key, part, nested);
        if (!path && key.toLowerCase() !== 'schemas') parse.notes.push(ignoredName(key));
        if (!path || !isWritable(path.attribute) || (path.sub && !isWritable(path.sub))) return;
        once(seen, path, key);
        push(parse, op, path, value, key);
      }
    });
  }
}

function pathOfKey(parse: Parse, key: string, part: SchemaPart, nested: boolean): AttributePath | undefined {
  const isPath = key.includes('.') || key.includes(':') || key.includes('[');
  if (!isPath) {
    const attribute = part.attributes.get(key.toLowerCase());
    return attribute && { kind: 'attribute', attribute };
  }
  const path = parsePath(nested && !isUrn(key) ? `${part.urn}:${key}` : key, parse.schema);
  if (path.kind === 'attribute') return path;
  throw badRequest('invalidPath', `The key ${quote(key)} names a schema, but an attribute is required.`);
}

function isUrn(key: string): boolean {
  return key.slice(0, 4).toLowerCase() === 'urn:';
}

function once(seen: Set<string>, path: AttributePath, key: string): void {
  // Different filters select different elements; only a path without a filter can be a duplicate.
  if (path.element) return;
  const place = `${path.attribute.key}.${path.sub?.name ?? ''}`;
  if (seen.has(place)) throw badRequest('invalidSyntax', `${quote(key)} appears twice, spelled differently.`);
  seen.add(place);
}

function push(parse: Parse, op: PatchVerb, path: AttributePath, value: unknown, where: string): void {
  // `schemas` and every `$ref` follow from the values: values from a client are ignored.
  if (path.attribute.key === 'schemas' || path.sub?.name === '$ref') return;
  const short = where.length > 120 ? `${where.slice(0, 120)}…` : where;
  parse.notes.push(...notesOn(path.sub ?? path.attribute, value, short));
  add(parse, { kind: 'change', op, path, value, where: short });
}

function add(parse: Parse, operation: PatchOperation): void {
  if (parse.operations.length >= CHANGES_MAX)
    throw badRequest('invalidSyntax', `The operations change more than ${CHANGES_MAX} attributes.`);
  parse.operations.push(operation);
}
