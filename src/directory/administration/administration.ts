// Owns what only administrators do: block users, list groups and stores by name, create, change and delete stores.
// The database is behind the port `AdministrationRecords`.

import { changeRecord, storeRecord } from '../change-record.ts';
import { type Fault, type Faults, fault, isNonEmpty, type Outcome, refused } from '../faults.ts';
import { withChanges } from '../field-changes.ts';
import { newResourceId } from '../ids.ts';
import type { NameCache } from '../links/name-cache.ts';
import type { Caller, GroupView, Precondition, StoredGroup, StoredStore, StoreView, UserView } from '../model.ts';
import { meets } from '../precondition.ts';
import type { CursorPosition, Page, Query } from '../query/query.ts';
import { searchKeysInState } from '../query/search-keys.ts';
import type { CommitResult, FieldChanges, Records, Write } from '../records.ts';
import { createRetryBudget, retry } from '../retry-budget.ts';
import { foldText } from '../schema/fold.ts';
import type { ResourceSchema } from '../schema/schema.ts';
import { isBlank } from '../schema/texts.ts';
import { nameFault, storeCountryFaults } from '../users/rules.ts';
import { standingAfter } from '../users/standing.ts';
import { viewGroup, viewStore, viewUser } from '../users/views.ts';
import { countHolders } from './holders.ts';
import { removalFault } from './user-rights.ts';

/** Which groups or stores to list, by a prefix of either name, in order of creation. */
export interface NameQuery {
  /** A prefix of the source's or the administrators' name, or of a store's ref id. */
  search?: string;
  /** Only groups of this type. */
  type?: string;
  after?: CursorPosition;
  count: number;
}

/** The port to the database for listing by name. */
export interface AdministrationRecords {
  groupsNamed(account: string, query: NameQuery): Promise<Page<StoredGroup>>;
  storesNamed(account: string, query: NameQuery): Promise<Page<StoredStore>>;
  /** @throws QueryNotSupported, QueryTooCostly */
  storesFound(account: string, query: Query): Promise<Page<StoredStore>>;
}

/** The values of a new or changed store; null clears a value. */
export interface StoreDraft {
  name?: string | null;
  adminName?: string | null;
  country?: string | null;
}

