// What only administrators do: block users, name groups and stores, keep stores as resources of their own (systems.md §1, §4).
// The rules stand here; the store is behind `AdministrationRecords`.

import { changeRecord } from '../change-record.ts';
import { type Fault, type Faults, fault, isNonEmpty, type Outcome, refused } from '../faults.ts';
import { newResourceId } from '../ids.ts';
import type { NameCache } from '../links/name-cache.ts';
import type { Caller, GroupView, Precondition, StoredGroup, StoredStore, StoreView, UserView } from '../model.ts';
import { meets } from '../precondition.ts';
import type { CursorPosition, Page } from '../query/query.ts';
import { termsInState } from '../query/search-keys.ts';
import type { CommitResult, FieldChanges, Records, Write } from '../records.ts';
import { foldText } from '../schema/fold.ts';
import { isCallingCode } from '../schema/formats.ts';
import { backOff } from '../users/provision.ts';
import { lengthFault } from '../users/rules.ts';
import { viewGroup, viewStore, viewUser } from '../users/views.ts';

/** A page of groups or stores by the beginning of either name; in the order of creation. */
export interface NameQuery {
  /** The beginning of the source's or the administrator's name, or of a store's ref id. */
  search?: string;
  /** Groups of this type only. */
  type?: string;
  after?: CursorPosition;
  count: number;
}

/** The port to the store for what is only administered. */
export interface AdministrationRecords {
  groupsNamed(account: string, query: NameQuery): Promise<Page<StoredGroup>>;
  storesNamed(account: string, query: NameQuery): Promise<Page<StoredStore>>;
}

/** What a store can be made or changed to; null takes a value away. */
export interface StoreDraft {
  name?: string | null;
  adminName?: string | null;
  country?: string | null;
}

/** Every method works in the caller's account. Faults are values; only StoreUnavailable is thrown. */
export interface Administration {
  /** Blocks a user or lifts the block: a flag of its own, which no sync touches. Faults: whatever `allowed` says, notFound, busy. */
  setBlocked(
    caller: Caller,
    id: string,
    blocked: boolean,
    allowed: (current: UserView) => Fault | undefined,
  ): Promise<Outcome<UserView>>;
  groups(caller: Caller, query: NameQuery): Promise<Page<GroupView>>;
  stores(caller: Caller, query: NameQuery): Promise<Page<StoreView>>;
  store(caller: Caller, id: string): Promise<StoreView | undefined>;
  /** Faults: required, tooLong, invalidValue, uniqueness. */
  createStore(caller: Caller, refId: string, draft: StoreDraft): Promise<Outcome<StoreView>>;
  /** Faults: notFound, required, tooLong, invalidValue, preconditionFailed, busy. */
  changeStore(caller: Caller, id: string, precondition: Precondition, draft: StoreDraft): Promise<Outcome<StoreView>>;
  /** The groups and stores that users name, as administrators call them: group ids, ref ids of stores. */
  shownNames(caller: Caller, named: { groups: string[]; stores: string[] }): Promise<ShownNames>;
}

export interface ShownNames {
  groups: ReadonlyMap<string, GroupView>;
  stores: ReadonlyMap<string, StoreView>;
}

const ATTEMPTS_MAX = 8;

interface AdministrationDependencies {
  records: Records;
  administrationRecords: AdministrationRecords;
  names: NameCache;
  now: () => Date;
}

