// Commits of a simulation: judged against the real store and what the simulation wrote before, in the order of the writes as the
// store would, then kept in the overlays. Nothing reaches the real store.

import { withChanges } from '../field-changes.ts';
import { idsOf as groupIds } from '../groups/identities.ts';
import { decideMembers, isVisible, type MemberDelta, type Membership, namedBy } from '../groups/member-changes.ts';
import type { MemberView, StoredGroup, StoredStore, StoredUser } from '../model.ts';
import type { CommitResult, FieldChanges, MembersWrite, RecordsReader, UniqueValue, Write } from '../records.ts';
import { type RetryBudget, retry } from '../retry-budget.ts';
import { textAt } from '../schema/attributes.ts';
import {
  claimedNameKey,
  groupIdentityKey,
  groupKeys,
  refIdKey,
  storeKeys,
  typeNameKey,
  userKey,
  userKeys,
} from './keys.ts';
import { memberAfter } from './members.ts';
import type { Overlays, StoredUsersWith } from './reads.ts';

/** Groups of one name, over all types, that are looked at. */
const SAME_NAME_MAX = 1000;

/** One value that only one document may have. */
interface Claim {
  value: UniqueValue;
  key: string;
  /** Who holds it in the real store. */
  stored: string[];
}

type Kind = keyof Overlays;
type Document = StoredUser | StoredGroup | StoredStore;

/** One document of a commit as it will be, and what must hold for that. */
interface Step {
  kind: Kind;
  id: string;
  /** The revision or version that the document was read with; undefined for one that is inserted. */
  from: number | undefined;
  /** Undefined: deleted. */
  document: Document | undefined;
  claims: Claim[];
}

/** What one write comes to: a failure, or steps, and for a group what is answered. */
type Prepared =
  | { failure: CommitResult & { ok: false } }
  | { steps: Step[]; group?: { group: StoredGroup; changed: boolean }; count?: Write & { kind: 'countActive' } };

type Failure = Extract<Prepared, { failure: unknown }>;

const STALE: Failure = { failure: { ok: false, reason: 'stale' } };

/** Documents that earlier writes of the same commit make. */
type Drafts = Map<string, Document | undefined>;

const draftKey = (kind: Kind, id: string): string => `${kind} ${id}`;

export type SimulatedCommit = (account: string, writes: Write[], budget: RetryBudget) => Promise<CommitResult>;

/**
 * @param stored the real store
 * @param reader the simulation's own reads
 * @param activeUsers active users of an account in the real store
 */
