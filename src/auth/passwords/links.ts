// Links to set a password, sent by mail: for an administrator who forgot it, and for one who has none yet. Each is good once, for a day.

import { randomBytes } from 'node:crypto';
import { fault, type Outcome, refused } from '../../directory/faults.ts';
import type { Administrator, AdministratorStore } from '../administrator-store.ts';
import { hashToken } from '../tokens.ts';

const LINK_BYTES = 32;
const LINK_MS = 86_400_000;

/** A mail to an administrator. */
interface Message {
  to: Administrator;
  subject: string;
  text: string;
}

/** Stores a mail to be sent. @throws StoreUnavailable */
export type Tell = (message: Message) => Promise<void>;

/** What links need. */
export interface LinkOptions {
  store: AdministratorStore;
  tell: Tell;
  /** The page that a link leads to; the token follows after `#`, which browsers do not send to servers. */
  passwordPage: string;
  now: () => Date;
}

/** Sends an administrator a link to set a password; an earlier one is not valid any more. @throws StoreUnavailable */
export async function sendLink({ store, tell, passwordPage, now }: LinkOptions, to: Administrator): Promise<void> {
  const token = randomBytes(LINK_BYTES).toString('base64url');
  await store.keepPasswordLink({
    hash: hashToken(token),
    administrator: to.id,
    credentialsVersion: to.credentialsVersion ?? 0,
    expires: new Date(now().getTime() + LINK_MS),
  });
  const text = [
    `Hello ${to.name},`,
    'An administrator asks you to set a password for the administration of MobieTrain. Open this link; it is valid for a day and works once:',
    `${passwordPage}#${token}`,
    'Until then nothing changes. Your sessions and personal tokens end when you set the password.',
  ];
  await tell({ to, subject: 'Set your password', text: text.join('\n\n') });
}

/** The administrator whom a link was sent to, if it is still valid. Fault: invalidValue (`token`). */
export async function ownerOfLink(
  { store, now }: Pick<LinkOptions, 'store' | 'now'>,
  token: string,
): Promise<Outcome<Administrator>> {
  const link = await store.passwordLink(hashToken(token));
  const owner = link && link.expires > now() ? await store.byId(link.administrator) : undefined;
  const isValid = owner && !owner.disabled && (owner.credentialsVersion ?? 0) === link?.credentialsVersion;
  if (isValid) return { ok: true, value: owner, effect: 'unchanged' };
  return refused(
    fault('invalidValue', 'token', { rule: 'is not valid, has expired or was used; ask for another link' }),
  );
}

/** Tells an administrator that the password was changed. @throws StoreUnavailable */
export function tellOfChange(tell: Tell, to: Administrator): Promise<void> {
  const text = `Hello ${to.name},\n\nYour password for the administration of MobieTrain was changed, and your sessions and personal tokens have ended. If you did not expect this, tell your administrators at once.`;
  return tell({ to, subject: 'Your password was changed', text });
}
