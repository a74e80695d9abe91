// Converts between users of the admin API and the directory: bodies to attributes and link changes, views to responses.

import type { ShownNames } from '../../../directory/administration/administration.ts';
import { type Fault, fault } from '../../../directory/faults.ts';
import type { LinkChange, LinkStatement } from '../../../directory/links/changes.ts';
import { STORE_LINKS, statementsAt } from '../../../directory/links/kinds.ts';
import type { UserRevision, UserView } from '../../../directory/model.ts';
import { distinctRoles } from '../../../directory/reference-data/references.ts';
import { ACCOUNT_KEY } from '../../../directory/schema/account-attributes.ts';
import { elementsAt, setAt, textAt, valueAt } from '../../../directory/schema/attributes.ts';
import { isObject } from '../../../directory/schema/fold.ts';
import {
  type Attribute,
  type Attributes,
  type AttributeValue,
  emptyAttributes,
} from '../../../directory/schema/schema.ts';
import { readCustomValue } from '../../../directory/schema/simple-values.ts';
import { CODE_LIST_KEYS, LIST_KEYS, TEXT_KEYS, type UserDraft } from './user-schemas.ts';

/** The attributes that a body states, set or cleared, by key of the directory; stores and groups are link changes. */
function statements(body: UserDraft): Map<string, AttributeValue | undefined> {
  const stated = new Map<string, AttributeValue | undefined>();
  const state = (key: string, value: AttributeValue | null | undefined) => {
    if (value === undefined) return;
    const isEmpty = value === null || value === '' || (Array.isArray(value) && value.length === 0);
    stated.set(key, isEmpty ? undefined : value);
  };
  for (const [field, key] of Object.entries({ ...TEXT_KEYS, ...CODE_LIST_KEYS })) {
    state(key, body[field as keyof typeof TEXT_KEYS | keyof typeof CODE_LIST_KEYS]);
  }
  state('externalId', body.externalId);
  state('active', body.active);
  state('name', body.name === undefined ? undefined : body.name && bare(body.name));
  for (const key of LIST_KEYS) {
    const list = body[key];
    state(key, list && (key === 'roles' ? distinctRoles(list.map(bare)) : list.map(bare)));
  }
  state('enterprise.manager', body.manager ? bare({ value: body.manager }) : body.manager);
  return stated;
}

/** The keys in the directory of the attributes that a body states. */
export function statedKeys(body: UserDraft): Iterable<string> {
  return statements(body).keys();
}

/** The defined values, on an object without a prototype. */
function bare(values: Record<string, AttributeValue | undefined>): Attributes {
  const attributes = emptyAttributes();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') attributes[key] = value;
  }
  return attributes;
}

/** The custom attributes that a body states, set or cleared, by key of the directory. */
export type CustomStatements = ReadonlyMap<string, AttributeValue | undefined>;

/** Reads the custom attributes of a body. @param known those of the account. Faults: notFound, invalidValue. */
export function customStatements(
  { customAttributes = {} }: UserDraft,
  known: readonly Attribute[],
): { stated: CustomStatements; faults: Fault[] } {
  const stated = new Map<string, AttributeValue | undefined>();
  const faults: Fault[] = [];
  for (const [name, given] of Object.entries(customAttributes)) {
    const attribute = known.find((each) => each.name.toLowerCase() === name.toLowerCase());
    const read = attribute && readCustomValue(attribute, given);
    if (!attribute || !read) faults.push(unknownAttribute(name, known));
    else if (read.ok) stated.set(attribute.key, read.value);
    else faults.push(fault('invalidValue', attribute.name, { rule: read.rule }));
  }
  return { stated, faults };
}

function unknownAttribute(name: string, known: readonly Attribute[]): Fault {
  const names = known.map((each) => each.name).join(', ');
  const rule =
    names === '' ? 'the account has no custom attributes' : `is not a custom attribute of the account: it has ${names}`;
  return fault('invalidValue', 'customAttributes', { value: name, rule });
}

/** A new user. @param stores those of the body, looked up; undefined if it states none */
export function draftOf(
  body: UserDraft,
  stores: LinkStatement[] | undefined,
  own: CustomStatements,
): { attributes: Attributes; links: LinkChange[] } {
  const attributes = emptyAttributes();
  for (const [key, value] of [...statements(body), ...own]) {
    if (value !== undefined) setAt(attributes, key, value);
  }
  const links: LinkChange[] = [];
  if (stores) links.push({ op: 'replace', target: 'store', links: stores });
  if (body.groups?.length) links.push({ op: 'join', groups: body.groups });
  return { attributes, links };
}

/** A change of a user, with the stores of the body, looked up: parts of the name merge, a list replaces the list, and what it leaves out is removed. */
export function changeOf(
  current: UserView,
  body: UserDraft,
  own: CustomStatements,
  stores?: LinkStatement[],
): UserRevision {
  const attributes = emptyAttributes();
  const stated = new Set<string>();
  for (const [key, value] of [...statements(body), ...own]) {
    stated.add(key);
    setAt(attributes, key, key === 'name' ? mergedName(current, body) : value);
  }
  const links = [...storeChanges(current, stores), ...membershipChanges(current, body)];
  return { mode: 'patch', attributes, stated, links };
}

