// Erases administrators who are a person that is erased: otherwise the person could go on signing in.

import type { Traces } from '../directory/erasure/erasure.ts';
import type { Person } from '../directory/erasure/person.ts';
import type { AdministratorCount } from '../directory/erasure/preview.ts';
import type { Administrator, AdministratorStore, SignInLimits } from './administrator-store.ts';

const PAGE = 200;

/** What erasure needs of administrators. */
export interface AdministratorErasure {
  store: Pick<AdministratorStore, 'list' | 'remove'>;
  limits: Pick<SignInLimits, 'forget'>;
}

/**
 * Makes the function that deletes the administrators of the account who are the person, by their user or their e-mail, with sessions
 * and tokens, and the counters of failed sign-ins. A System Administrator belongs to no account and is not deleted with one of its users.
 */
export function createAdministratorTraces({ store, limits }: AdministratorErasure): Traces {
  return async ({ id: account }, person) => {
    const emails = new Set(person.emails);
    let administrators = 0;
    for await (const { id, email } of whoAre(store, account, person)) {
      emails.add(email);
      if (await store.remove(id)) administrators += 1;
    }
    await limits.forget([...emails]);
    return { administrators };
  };
}

/** Makes the function that counts them. */
export function createAdministratorCount(store: Pick<AdministratorStore, 'list'>): AdministratorCount {
  return async ({ id: account }, person) => {
    let count = 0;
    for await (const _one of whoAre(store, account, person)) count += 1;
    return count;
  };
}

/** The administrators of an account who are a person, by their user or their e-mail. */
async function* whoAre(
  store: Pick<AdministratorStore, 'list'>,
  account: string,
  person: Person,
): AsyncIterable<Administrator> {
  for await (const administrator of administratorsOf(store, account)) {
    const { user, email } = administrator;
    if (person.is(email) || (user !== undefined && person.ids.includes(user))) yield administrator;
  }
}

async function* administratorsOf(
  store: Pick<AdministratorStore, 'list'>,
  account: string,
): AsyncIterable<Administrator> {
  for (let after: string | undefined; ; ) {
    const page = await store.list(account, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield* page;
    after = page.at(-1)?.id;
    if (after === undefined || page.length < PAGE) return;
  }
}
