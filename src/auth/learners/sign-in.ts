// Sign-in of learners with login name or e-mail and password. What is said of a person depends on the right password: before it, every
// refusal is the same.

import { createHash } from 'node:crypto';
import { type EntryRefusal, entryUserOf, loginOf, nextStep } from '../../directory/entry/entry.ts';
import type { Account } from '../../directory/model.ts';
import type { RecordsReader } from '../../directory/records.ts';
import { foldText } from '../../directory/schema/fold.ts';
import { createAttempts, type Postponed } from '../attempts.ts';
import { networkOf } from '../network.ts';
import type { HashPlace } from '../passwords/hash-queue.ts';
import { verifyPassword } from '../passwords/hashing.ts';
import type { LearnerOptions } from './learner-options.ts';
import { learnerCaller } from './learner-options.ts';

/** A sign-in of a learner. */
interface LearnerAttempt {
  account: Account;
  /** The login name or the e-mail. */
  name: string;
  password: string;
  address: string;
}

/** `ambiguous`: the e-mail is that of several people, so that the login name is needed. `refused`: the password is right. */
type LearnerSignedIn =
  | { ok: true; user: string }
  | { ok: false; reason: 'credentials' | 'ambiguous' }
  | { ok: false; reason: 'refused'; step: EntryRefusal }
  | Postponed;

export interface LearnerSignIn {
  signIn(attempt: LearnerAttempt): Promise<LearnerSignedIn>;
}

/** How many people with one e-mail a password is tried for. */
const CANDIDATES_MAX = 3;
const NAME_CHARS_MAX = 255;
/** The id of no user. */
const NOBODY = '';

/** Creates the sign-in of learners. */
export function createLearnerSignIn(options: LearnerOptions): LearnerSignIn {
  const attempts = createAttempts(options.limits);
  return {
    async signIn({ account, name, password, address }) {
      if (loginOf(account) === 'link') return { ok: false, reason: 'refused', step: LINK_ONLY };
      // Hashed, so that counters hold no personal data.
      const counted = { email: hashOf(`${account.id} ${foldText(name.trim())}`), network: networkOf(address) };
      const tried = await attempts(counted, (place) => userWith(options, place, { account, name, password }));
      if (!tried.ok) return tried;
      const { user, isAmbiguous } = tried.value;
      if (isAmbiguous) return { ok: false, reason: 'ambiguous' };
      const view = await options.lookup.user(learnerCaller(account, user), user);
      const step = view && nextStep(entryUserOf(view, true), account, 'password');
      if (!step) return { ok: false, reason: 'credentials' };
      // What the person still has to do is asked after the sign-in; so is whatever is refused later than the language.
      if (step.kind === 'refused') return { ok: false, reason: 'refused', step };
      await options.store.ensure(user, account.id);
      return { ok: true, user };
    },
  };
}

const LINK_ONLY = { kind: 'refused', reason: 'linkOnly' } as const;

/** The user whose password is right, and whether the name means several users. */
interface FoundUser {
  user: string;
  isAmbiguous: boolean;
}

async function userWith(
  { store, records }: LearnerOptions,
  place: HashPlace,
  { account, name, password }: Pick<LearnerAttempt, 'account' | 'name' | 'password'>,
): Promise<FoundUser | undefined> {
  const candidates = await usersNamed(records, account, name);
  const right: string[] = [];
  // An unknown name takes the steps of a known one, so that neither time nor work shows whether a name exists.
  for (const user of candidates.length > 0 ? candidates : [NOBODY]) {
    const access = await store.access(user);
    if (await verifyPassword(place, access?.passwordHash, password)) right.push(user);
  }
  const [found] = right;
  return found === undefined ? undefined : { user: found, isAmbiguous: candidates.length > 1 };
}

/** The users whom a text may mean: the one with this login name, otherwise those with this e-mail. */
export async function usersNamed(
  records: Pick<RecordsReader, 'usersWith'>,
  { id: account }: Account,
  text: string,
): Promise<string[]> {
  const name = text.trim();
  if (name === '' || name.length > NAME_CHARS_MAX) return [];
  const [byLogin, byEmail] = await Promise.all([
    records.usersWith(account, 'userName', name, 1),
    name.includes('@') ? records.usersWith(account, 'email', name, CANDIDATES_MAX) : [],
  ]);
  return byLogin.length > 0 ? byLogin : byEmail;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
