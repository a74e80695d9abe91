// PATCH operations on multi-valued attributes: whole lists, elements selected by a filter, and sub-attributes of those
// (RFC 7644 §3.5.2.1–§3.5.2.3), with extensions that identity providers send.

import { copyAttributes, setAt, valueAt } from '../../../../directory/schema/attributes.ts';
import { isObject } from '../../../../directory/schema/fold.ts';
import {
  type Attribute,
  type Attributes,
  type AttributeValue,
  emptyAttributes,
} from '../../../../directory/schema/schema.ts';
import { comparable, matchesElement, seedFrom, spend } from '../filter/element.ts';
import { badRequest, type ScimError } from '../scim-error.ts';
import { isNothing, isUnassigned } from '../values/json.ts';
import { ELEMENTS_MAX, normaliseComplex, normaliseElement, normaliseValue, tooManyElements } from '../values/value.ts';
import type { Change, Draft, ListReport } from './draft.ts';

/**
 * Applies one change to a multi-valued attribute of the draft.
 * @throws ScimError 400 invalidValue, noTarget, tooMany
 * @see RFC 7644 §3.5.2
 */
export function changeList(draft: Draft, change: Change): void {
  const { attribute, element, sub } = change.path;
  const list = listOf(draft, attribute);
  spend(draft.effort, list.length);
  reportOf(draft, attribute);
  if (!element && !sub) changeWhole(draft, change, list);
  else if (change.op === 'remove') removeMatched(draft, change, list);
  else if (sub) setSub(draft, change, list, sub);
  else setElement(draft, change, list);
}

function listOf(draft: Draft, attribute: Attribute): AttributeValue[] {
  const value = valueAt(draft.attributes, attribute.key);
  return Array.isArray(value) ? value : [];
}

function put(draft: Draft, attribute: Attribute, list: AttributeValue[]): void {
  if (list.length > ELEMENTS_MAX) throw tooManyElements(attribute.path);
  setAt(draft.attributes, attribute.key, list.length === 0 ? undefined : list);
}

function reportOf(draft: Draft, attribute: Attribute): ListReport {
  const existing = draft.lists.get(attribute.key);
  if (existing) return existing;
  const report: ListReport = { attribute, added: new Set(), removed: [], isRewritten: false };
  draft.lists.set(attribute.key, report);
  return report;
}

/** Removes elements. A removal is reported as such, because it means more than a list that omits elements. */
function drop(draft: Draft, change: Change, list: AttributeValue[], gone: ReadonlySet<AttributeValue>): void {
  const { attribute } = change.path;
  const report = reportOf(draft, attribute);
  if (change.op !== 'remove') report.isRewritten = true;
  else for (const element of gone) report.removed.push(isObject(element) ? copyAttributes(element) : element);
  put(
    draft,
    attribute,
    list.filter((element) => !gone.has(element)),
  );
}

// ---- the whole list

function changeWhole(draft: Draft, change: Change, list: AttributeValue[]): void {
  const { attribute } = change.path;
  if (change.op === 'remove') {
    // Without a value, all elements are meant; with a value, those that it names.
    const gone = change.value === undefined ? new Set(list) : namedElements(draft, change, list);
    drop(draft, change, list, gone);
    return;
  }
  const normal = normaliseValue(attribute, change.value, change.where);
  const elements = Array.isArray(normal) ? normal : [];
  if (change.op === 'replace') {
    reportOf(draft, attribute).isRewritten = true;
    put(draft, attribute, elements);
  } else addMissing(draft, attribute, list, elements);
}

/** An element that already exists is merged, so that a repeated request changes nothing. */
function addMissing(draft: Draft, attribute: Attribute, list: AttributeValue[], elements: AttributeValue[]): void {
  spend(draft.effort, elements.length);
  const report = reportOf(draft, attribute);
  const byIdentity = new Map(list.map((element) => [identityOf(draft, attribute, element), element]));
  const after = [...list];
  const primary: AttributeValue[] = [];
  for (const element of elements) {
    const identity = identityOf(draft, attribute, element);
    const existing = byIdentity.get(identity);
    if (existing === undefined) {
      after.push(element);
      byIdentity.set(identity, element);
    } else if (merge(existing, element)) report.isRewritten = true;
    report.added.add(existing ?? element);
    if (isObject(element) && element.primary === true) primary.push(existing ?? element);
  }
  if (leavePrimary(after, primary)) report.isRewritten = true;
  put(draft, attribute, after);
}