export function createSimulatedCommit(
  stored: RecordsReader,
  storedUsersWith: StoredUsersWith,
  reader: RecordsReader,
  overlays: Overlays,
  activeUsers: (account: string) => Promise<number>,
): SimulatedCommit {
  let active: number | undefined;

  async function userNow(account: string, id: string, drafts: Drafts): Promise<StoredUser | undefined> {
    const key = draftKey('user', id);
    return drafts.has(key) ? (drafts.get(key) as StoredUser | undefined) : reader.userForChange(account, id);
  }

  async function groupNow(account: string, id: string, drafts: Drafts): Promise<StoredGroup | undefined> {
    const key = draftKey('group', id);
    return drafts.has(key) ? (drafts.get(key) as StoredGroup | undefined) : reader.group(account, id);
  }

  async function storeNow(account: string, id: string, drafts: Drafts): Promise<StoredStore | undefined> {
    const key = draftKey('store', id);
    if (drafts.has(key)) return drafts.get(key) as StoredStore | undefined;
    return (await reader.storesById(account, [id]))[0];
  }

  async function prepare(account: string, write: Write, drafts: Drafts): Promise<Prepared> {
    switch (write.kind) {
      case 'insertUser':
        return { steps: [await userStep(account, write.user, undefined)] };
      case 'updateUser':
        return prepareUserUpdate(account, write, drafts);
      case 'deleteUser': {
        const current = await userNow(account, write.id, drafts);
        return current?.revision === write.ifRevision
          ? { steps: [deletion('user', current, current.revision)] }
          : STALE;
      }
      case 'insertGroup':
      case 'updateGroup':
        return prepareGroup(account, write, drafts);
      case 'deleteGroup': {
        const current = await groupNow(account, write.id, drafts);
        if (!current || !isVersion(current, write.ifVersion)) return STALE;
        return { steps: [deletion('group', current, current.version)] };
      }
      case 'insertStore':
        return { steps: [await storeStep(account, write.store, undefined)] };
      case 'updateStore': {
        const current = await storeNow(account, write.id, drafts);
        if (!current || !isVersion(current, write.ifVersion)) return STALE;
        const next = { ...withChanges(current, write.changes), version: current.version + 1 };
        return { steps: [await storeStep(account, next, current)] };
      }
      case 'countActive':
        active ??= await activeUsers(account);
        return { steps: [], count: write };
    }
  }

  async function prepareUserUpdate(
    account: string,
    { id, ifRevision, visible, changes, record }: Write & { kind: 'updateUser' },
    drafts: Drafts,
  ): Promise<Prepared> {
    const current = await userNow(account, id, drafts);
    if (current?.revision !== ifRevision) return STALE;
    const seen = visible ? { version: current.version + 1, modified: record.at } : {};
    const next = { ...withChanges(current, changes), revision: current.revision + 1, ...seen };
    return { steps: [await userStep(account, next, current)] };
  }

  async function prepareGroup(
    account: string,
    write: Write & { kind: 'insertGroup' | 'updateGroup' },
    drafts: Drafts,
  ): Promise<Prepared> {
    const id = write.kind === 'insertGroup' ? write.group._id : write.id;
    const members = await prepareMembers(account, id, write.members, drafts);
    if ('failure' in members) return members;
    if (write.kind === 'insertGroup') {
      const { group } = write;
      return { steps: [...members.steps, await groupStep(account, group, undefined)], group: { group, changed: true } };
    }
    const current = await groupNow(account, id, drafts);
    if (!current || !isVersion(current, write.ifVersion)) return STALE;
    const changed = !isEmpty(write.changes) || members.isVisible;
    if (!changed) return { steps: members.steps, group: { group: current, changed } };
    const seen = { version: current.version + 1, modified: write.record.at };
    const group = { ...withChanges(current, write.changes), ...seen };
    return { steps: [...members.steps, await groupStep(account, group, current)], group: { group, changed } };
  }

  async function prepareMembers(
    account: string,
    group: string,
    write: MembersWrite | undefined,
    drafts: Drafts,
  ): Promise<{ steps: Step[]; isVisible: boolean } | Failure> {
    if (!write) return { steps: [], isVisible: false };
    const users = await usersConcerned(account, group, write, drafts);
    const memberships = new Map<string, Membership>();
    for (const [id, { groups }] of users) {
      memberships.set(id, { links: groups.length, origins: groups.find(({ to }) => to === group)?.origins });
    }
    const decision = decideMembers(write, memberships);
    if (!decision.ok) return { failure: decision };
    const steps: Step[] = [];
    for (const action of ['link', 'noteOrigin', 'unlink'] as const satisfies (keyof MemberDelta)[]) {
      for (const id of decision.delta[action]) {
        const current = users.get(id);
        if (current) steps.push(await userStep(account, memberAfter(current, group, action, write), current));
      }
    }
    return { steps, isVisible: isVisible(decision.delta) };
  }

  /** The users that a change of members names; if it replaces all members, the present ones too. */
  async function usersConcerned(account: string, group: string, write: MembersWrite, drafts: Drafts) {
    const ids = new Set(namedBy(write));
    if (write.change.kind === 'all') {
      for await (const batch of reader.members(account, group)) for (const { id } of batch as MemberView[]) ids.add(id);
    }
    const users = new Map<string, StoredUser>();
    for (const id of ids) {
      const user = await userNow(account, id, drafts);
      if (user) users.set(id, user);
    }
    return users;
  }

  /** What stays as it is in `current` needs no claim. */
  async function userStep(account: string, user: StoredUser, current: StoredUser | undefined): Promise<Step> {
    const claims: Claim[] = [];
    for (const by of ['userName', 'externalId'] as const) {
      const value = textAt(user.data, by);
      if (value === undefined || (current && userKey(by, textAt(current.data, by) ?? '') === userKey(by, value)))
        continue;
      claims.push({ value: by, key: userKey(by, value), stored: await storedUsersWith(account, by, value, 2) });
    }
    return { kind: 'user', id: user._id, from: current?.revision, document: { ...user, changes: [] }, claims };
  }

  async function groupStep(account: string, group: StoredGroup, current: StoredGroup | undefined): Promise<Step> {
    const { typeFold, nameFold } = group;
    const [holders, identities] = await Promise.all([
      group.holdsName ? idsOf(stored.groupsByTypeAndName(account, [{ typeFold, nameFold }])) : [],
      Promise.all(groupIds(group).map((value) => identityClaim(account, value))),
    ]);
    const claims: Claim[] = [...identities];
    if (group.holdsName) claims.push({ value: 'groupTypeName', key: typeNameKey(group), stored: holders });
    if (group.claimed) {
      const named = await stored.groupsByName(account, group.nameFold, SAME_NAME_MAX);
      const claimed = named.filter((one) => one.claimed && one.nameFold === group.nameFold).map(({ _id }) => _id);
      claims.push({ value: 'groupName', key: claimedNameKey(group.nameFold), stored: claimed });
    }
    return { kind: 'group', id: group._id, from: current?.version, document: { ...group, changes: [] }, claims };
  }

  async function identityClaim(account: string, value: string): Promise<Claim> {
    const holders = await idsOf(stored.groupsByExternalId(account, [value]));
    return { value: 'groupExternalId', key: groupIdentityKey(value), stored: holders };
  }

  async function storeStep(account: string, store: StoredStore, current: StoredStore | undefined): Promise<Step> {
    const claims: Claim[] = [
      {
        value: 'storeRefId',
        key: refIdKey(store.refId),
        stored: await idsOf(stored.storesByRefId(account, [store.refId])),
      },
    ];
    return { kind: 'store', id: store._id, from: current?.version, document: { ...store, changes: [] }, claims };
  }

  /** Loads what a judgement looks at, of every kind. */
  async function loadAll(steps: Step[]): Promise<void> {
    const looks = (['user', 'group', 'store'] as const).map((kind) => {
      const own = steps.filter((step) => step.kind === kind);
      const claims = own.flatMap((step) => step.claims);
      const ids = [...own.map(({ id }) => id), ...claims.flatMap((claim) => claim.stored)];
      return { overlay: overlays[kind], wanted: { ids, keys: claims.map(({ key }) => key) } };
    });
    do await Promise.all(looks.map(({ overlay, wanted }) => overlay.load(wanted)));
    while (!looks.every(({ overlay, wanted }) => overlay.isCached(wanted)));
  }

  /** Judges and keeps in one go, without giving way to other commits in between. `moved`: another one was faster. */
  function judgeAndKeep(prepared: Prepared[]): CommitResult | 'moved' {
    const drafts: Drafts = new Map();
    let counted = active ?? 0;
    for (const one of prepared) {
      if ('failure' in one) return one.failure;
      for (const step of one.steps) {
        const problem = problemOf(step, drafts);
        if (problem) return problem;
        drafts.set(draftKey(step.kind, step.id), step.document);
      }
      if (!one.count) continue;
      const { delta, limit } = one.count;
      if (delta > 0 && counted >= limit) return { ok: false, reason: 'userLimit' };
      counted += delta;
    }
    if (active !== undefined) active = counted;
    const steps = prepared.flatMap((one) => ('steps' in one ? one.steps : []));
    for (const step of steps) keep(step);
    return { ok: true, groups: prepared.flatMap((one) => ('group' in one && one.group ? one.group : [])) };
  }

  /** Why a step can't be kept, after the steps of the same commit that came before it. */
  function problemOf(step: Step, drafts: Drafts): (CommitResult & { ok: false }) | 'moved' | undefined {
    const { kind, id, from, claims } = step;
    const overlay = overlays[kind];
    const isDrafted = drafts.has(draftKey(kind, id));
    const revision = overlay.revision(id);
    if (from === undefined) {
      const exists = isDrafted ? drafts.get(draftKey(kind, id)) !== undefined : overlay.get(id) !== undefined;
      if (exists) return { ok: false, reason: 'taken', value: 'id' };
    } else if (!isDrafted && revision !== undefined && revision !== from) return 'moved';
    for (const { value, key, stored: storedHolders } of claims) {
      const holders = [...overlay.holders(key), ...storedHolders.filter((other) => !overlay.has(other))];
      const others = holders.filter((other) => other !== id && !drafts.has(draftKey(kind, other)));
      if (others.length > 0 || isDraftedBesides(step, key, drafts)) return { ok: false, reason: 'taken', value };
    }
    return undefined;
  }

  function keep({ kind, id, document }: Step): void {
    if (kind === 'user') overlays.user.put(id, document as StoredUser | undefined);
    else if (kind === 'group') overlays.group.put(id, document as StoredGroup | undefined);
    else overlays.store.put(id, document as StoredStore | undefined);
  }

  return async (account, writes, budget) => {
    do {
      const prepared: Prepared[] = [];
      const drafts: Drafts = new Map();
      for (const write of writes) {
        const one = await prepare(account, write, drafts);
        prepared.push(one);
        if ('failure' in one) break;
        for (const { kind, id, document } of one.steps) drafts.set(draftKey(kind, id), document);
      }
      await loadAll(prepared.flatMap((one) => ('steps' in one ? one.steps : [])));
      const result = judgeAndKeep(prepared);
      await Promise.all([overlays.user.flush(), overlays.group.flush(), overlays.store.flush()]);
      if (result !== 'moved') return result;
      // A conditional write finds the new revision when it is prepared again, and is stale.
    } while (await retry(budget));
    return { ok: false, reason: 'busy' };
  };
}

/** Whether an earlier write of the same commit gives another document this key. */
function isDraftedBesides({ kind, id }: Step, key: string, drafts: Drafts): boolean {
  for (const [name, document] of drafts) {
    if (!document || name === draftKey(kind, id) || !name.startsWith(`${kind} `)) continue;
    if (keysOf(kind, document).includes(key)) return true;
  }
  return false;
}

function keysOf(kind: Kind, document: Document): string[] {
  if (kind === 'user') return userKeys(document as StoredUser).keys;
  return kind === 'group' ? groupKeys(document as StoredGroup).keys : storeKeys(document as StoredStore).keys;
}

const deletion = (kind: Kind, { _id: id }: Document, from: number): Step => ({
  kind,
  id,
  from,
  document: undefined,
  claims: [],
});

function isVersion({ version }: { version: number }, ifVersion: number | undefined): boolean {
  return ifVersion === undefined || ifVersion === version;
}

function isEmpty({ set, unset }: FieldChanges): boolean {
  return Object.keys(set).length === 0 && unset.length === 0;
}

async function idsOf(found: Promise<{ _id: string }[]>): Promise<string[]> {
  return (await found).map(({ _id }) => _id);
}
