// Owns all writes of users: identifies, plans, validates and commits. Every door calls it.
// Unique indexes and conditional writes detect conflicts; after a conflict the plan is made again.

import { fault } from '../faults.ts';
import { createGroupProvision } from '../groups/provision.ts';
import type { Provision } from '../ports.ts';
import type { ProvisionDependencies } from '../provision-dependencies.ts';
import { createRetryBudget } from '../retry-budget.ts';
import { createUserChanges } from './provision/changes.ts';
import { createPlanCommit } from './provision/commit.ts';
import { createUserDeletion } from './provision/deletion.ts';
import { createUserSave } from './provision/save.ts';

/** Creates the write interface of the directory, for users and groups. */
export function createProvision(dependencies: ProvisionDependencies): Provision {
  const commitPlan = createPlanCommit(dependencies);
  const changes = createUserChanges(dependencies, commitPlan);
  return {
    createUser: (caller, attributes, links = [], invites) =>
      changes.create(caller, { attributes, links, ...(invites === undefined ? {} : { invites }) }, createRetryBudget()),
    updateUser: (caller, id, precondition, revise) =>
      changes.update(
        caller,
        { id, precondition, revise, outside: fault('notFound', 'User', { id }) },
        createRetryBudget(),
      ),
    saveUser: createUserSave(dependencies.records, changes),
    deleteUser: createUserDeletion(dependencies, commitPlan),
    ...createGroupProvision(dependencies),
  };
}