/** Merges an element into the existing one; returns whether that changed anything. */
function merge(existing: AttributeValue, element: AttributeValue): boolean {
  if (!isObject(existing) || !isObject(element)) return false;
  const isNews = Object.keys(element).some((name) => existing[name] !== element[name]);
  Object.assign(existing, element);
  return isNews;
}

/**
 * The elements that a remove operation names by value (and by type, if given), otherwise by all its sub-attributes. A value that says
 * nothing names none.
 */
function namedElements(draft: Draft, change: Change, list: AttributeValue[]): Set<AttributeValue> {
  const { attribute } = change.path;
  const named: unknown[] = Array.isArray(change.value) ? change.value : [change.value];
  if (named.length > ELEMENTS_MAX) throw tooManyElements(change.where);
  spend(draft.effort, named.length);
  const gone = new Set<AttributeValue>();
  const keys = new Set<string>();
  for (const [index, raw] of named.entries()) {
    const element = isNothing(raw) ? undefined : normaliseElement(attribute, raw, `${change.where}[${index}]`);
    if (element === undefined) continue;
    if (!isObject(element) || element.value !== undefined) {
      const typed = isObject(element) && element.type !== undefined;
      keys.add(typed ? identityOf(draft, attribute, element) : keyOf(attribute, element, ['value']));
      continue;
    }
    spend(draft.effort, list.length);
    const key = keyOf(attribute, element, Object.keys(element));
    for (const other of list) if (keyOf(attribute, other, Object.keys(element)) === key) gone.add(other);
  }
  for (const element of list) {
    if (keys.has(identityOf(draft, attribute, element)) || keys.has(keyOf(attribute, element, ['value'])))
      gone.add(element);
  }
  return gone;
}

/** The identity of an element: value and type; for a reference, its value; without a value, its name; otherwise all its content. */
function identityOf(draft: Draft, attribute: Attribute, element: AttributeValue): string {
  if (!isObject(element)) return keyOf(attribute, element, []);
  if (element.value !== undefined)
    return keyOf(attribute, element, draft.referenceLists.has(attribute.key) ? ['value'] : ['value', 'type']);
  if (element.display !== undefined) return keyOf(attribute, element, ['display', 'type']);
  return keyOf(attribute, element, Object.keys(element).sort());
}

function keyOf(attribute: Attribute, element: AttributeValue, names: readonly string[]): string {
  if (!isObject(element)) return JSON.stringify(comparable(attribute, element));
  return JSON.stringify(
    names.map((name) => [name, comparable(attribute.sub.get(name.toLowerCase()) ?? attribute, element[name])]),
  );
}

// ---- elements that a filter selects

function matched(draft: Draft, change: Change, list: AttributeValue[]): AttributeValue[] {
  const { element } = change.path;
  return element ? list.filter((candidate) => matchesElement(element, candidate, draft.effort)) : list;
}

function removeMatched(draft: Draft, change: Change, list: AttributeValue[]): void {
  const { element, sub } = change.path;
  if (!element && sub?.name === 'value' && change.value !== undefined) {
    // `emails.value` with a value means the elements with this value, as `emails` does.
    drop(draft, change, list, namedElements(draft, change, list));
    return;
  }
  const targets = matched(draft, change, list);
  if (sub) clearSub(draft, change, targets, sub);
  else drop(draft, change, list, new Set(targets));
}

function clearSub(draft: Draft, change: Change, targets: AttributeValue[], sub: Attribute): void {
  reportOf(draft, change.path.attribute).isRewritten = true;
  for (const target of targets.filter(isObject)) {
    delete target[sub.name];
    draft.cleared.add(target);
  }
}