export function createAdministration(dependencies: AdministrationDependencies): Administration {
  const { records, administrationRecords, names, now } = dependencies;

  /** Plans and commits again while other writers are faster. */
  async function commit<T>(
    caller: Caller,
    plan: () => Promise<{ ok: true; value: T; write?: Write } | { ok: false; faults: Faults }>,
    taken: (result: CommitResult & { ok: false }) => Fault | undefined,
  ): Promise<Outcome<T>> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (attempt > 0) await backOff(attempt);
      const planned = await plan();
      if (!planned.ok) return planned;
      if (!planned.write) return { ok: true, value: planned.value, effect: 'unchanged' };
      const result = await records.commit(caller.account.id, [planned.write]);
      const effect = planned.write.kind === 'insertStore' ? 'created' : 'updated';
      if (result.ok) return { ok: true, value: planned.value, effect };
      const known = taken(result);
      if (known) return refused(known);
    }
    return refused(fault('busy'));
  }

  return {
    setBlocked: (caller, id, blocked, allowed) =>
      commit(
        caller,
        async () => {
          const user = await records.userForChange(caller.account.id, id);
          if (!user) return refused(fault('notFound', 'User', { id }));
          const known = await names.of(caller.account.id, [user]);
          const before = viewUser(user, known);
          const refusal = allowed(before);
          if (refusal) return refused(refusal);
          if (user.blocked === blocked) return { ok: true, value: before };
          const at = now();
          const after = { ...user, blocked, version: user.version + 1, modified: at };
          const write: Write = {
            kind: 'updateUser',
            id,
            ifRevision: user.revision,
            visible: true,
            changes: { set: { blocked, terms: termsInState(user.terms, 'blocked', blocked) }, unset: [] },
            record: changeRecord({ caller, now: at }, id, 'update', ['blocked']),
          };
          return { ok: true, value: viewUser(after, known), write };
        },
        nothingTaken,
      ),

    async groups(caller, query) {
      const page = await administrationRecords.groupsNamed(caller.account.id, query);
      return { ...page, resources: page.resources.map(viewGroup) };
    },
    async stores(caller, query) {
      const page = await administrationRecords.storesNamed(caller.account.id, query);
      return { ...page, resources: page.resources.map(viewStore) };
    },
    async store(caller, id) {
      const [store] = await records.storesById(caller.account.id, [id]);
      return store && viewStore(store);
    },

    createStore(caller, refId, draft) {
      const at = now();
      const id = newResourceId();
      const store: StoredStore = applied(
        {
          _id: id,
          account: caller.account.id,
          version: 0,
          created: at,
          modified: at,
          refId,
          changes: [changeRecord({ caller, now: at }, id, 'create', [])],
        },
        textChanges(draft, at),
      );
      return commit(
        caller,
        async () => {
          const faults = storeFaults(store);
          if (isNonEmpty(faults)) return { ok: false, faults };
          return { ok: true, value: viewStore(store), write: { kind: 'insertStore', store } };
        },
        (result) => (result.reason === 'taken' ? fault('uniqueness', 'refId', { value: refId }) : undefined),
      );
    },

    changeStore: (caller, id, precondition, draft) =>
      commit(
        caller,
        async () => {
          const [store] = await records.storesById(caller.account.id, [id]);
          if (!store) return refused(fault('notFound', 'Store', { id }));
          if (!meets(precondition, store.version)) return refused(fault('preconditionFailed'));
          const said = Object.keys(draft) as (keyof StoreDraft)[];
          const changed = said.filter((key) => (store[key] ?? null) !== draft[key]);
          if (changed.length === 0) return { ok: true, value: viewStore(store) };
          const at = now();
          const changes = textChanges(draft, at);
          const after = applied(store, changes);
          const faults = storeFaults(after);
          if (isNonEmpty(faults)) return { ok: false, faults };
          names.forgetStore(id);
          const record = changeRecord({ caller, now: at }, id, 'update', changed);
          return {
            ok: true,
            value: viewStore(after),
            write: { kind: 'updateStore', id, ifVersion: store.version, changes, record },
          };
        },
        nothingTaken,
      ),

    async shownNames(caller, named) {
      const { id } = caller.account;
      const [groups, stores] = await Promise.all([
        named.groups.length > 0 ? records.groupsById(id, named.groups) : [],
        named.stores.length > 0 ? records.storesByRefId(id, named.stores) : [],
      ]);
      return {
        groups: new Map(groups.map((group) => [group._id, viewGroup(group)])),
        stores: new Map(stores.map((store) => [store.refId, viewStore(store)])),
      };
    },
  };
}

const nothingTaken = (): undefined => undefined;

/** A store with a name needs its country, whoever made it. */
function storeFaults(store: StoredStore): Fault[] {
  const faults: Fault[] = [];
  if (store.refId.trim() === '') faults.push(fault('required', 'refId', { rule: 'a store needs its ref id' }));
  for (const key of ['refId', 'name', 'adminName'] as const) {
    const tooLong = lengthFault(key, store[key]);
    if (tooLong) faults.push(tooLong);
  }
  if (store.country === undefined) {
    if (store.name !== undefined) {
      faults.push(fault('required', 'country', { rule: 'a store with a name needs its country' }));
    }
  } else if (!isCallingCode(store.country)) {
    faults.push(fault('invalidValue', 'country', { rule: 'must be a calling code such as 32' }));
  }
  return faults;
}

/** Field changes out of texts, with the folded mirror of names; null and '' take a value away. */
function textChanges(texts: StoreDraft, at: Date): FieldChanges {
  const changes: FieldChanges = { set: { modified: at }, unset: [] };
  for (const key of ['name', 'adminName', 'country'] as const) {
    const text = texts[key];
    if (text === undefined) continue;
    const mirror = key === 'name' ? 'nameFold' : key === 'adminName' ? 'adminNameFold' : undefined;
    if (text === null || text === '') {
      changes.unset.push(key, ...(mirror ? [mirror] : []));
    } else {
      changes.set[key] = text;
      if (mirror) changes.set[mirror] = foldText(text);
    }
  }
  return changes;
}

function applied<T extends StoredGroup | StoredStore>(stored: T, changes: FieldChanges): T {
  const after: T = { ...stored, ...changes.set, version: stored.version + 1 };
  for (const path of changes.unset) Reflect.deleteProperty(after, path);
  return after;
}
