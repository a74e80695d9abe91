// Ends the invitations of users who registered, were taken over by a source, or were deleted. The daily work does it for those that a
// stopped process left open.

import type { StoredUser } from '../model.ts';
import type { InvitationEnd, InvitationStore } from './invitation.ts';

/** Ends invitations in the background. */
export interface InvitationEnds {
  /** Ends the invitation of a user. */
  over(user: Pick<StoredUser, '_id' | 'account'>, how: InvitationEnd): void;
  /** Resolves once all that were named have ended. */
  idle(): Promise<void>;
}

interface EndsOptions {
  store: Pick<InvitationStore, 'ofUsers' | 'end'>;
  /** Removes the mails of an invitation that were not sent yet. */
  withdrawMails: (account: string, invitation: string) => Promise<void>;
  now: () => Date;
  onError: (error: unknown) => void;
}

/** Makes the function that ends the open invitations of a user. It throws StoreUnavailable. */
function createEndOf({ store, withdrawMails, now }: Omit<EndsOptions, 'onError'>) {
  return async ({ _id, account }: Pick<StoredUser, '_id' | 'account'>, how: InvitationEnd): Promise<void> => {
    for (const { id, state } of await store.ofUsers(account, [_id])) {
      if (state === 'open') await store.end(account, id, how, now());
      await withdrawMails(account, id);
    }
  };
}

/** Creates the background work that ends invitations. */
export function createInvitationEnds({ onError, ...options }: EndsOptions): InvitationEnds {
  const endOf = createEndOf(options);
  const running = new Set<Promise<void>>();
  return {
    over(user, how) {
      const ending = endOf(user, how)
        .catch(onError)
        .finally(() => running.delete(ending));
      running.add(ending);
    },
    async idle() {
      await Promise.all(running);
    },
  };
}
