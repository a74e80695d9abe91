// Makes the invitation of a user who is about to be created, and queues its first mail. Doors that create users from files use it, too.

import type { Language } from '../accounts/settings.ts';
import { languageAmong, languageOf, languagesOf } from '../entry/entry.ts';
import { fault, type Outcome, refused } from '../faults.ts';
import { newResourceId } from '../ids.ts';
import type { Account, NewInvitation, UserView } from '../model.ts';
import { textAt } from '../schema/attributes.ts';
import type { Attributes } from '../schema/schema.ts';
import { newPeriod } from './days.ts';
import { recipientOf } from './draft.ts';
import type { Invitation, InvitationStore } from './invitation.ts';
import { mintLink } from './links.ts';

/** A mail or a text message of an invitation. */
export interface InvitationMail {
  /** Mails with the same id are sent once. */
  id: string;
  kind: 'invite' | 'reminder';
  account: Account;
  invitation: string;
  to: { channel: 'mail' | 'sms'; address: string };
  /** The person's first name. */
  name: string;
  language: Language;
  /** The last day on which the link works, such as `2026-11-22`. */
  lastDay: string;
  /** The token of the link. */
  token: string;
}

export interface InviterOptions {
  store: Pick<InvitationStore, 'insert' | 'withdraw'>;
  /** Queues a message. Faults: those of the outbox. */
  tell: (mail: InvitationMail) => Promise<Outcome<undefined>>;
  /** Whether text messages can be sent. */
  hasTextMessages: boolean;
  now: () => Date;
}

/** An invitation whose user is not created yet. */
export interface BegunInvitation {
  invitation: Invitation;
  /** For the user who is created. */
  invites: NewInvitation;
  /** Queues the first mail once the user is created. Faults: those of the outbox. */
  sent(view: UserView): Promise<Outcome<undefined>>;
  /** Takes the invitation back if no user was created. */
  withdrawn(): Promise<void>;
}

/**
 * Begins an invitation: stores it before its user is created, because a user without an invitation could never register. The daily work
 * ends one whose user was not created. @throws StoreUnavailable
 */
export async function beginInvitation(
  options: InviterOptions,
  account: Account,
  attributes: Attributes,
  wanted?: Language,
): Promise<BegunInvitation> {
  const { store, now } = options;
  const { token, hash } = mintLink();
  const [id, user] = [newResourceId(), newResourceId()];
  const language = invitationLanguage(account, wanted, textAt(attributes, 'preferredLanguage'));
  const invitation: Invitation = {
    id,
    account: account.id,
    user,
    state: 'open',
    language,
    created: now(),
    ...newPeriod(account, now()),
    links: [hash],
  };
  await store.insert(invitation);
  return {
    invitation,
    invites: { user, id, lastDay: invitation.lastDay },
    sent: (view) => tellInvited(options, account, { invitation, view, kind: 'invite', token }),
    withdrawn: () => store.withdraw(account.id, id),
  };
}

/** The language of an invitation: the wanted one, otherwise that of the person, otherwise the first one of the account. */
export function invitationLanguage(
  account: Account,
  wanted: Language | undefined,
  preferredLanguage: string | undefined,
): Language {
  return languageAmong(languagesOf(account), wanted, languageOf(preferredLanguage));
}

/** A message to an invited person. */
interface Told {
  invitation: Invitation;
  view: UserView;
  kind: InvitationMail['kind'];
  token: string;
  /** By default that of the first mail. */
  id?: string;
}

/** Queues a message to an invited person. Faults: required (there is no address), those of the outbox. */
export async function tellInvited(
  { tell, hasTextMessages }: Pick<InviterOptions, 'tell' | 'hasTextMessages'>,
  account: Account,
  { invitation, view, kind, token, id }: Told,
): Promise<Outcome<undefined>> {
  const to = recipientOf(view.attributes, hasTextMessages);
  if (!to) return refused(fault('required', 'emails', { rule: 'there is no address to send the invitation to' }));
  return tell({
    id: id ?? `invite:${invitation.id}`,
    kind,
    account,
    invitation: invitation.id,
    to,
    name: textAt(view.attributes, 'name.givenName') ?? '',
    language: invitation.language,
    lastDay: invitation.lastDay,
    token,
  });
}

/** The invitation of a user who is created in a simulation: nothing is stored or sent. */
export function simulatedInvitation(account: Account, now: Date): Omit<BegunInvitation, 'invitation'> {
  return {
    invites: { user: newResourceId(), id: newResourceId(), lastDay: newPeriod(account, now).lastDay },
    sent: async () => ({ ok: true, value: undefined, effect: 'unchanged' }),
    withdrawn: async () => undefined,
  };
}