/** An administrator's list is the whole list: stores that it leaves out are removed, even if another source asserted them. */
function storeChanges(current: UserView, stores: LinkStatement[] | undefined): LinkChange[] {
  if (!stores) return [];
  const left = statementsAt(STORE_LINKS, current.attributes).filter(
    ({ reference }) => !stores.some((store) => store.reference === reference),
  );
  return [
    ...(left.length > 0 ? [{ op: 'remove' as const, target: 'store' as const, links: left }] : []),
    { op: 'replace', target: 'store', links: stores },
  ];
}

function membershipChanges(current: UserView, { groups }: UserDraft): LinkChange[] {
  if (groups === undefined) return [];
  const wanted = groups ?? [];
  const present = groupIdsOf(current);
  return [
    { op: 'join', groups: wanted.filter((id) => !present.includes(id)) },
    { op: 'leave', groups: present.filter((id) => !wanted.includes(id)) },
  ];
}

function mergedName(current: UserView, body: UserDraft): Attributes | undefined {
  const before = isObject(current.attributes.name) ? current.attributes.name : emptyAttributes();
  const merged = bare({ ...before, ...body.name });
  return body.name && Object.keys(merged).length > 0 ? merged : undefined;
}

/** Ids of the groups that a user is in. */
export function groupIdsOf(view: UserView): string[] {
  return elementsAt(view.attributes, 'groups').flatMap((group) =>
    typeof group.value === 'string' ? [group.value] : [],
  );
}

/** Ref ids of the stores of a user. */
export function storeRefIdsOf(view: UserView): string[] {
  return elementsAt(view.attributes, 'mobietrain.stores').flatMap((store) =>
    typeof store.value === 'string' ? [store.value] : [],
  );
}

/** A user in the form of the admin API, with the administrators' names of groups and stores. */
export function renderUser(view: UserView, names: ShownNames): Record<string, unknown> {
  const { attributes } = view;
  const texts = Object.fromEntries(
    Object.entries(TEXT_KEYS).flatMap(([field, key]) => {
      const value = textAt(attributes, key);
      return value === undefined ? [] : [[field, value]];
    }),
  );
  const manager = valueAt(attributes, 'enterprise.manager');
  return {
    id: view.id,
    version: view.version,
    created: view.created.toISOString(),
    modified: view.modified.toISOString(),
    status: valueAt(attributes, 'mobietrain.status'),
    active: attributes.active !== false,
    privacyPolicyConfirmed: view.privacyPolicyConfirmed !== undefined,
    missing: stringsAt(attributes, 'mobietrain.missing'),
    hasExternalId: attributes.externalId !== undefined,
    ...texts,
    ...(isObject(attributes.name) ? { name: attributes.name } : {}),
    emails: elementsAt(attributes, 'emails'),
    phoneNumbers: elementsAt(attributes, 'phoneNumbers'),
    roles: elementsAt(attributes, 'roles'),
    ...(isObject(manager) && typeof manager.value === 'string' ? { manager: manager.value } : {}),
    enrollmentProfiles: stringsAt(attributes, CODE_LIST_KEYS.enrollmentProfiles),
    organizations: stringsAt(attributes, CODE_LIST_KEYS.organizations),
    stores: elementsAt(attributes, 'mobietrain.stores').map((store) => renderStore(store, names)),
    groups: elementsAt(attributes, 'groups').map((group) => renderMembership(group, names)),
    ...(isObject(attributes[ACCOUNT_KEY]) ? { customAttributes: attributes[ACCOUNT_KEY] } : {}),
  };
}

function renderStore({ value, display, country, primary }: Attributes, names: ShownNames) {
  const adminName = typeof value === 'string' ? names.stores.get(value)?.adminName : undefined;
  const name = adminName ?? display;
  return {
    ...(value === undefined ? {} : { refId: value }),
    ...(name === undefined ? {} : { name }),
    ...(country === undefined ? {} : { country }),
    ...(primary === undefined ? {} : { primary }),
  };
}

function renderMembership({ value, display }: Attributes, names: ShownNames) {
  const group = names.groups.get(String(value));
  const type = group && textAt(group.attributes, 'mobietrain.groupType');
  return { id: value, name: group?.adminName ?? display, ...(type === undefined ? {} : { type }) };
}

function stringsAt(attributes: Attributes, key: string): string[] {
  const value = valueAt(attributes, key);
  return Array.isArray(value) ? value.filter((element) => typeof element === 'string') : [];
}

const PATHS: [RegExp, string][] = [
  [/^(stores\[\d+\])\.value$/, '$1.refId'],
  [/^(stores\[\d+\])\.display$/, '$1.name'],
];

/** The name of a directory attribute path in this API. */
export function ownPath(path: string): string {
  for (const [pattern, own] of PATHS) if (pattern.test(path)) return path.replace(pattern, own);
  return path;
}
