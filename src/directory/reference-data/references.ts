// Resolves the references in a file: user groups and stores, superiors, and codes of reference data. A group or store that is given by
// name only must exist; a group with ID and type, or a store with all its values, may be new.

import { type Fault, type Faults, fault } from '../faults.ts';
import { idsOf } from '../groups/identities.ts';
import type { Caller, UserView } from '../model.ts';
import type { UserIdentity } from '../ports.ts';
import type { Records } from '../records.ts';
import { elementsAt, textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import { type Attributes, emptyAttributes } from '../schema/schema.ts';
import { identify } from '../users/identity.ts';
import type { ReferenceData, ReferenceKind } from './reference-data.ts';

/** A group (`secondaryKey`: its type) or a store (`secondaryKey`: its country) in a file. */
interface NamedEntry {
  identity?: string;
  name?: string;
  secondaryKey?: string;
}

/** The element of `userGroups` or `stores` for an entry, or the fault. */
type Resolved = { ok: true; element: Attributes } | { ok: false; fault: Fault };

/** A code as the account spells it, or the fault. */
type SpelledCode = { ok: true; code: string } | { ok: false; fault: Fault };

/** The id of the user, undefined if there is none, or the faults. */
type FoundUser = { ok: true; id: string | undefined } | { ok: false; faults: Faults };

/** What a text means, or the fault. */
type FoundTarget = { ok: true; id: string } | { ok: false; fault: Fault };

/** Resolves references within the caller's account. */
export interface References {
  /** Faults: unknownReference (kind group), ambiguousIdentity (a name that several groups have). */
  group(caller: Caller, entry: NamedEntry): Promise<Resolved>;
  /** A name that no store has may be a ref id. Faults: unknownReference (kind store), ambiguousIdentity. */
  store(caller: Caller, entry: NamedEntry): Promise<Resolved>;
  /** The code as the account spells it. Faults: unknownReference. */
  code(caller: Caller, kind: ReferenceKind, code: string, path: string): Promise<SpelledCode>;
  /** The id of the group with this id or, folded, this name. Faults: notFound, ambiguousIdentity. */
  groupId(caller: Caller, text: string): Promise<FoundTarget>;
  /** The ref id of the store with this ref id, id or, folded, this name. Faults: notFound, ambiguousIdentity. */
  storeRefId(caller: Caller, text: string): Promise<FoundTarget>;
  /** The id of the user whom a reference to a manager means: an id, an External ID or a login name. */
  manager(caller: Caller, reference: string): Promise<string | undefined>;
  /** The user with an identity of a file. Faults: ambiguousIdentity, possibleDuplicate. */
  user(caller: Caller, identity: UserIdentity): Promise<FoundUser>;
}

/** Two hits are enough to know that a name is ambiguous. */
const HITS_MAX = 2;

/** Creates the resolver of references. */
export function createReferences(records: Records, referenceData: Pick<ReferenceData, 'known'>): References {
  return {
    async group({ account }, { identity, name, secondaryKey }) {
      if (identity !== undefined) {
        const [known] = await records.groupsByExternalId(account.id, [identity]);
        if (known)
          return resolved({ value: identity, ...shownName(name, known), type: secondaryKey ?? orNone(known.type) });
        if (secondaryKey !== undefined) return resolved({ value: identity, display: name, type: secondaryKey });
        return unknown('group', identity, 'userGroups');
      }
      if (name === undefined) return unknown('group', '', 'userGroups');
      const named = await records.groupsByName(
        account.id,
        foldText(name),
        secondaryKey === undefined ? HITS_MAX : 1000,
      );
      const fitting = named.filter((group) => secondaryKey === undefined || group.typeFold === foldText(secondaryKey));
      if (fitting.length > 1) return ambiguous('userGroups', name);
      const [group] = fitting;
      if (!group) return unknown('group', name, 'userGroups');
      return resolved({ value: idsOf(group)[0], display: group.name, type: orNone(group.type) });
    },

    async store({ account }, { identity, name, secondaryKey }) {
      if (identity !== undefined) {
        const [known] = await records.storesByRefId(account.id, [identity]);
        if (known)
          return resolved({ value: identity, ...shownName(name, known), country: secondaryKey ?? known.country });
        if (name !== undefined && secondaryKey !== undefined)
          return resolved({ value: identity, display: name, country: secondaryKey });
        return unknown('store', identity, 'stores');
      }
      if (name === undefined) return unknown('store', '', 'stores');
      const named = await records.storesByName(
        account.id,
        foldText(name),
        secondaryKey === undefined ? HITS_MAX : 1000,
      );
      const fitting = named.filter((store) => secondaryKey === undefined || store.country === secondaryKey);
      if (fitting.length > 1) return ambiguous('stores', name);
      const [store] = fitting.length > 0 ? fitting : await records.storesByRefId(account.id, [name]);
      if (!store) return unknown('store', name, 'stores');
      return resolved({ value: store.refId, display: store.name, country: store.country });
    },

    async code({ account }, kind, code, path) {
      const spelled = (await referenceData.known(account.id, kind, [code])).get(foldText(code));
      if (spelled !== undefined) return { ok: true, code: spelled };
      return { ok: false, fault: fault('unknownReference', path, { kind, value: code }) };
    },
    async groupId({ account }, text) {
      const [known] = await records.groupsById(account.id, [text]);
      const found = known ? [known] : await records.groupsByName(account.id, foldText(text), HITS_MAX);
      return theOnly(found, ({ _id }) => _id, 'Group', text);
    },

    async storeRefId({ account }, text) {
      const [byRefId] = await records.storesByRefId(account.id, [text]);
      const [known = byRefId] = byRefId ? [] : await records.storesById(account.id, [text]);
      const found = known ? [known] : await records.storesByName(account.id, foldText(text), HITS_MAX);
      return theOnly(found, ({ refId }) => refId, 'Store', text);
    },

    manager: ({ account }, reference) => records.userByReference(account.id, reference),
    user: ({ account }, identity) => identify(records, account.id, identity),
  };
}

/** The name to use: the source's name if a file repeats the administrators' name. */
function shownName(stated: string | undefined, known: { name?: string; adminName?: string }) {
  return { display: stated === undefined || stated === known.adminName ? known.name : stated };
}

const orNone = (text: string): string | undefined => (text === '' ? undefined : text);

function resolved(values: Record<string, string | undefined>): Resolved {
  const element = emptyAttributes();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) element[key] = value;
  return { ok: true, element };
}

