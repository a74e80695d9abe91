// Creates and updates single users: plans a request against the current user and commits the plan.

import { isOutside } from '../../administration/user-rights.ts';
import { type Fault, type Faults, fault, type Outcome, refused } from '../../faults.ts';
import { newResourceId } from '../../ids.ts';
import { hasUnresolvedManager } from '../../managers/resolver.ts';
import type { Caller, Precondition, StoredUser, UserInvitation, UserRevision, UserView } from '../../model.ts';
import type { Revised } from '../../ports.ts';
import { meets } from '../../precondition.ts';
import type { ProvisionDependencies } from '../../provision-dependencies.ts';
import type { RetryBudget } from '../../retry-budget.ts';
import type { PlanContext, UserChangeRequest } from '../change-request.ts';
import { syncedPassword } from '../password-sync.ts';
import { planUser, type UserPlan } from '../plan.ts';
import { type Names, NO_NAMES, viewUser } from '../views.ts';
import type { CommitPlan } from './commit.ts';

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
type NewUser = Pick<UserRevision, 'attributes' | 'links' | 'externalIdFrom'> & { invitation?: UserInvitation };

/** Creates the functions that create and update users. Their faults are those of Provision (ports.ts). */
export function createUserChanges(dependencies: ProvisionDependencies, commitPlan: CommitPlan): UserChanges {
  const { records, names, schemas, now, identityHash, onUserNamed, syncPassword } = dependencies;
  const contextOf = (caller: Caller): PlanContext => ({
    records,
    schema: schemas.user,
    caller,
    now: now(),
    identityHash,
  });

  /** Sets a password that came with a write that succeeded; a client that gets `busy` sends it again. */
  const passwordFault = async (caller: Caller, user: string, password: string | undefined) => {
    if (password === undefined || !syncPassword) return undefined;
    return (await syncPassword(caller.account.id, user, password)) ? undefined : fault('busy');
  };

  return {
    planNew: (caller, draft) => planUser(contextOf(caller), createRequest(draft)),
    async create(caller, draft, budget) {
      const synced = syncedPassword(caller.account, draft.attributes);
      if (synced.fault) return refused(synced.fault);
      const request = createRequest(draft);
      const outcome = await commitPlan(caller, budget, ({ isAddressTaken }) =>
        planUser(contextOf(caller), { ...request, isAddressTaken }),
      );
      if (!outcome.ok) return outcome;
      onUserNamed(outcome.user);
      const unset = await passwordFault(caller, outcome.user._id, synced.password);
      if (unset) return refused(unset);
      return { ok: true, value: viewUser(outcome.user, outcome.names), effect: 'created' };
    },
    async update(caller, { id, precondition, revise, outside }, budget) {
      let before: UserView | undefined;
      let password: string | undefined;
      const outcome = await commitPlan(caller, budget, async ({ isAddressTaken, conflicts }) => {
        const current = await records.userForChange(caller.account.id, id);
        if (!current) return refused(fault('notFound', 'User', { id }));
        const known = await names.of(caller.account.id, [current]);
        before = lazyView(current, known);
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
      const unset = await passwordFault(caller, id, password);
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

function createRequest({ attributes, links = [], externalIdFrom, invitation }: NewUser): UserChangeRequest {
  return {
    id: newResourceId(),
    names: NO_NAMES,
    mode: 'create' as const,
    attributes,
    stated: NO_KEYS,
    links,
    ...(externalIdFrom === undefined ? {} : { externalIdFrom }),
    ...(invitation === undefined ? {} : { invitation }),
  };
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
