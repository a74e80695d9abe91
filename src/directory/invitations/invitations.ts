// Owns what happens to an invitation: a person is invited, reminded, mailed again, and erased if they do not register.

import type { Language } from '../accounts/settings.ts';
import type { Erasure } from '../erasure/erasure.ts';
import { type Fault, fault, isNonEmpty, type Outcome, refused } from '../faults.ts';
import type { LinkChange } from '../links/changes.ts';
import type { Account, Caller, UserView } from '../model.ts';
import type { Lookup, Provision } from '../ports.ts';
import type { References } from '../reference-data/references.ts';
import { setAt, textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import { type Attributes, emptyAttributes } from '../schema/schema.ts';
import { countedUp, loginNameFrom } from '../users/login-name.ts';
import { dueReminder, todayIn } from './days.ts';
import { draftFaults, recipientOf } from './draft.ts';
import type { Invitation, InvitationState, InvitationStore } from './invitation.ts';
import { beginInvitation, type InviterOptions, tellInvited } from './inviter.ts';
import { mintLink } from './links.ts';

/** A person to be invited. */
export interface InvitationDraft {
  /** Without those that describe links. A login name is made of the names if there is none. */
  attributes: Attributes;
  links: readonly LinkChange[];
  /** Of the mails; by default the person's own, or the first of the account. */
  language?: Language | undefined;
  /** Whether the person who invites confirms the user agreement. */
  agreed: boolean;
}

/** What happened to a request to send an invitation again. */
type Resent =
  | { ok: true; invitation: Invitation }
  /** It was sent again less than 24 hours ago; `from` is when it can be sent again. */
  | { ok: false; reason: 'locked'; from: Date }
  | { ok: false; reason: 'over'; state: InvitationState }
  | { ok: false; reason: 'refused'; faults: [Fault, ...Fault[]] };

/** An invitation with its user. */
export interface Invited {
  invitation: Invitation;
  user: UserView;
}

/** The operations on invitations. Faults are values; StoreUnavailable is thrown. */
export interface Invitations {
  /**
   * Invites a person: makes the user, invited, and queues the mail. Faults: those of `createUser`; required (names, an e-mail or a phone,
   * a group, a store of a manager, the user agreement); uniqueness (somebody of the same name is invited under the e-mail already).
   */
  invite(caller: Caller, draft: InvitationDraft): Promise<Outcome<Invited>>;
  /** Sends the mail of an open invitation again, with a live link; the last day stays. At most once in 24 hours. */
  resend(caller: Caller, invitation: Invitation, user: UserView): Promise<Resent>;
  /** Ends an open invitation and erases the person. Faults: notFound (it has ended), and those of an erasure. */
  revoke(caller: Caller, invitation: Invitation): Promise<Outcome<undefined>>;
  /** Does what is due on the account's present day: erases those whose time is over, sends reminders. It can be repeated. */
  daily(caller: Caller): Promise<void>;
}

export interface InvitationsOptions extends InviterOptions {
  store: InvitationStore;
  provision: Pick<Provision, 'createUser'>;
  lookup: Pick<Lookup, 'user'>;
  references: Pick<References, 'user'>;
  /** Ids of the users who are invited under an e-mail. */
  invitedUnder: (account: string, email: string) => Promise<string[]>;
  erasure: Pick<Erasure, 'eraseUser'>;
  /** When the newest message about an invitation was queued; undefined if none is known. */
  lastTold: (account: string, invitation: string) => Promise<Date | undefined>;
  withdrawMails: (account: string, invitation: string) => Promise<void>;
}

/** A resend is locked for so long after the last one. */
export const RESEND_LOCK_MS = 86_400_000;
/** A message that is queued with a request is there by then, unless its process was killed. */
const QUEUED_MS = 60_000;
/** The first mail is looked for on so many days; what the outbox knows of sent ones is kept for longer. */
const FIRST_MAIL_MS = 2 * 86_400_000;
const NAMES_TRIED_MAX = 1_000;
const ATTEMPTS_MAX = 5;

/** Creates the operations on invitations. */
export function createInvitations(options: InvitationsOptions): Invitations {
  return {
    invite: (caller, draft) => invite(options, caller, draft),
    resend: (caller, invitation, user) => resend(options, caller, invitation, user),
    revoke: (caller, invitation) => revoke(options, caller, invitation),
    daily: (caller) => daily(options, caller),
  };
}

async function invite(options: InvitationsOptions, caller: Caller, draft: InvitationDraft): Promise<Outcome<Invited>> {
  const { hasTextMessages } = options;
  const faults = draftFaults(draft, caller.account, hasTextMessages);
  const to = recipientOf(draft.attributes, hasTextMessages);
  if (isNonEmpty(faults)) return { ok: false, faults };
  const known = to?.channel === 'mail' ? await namesake(options, caller, to.address, draft.attributes) : undefined;
  if (known) return refused(known);
  const isNamed = textAt(draft.attributes, 'userName') !== undefined;
  for (let attempt = 1; ; attempt += 1) {
    const attributes = isNamed ? draft.attributes : await withLoginName(options, caller, draft.attributes);
    const made = await inviteAs(options, caller, { ...draft, attributes });
    if (made.ok || isNamed || attempt === ATTEMPTS_MAX) return made;
    // Somebody else got the login name that was just made.
    if (!made.faults.some(({ code, path }) => code === 'uniqueness' && path === 'userName')) return made;
  }
}

async function inviteAs(
  options: InvitationsOptions,
  caller: Caller,
  { attributes, links, language }: InvitationDraft,
): Promise<Outcome<Invited>> {
  const begun = await beginInvitation(options, caller.account, attributes, language);
  const acting: Caller = { ...caller, door: 'invitations' };
  const created = await options.provision.createUser(acting, attributes, links, begun.invites);
  if (!created.ok) {
    await begun.withdrawn();
    return created;
  }
  const told = await begun.sent(created.value);
  return told.ok ? { ok: true, value: { invitation: begun.invitation, user: created.value }, effect: 'created' } : told;
}

/** The fault of inviting somebody again: an open invitation of the same name under the e-mail. Shops share mailboxes, so the e-mail alone is none. */
async function namesake(
  { invitedUnder, lookup }: InvitationsOptions,
  caller: Caller,
  email: string,
  attributes: Attributes,
): Promise<Fault | undefined> {
  const ids = await invitedUnder(caller.account.id, email);
  const views = await Promise.all(ids.map((id) => lookup.user(caller, id)));
  const isSame = (view: UserView | undefined) =>
    view !== undefined &&
    ['name.givenName', 'name.familyName'].every(
      (key) => foldText(textAt(view.attributes, key) ?? '') === foldText(textAt(attributes, key) ?? ''),
    );
  if (!views.some(isSame)) return undefined;
  return fault('uniqueness', 'emails', { value: email, holder: 'invited' });
}

async function withLoginName(
  { references }: InvitationsOptions,
  caller: Caller,
  attributes: Attributes,
): Promise<Attributes> {
  const [given = '', family = ''] = ['name.givenName', 'name.familyName'].map((key) => textAt(attributes, key));
  const base = loginNameFrom({ given, family });
  if (base === undefined) return attributes;
  for (let count = 1; count <= NAMES_TRIED_MAX; count += 1) {
    const userName = countedUp(base, count);
    const found = await references.user(caller, { by: 'userName', userName });
    if (found.ok && found.id === undefined) {
      const named = Object.assign(emptyAttributes(), attributes);
      setAt(named, 'userName', userName);
      return named;
    }
  }
  return attributes;
}

async function resend(
  options: InvitationsOptions,
  { account }: Caller,
  invitation: Invitation,
  view: UserView,
): Promise<Resent> {
  const { store, now } = options;
  const at = now();
  const { token, hash } = mintLink();
  const notSince = new Date(at.getTime() - RESEND_LOCK_MS);
  const claimed = await store.claimResend(account.id, invitation.id, { now: at, notSince, link: hash });
  const current = claimed ?? (await store.byId(account.id, invitation.id));
  if (current?.state !== 'open' || current.ends <= at)
    return { ok: false, reason: 'over', state: current?.state ?? 'revoked' };
  if (!claimed && !(await isResendLost(options, current, at))) {
    const from = new Date((current.resent ?? at).getTime() + RESEND_LOCK_MS);
    return { ok: false, reason: 'locked', from };
  }
  if (!claimed) await store.addLink(account.id, invitation.id, hash);
  const id = `resend:${invitation.id}:${current.resent?.getTime()}`;
  const told = await tellInvited(options, account, { invitation: current, view, kind: 'invite', token, id });
  return told.ok ? { ok: true, invitation: current } : { ok: false, reason: 'refused', faults: told.faults };
}

/** Whether the process that claimed the last resend was killed before it queued the mail. */
async function isResendLost(
  { lastTold }: InvitationsOptions,
  { account, id, resent }: Invitation,
  at: Date,
): Promise<boolean> {
  if (!resent || at.getTime() - resent.getTime() < QUEUED_MS) return false;
  const last = await lastTold(account, id);
  return last === undefined || last < resent;
}

async function revoke(
  options: InvitationsOptions,
  caller: Caller,
  invitation: Invitation,
): Promise<Outcome<undefined>> {
  const { store, lookup, now } = options;
  const { id, user } = invitation;
  const view = user === undefined ? undefined : await lookup.user(caller, user);
  const isOver = !(await store.end(caller.account.id, id, registered(invitation, view) ? 'used' : 'revoked', now()));
  if (isOver || registered(invitation, view)) return refused(fault('notFound', 'Invitation', { id }));
  const erased = await erasePerson(options, caller, invitation);
  return erased.ok ? { ok: true, value: undefined, effect: 'deleted' } : erased;
}

/** Whether the invited person is an ordinary user by now. */
function registered({ id }: Invitation, view: UserView | undefined): boolean {
  return view !== undefined && view.invitation?.id !== id;
}

/** Erases the person of an invitation that has ended, unless they have registered meanwhile, and forgets them in the invitation. */
async function erasePerson(
  { lookup, erasure, store, withdrawMails }: InvitationsOptions,
  caller: Caller,
  invitation: Invitation,
): Promise<Outcome<undefined>> {
  const { id, user } = invitation;
  for (let attempt = 1; user !== undefined; attempt += 1) {
    const view = await lookup.user(caller, user);
    if (!view || registered(invitation, view)) break;
    // What is known is the version that is still invited: a registration in between decides.
    const outcome = await erasure.eraseUser(caller, user, { versions: [view.version] }, {}, () => undefined);
    if (outcome.ok) break;
    const [{ code }] = outcome.faults;
    if (code !== 'preconditionFailed' && code !== 'notFound') return outcome;
    if (attempt === ATTEMPTS_MAX) return refused(fault('busy'));
  }
  await withdrawMails(caller.account.id, id);
  await store.forget(caller.account.id, id);
  return { ok: true, value: undefined, effect: 'deleted' };
}

async function daily(options: InvitationsOptions, caller: Caller): Promise<void> {
  const { store, lookup, now } = options;
  const { account } = caller;
  const at = now();
  // Of those that ended, the person is still there if the process that ended them was killed.
  for await (const invitation of store.withPerson(account.id, ['revoked', 'expired', 'open'])) {
    const isOpen = invitation.state === 'open';
    const reminder = isOpen ? dueReminder(invitation, account.inviteReminderDays, todayIn(account, at)) : undefined;
    const isOver = invitation.ends <= at;
    if (isOpen && !isOver && reminder === undefined) {
      await sendIfLost(options, caller, invitation);
      continue;
    }
    const view = invitation.user === undefined ? undefined : await lookup.user(caller, invitation.user);
    if (isOpen && (isOver || view === undefined || registered(invitation, view)))
      await store.end(account.id, invitation.id, endOf(invitation, view, isOver), at);
    if (!isOpen || isOver || view === undefined) await erasePerson(options, caller, invitation);
    else if (reminder !== undefined) await remind(options, account, { invitation, view, day: reminder });
  }
}

function endOf(invitation: Invitation, view: UserView | undefined, isOver: boolean) {
  if (registered(invitation, view)) return 'used';
  return isOver ? 'expired' : 'revoked';
}

/** Sends the reminder of a day of the schedule, to a person who could register. */
async function remind(
  options: InvitationsOptions,
  account: Account,
  { invitation, view, day }: { invitation: Invitation; view: UserView; day: number },
): Promise<void> {
  const { store } = options;
  if (textAt(view.attributes, 'mobietrain.status') === 'invited') {
    const { token, hash } = mintLink();
    if (!(await store.addLink(account.id, invitation.id, hash))) return;
    const id = `reminder:${invitation.id}:${day}`;
    await tellInvited(options, account, { invitation, view, kind: 'reminder', token, id });
  }
  await store.reminded(account.id, invitation.id, day);
}

/** Sends the first mail of a new invitation whose process was killed before it queued it. */
async function sendIfLost(options: InvitationsOptions, caller: Caller, invitation: Invitation): Promise<void> {
  const { store, lookup, lastTold, now } = options;
  const { account, id, user, created } = invitation;
  const age = now().getTime() - created.getTime();
  if (age < QUEUED_MS || age > FIRST_MAIL_MS || user === undefined) return;
  if ((await lastTold(account, id)) !== undefined) return;
  const view = await lookup.user(caller, user);
  const { token, hash } = mintLink();
  if (view && (await store.addLink(account, id, hash)))
    await tellInvited(options, caller.account, { invitation, view, kind: 'invite', token });
}
