// The sign-in stamp of a learner: what a session or token was stored with must still be the same. It changes when the user is deactivated
// or blocked, when the password is set, and when the user signs out everywhere.

import type { UserStanding } from '../../directory/users/standing.ts';
import type { LearnerStore } from './learner-store.ts';

/** The stamp of a user; undefined if the user may not be signed in. @throws StoreUnavailable */
export type StampOf = (user: string) => Promise<string | undefined>;

/** Creates the function that reads stamps. */
export function createStamps(
  store: Pick<LearnerStore, 'access'>,
  standing: (account: string, user: string) => Promise<UserStanding | undefined>,
): StampOf {
  return async (user) => {
    const access = await store.access(user);
    const found = access && (await standing(access.account, user));
    return found?.isActive ? `${found.suspensions}.${access?.version}` : undefined;
  };
}
