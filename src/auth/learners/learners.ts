// Owns how learners get in: it joins sign-in, registration and links to set a password. Whether a learner may get in, and what is left
// to do before, is the directory's (`directory/entry/`).

import { type EntryDone, type EntryStep, type EntryWay, entryUserOf, nextStep } from '../../directory/entry/entry.ts';
import type { Outcome } from '../../directory/faults.ts';
import type { Account, UserView } from '../../directory/model.ts';
import { acceptance, type LearnerOptions, learnerCaller } from './learner-options.ts';
import { createRegistration, type Registration } from './registration.ts';
import { createResets, type Resets } from './resets.ts';
import { createLearnerSignIn, type LearnerSignIn } from './sign-in.ts';

/** What learners do. Every method throws StoreUnavailable if the database is unavailable. */
export interface Learners extends LearnerSignIn, Registration, Resets {
  /** The next step of a user on the way in; undefined if there is no such user. */
  step(account: Account, user: string, way: EntryWay, done?: EntryDone): Promise<EntryStep | undefined>;
  /** The user as served. */
  find(account: Account, user: string): Promise<UserView | undefined>;
  /** The user with the next step on the way in, which is read together; undefined if there is no such user. */
  findWithStep(account: Account, user: string, way: EntryWay): Promise<{ view: UserView; step: EntryStep } | undefined>;
  /** Records a language and accepted terms of a user who is signed in. */
  accept(account: Account, user: string, done: EntryDone, requestId: string): Promise<Outcome<UserView>>;
  /** Records that a user gets in now, so that what signs the user in can end with it. */
  gotIn(account: Account, user: string): Promise<void>;
  /** Ends all sign-ins of a user. */
  signOutEverywhere(user: string): Promise<void>;
}

/** Creates what learners do. */
export function createLearners(options: LearnerOptions): Learners {
  const { store, lookup, provision, now } = options;
  const find = (account: Account, user: string) => lookup.user(learnerCaller(account, user), user);
  const findWithStep = async (account: Account, user: string, way: EntryWay, done?: EntryDone) => {
    const [view, access] = await Promise.all([find(account, user), store.access(user)]);
    if (!view) return undefined;
    return { view, step: nextStep(entryUserOf(view, access?.passwordHash !== undefined), account, way, done) };
  };
  return {
    ...createLearnerSignIn(options),
    ...createRegistration(options),
    ...createResets(options),
    find,
    findWithStep: (account, user, way) => findWithStep(account, user, way),
    step: async (account, user, way, done) => (await findWithStep(account, user, way, done))?.step,
    accept: (account, user, done, requestId) =>
      provision.updateUser(learnerCaller(account, user, requestId), user, undefined, (current) => ({
        ok: true,
        revision: acceptance(current, done, now()),
      })),
    gotIn: (account, user) => store.ensure(user, account.id),
    signOutEverywhere: (user) => store.endSignIns(user),
  };
}
