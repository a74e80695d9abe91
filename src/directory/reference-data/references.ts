// What a file may name: user groups and stores, superiors, and codes of reference data. Whatever is named only by its name must
// exist first; a group with ID and type, or a store with all its values, may be new (systems.md §4).

import { type Fault, type Faults, fault } from '../faults.ts';
import { idsOf } from '../groups/identities.ts';
import type { Caller, UserView } from '../model.ts';
import type { UserIdentity } from '../ports.ts';
import type { Records } from '../records.ts';
import { elementsAt, textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import { type Attributes, emptyAttributes } from '../schema/schema.ts';
import { identify } from '../users/identity.ts';
import { type ReferenceData, type ReferenceKind, unknownReferences } from './reference-data.ts';

/** An entry as a file writes it, of a group (`secondaryKey`: its type) or a store (`secondaryKey`: its country). */
export interface NamedEntry {
  identity?: string;
  name?: string;
  secondaryKey?: string;
}

/** The element of `userGroups` or `stores` that an entry means, or why it means none. */
export type Resolved = { ok: true; element: Attributes } | { ok: false; fault: Fault };

/** Whom a text names: found, nobody, or several. */
export type FoundUser = { ok: true; id: string | undefined } | { ok: false; faults: Faults };

/** Everything is asked within the caller's account. */
export interface References {
  /** Faults: unknownReference (kind group), ambiguousIdentity (a name that several groups have). */
  group(caller: Caller, entry: NamedEntry): Promise<Resolved>;
  /** Faults: unknownReference (kind store), ambiguousIdentity. */
  store(caller: Caller, entry: NamedEntry): Promise<Resolved>;
  /** Faults: unknownReference, one for each code that does not exist. */
  codes(caller: Caller, kind: ReferenceKind, codes: string[], path: string): Promise<Fault[]>;
  /** The user that a file's identity means. Faults: ambiguousIdentity, possibleDuplicate. */
  user(caller: Caller, identity: UserIdentity): Promise<FoundUser>;
}

/** Several hits are enough to know that a name is not enough. */
const HITS_MAX = 2;

export function createReferences(records: Records, referenceData: Pick<ReferenceData, 'known'>): References {
  return {
    async group({ account }, { identity, name, secondaryKey }) {
      if (identity !== undefined) {
        const [known] = await records.groupsByExternalId(account.id, [identity]);
        if (known)
          return found({ value: identity, ...shownName(name, known), type: secondaryKey ?? orNone(known.type) });
        if (secondaryKey !== undefined) return found({ value: identity, display: name, type: secondaryKey });
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
      return found({ value: idsOf(group)[0], display: group.name, type: orNone(group.type) });
    },

    async store({ account }, { identity, name, secondaryKey }) {
      if (identity !== undefined) {
        const [known] = await records.storesByRefId(account.id, [identity]);
        if (known) return found({ value: identity, ...shownName(name, known), country: secondaryKey ?? known.country });
        if (name !== undefined && secondaryKey !== undefined)
          return found({ value: identity, display: name, country: secondaryKey });
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
      const [store] = fitting;
      if (!store) return unknown('store', name, 'stores');
      return found({ value: store.refId, display: store.name, country: store.country });
    },

    codes: ({ account }, kind, codes, path) => unknownReferences(referenceData, account.id, kind, codes, path),
    user: ({ account }, identity) => identify(records, account.id, identity),
  };
}

/** The name to state: none other than the source's where a file repeats the administrator's. */
function shownName(said: string | undefined, known: { name?: string; adminName?: string }) {
  return { display: said === undefined || said === known.adminName ? known.name : said };
}

const orNone = (text: string): string | undefined => (text === '' ? undefined : text);

function found(values: Record<string, string | undefined>): Resolved {
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

/** The names of the role that a superior needs, folded: the long one and MobieTrain's short one (systems.md §1, §4). */
const SUPERIOR_ROLES: ReadonlySet<string> = new Set(['superior', 'manager']);
/** The role as a file gives it. */
const SUPERIOR_ROLE = 'Superior';

/** Whether a user has the role of a superior, as it was sent; the role grants nothing by itself. */
export function isSuperior({ attributes }: Pick<UserView, 'attributes'>): boolean {
  return elementsAt(attributes, 'roles').some((role) => isSuperiorRole(textAt(role, 'value')));
}

function isSuperiorRole(value: string | undefined): boolean {
  return value !== undefined && SUPERIOR_ROLES.has(foldText(value));
}

/** A user's roles with that of a superior, or without it. */
export function withSuperiorRole(roles: Attributes[], wanted: boolean): Attributes[] {
  const others = roles.filter((role) => !isSuperiorRole(textAt(role, 'value')));
  if (!wanted) return others;
  if (others.length < roles.length) return roles;
  const role = emptyAttributes();
  role.value = SUPERIOR_ROLE;
  return [...roles, role];
}

/** Roles that every account has (systems.md §4, and their short names of §1), folded. */
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

/** Whether a file may name this role without the account having made it. */
export function isFileRole(name: string): boolean {
  return FILE_ROLES.has(foldText(name));
}
