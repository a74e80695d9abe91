// Erases how a person signed in.

import type { Traces } from '../../directory/erasure/erasure.ts';
import type { LearnerStore } from './learner-store.ts';

/** Makes the function that removes passwords, links to set one, sessions and tokens of a person who is erased. */
export function createLearnerTraces(store: Pick<LearnerStore, 'remove'>): Traces {
  return async (_account, person) => {
    await store.remove(person.ids);
    return {};
  };
}
