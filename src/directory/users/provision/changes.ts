// Creates and updates single users: plans a request against the current user and commits the plan.

import { isOutside } from '../../administration/user-rights.ts';
import { type Fault, type Faults, fault, type Outcome, refused } from '../../faults.ts';
import { newResourceId } from '../../ids.ts';
import { hasUnresolvedManager } from '../../managers/resolver.ts';
import type { Caller, Precondition, StoredUser, UserRevision, UserView } from '../../model.ts';
import type { Revised } from '../../ports.ts';
import { meets } from '../../precondition.ts';
import type { ProvisionDependencies } from '../../provision-dependencies.ts';
import type { Records } from '../../records.ts';
import type { RetryBudget } from '../../retry-budget.ts';
import type { PlanContext, UserChangeRequest } from '../change-request.ts';
import { syncedPassword } from '../password-sync.ts';
import { planUser, type UserPlan } from '../plan.ts';
import { type Names, NO_NAMES, viewUser } from '../views.ts';
import type { CommitPlan } from './commit.ts';
import { invitedUser, personOf, statedIn } from './takeover.ts';

const NO_KEYS: ReadonlySet<string> = new Set();

/** A request to update a user. */
interface UserUpdate {
  id: string;
  precondition?: Precondition;
  /** A pure function from the current view to the revision; it is called again after a conflict. */
  revise: (current: UserView) => Revised<UserRevision>;
  /** The fault if the user is outside of the scope of the caller's administrator. */
  outside: Fault;
}

export interface UserChanges {
  /** Plans a new user without committing it. */
  planNew(caller: Caller, draft: NewUser): Promise<UserPlan>;
  create(caller: Caller, draft: NewUser, budget: RetryBudget): Promise<Outcome<UserView>>;
  update(caller: Caller, change: UserUpdate, budget: RetryBudget): Promise<Outcome<UserView>>;
}

/** What a new user is created from. */
type NewUser = Pick<UserRevision, 'attributes' | 'links' | 'externalIdFrom' | 'invites'>;

/** Creates the functions that create and update users. Their faults are those of Provision (ports.ts). */
export function createUserChanges(dependencies: ProvisionDependencies, commitPlan: CommitPlan): UserChanges {
  const { records, names, schemasOf, now, identityHash, onUserNamed, onInvitationOver } = dependencies;
  const contextOf = (caller: Caller): PlanContext => ({
    records,
    schema: schemasOf(caller.account).user,
    caller,
    now: now(),
    identityHash,
  });

  return {
    planNew: (caller, draft) => planUser(contextOf(caller), createRequest(draft)),
    async create(caller, draft, budget) {
      const synced = syncedPassword(caller.account, draft.attributes);
      if (synced.fault) return refused(synced.fault);
      const request = createRequest(draft);
      let invited: StoredUser | undefined;
      const outcome = await commitPlan(caller, budget, async ({ isAddressTaken }) => {
        invited = await invitedWith(records, caller, draft);
        const known = invited && (await names.of(caller.account.id, [invited]));
        const planned = invited && known ? takeoverRequest(invited, known, draft) : request;
        return planUser(contextOf(caller), { ...planned, isAddressTaken });
      });
      if (!outcome.ok) return outcome;
      onUserNamed(outcome.user);
      if (invited) onInvitationOver(outcome.user, 'takenOver');
      const unset = await passwordFault(dependencies, caller, outcome.user._id, synced.password);
      if (unset) return refused(unset);
      return { ok: true, value: viewUser(outcome.user, outcome.names), effect: invited ? 'claimed' : 'created' };
    },
    async update(caller, { id, precondition, revise, outside }, budget) {
      let before: UserView | undefined;
      let wasInvited = false;
      let password: string | undefined;
      const outcome = await commitPlan(caller, budget, async ({ isAddressTaken, conflicts }) => {
        const current = await records.userForChange(caller.account.id, id);
        if (!current) return refused(fault('notFound', 'User', { id }));
        const known = await names.of(caller.account.id, [current]);
        before = lazyView(current, known);
        wasInvited = current.lifecycle === 'invited';
        if (isOutside(caller.actor, before)) return refused(outside);
        if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
        const revised = revise(before);
        const planOf = (revision: UserRevision) =>
          planUser(contextOf(caller), { ...changeRequest(current, known, revision), isAddressTaken }, conflicts);
        const synced = revised.ok ? syncedPassword(caller.account, revised.revision.attributes) : undefined;
        if (synced?.fault) return refused(synced.fault);
        password = synced?.password;
        if (revised.ok) return planOf(revised.revision);
        return revised.revision ? allFaults(revised.faults, await planOf(revised.revision)) : revised;
      });
      if (!outcome.ok) return outcome;
      const { lifecycle, invitation } = outcome.user;
      if (wasInvited && lifecycle === 'registered') onInvitationOver(outcome.user, invitation ? 'used' : 'takenOver');
      const unset = await passwordFault(dependencies, caller, id, password);
      if (unset) return refused(unset);
      const isRenamed = outcome.changedKeys.includes('userName') || outcome.changedKeys.includes('externalId');
      if (outcome.writes.length > 0 && (isRenamed || hasUnresolvedManager(outcome.user))) onUserNamed(outcome.user);
      const left = outcome.left?.length ? { left: outcome.left } : {};
      if (before && outcome.writes.length === 0) return { ok: true, value: before, effect: 'unchanged', ...left };
      const effect = outcome.changed ? 'updated' : 'unchanged';
      return { ok: true, value: viewUser(outcome.user, outcome.names), effect, ...left };
    },
  };
}

