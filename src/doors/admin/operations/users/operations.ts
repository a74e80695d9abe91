// The user operations of the admin API, as one list.

import type { Operation } from '../../api/operation.ts';
import { changeUser, createUser, deleteUser } from './change.ts';
import { listUsers, readUser } from './read.ts';
import { readUserSources, type SourcesOptions } from './sources.ts';
import { activateUser, blockUser, deactivateUser, unblockUser } from './state.ts';
import type { UserOperationsOptions } from './user-operation.ts';

/** The operations on users; each acts only on users within the caller's scope. */
export function userOperations(options: UserOperationsOptions & SourcesOptions): Operation[] {
  return [
    listUsers(options),
    createUser(options),
    readUser(options),
    changeUser(options),
    deleteUser(options),
    activateUser(options),
    deactivateUser(options),
    blockUser(options),
    unblockUser(options),
    readUserSources(options),
  ];
}
