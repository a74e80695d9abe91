// The links of invitations. A link is a random token in a mail; only its hash is stored. All links of one invitation are good for one
// registration together, so that an older mail that is opened first works, too (decision 18).

import { createHash, randomBytes } from 'node:crypto';
import type { Language } from '../accounts/settings.ts';
import type { Invitation, LinkStore } from './invitation.ts';

const TOKEN_BYTES = 32;
/** 32 bytes in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Where a link leads. An account and a language are known of every link that was sent and not forgotten; `unknown` has neither. */
type FoundLink =
  | { state: 'open'; account: string; user: string; language: Language; invitation: string }
  | { state: 'used' | 'expired' | 'revoked'; account: string; language: Language; user?: string }
  | { state: 'unknown' };

/** Finds and uses the links of invitations. Every method throws StoreUnavailable if the database is unavailable. */
export interface InvitationLinks {
  /** Where a link leads; changes nothing. A link to an invitation that a sync took over is `used`: the person signs in. */
  find(token: string): Promise<FoundLink>;
  /** Uses a link, and with it every link of its invitation. True once; false if it is not open, also for a second caller at the same time. */
  use(token: string): Promise<boolean>;
}

/** Makes a token of 256 random bits with the hash that is stored. */
export function mintLink(): { token: string; hash: string } {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, hash: hashOfLink(token) };
}

function hashOfLink(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

/** Creates the links over a store. */
export function createInvitationLinks({ store, now }: { store: LinkStore; now: () => Date }): InvitationLinks {
  return {
    async find(token) {
      if (!TOKEN.test(token)) return { state: 'unknown' };
      const invitation = await store.invitationOfLink(hashOfLink(token));
      return invitation ? foundLink(invitation, now()) : { state: 'unknown' };
    },
    use: async (token) => TOKEN.test(token) && (await store.useLink(hashOfLink(token), now())),
  };
}

function foundLink({ id, account, user, state, language, ends }: Invitation, now: Date): FoundLink {
  if (state === 'open' && ends > now && user !== undefined) return { state, account, user, language, invitation: id };
  const known = { account, language, ...(user === undefined ? {} : { user }) };
  if (state === 'used' || state === 'takenOver') return { state: 'used', ...known };
  return { state: state === 'revoked' ? 'revoked' : 'expired', ...known };
}
