// What the OpenID provider asks about people, and the claims that an application gets (OpenID Connect Core §5). The app shows the names
// that administrators gave to groups and stores.

import type { Account } from '../../directory/model.ts';

/** The claims of each scope. */
export const CLAIMS = {
  openid: ['sub'],
  profile: ['name', 'given_name', 'family_name', 'preferred_username', 'locale'],
  email: ['email'],
  account: ['account', 'account_name'],
  role: ['role'],
  language: ['language'],
  groups: ['groups'],
  stores: ['stores'],
} as const;

/** The claims about a person; `sub` is the user's id. */
export interface PersonClaims {
  sub: string;
  name?: string;
  given_name?: string;
  family_name?: string;
  preferred_username?: string;
  locale?: string;
  email?: string;
  /** The slug of the account. */
  account: string;
  account_name: string;
  role: 'user' | 'manager';
  /** One of the languages of the pages. */
  language?: string;
  groups: { id: string; name: string; type?: string }[];
  stores: { id: string; name?: string; country?: string }[];
}

/** A person who is signed in at a client of an account. */
interface SignedInPerson {
  /** Whether nothing is left to do before the person is in: a language, terms, a refusal. */
  isIn: boolean;
  claims(): Promise<PersonClaims>;
}

/** Every method throws StoreUnavailable if the database is unavailable. */
export interface People {
  /** A user of an account; undefined if there is none, or if the user may not be signed in. */
  find(account: string, user: string): Promise<SignedInPerson | undefined>;
  /** Ends all sign-ins of a user. */
  signOutEverywhere(user: string): Promise<void>;
  account(id: string): Promise<Account | undefined>;
}
