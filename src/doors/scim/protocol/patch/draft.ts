// One PATCH operation on one attribute of a draft, which is a deep copy of the stored resource (RFC 7644 §3.5.2.1–§3.5.2.3).
// This file handles single values, list.ts lists.

import { copyAttributes, isEmptyElement, setAt, valueAt } from '../../../../directory/schema/attributes.ts';
import { isObject } from '../../../../directory/schema/fold.ts';
import {
  type Attribute,
  type Attributes,
  type AttributeValue,
  emptyAttributes,
  type SchemaPart,
} from '../../../../directory/schema/schema.ts';
import type { Effort } from '../filter/element.ts';
import { badRequest } from '../scim-error.ts';
import { isNothing, isUnassigned } from '../values/json.ts';
import { isWritable, normaliseComplex, normaliseValue } from '../values/value.ts';
import { changeList } from './list.ts';
import type { PatchPath } from './path.ts';

/** Comparisons that one request may use. A thousand operations on lists of hundreds of elements stay below it. */
const EFFORT_MAX = 500_000;

export type PatchVerb = 'add' | 'replace' | 'remove';

/** A path to an attribute, not to a whole schema. */
export type AttributePath = Extract<PatchPath, { kind: 'attribute' }>;

/** One change: verb, attribute, value, and the path as the client wrote it (`where`). */
export interface Change {
  op: PatchVerb;
  path: AttributePath;
  /** Undefined if the operation has no value. */
  value: unknown;
  where: string;
}

/** The effect of operations on a multi-valued attribute. Its value is the resulting list. */
export interface ListReport {
  attribute: Attribute;
  /** Elements of the list that add operations named, whether they were new or not. */
  added: Set<AttributeValue>;
  /** Elements that remove operations removed, with their values at that time. */
  removed: AttributeValue[];
  /** Whether there was any other change: elements were changed, or the list was replaced. */
  isRewritten: boolean;
}

/** A resource while the operations of a request are applied to it. */
export interface Draft {
  attributes: Attributes;
  stated: Set<string>;
  /** By the attribute's key. */
  lists: Map<string, ListReport>;
  /** Elements that lost a sub-attribute. Empty ones are dropped after the last operation, because a later one may fill them. */
  cleared: Set<AttributeValue>;
  /** Keys of lists whose elements refer to something by `value` alone. */
  referenceLists: ReadonlySet<string>;
  /** Elements of those lists: which sub-attributes were set one by one, and whether they refer to a different target now. */
  references: Map<AttributeValue, { isMoved: boolean; stated: Set<string> }>;
  effort: Effort;
}

/** @param referenceLists keys of the lists whose elements refer to something by `value` alone */
export function newDraft(current: Attributes, referenceLists: ReadonlySet<string>): Draft {
  return {
    attributes: deepCopy(current) as Attributes,
    stated: new Set(),
    lists: new Map(),
    cleared: new Set(),
    referenceLists,
    references: new Map(),
    effort: { left: EFFORT_MAX },
  };
}

/**
 * Applies one change to the draft. An `add` of nothing changes nothing, and neither does any value that leaves a flag such as `active`
 * undecided: only `remove` unassigns it.
 * @throws ScimError 400 invalidValue, noTarget, mutability (a required attribute removed), tooMany
 * @see RFC 7644 §3.5.2, RFC 7643 §2.5
 */
export function changeAttribute(draft: Draft, change: Change): void {
  const { attribute, sub } = change.path;
  const isFlag = !attribute.multiValued && attribute.type === 'boolean';
  if ((change.op === 'add' || (change.op === 'replace' && isFlag)) && isNothing(change.value)) return;
  const before = valueAt(draft.attributes, attribute.key);
  if (attribute.multiValued) changeList(draft, change);
  else if (attribute.type !== 'complex') changeSimple(draft, change);
  else if (sub) changeSub(draft, change, sub);
  else changeComplex(draft, change);
  if (attribute.required && valueAt(draft.attributes, attribute.key) === undefined) {
    setAt(draft.attributes, attribute.key, before);
    if (change.op === 'remove') throw badRequest('mutability', `${attribute.path} is required and can't be removed.`);
    throw badRequest('invalidValue', `${attribute.path} is required and can't be empty.`);
  }
  draft.stated.add(attribute.key);
}

/** Removes all attributes of an extension that a client may write. */
export function clearExtension(draft: Draft, op: PatchVerb, part: SchemaPart): void {
  for (const attribute of part.attributes.values()) {
    if (!isWritable(attribute)) continue;
    const change: Change = { op, path: { kind: 'attribute', attribute }, value: undefined, where: attribute.path };
    changeAttribute(draft, change);
  }
}

/**
 * Completes the draft after the last operation: drops elements that are empty now, and sub-attributes that still describe the
 * former target of an element whose reference changed.
 */
export function completeDraft(draft: Draft): void {
  for (const [element, { isMoved, stated }] of draft.references) {
    if (!isMoved || !isObject(element)) continue;
    for (const name of Object.keys(element)) if (name !== 'primary' && !stated.has(name)) delete element[name];
  }
  for (const { attribute } of draft.lists.values()) {
    const list = valueAt(draft.attributes, attribute.key);
    if (!Array.isArray(list)) continue;
    const kept = list.filter((element) => !isObject(element) || !isEmptyElement(element, draft.cleared.has(element)));
    setAt(draft.attributes, attribute.key, kept.length === 0 ? undefined : kept);
  }
}

function changeSimple(draft: Draft, change: Change): void {
  const { op, path, value, where } = change;
  setAt(
    draft.attributes,
    path.attribute.key,
    op === 'remove' ? undefined : normaliseValue(path.attribute, value, where),
  );
}

/** Sub-attributes that the value does not name stay unchanged (RFC 7644 §3.5.2.3). */
function changeComplex(draft: Draft, change: Change): void {
  const { op, path, value, where } = change;
  if (op === 'remove' || isUnassigned(value)) {
    setAt(draft.attributes, path.attribute.key, undefined);
    return;
  }
  const { values, cleared } = normaliseComplex(path.attribute, value, where);
  const merged = complexOf(draft, path.attribute);
  Object.assign(merged, values);
  if (op === 'replace') for (const name of cleared) delete merged[name];
  putComplex(draft, path.attribute, merged);
}

function changeSub(draft: Draft, change: Change, sub: Attribute): void {
  const { op, path, value, where } = change;
  const normal = op === 'remove' ? undefined : normaliseValue(sub, value, where);
  const complex = complexOf(draft, path.attribute);
  if (normal === undefined) delete complex[sub.name];
  else complex[sub.name] = normal;
  putComplex(draft, path.attribute, complex);
}

function complexOf(draft: Draft, attribute: Attribute): Attributes {
  const existing = valueAt(draft.attributes, attribute.key);
  return isObject(existing) ? copyAttributes(existing) : emptyAttributes();
}

function putComplex(draft: Draft, attribute: Attribute, complex: Attributes): void {
  // A value that has only server-written sub-attributes (a manager's display name) is not kept.
  const holds = Object.keys(complex).some((name) => {
    const sub = attribute.sub.get(name.toLowerCase());
    return sub !== undefined && isWritable(sub);
  });
  setAt(draft.attributes, attribute.key, holds ? complex : undefined);
}

function deepCopy(value: AttributeValue): AttributeValue {
  if (Array.isArray(value)) return value.map(deepCopy);
  if (!isObject(value)) return value;
  const copy = emptyAttributes();
  for (const name of Object.keys(value)) copy[name] = deepCopy(value[name] as AttributeValue);
  return copy;
}