function setSub(draft: Draft, change: Change, list: AttributeValue[], sub: Attribute): void {
  const value = normaliseValue(sub, change.value, change.where);
  const targets = matched(draft, change, list).filter(isObject);
  if (value === undefined) {
    if (change.op === 'replace') clearSub(draft, change, targets, sub);
    return;
  }
  if (targets.length === 0) {
    const seed = seedOf(change);
    // The filter requires a different value than the one that is set, so no element can be created.
    if (!seed || (Object.hasOwn(seed, sub.name) && seed[sub.name] !== value)) throw noTarget(change);
    seed[sub.name] = value;
    append(draft, change, list, seed);
    return;
  }
  reportOf(draft, change.path.attribute).isRewritten = true;
  for (const target of targets) {
    if (draft.referenceLists.has(change.path.attribute.key)) noteReference(draft, target, sub, value);
    target[sub.name] = value;
  }
  if (sub.name === 'primary' && value === true) leavePrimary(list, targets);
}

/** A new `value` refers to a different target: the stored display name is not the name of that target. */
function noteReference(draft: Draft, target: Attributes, sub: Attribute, value: AttributeValue): void {
  const noted = draft.references.get(target) ?? { isMoved: false, stated: new Set() };
  noted.stated.add(sub.name);
  if (sub.name === 'value' && target.value !== undefined && target.value !== value) noted.isMoved = true;
  draft.references.set(target, noted);
}

function setElement(draft: Draft, change: Change, list: AttributeValue[]): void {
  const { attribute } = change.path;
  const targets = matched(draft, change, list);
  if (isUnassigned(change.value)) {
    if (change.op === 'replace') drop(draft, change, list, new Set(targets));
  } else if (attribute.type === 'complex') setComplexElement(draft, change, list, targets.filter(isObject));
  else setSimpleElement(draft, change, list, targets);
}

function setSimpleElement(draft: Draft, change: Change, list: AttributeValue[], targets: AttributeValue[]): void {
  const { attribute } = change.path;
  const value = normaliseElement(attribute, singleOf(change.value), change.where);
  if (targets.length === 0 && change.op === 'replace') throw noTarget(change);
  if (value === undefined) return;
  if (change.op === 'add') {
    addMissing(draft, attribute, list, [value]);
    return;
  }
  reportOf(draft, attribute).isRewritten = true;
  const picked = new Set(targets);
  const replaced = list.map((element) => (picked.has(element) ? value : element));
  put(draft, attribute, [...new Set(replaced)]);
}

function setComplexElement(draft: Draft, change: Change, list: AttributeValue[], targets: Attributes[]): void {
  const { attribute } = change.path;
  const { values, cleared } = normaliseComplex(attribute, singleOf(change.value), change.where);
  const seed = seedOf(change);
  if (targets.length === 0) {
    if (!seed) throw noTarget(change);
    append(draft, change, list, Object.assign(seed, values));
    return;
  }
  reportOf(draft, attribute).isRewritten = true;
  for (const target of targets) {
    // A replaced element keeps the values that its filter selected (`type: work`), so that the next request finds it again.
    if (change.op === 'replace') {
      for (const name of Object.keys(target)) delete target[name];
      Object.assign(target, seed);
    }
    Object.assign(target, values);
    if (change.op !== 'replace') continue;
    for (const name of cleared) delete target[name];
    if (cleared.length > 0) draft.cleared.add(target);
  }
  if (values.primary === true) leavePrimary(list, targets);
}

function append(draft: Draft, change: Change, list: AttributeValue[], element: Attributes): void {
  const after = [...list, element];
  reportOf(draft, change.path.attribute).isRewritten = true;
  if (element.primary === true) leavePrimary(after, [element]);
  put(draft, change.path.attribute, after);
}

function seedOf(change: Change): Attributes | undefined {
  return change.path.element ? seedFrom(change.path.element) : emptyAttributes();
}

/** Keeps only the last element that a change makes primary (RFC 7643 §2.4); returns whether another one was primary. */
function leavePrimary(list: readonly AttributeValue[], primary: readonly AttributeValue[]): boolean {
  const last = primary.at(-1);
  let isAnyLeft = false;
  if (last === undefined) return false;
  for (const element of list) {
    if (!isObject(element) || element === last || element.primary !== true) continue;
    element.primary = false;
    isAnyLeft = true;
  }
  return isAnyLeft;
}

function singleOf(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

function noTarget(change: Change): ScimError {
  return badRequest('noTarget', `${change.where} matches no element of ${change.path.attribute.path}.`);
}
