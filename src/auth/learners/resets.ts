// Links to set a password, by mail. The answer and the time that it takes are the same whether or not the person exists.

import { randomBytes } from 'node:crypto';
import { entryUserOf, languageOf, loginOf, nextStep } from '../../directory/entry/entry.ts';
import { type Fault, fault, type Outcome, refused } from '../../directory/faults.ts';
import type { Account, UserView } from '../../directory/model.ts';
import { elementsAt, textAt } from '../../directory/schema/attributes.ts';
import { untilStep } from '../attempts.ts';
import { networkOf } from '../network.ts';
import { HashQueueFull } from '../passwords/hash-queue.ts';
import { hashPassword } from '../passwords/hashing.ts';
import { passwordFault } from '../passwords/strength.ts';
import { hashToken } from '../tokens.ts';
import { type LearnerOptions, learnerCaller } from './learner-options.ts';
import { usersNamed } from './sign-in.ts';

const LINK_BYTES = 32;
const LINK_MS = 3_600_000;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Whose link it is. */
export interface ResetOwner {
  account: Account;
  view: UserView;
}

export interface Resets {
  /** Sends links to the people with a login name or an e-mail who may sign in. False if this network asked too often. */
  requestReset(request: { account: Account; name: string; address: string }): Promise<boolean>;
  /** The person whose link this is; undefined if it is not valid, was used or has expired. */
  resetOwner(token: string): Promise<ResetOwner | undefined>;
  /** Sets the password over a link. Faults at `password`: those of a new password, busy; notFound if the link is gone. */
  reset(token: string, password: string): Promise<Outcome<ResetOwner>>;
}

/** Creates links to set a password. */
export function createResets(options: LearnerOptions): Resets {
  const { store } = options;

  async function resetOwner(token: string): Promise<ResetOwner | undefined> {
    const link = TOKEN.test(token) ? await store.resetLink(hashToken(token)) : undefined;
    if (!link || link.expires <= options.now()) return undefined;
    const account = await options.accountById(link.account);
    const view = account && (await options.lookup.user(learnerCaller(account, link.user), link.user));
    return view && maySetPassword(account, view) ? { account, view } : undefined;
  }

  return {
    resetOwner,
    async requestReset({ account, name, address }) {
      const startedAt = performance.now();
      const isAllowed = await options.resetLimits.takeOfNetwork(networkOf(address));
      if (isAllowed) await sendLinks(options, account, name);
      await untilStep(startedAt);
      return isAllowed;
    },
    async reset(token, password) {
      const owner = await resetOwner(token);
      if (!owner) return refused(fault('notFound', 'token'));
      const wrong = await newPasswordFault(password, owner);
      if (wrong) return refused(wrong);
      const hash = await hashUnlessBusy(password);
      if (hash === undefined) return refused(fault('busy', 'password'));
      if (!(await store.takeResetLink(hashToken(token)))) return refused(fault('notFound', 'token'));
      await store.setPassword(owner.view.id, owner.account.id, hash);
      return { ok: true, value: owner, effect: 'updated' };
    },
  };
}

/** The hash of a new password; undefined if too many are being computed. */
export async function hashUnlessBusy(password: string): Promise<string | undefined> {
  try {
    return await hashPassword(password);
  } catch (error) {
    if (error instanceof HashQueueFull) return undefined;
    throw error;
  }
}

/** What is wrong with a new password of a person. */
export function newPasswordFault(password: string, { account, view }: ResetOwner): Promise<Fault | undefined> {
  const { attributes } = view;
  const name = ['name.givenName', 'name.familyName'].map((key) => textAt(attributes, key) ?? '').join(' ');
  const email = emailOf(view) ?? textAt(attributes, 'userName') ?? '';
  return passwordFault(password, { email, name, account: { name: account.name, slug: account.slug } });
}

async function sendLinks(options: LearnerOptions, account: Account, name: string): Promise<void> {
  if (loginOf(account) === 'link') return;
  for (const user of await usersNamed(options.records, account, name)) {
    const view = await options.lookup.user(learnerCaller(account, user), user);
    const to = view && maySetPassword(account, view) ? emailOf(view) : undefined;
    if (!view || to === undefined || !(await options.resetLimits.takeOfUser(user))) continue;
    const token = randomBytes(LINK_BYTES).toString('base64url');
    const expires = new Date(options.now().getTime() + LINK_MS);
    await options.store.keepResetLink({ hash: hashToken(token), user, account: account.id, expires });
    await options.tell({
      account,
      to,
      name: textAt(view.attributes, 'name.givenName') ?? '',
      loginName: textAt(view.attributes, 'userName') ?? '',
      language: languageOf(textAt(view.attributes, 'preferredLanguage')),
      token,
    });
  }
}

/** A user who may not sign in gets no link. The data of an incomplete one may be completed later. */
function maySetPassword(account: Account, view: UserView): boolean {
  const step = nextStep(entryUserOf(view, true), account, 'password');
  return step.kind !== 'refused' || step.reason === 'incomplete' || step.reason === 'managerWithoutStore';
}

/** The main e-mail of a user. */
function emailOf({ attributes }: UserView): string | undefined {
  const emails = elementsAt(attributes, 'emails');
  const main = emails.find(({ primary }) => primary === true) ?? emails[0];
  return typeof main?.value === 'string' && main.value.includes('@') ? main.value : undefined;
}