/** The invited user whom a source brings by creating it. */
async function invitedWith(
  records: Records,
  { account, door }: Caller,
  { invites, attributes }: NewUser,
): Promise<StoredUser | undefined> {
  if (invites || door !== 'scim' || attributes.userName === undefined) return undefined;
  const id = await invitedUser(records, account.id, personOf(attributes));
  const user = id === undefined ? undefined : await records.userForChange(account.id, id);
  return user?.lifecycle === 'invited' ? user : undefined;
}

/** Sets a password that came with a write that succeeded; a client that gets `busy` sends it again. */
async function passwordFault(
  { syncPassword }: ProvisionDependencies,
  caller: Caller,
  user: string,
  password: string | undefined,
): Promise<Fault | undefined> {
  if (password === undefined || !syncPassword) return undefined;
  return (await syncPassword(caller.account.id, user, password)) ? undefined : fault('busy');
}

function createRequest({ attributes, links = [], externalIdFrom, invites }: NewUser): UserChangeRequest {
  return {
    id: invites?.user ?? newResourceId(),
    names: NO_NAMES,
    mode: 'create' as const,
    attributes,
    stated: NO_KEYS,
    links,
    ...(externalIdFrom === undefined ? {} : { externalIdFrom }),
    ...(invites === undefined ? {} : { invitation: { id: invites.id, lastDay: invites.lastDay } }),
  };
}

/** What a source states of an invited user, whom it takes over; what it does not state stays as the invitation has it. */
function takeoverRequest(current: StoredUser, names: Names, { attributes, links = [] }: NewUser): UserChangeRequest {
  const stated = statedIn(attributes);
  return { id: current._id, current, names, mode: 'patch', attributes, stated, links, takesOver: true };
}

/** The faults of the door followed by those of the plan, which is not committed. */
export function allFaults(doorFaults: Faults, plan: UserPlan): { ok: false; faults: Faults } {
  return { ok: false, faults: [...doorFaults, ...(plan.ok ? [] : plan.faults)] };
}

function changeRequest(current: StoredUser, names: Names, revision: UserRevision): UserChangeRequest {
  return { id: current._id, current, names, ...revision, links: revision.links ?? [] };
}

/** A user's view that is created when its attributes are first read, which a replace never does. */
function lazyView(user: StoredUser, names: Names): UserView {
  let view: UserView | undefined;
  const { _id: id, version, created, modified, externalIdFrom } = user;
  return {
    id,
    version,
    created,
    modified,
    ...(user.privacyPolicyConfirmed ? { privacyPolicyConfirmed: user.privacyPolicyConfirmed } : {}),
    ...(user.termsAccepted ? { termsAccepted: user.termsAccepted } : {}),
    ...(externalIdFrom === undefined ? {} : { externalIdFrom }),
    ...(user.lifecycle === 'invited' && user.invitation ? { invitation: user.invitation } : {}),
    get attributes() {
      view ??= viewUser(user, names);
      return view.attributes;
    },
    ...(user.manager === undefined ? {} : { manager: user.manager }),
  };
}
