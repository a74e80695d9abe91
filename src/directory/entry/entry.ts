// Owns the way in for a learner: language, terms, a password if one is needed, in. One pure function answers the next step, or why there
// is none; sign-in, registration and links of partners all go by it.

import { LANGUAGES, type Language } from '../accounts/settings.ts';
import type { Account, UserView } from '../model.ts';
import { isSuperior } from '../reference-data/references.ts';
import { elementsAt, textAt, valueAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';

/** The settings of an account that the way in depends on. */
export type EntryAccount = Pick<Account, 'login' | 'languages' | 'termsVersion' | 'termsUrl' | 'contact'>;

/** How the person comes: signing in with a password, over a link of a partner, or over the link of an invitation. */
export type EntryWay = 'password' | 'link' | 'invitation';

/** What the person has done on this way in, beside what is stored. */
export interface EntryDone {
  language?: Language | undefined;
  /** The version of the terms that the person accepted. */
  terms?: string | undefined;
  password?: boolean | undefined;
}

/** What the way in depends on of a user; see `entryUserOf`. */
export interface EntryUser {
  status: 'active' | 'incomplete' | 'invited' | 'inactive' | 'blocked';
  /** What is missing; see the status `incomplete`. */
  missing: readonly string[];
  isManager: boolean;
  hasStore: boolean;
  language: Language | undefined;
  /** The version of the terms that the user accepted last. */
  terms: string | undefined;
  hasPassword: boolean;
}

/** Why there is no way in. */
export type EntryRefusal =
  | { kind: 'refused'; reason: 'blocked' | 'inactive' | 'notRegistered' | 'linkOnly' }
  | { kind: 'refused'; reason: 'incomplete'; missing: readonly string[] }
  /** A manager needs a store; `contact` is whom to ask, if the account says so. */
  | { kind: 'refused'; reason: 'managerWithoutStore'; contact: string | undefined };

export type EntryStep =
  | EntryRefusal
  | { kind: 'language'; choices: readonly Language[]; preferred: Language }
  | { kind: 'terms'; version: string; url: string | undefined }
  | { kind: 'password' }
  | { kind: 'in' };

/** The version of the terms of an account that has set none. */
const TERMS_VERSION = '1';

/** The next step of a person on the way in. */
export function nextStep(user: EntryUser, account: EntryAccount, way: EntryWay, done: EntryDone = {}): EntryStep {
  const refusal = refusalOf(user, account, way);
  if (refusal) return refusal;
  const isFirst = user.status === 'invited' || user.terms === undefined;
  if (isFirst && done.language === undefined) {
    const choices = languagesOf(account);
    return { kind: 'language', choices, preferred: languageAmong(choices, user.language) };
  }
  if (user.isManager && !user.hasStore)
    return { kind: 'refused', reason: 'managerWithoutStore', contact: account.contact };
  const { version, url } = termsOf(account);
  if ((done.terms ?? user.terms) !== version) return { kind: 'terms', version, url };
  const needsPassword = way === 'invitation' && loginOf(account) === 'password' && !user.hasPassword;
  return needsPassword && !done.password ? { kind: 'password' } : { kind: 'in' };
}

function refusalOf({ status, missing }: EntryUser, account: EntryAccount, way: EntryWay): EntryRefusal | undefined {
  if (status === 'blocked' || status === 'inactive') return { kind: 'refused', reason: status };
  if (way === 'password' && loginOf(account) === 'link') return { kind: 'refused', reason: 'linkOnly' };
  if (status === 'invited' && way === 'password') return { kind: 'refused', reason: 'notRegistered' };
  return status === 'incomplete' ? { kind: 'refused', reason: 'incomplete', missing } : undefined;
}

/** What the way in depends on of a user as it is served. An invited user may lack data, too: that is a refusal after the registration. */
export function entryUserOf(view: Pick<UserView, 'attributes' | 'termsAccepted'>, hasPassword: boolean): EntryUser {
  const { attributes } = view;
  const missing = valueAt(attributes, 'mobietrain.missing');
  return {
    status: textAt(attributes, 'mobietrain.status') as EntryUser['status'],
    missing: Array.isArray(missing) ? missing.map(String) : [],
    isManager: isSuperior(view),
    hasStore: elementsAt(attributes, 'mobietrain.stores').length > 0,
    language: languageOf(textAt(attributes, 'preferredLanguage')),
    terms: view.termsAccepted?.version,
    hasPassword,
  };
}

/** How the learners of an account get in. */
export function loginOf({ login }: Pick<EntryAccount, 'login'>): 'password' | 'link' {
  return login ?? 'password';
}

/** The languages that an account offers. */
export function languagesOf({ languages }: Pick<EntryAccount, 'languages'>): readonly Language[] {
  return languages ?? LANGUAGES;
}

/** The terms of an account. */
function termsOf({ termsVersion = TERMS_VERSION, termsUrl }: EntryAccount): {
  version: string;
  url: string | undefined;
} {
  return { version: termsVersion, url: termsUrl };
}

/** The language of a tag such as `nl-BE`, if pages have it. */
export function languageOf(tag: string | undefined): Language | undefined {
  const [primary] = foldText(tag ?? '').split(/[-_]/, 1);
  return LANGUAGES.find((language) => language === primary);
}

/** A wanted language if it is among the choices; otherwise the first of them. */
export function languageAmong(choices: readonly Language[], ...wanted: (Language | undefined)[]): Language {
  const [first = 'en'] = choices;
  return wanted.find((language) => language !== undefined && choices.includes(language)) ?? first;
}
