// What the OpenID provider learns about people from the directory: whether they are in, and their claims.

import { learnerCaller } from '../auth/learners/learner-options.ts';
import type { Learners } from '../auth/learners/learners.ts';
import type { People, PersonClaims } from '../auth/provider/people.ts';
import type { Administration } from '../directory/administration/administration.ts';
import { languageOf, loginOf } from '../directory/entry/entry.ts';
import type { Account, UserView } from '../directory/model.ts';
import { isSuperior } from '../directory/reference-data/references.ts';
import { elementsAt, textAt } from '../directory/schema/attributes.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';

interface PeopleOptions {
  learners: Learners;
  accounts: Pick<Accounts, 'accountById'>;
  administration: Pick<Administration, 'shownNames'>;
}

/** Creates what the provider asks. */
export function createPeople({ learners, accounts, administration }: PeopleOptions): People {
  return {
    async find(id, user) {
      const account = await accounts.accountById(id);
      const found = account && (await learners.findWithStep(account, user, loginOf(account)));
      if (!found) return undefined;
      return { isIn: found.step.kind === 'in', claims: () => claimsOf(administration, account, found.view) };
    },
    signOutEverywhere: (user) => learners.signOutEverywhere(user),
    account: (id) => accounts.accountById(id),
  };
}

async function claimsOf(
  administration: Pick<Administration, 'shownNames'>,
  account: Account,
  view: UserView,
): Promise<PersonClaims> {
  const { attributes } = view;
  const groups = elementsAt(attributes, 'groups');
  const stores = elementsAt(attributes, 'mobietrain.stores');
  const idsOf = (elements: typeof groups) => elements.map(({ value }) => String(value ?? ''));
  const shown = await administration.shownNames(learnerCaller(account, view.id), {
    groups: idsOf(groups),
    stores: idsOf(stores),
  });
  const [given, family] = ['name.givenName', 'name.familyName'].map((key) => textAt(attributes, key));
  const emails = elementsAt(attributes, 'emails');
  const email = (emails.find(({ primary }) => primary === true) ?? emails[0])?.value;
  const preferred = textAt(attributes, 'preferredLanguage');
  const texts = {
    name: [given, family].filter(Boolean).join(' ') || undefined,
    given_name: given,
    family_name: family,
    preferred_username: textAt(attributes, 'userName'),
    locale: preferred,
    language: languageOf(preferred),
    email: typeof email === 'string' ? email : undefined,
  };
  return {
    sub: view.id,
    ...Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined)),
    account: account.slug,
    account_name: account.name,
    role: isSuperior(view) ? 'manager' : 'user',
    groups: [...shown.groups.values()].map(({ id, adminName, attributes: group }) => {
      const type = textAt(group, 'mobietrain.groupType');
      const groupName = adminName ?? textAt(group, 'displayName') ?? '';
      return { id, name: groupName, ...(type === undefined ? {} : { type }) };
    }),
    stores: [...shown.stores.values()].map(({ refId: id, adminName, name, country }) => {
      const storeName = adminName ?? name;
      return {
        id,
        ...(storeName === undefined ? {} : { name: storeName }),
        ...(country === undefined ? {} : { country }),
      };
    }),
  };
}
