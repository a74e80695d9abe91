// Registration over the link of an invitation. That the invited user becomes registered is one conditional change of the user, which
// decides who was first if the last page is sent twice.

import type { Language } from '../../directory/accounts/settings.ts';
import { type EntryDone, type EntryStep, entryUserOf, nextStep } from '../../directory/entry/entry.ts';
import { type Faults, fault, isNonEmpty } from '../../directory/faults.ts';
import type { Account, UserView } from '../../directory/model.ts';
import { textAt } from '../../directory/schema/attributes.ts';
import { acceptance, type LearnerOptions, learnerCaller } from './learner-options.ts';
import { hashUnlessBusy, newPasswordFault } from './resets.ts';

/** Where a link of an invitation leads. `account` and `language` are those of its mail. */
export type FoundInvitation =
  | { state: 'open'; account: Account; language: Language; view: UserView }
  | { state: 'used' | 'expired' | 'revoked'; account: Account; language: Language }
  | { state: 'unknown' };

/** `step`: what is left to do, or why it ends here. `faults`: what is wrong with the password, or `busy`. */
type Registered =
  | { ok: true; user: string; account: Account }
  | { ok: false; found: FoundInvitation; step?: EntryStep; faults?: Faults };

export interface Registration {
  /** Where a link leads; changes nothing. */
  invitation(token: string): Promise<FoundInvitation>;
  /** Registers the person if everything is done, and says what is left otherwise. `password` is the new one, if it was asked for. */
  register(
    token: string,
    done: EntryDone & { newPassword?: string | undefined },
    requestId: string,
  ): Promise<Registered>;
}

/** Creates the registration. */
export function createRegistration(options: LearnerOptions): Registration {
  const { links, lookup, accountById, store, provision, now } = options;

  async function invitation(token: string): Promise<FoundInvitation> {
    const found = await links.find(token);
    const account = found.state === 'unknown' ? undefined : await accountById(found.account);
    if (found.state === 'unknown' || !account) return { state: 'unknown' };
    const { language } = found;
    if (found.state !== 'open') return { state: found.state, account, language };
    const view = await lookup.user(learnerCaller(account, found.user), found.user);
    if (!view) return { state: 'revoked', account, language };
    // Of a user who was blocked or deactivated before registering, the next step says so.
    const isOpen = view.invitation?.id === found.invitation;
    return isOpen ? { state: 'open', account, language, view } : { state: 'used', account, language };
  }

  return {
    invitation,
    async register(token, { newPassword, ...done }, requestId) {
      const found = await invitation(token);
      if (found.state !== 'open') return { ok: false, found };
      const { account, view } = found;
      const user = entryUserOf(view, false);
      const step = nextStep(user, account, 'invitation', done);
      if (step.kind !== 'in' && (step.kind !== 'password' || newPassword === undefined))
        return { ok: false, found, step };
      const password = step.kind === 'password' ? newPassword : undefined;
      const wrong = password === undefined ? undefined : await newPasswordFault(password, { account, view });
      if (wrong) return { ok: false, found, step, faults: [wrong] };
      const hash = password === undefined ? undefined : await hashUnlessBusy(password);
      if (password !== undefined && hash === undefined) return { ok: false, found, step, faults: [fault('busy')] };
      const saved = await provision.updateUser(
        learnerCaller(account, view.id, requestId),
        view.id,
        undefined,
        (current) =>
          isInvited(current)
            ? { ok: true, revision: { ...acceptance(current, done, now()), registers: true } }
            : { ok: false, faults: [fault('preconditionFailed')] },
      );
      if (!saved.ok) {
        const again = await invitation(token);
        return { ok: false, found: again, step, ...(isNonEmpty(saved.faults) ? { faults: saved.faults } : {}) };
      }
      await links.use(token);
      if (hash === undefined) await store.ensure(view.id, account.id);
      else await store.setPassword(view.id, account.id, hash);
      return { ok: true, user: view.id, account };
    },
  };
}

function isInvited({ attributes }: UserView): boolean {
  return textAt(attributes, 'mobietrain.status') === 'invited';
}
