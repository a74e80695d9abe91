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

/** Resolves references within the caller's account. */
export interface References {
  /** Faults: unknownReference (kind group), ambiguousIdentity (a name that several groups have). */
  group(caller: Caller, entry: NamedEntry): Promise<Resolved>;
  /** A name that no store has may be a ref id. Faults: unknownReference (kind store), ambiguousIdentity. */
  store(caller: Caller, entry: NamedEntry): Promise<Resolved>;
  /** The code as the account spells it. Faults: unknownReference. */
  code(caller: Caller, kind: ReferenceKind, code: string, path: string): Promise<SpelledCode>;
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

function ambiguous(path: string, value: string): Resolved {
  return { ok: false, fault: fault('ambiguousIdentity', path, { hits: HITS_MAX, value }) };
}

/** The names of the Superior role, folded: the long and the short one. */
const SUPERIOR_ROLES: ReadonlySet<string> = new Set(['superior', 'manager']);
/** The role as it is written in files. */
const SUPERIOR_ROLE = 'Superior';

/** Whether a user has the Superior role. Roles of users grant no permissions. */
export function isSuperior({ attributes }: Pick<UserView, 'attributes'>): boolean {
  return elementsAt(attributes, 'roles').some((role) => isSuperiorRole(textAt(role, 'value')));
}

function isSuperiorRole(value: string | undefined): boolean {
  return value !== undefined && SUPERIOR_ROLES.has(foldText(value));
}

/** Adds the Superior role to a user's roles, spelled `name` if the user has none of its spellings, or removes it. */
export function withSuperiorRole(roles: Attributes[], wanted: boolean, name = SUPERIOR_ROLE): Attributes[] {
  const others = roles.filter((role) => !isSuperiorRole(textAt(role, 'value')));
  if (!wanted) return others;
  if (others.length < roles.length) return roles;
  const role = emptyAttributes();
  role.value = name;
  return [...roles, role];
}

/** The long names of roles with two names, by the short one, folded. */
const LONG_NAMES: ReadonlyMap<string, string> = new Map([
  ['manager', 'superior'],
  ['user', 'learner'],
  ['admin', 'customer administrator'],
]);

/** A text that is equal for all spellings of one role. */
export function roleKey(name: string): string {
  const folded = foldText(name);
  return LONG_NAMES.get(folded) ?? folded;
}

/** The roles of every account, with their short names, folded. */
const FILE_ROLES: ReadonlySet<string> = new Set([
  ...SUPERIOR_ROLES,
  'learner',
  'user',
  'orgunit assistant',
  'orgunit administrator',
  'subdomain administrator',
  'customer administrator',
  'admin',
]);

/** Whether a role exists in every account, so that files may use it. */
export function isFileRole(name: string): boolean {
  return FILE_ROLES.has(foldText(name));
}