/** Every method works in the caller's account. Faults are values; only StoreUnavailable is thrown. */
export interface Administration {
  /** Blocks or unblocks a user. The flag is separate from `active`, so a sync cannot change it. Faults: notFound, forbidden, busy. */
  setBlocked(caller: Caller, id: string, blocked: boolean): Promise<Outcome<UserView>>;
  groups(caller: Caller, query: NameQuery): Promise<Page<GroupView>>;
  stores(caller: Caller, query: NameQuery): Promise<Page<StoreView>>;
  /** The stores that a filter finds, in order of creation unless the query has another. @throws QueryNotSupported, QueryTooCostly */
  storesFound(caller: Caller, query: Query): Promise<Page<StoreView>>;
  store(caller: Caller, id: string): Promise<StoreView | undefined>;
  /** Faults: required, tooLong, invalidValue, uniqueness (with the id of the store that has the ref id). */
  createStore(caller: Caller, refId: string, draft: StoreDraft): Promise<Outcome<StoreView>>;
  /** Faults: notFound, required, tooLong, invalidValue, preconditionFailed, busy. */
  changeStore(caller: Caller, id: string, precondition: Precondition, draft: StoreDraft): Promise<Outcome<StoreView>>;
  /** Removes a store that no user has. Faults: notFound, inUse, preconditionFailed, busy. */
  deleteStore(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<StoreView>>;
  /** The groups with these ids and the stores with these ref ids, with the names that administrators gave them. */
  shownNames(caller: Caller, named: { groups: string[]; stores: string[] }): Promise<ShownNames>;
}

/** Groups by id and stores by ref id. */
export interface ShownNames {
  groups: ReadonlyMap<string, GroupView>;
  stores: ReadonlyMap<string, StoreView>;
}

interface AdministrationDependencies {
  records: Records;
  administrationRecords: AdministrationRecords;
  names: NameCache;
  /** The schema of users. */
  schema: ResourceSchema;
  now: () => Date;
  /** Called after a store's name or country changes, so that incomplete users of the store are validated again. */
  onStoreChanged: (caller: Caller, storeId: string) => void;
}

/** Creates the operations of administrators. */
export function createAdministration(dependencies: AdministrationDependencies): Administration {
  const { records, administrationRecords } = dependencies;
  return {
    setBlocked: (caller, id, blocked) => setBlocked(dependencies, caller, id, blocked),
    async groups(caller, query) {
      const page = await administrationRecords.groupsNamed(caller.account.id, query);
      return { ...page, resources: page.resources.map((group) => viewGroup(group)) };
    },
    async stores(caller, query) {
      const page = await administrationRecords.storesNamed(caller.account.id, query);
      return { ...page, resources: page.resources.map(viewStore) };
    },
    async storesFound(caller, query) {
      const page = await administrationRecords.storesFound(caller.account.id, query);
      return { ...page, resources: page.resources.map(viewStore) };
    },
    async store(caller, id) {
      const [store] = await records.storesById(caller.account.id, [id]);
      return store && viewStore(store);
    },
    createStore: (caller, refId, draft) => createStore(dependencies, caller, refId, draft),
    async changeStore(caller, id, precondition, draft) {
      const outcome = await changeStore(dependencies, caller, { id, precondition, draft });
      if (outcome.ok && outcome.effect === 'updated') dependencies.onStoreChanged(caller, id);
      return outcome;
    },
    deleteStore: (caller, id, precondition) => deleteStore(dependencies, caller, id, precondition),
    shownNames: (caller, named) => shownNames(records, caller.account.id, named),
  };
}

const EFFECTS: Partial<Record<Write['kind'], 'created' | 'deleted'>> = {
  insertStore: 'created',
  deleteStore: 'deleted',
};

/** A planned value with its write (absent if nothing changes), or a refusal. */
type Planned<T> = { ok: true; value: T; write?: Write } | { ok: false; faults: Faults };

/** Plans and commits; repeats both after a conflict while the retry budget lasts. Faults: the plan's, `taken`'s, busy. */
async function planAndCommit<T>(
  records: Records,
  account: string,
  plan: () => Promise<Planned<T>>,
  taken: (result: CommitResult & { ok: false }) => Fault | undefined = () => undefined,
): Promise<Outcome<T>> {
  const budget = createRetryBudget();
  do {
    const planned = await plan();
    if (!planned.ok) return planned;
    if (!planned.write) return { ok: true, value: planned.value, effect: 'unchanged' };
    const result = await records.commit(account, [planned.write], budget);
    if (result.ok) return { ok: true, value: planned.value, effect: EFFECTS[planned.write.kind] ?? 'updated' };
    const conflict = taken(result);
    if (conflict) return refused(conflict);
  } while (await retry(budget));
  return refused(fault('busy'));
}

function setBlocked(
  { records, names, now }: AdministrationDependencies,
  caller: Caller,
  id: string,
  blocked: boolean,
): Promise<Outcome<UserView>> {
  return planAndCommit(records, caller.account.id, async () => {
    const user = await records.userForChange(caller.account.id, id);
    if (!user) return refused(fault('notFound', 'User', { id }));
    const known = await names.of(caller.account.id, [user]);
    const before = viewUser(user, known);
    const refusal = removalFault(caller.actor, before);
    if (refusal) return refused(refusal);
    if (user.blocked === blocked) return { ok: true, value: before };
    const at = now();
    const after = { ...user, blocked, version: user.version + 1, modified: at };
    const write: Write = {
      kind: 'updateUser',
      id,
      ifRevision: user.revision,
      visible: true,
      changes: {
        set: {
          blocked,
          ...standingAfter(user, { ...user, blocked }),
          terms: searchKeysInState(user.terms, 'blocked', blocked),
        },
        unset: [],
      },
      record: changeRecord(
        { caller, now: at },
        id,
        'update',
        ['blocked'],
        [{ attribute: 'blocked', before: String(user.blocked), after: String(blocked) }],
      ),
    };
    return { ok: true, value: viewUser(after, known), write };
  });
}

async function createStore(
  { records, now }: AdministrationDependencies,
  caller: Caller,
  refId: string,
  draft: StoreDraft,
): Promise<Outcome<StoreView>> {
  const at = now();
  const id = newResourceId();
  const empty: StoredStore = {
    _id: id,
    account: caller.account.id,
    version: 0,
    created: at,
    modified: at,
    refId,
    changes: [],
  };
  const store = nextVersion(empty, textChanges(draft, at));
  store.changes = [storeRecord({ caller, now: at }, 'create', undefined, store)];
  const plan = async (): Promise<Planned<StoreView>> => {
    const faults = storeFaults(store);
    if (isNonEmpty(faults)) return { ok: false, faults };
    return { ok: true, value: viewStore(store), write: { kind: 'insertStore', store } };
  };
  const taken = fault('uniqueness', 'refId', { value: refId, holder: 'store' });
  const created = await planAndCommit(records, caller.account.id, plan, ({ reason }) =>
    reason === 'taken' ? taken : undefined,
  );
  if (created.ok || created.faults[0] !== taken) return created;
  const [holder] = await records.storesByRefId(caller.account.id, [refId]);
  return refused(holder ? fault('uniqueness', 'refId', { ...taken.params, holderId: holder._id }) : taken);
}

interface StoreChange {
  id: string;
  precondition: Precondition;
  draft: StoreDraft;
}

function changeStore(
  { records, names, now }: AdministrationDependencies,
  caller: Caller,
  { id, precondition, draft }: StoreChange,
): Promise<Outcome<StoreView>> {
  return planAndCommit(records, caller.account.id, async () => {
    const [store] = await records.storesById(caller.account.id, [id]);
    if (!store) return refused(fault('notFound', 'Store', { id }));
    if (!meets(precondition, store.version)) return refused(fault('preconditionFailed'));
    const keys = Object.keys(draft) as (keyof StoreDraft)[];
    const changed = keys.filter((key) => (store[key] ?? null) !== draft[key]);
    if (changed.length === 0) return { ok: true, value: viewStore(store) };
    const at = now();
    const changes = textChanges(draft, at);
    const after = nextVersion(store, changes);
    const faults = storeFaults(after, store);
    if (isNonEmpty(faults)) return { ok: false, faults };
    names.forgetStore(id);
    const record = storeRecord({ caller, now: at }, 'update', store, after);
    const write: Write = { kind: 'updateStore', id, ifVersion: store.version, changes, record };
    return { ok: true, value: viewStore(after), write };
  });
}

function deleteStore(
  { records, names, schema, now }: AdministrationDependencies,
  caller: Caller,
  id: string,
  precondition: Precondition,
): Promise<Outcome<StoreView>> {
  const account = caller.account.id;
  return planAndCommit(records, account, async () => {
    const [store] = await records.storesById(account, [id]);
    if (!store) return refused(fault('notFound', 'Store', { id }));
    if (!meets(precondition, store.version)) return refused(fault('preconditionFailed'));
    const users = await countHolders(records, schema, account, { store: store.refId });
    if (users > 0) return refused(fault('inUse', 'store', { users, value: store.refId }));
    const at = now();
    const changes = [storeRecord({ caller, now: at }, 'delete', store, undefined)];
    const tombstone = { _id: id, account, resource: 'Store' as const, deleted: at, pending: true, changes };
    names.forgetStore(id);
    const write: Write = { kind: 'deleteStore', id, ifVersion: store.version, tombstone };
    return { ok: true, value: viewStore(store), write };
  });
}

async function shownNames(
  records: Records,
  account: string,
  named: { groups: string[]; stores: string[] },
): Promise<ShownNames> {
  const [groups, stores] = await Promise.all([
    named.groups.length > 0 ? records.groupsById(account, named.groups) : [],
    named.stores.length > 0 ? records.storesByRefId(account, named.stores) : [],
  ]);
  return {
    groups: new Map(groups.map((group) => [group._id, viewGroup(group)])),
    stores: new Map(stores.map((store) => [store.refId, viewStore(store)])),
  };
}

/** The rules of a store, however it was created; names that it had `before` stay. Faults: required, tooLong, invalidValue. */
function storeFaults(store: StoredStore, before?: StoredStore): Fault[] {
  const faults: Fault[] = [];
  if (isBlank(store.refId)) faults.push(fault('required', 'refId', { rule: 'a store needs a ref id' }));
  for (const key of ['refId', 'name', 'adminName'] as const) {
    const invalid = store[key] === before?.[key] ? undefined : nameFault(key, store[key]);
    if (invalid) faults.push(invalid);
  }
  faults.push(...storeCountryFaults(store.name, store.country, 'country'));
  return faults;
}

/** The field changes of a draft, with the folded names that searches use; null and '' clear a value. */
function textChanges(texts: StoreDraft, at: Date): FieldChanges {
  const changes: FieldChanges = { set: { modified: at }, unset: [] };
  for (const key of ['name', 'adminName', 'country'] as const) {
    const text = texts[key];
    if (text === undefined) continue;
    const mirror = key === 'name' ? 'nameFold' : key === 'adminName' ? 'adminNameFold' : undefined;
    if (text === null || isBlank(text)) {
      changes.unset.push(key, ...(mirror ? [mirror] : []));
    } else {
      changes.set[key] = text;
      if (mirror) changes.set[mirror] = foldText(text);
    }
  }
  return changes;
}

function nextVersion<T extends StoredGroup | StoredStore>(stored: T, changes: FieldChanges): T {
  return { ...withChanges(stored, changes), version: stored.version + 1 };
}
