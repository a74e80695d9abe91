// PATCH operations on multi-valued attributes: whole lists, elements picked by a filter, and sub-attributes of those
// (RFC 7644 §3.5.2.1–§3.5.2.3), with what identity providers send on top of the RFC.

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
import { isUnassigned } from '../values/json.ts';
import { ELEMENTS_MAX, normaliseComplex, normaliseElement, normaliseValue, tooManyElements } from '../values/value.ts';
import type { Change, Draft } from './draft.ts';

/** Lists of which a link's ref id or group id alone is the identity, and of which the directory wants to know what was removed. */
const LINK_LISTS: ReadonlySet<string> = new Set(['mobietrain.stores', 'mobietrain.userGroups']);

/**
 * Applies one change to a multi-valued attribute of the draft.
 * @throws ScimError 400 invalidValue, noTarget, tooMany
 * @see RFC 7644 §3.5.2
 */
export function changeList(draft: Draft, change: Change): void {
  const { attribute, element, sub } = change.path;
  const list = listOf(draft, attribute);
  spend(draft.effort, list.length);
  draft.lists.add(attribute);
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

/** Takes elements out for good, and notes them where the directory must tell a removal from a list that leaves out. */
function drop(draft: Draft, change: Change, list: AttributeValue[], gone: ReadonlySet<AttributeValue>): void {
  const { attribute } = change.path;
  if (change.op === 'remove') note(draft.removed, attribute, gone);
  put(
    draft,
    attribute,
    list.filter((element) => !gone.has(element)),
  );
}

/** Notes elements that an operation named, as they are now, where they stand for links. */
function note(noted: Map<string, Attributes[]>, attribute: Attribute, elements: Iterable<AttributeValue>): void {
  if (!LINK_LISTS.has(attribute.key)) return;
  const list = noted.get(attribute.key) ?? [];
  for (const element of elements) if (isObject(element)) list.push(copyAttributes(element));
  noted.set(attribute.key, list);
}

// ---- the whole list

function changeWhole(draft: Draft, change: Change, list: AttributeValue[]): void {
  const { attribute } = change.path;
  const values = Array.isArray(change.value) ? change.value : [change.value];
  if (change.op === 'remove') {
    const named = isUnassigned(change.value) && !Array.isArray(change.value) ? undefined : values;
    drop(draft, change, list, named ? namedElements(draft, change, list, named) : new Set(list));
    return;
  }
  const normal = normaliseValue(attribute, values, change.where);
  const elements = Array.isArray(normal) ? normal : [];
  if (change.op === 'add') note(draft.asserted, attribute, elements);
  if (change.op === 'replace') put(draft, attribute, elements);
  else addMissing(draft, attribute, list, elements);
}

/** An element that is there already is merged, so that a repeated request changes nothing. */
function addMissing(draft: Draft, attribute: Attribute, list: AttributeValue[], elements: AttributeValue[]): void {
  spend(draft.effort, elements.length);
  const byIdentity = new Map(list.map((element) => [identityOf(attribute, element), element]));
  const after = [...list];
  const marked: AttributeValue[] = [];
  for (const element of elements) {
    const identity = identityOf(attribute, element);
    const there = byIdentity.get(identity);
    if (there === undefined) {
      after.push(element);
      byIdentity.set(identity, element);
    } else if (isObject(there) && isObject(element)) Object.assign(there, element);
    if (isObject(element) && element['primary'] === true) marked.push(there ?? element);
  }
  leavePrimary(after, marked);
  put(draft, attribute, after);
}

/** The elements that a remove operation names by value (and type, where it says one), or else by all that it says. */
function namedElements(draft: Draft, change: Change, list: AttributeValue[], named: unknown[]): Set<AttributeValue> {
  const { attribute } = change.path;
  if (named.length > ELEMENTS_MAX) throw tooManyElements(change.where);
  spend(draft.effort, named.length);
  const gone = new Set<AttributeValue>();
  const keys = new Set<string>();
  for (const [index, raw] of named.entries()) {
    const wanted = typeof raw === 'string' && attribute.sub.has('value') ? { value: raw } : raw;
    const element = normaliseElement(attribute, wanted, `${change.where}[${index}]`);
    if (element === undefined) continue;
    if (!isObject(element) || element['value'] !== undefined) {
      const typed = isObject(element) && element['type'] !== undefined;
      keys.add(typed ? identityOf(attribute, element) : keyOf(attribute, element, ['value']));
      continue;
    }
    spend(draft.effort, list.length);
    const key = keyOf(attribute, element, Object.keys(element));
    for (const other of list) if (keyOf(attribute, other, Object.keys(element)) === key) gone.add(other);
  }
  for (const element of list) {
    if (keys.has(identityOf(attribute, element)) || keys.has(keyOf(attribute, element, ['value']))) gone.add(element);
  }
  return gone;
}

/** What makes an element the same as another: value and type; of a link its id; without a value its name; else all it holds. */
function identityOf(attribute: Attribute, element: AttributeValue): string {
  if (!isObject(element)) return keyOf(attribute, element, []);
  if (element['value'] !== undefined)
    return keyOf(attribute, element, LINK_LISTS.has(attribute.key) ? ['value'] : ['value', 'type']);
  if (element['display'] !== undefined) return keyOf(attribute, element, ['display', 'type']);
  return keyOf(attribute, element, Object.keys(element).sort());
}

function keyOf(attribute: Attribute, element: AttributeValue, names: readonly string[]): string {
  if (!isObject(element)) return JSON.stringify(comparable(attribute, element));
  return JSON.stringify(
    names.map((name) => [name, comparable(attribute.sub.get(name.toLowerCase()) ?? attribute, element[name])]),
  );
}

// ---- elements that a filter picks

function matched(draft: Draft, change: Change, list: AttributeValue[]): AttributeValue[] {
  const { element } = change.path;
  return element ? list.filter((candidate) => matchesElement(element, candidate, draft.effort)) : list;
}

function removeMatched(draft: Draft, change: Change, list: AttributeValue[]): void {
  const targets = matched(draft, change, list);
  const { sub } = change.path;
  if (sub) clearSub(draft, targets, sub);
  else drop(draft, change, list, new Set(targets));
}

function clearSub(draft: Draft, targets: AttributeValue[], sub: Attribute): void {
  for (const target of targets.filter(isObject)) {
    delete target[sub.name];
    draft.cleared.add(target);
  }
}

function setSub(draft: Draft, change: Change, list: AttributeValue[], sub: Attribute): void {
  const value = normaliseValue(sub, change.value, change.where);
  const targets = matched(draft, change, list).filter(isObject);
  if (value === undefined) {
    clearSub(draft, targets, sub);
    return;
  }
  if (targets.length === 0) {
    const seed = seedOf(change);
    // The client means an element that holds another value than the one it sets: there is nothing to build.
    if (!seed || (Object.hasOwn(seed, sub.name) && seed[sub.name] !== value)) throw noTarget(change);
    seed[sub.name] = value;
    append(draft, change, list, seed);
    return;
  }
  for (const target of targets) {
    if (LINK_LISTS.has(change.path.attribute.key)) noteLink(draft, target, sub, value);
    target[sub.name] = value;
  }
  if (sub.name === 'primary' && value === true) leavePrimary(list, targets);
}

/** A link with another ref id or group id leads elsewhere: the name there is not the one that stood beside the old one. */
function noteLink(draft: Draft, target: Attributes, sub: Attribute, value: AttributeValue): void {
  const noted = draft.links.get(target) ?? { moved: false, said: new Set() };
  noted.said.add(sub.name);
  if (sub.name === 'value' && target['value'] !== undefined && target['value'] !== value) noted.moved = true;
  draft.links.set(target, noted);
}

function setElement(draft: Draft, change: Change, list: AttributeValue[]): void {
  const { attribute } = change.path;
  const targets = matched(draft, change, list);
  if (isUnassigned(change.value)) drop(draft, change, list, new Set(targets));
  else if (attribute.type === 'complex') setComplexElement(draft, change, list, targets.filter(isObject));
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
  for (const target of targets) {
    // A replaced element keeps what picked it (`type: work`), so that the next request finds it again.
    if (change.op === 'replace') {
      for (const name of Object.keys(target)) delete target[name];
      Object.assign(target, seed);
    }
    Object.assign(target, values);
    for (const name of cleared) delete target[name];
    if (cleared.length > 0) draft.cleared.add(target);
  }
  if (values['primary'] === true) leavePrimary(list, targets);
}

function append(draft: Draft, change: Change, list: AttributeValue[], element: Attributes): void {
  const after = [...list, element];
  if (element['primary'] === true) leavePrimary(after, [element]);
  put(draft, change.path.attribute, after);
}

function seedOf(change: Change): Attributes | undefined {
  return change.path.element ? seedFrom(change.path.element) : emptyAttributes();
}

/** The last element that a change marks primary stays so, alone (RFC 7643 §2.4). */
function leavePrimary(list: readonly AttributeValue[], marked: readonly AttributeValue[]): void {
  const winner = marked.at(-1);
  if (winner === undefined) return;
  for (const element of list) {
    if (isObject(element) && element !== winner && element['primary'] === true) element['primary'] = false;
  }
}

function singleOf(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

function noTarget(change: Change): ScimError {
  return badRequest('noTarget', `${change.where} matches no element of ${change.path.attribute.path}.`);
}
