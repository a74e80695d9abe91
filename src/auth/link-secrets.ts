// The secrets by which partners sign links, of which an account has at most two, so that one can be replaced without a gap.

import { randomBytes } from 'node:crypto';
import { v4 } from 'uuid';
import { fault, type Outcome, refused } from '../directory/faults.ts';
import type { LinkSecret, LinkSecretStore } from './link-secret-store.ts';

const SECRETS_MAX = 2;
const SECRET_BYTES = 32;
/** Tokens are accepted for a minute after they expired, by clocks that differ. */
const REMEMBERED_AFTER_MS = 120_000;

/** The secrets of accounts. */
export interface LinkSecrets {
  list(account: string): Promise<LinkSecret[]>;
  /** Faults: tooMany (an account has two). */
  create(account: string): Promise<Outcome<LinkSecret>>;
  /** Faults: notFound. */
  remove(account: string, id: string): Promise<Outcome<undefined>>;
  takeOnce(account: string, tokenId: string, expires: Date): Promise<boolean>;
}

/** Creates the secrets of accounts. */
export function createLinkSecrets(store: LinkSecretStore, now: () => Date): LinkSecrets {
  return {
    list: (account) => store.list(account),
    async create(account) {
      const secret: LinkSecret = {
        id: v4(),
        account,
        secret: randomBytes(SECRET_BYTES).toString('base64url'),
        created: now(),
      };
      await store.insert(secret);
      // Counted afterwards, so that two requests at once do not leave three.
      const all = await store.list(account);
      if (all.findIndex(({ id }) => id === secret.id) < SECRETS_MAX)
        return { ok: true, value: secret, effect: 'created' };
      await store.remove(account, secret.id);
      return refused(fault('tooMany', 'secrets', { max: SECRETS_MAX }));
    },
    async remove(account, id) {
      const isRemoved = await store.remove(account, id);
      return isRemoved
        ? { ok: true, value: undefined, effect: 'deleted' }
        : refused(fault('notFound', 'LinkSecret', { id }));
    },
    takeOnce: (account, tokenId, expires) =>
      store.takeOnce(account, tokenId, new Date(expires.getTime() + REMEMBERED_AFTER_MS)),
  };
}
