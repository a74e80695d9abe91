// What the parts of the way in for learners share: what they are made from, the learner as a caller, and the change by which a learner
// chooses a language and accepts the terms.

import { learnersConnection } from '../../directory/accounts/accounts.ts';
import type { Language } from '../../directory/accounts/settings.ts';
import { type EntryDone, languageOf } from '../../directory/entry/entry.ts';
import type { InvitationLinks } from '../../directory/invitations/links.ts';
import type { Account, Caller, UserRevision, UserView } from '../../directory/model.ts';
import type { Lookup, Provision } from '../../directory/ports.ts';
import type { RecordsReader } from '../../directory/records.ts';
import { textAt } from '../../directory/schema/attributes.ts';
import { emptyAttributes } from '../../directory/schema/schema.ts';
import type { SignInLimits } from '../administrator-store.ts';
import type { LearnerStore, ResetLimits } from './learner-store.ts';

/** A mail with a link to set a password. */
export interface ResetMail {
  account: Account;
  to: string;
  /** The person's first name. */
  name: string;
  loginName: string;
  language: Language | undefined;
  token: string;
}

/** What learners need. */
export interface LearnerOptions {
  store: LearnerStore;
  limits: Pick<SignInLimits, 'take' | 'succeeded'>;
  resetLimits: ResetLimits;
  lookup: Pick<Lookup, 'user'>;
  provision: Pick<Provision, 'updateUser'>;
  records: Pick<RecordsReader, 'usersWith'>;
  accountById: (id: string) => Promise<Account | undefined>;
  links: InvitationLinks;
  /** Stores a mail to be sent. @throws StoreUnavailable */
  tell: (mail: ResetMail) => Promise<void>;
  now: () => Date;
}

/** A learner as the caller of a request about themselves. */
export function learnerCaller(account: Account, user: string, requestId = ''): Caller {
  return {
    account,
    connection: learnersConnection(account),
    credentialId: 'learner',
    door: 'learners',
    requestId,
    by: { kind: 'learner', id: user },
  };
}

/** The change of a user by what was chosen and accepted. A language that only says less than the stored one (`nl` of `nl-BE`) is kept. */
export function acceptance(current: UserView, { language, terms }: EntryDone, at: Date): UserRevision {
  const attributes = emptyAttributes();
  const isNew = language !== undefined && languageOf(textAt(current.attributes, 'preferredLanguage')) !== language;
  if (isNew) attributes.preferredLanguage = language;
  return {
    mode: 'patch',
    attributes,
    stated: new Set(isNew ? ['preferredLanguage'] : []),
    ...(terms === undefined ? {} : { termsAccepted: { version: terms, at } }),
  };
}