function unknown(kind: 'group' | 'store', value: string, path: string): Resolved {
  return { ok: false, fault: fault('unknownReference', path, { kind, value }) };
}

/** The only one that was found. `path` is the type of what was looked for. */
function theOnly<T>(found: readonly T[], idOf: (one: T) => string, path: string, value: string): FoundTarget {
  const [one, ...others] = found;
  if (!one) return { ok: false, fault: fault('notFound', path, { value }) };
  if (others.length > 0) return { ok: false, fault: fault('ambiguousIdentity', path, { hits: HITS_MAX, value }) };
  return { ok: true, id: idOf(one) };
}

function ambiguous(path: string, value: string): Resolved {
  return { ok: false, fault: fault('ambiguousIdentity', path, { hits: HITS_MAX, value }) };
}

/** The roles of every account, with their names: the long one, then the short one of those that have one. */
const ROLE_NAMES: readonly (readonly string[])[] = [
  ['Learner', 'User'],
  ['Superior', 'Manager'],
  ['OrgUnit Assistant'],
  ['OrgUnit Administrator'],
  ['Subdomain Administrator'],
  ['Customer Administrator', 'Admin'],
];

/** The key of each name of a role that every account has. */
const ROLE_KEYS: ReadonlyMap<string, string> = new Map(
  ROLE_NAMES.flatMap((names) => names.map((name) => [foldText(name), foldText(names[0] ?? '')])),
);
/** The role as it is written in files. */
const SUPERIOR_ROLE = 'Superior';
const SUPERIOR_KEY = foldText(SUPERIOR_ROLE);

/** The key by which roles are compared: one role has one key, by whichever of its names and in whichever case it is written. */
export function roleKey(name: string): string {
  const fold = foldText(name.trim());
  return ROLE_KEYS.get(fold) ?? fold;
}

const keyOf = (role: Attributes): string => roleKey(textAt(role, 'value') ?? '');

/** Whether a user has the Superior role. Roles of users grant no permissions. */
export function isSuperior({ attributes }: Pick<UserView, 'attributes'>): boolean {
  return elementsAt(attributes, 'roles').some((role) => keyOf(role) === SUPERIOR_KEY);
}

/** Adds the Superior role to a user's roles, or removes it by all its names. */
export function withSuperiorRole(roles: Attributes[], wanted: boolean): Attributes[] {
  return withRole(roles, SUPERIOR_ROLE, wanted);
}

/** Adds a role to a user's roles unless it is there by one of its names, or removes it by all its names. */
export function withRole(roles: Attributes[], name: string, wanted: boolean): Attributes[] {
  const others = roles.filter((role) => keyOf(role) !== roleKey(name));
  if (!wanted) return others.length < roles.length ? others : roles;
  if (others.length < roles.length) return roles;
  return [...roles, Object.assign(emptyAttributes(), { value: name })];
}

/** The roles without those that repeat an earlier one by another of its names. */
export function distinctRoles(roles: Attributes[]): Attributes[] {
  const seen = new Set<string>();
  return roles.filter((role) => seen.size < seen.add(keyOf(role)).size);
}

/** Whether a role exists in every account, so that files may use it. */
export function isFileRole(name: string): boolean {
  return ROLE_KEYS.has(foldText(name.trim()));
}
