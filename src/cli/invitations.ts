// The commands on invitations. They are the operations of the admin API.

import { type Command, Option } from 'commander';
import { LANGUAGES } from '../directory/accounts/settings.ts';
import { CommandError } from './frame/errors.ts';
import { print, printJson, printNote, type Shown, showList, showOne } from './frame/output.ts';
import {
  type AccountOptions,
  accountOptions,
  limitOption,
  listed,
  type OpenAccount,
  perform,
  withAccount,
} from './session.ts';
import { attributeOptions, bodyOf, repeated, type UserOptions } from './users/body.ts';
import { confirm } from './users/erase.ts';
import { mustFindUser } from './users/lookup.ts';

/** An invitation as the admin API answers it. */
interface Invitation {
  id: string;
  user: { id: string; userName?: string; givenName?: string; familyName?: string; email?: string; phone?: string };
  language: string;
  lastDay: string;
  daysLeft: number;
  marker: string;
  resendableFrom?: string;
  mail?: { state: string; reason?: string };
}

const INVITATIONS: Shown<Invitation> = {
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'LOGIN NAME', of: ({ user }) => user.userName, shrinks: true },
    { title: 'NAME', of: nameOf, shrinks: true },
    { title: 'SENT TO', of: ({ user }) => user.email ?? user.phone, shrinks: true },
    { title: 'LAST DAY', of: ({ lastDay }) => lastDay },
    {
      title: 'DAYS LEFT',
      of: ({ daysLeft, marker }) => (marker === 'none' ? `${daysLeft}` : `${daysLeft} (${marker})`),
    },
    { title: 'MAIL', of: ({ mail }) => mail && [mail.state, mail.reason].filter(Boolean).join(': '), shrinks: true },
  ],
};

const INVITATION = 'id of the invitation, or the login name, e-mail or id of the invited person';

/** Adds the command that invites a person. */
export function inviteCommand(user: Command): void {
  const invite = accountOptions(user.command('invite')).description(
    'invite a person by mail, who then registers; needs names, an e-mail and a group',
  );
  attributeOptions(invite.option('--user-name <text>', 'login name; made of the names by default'), 'repeatable');
  repeated(invite, '--group <group>', 'group to join, by id or name; repeatable')
    .option('--as-manager', 'invite a manager, who needs a store')
    .addOption(new Option('--mail-language <language>', 'language of the mail').choices(LANGUAGES))
    .option('--user-agreement', 'confirm the user agreement: the person may be written to')
    .action(invitePerson);
}

/** Adds the commands of `invitation`. */
export function invitationCommands(invitation: Command): void {
  limitOption(accountOptions(invitation.command('list')))
    .description('list open invitations, those that end soonest first')
    .addOption(
      new Option(
        '--marker <marker>',
        'only those with this marker: red if 3 days or fewer are left, yellow if 7',
      ).choices(['none', 'yellow', 'red']),
    )
    .action(list);
  onInvitation(invitation, 'show').description('show an open invitation, and what happened to its mail').action(show);
  onInvitation(invitation, 'resend')
    .description('send an invitation again; possible once in 24 hours, and the last day stays')
    .action(resend);
  onInvitation(invitation, 'revoke')
    .description('take an invitation back, and erase the person')
    .option('--yes', 'do not ask for confirmation')
    .action(revoke);
  accountOptions(invitation.command('counts'))
    .description('count invitations by month: sent, used, taken over by a source, revoked, expired')
    .action(showCounts);
}

function onInvitation(invitation: Command, word: string): Command {
  return accountOptions(invitation.command(word).argument('<invitation>', INVITATION));
}

interface InviteOptions extends AccountOptions, UserOptions {
  userName?: string;
  asManager?: boolean;
  mailLanguage?: string;
  userAgreement?: boolean;
}

function invitePerson(options: InviteOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const { userName, asManager, mailLanguage, userAgreement } = options;
    const body = {
      ...(await bodyOf(open, options)),
      ...(userName === undefined ? {} : { userName }),
      ...(asManager ? { role: 'manager' } : {}),
      ...(mailLanguage === undefined ? {} : { language: mailLanguage }),
      userAgreement: userAgreement === true,
    };
    const invited = await perform<Invitation>(open, { method: 'POST', path: '/invitations', body });
    showOne(options, invited, INVITATIONS);
    printNote(`Invited ${nameOf(invited)}, who can register until ${invited.lastDay}.`);
  });
}

function list({ marker, limit, ...options }: AccountOptions & { marker?: string; limit?: number }): Promise<void> {
  return withAccount(options.account, async (open) =>
    showList(options, listed<Invitation>(open, '/invitations', { marker }, limit), INVITATIONS),
  );
}

function show(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const found = await mustFindInvitation(open, text);
    const columns = [
      ...INVITATIONS.columns,
      { title: 'CAN BE SENT AGAIN', of: ({ resendableFrom }: Invitation) => resendableFrom ?? 'now' },
    ];
    showOne(options, found, { columns, lines: true });
  });
}

function resend(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const { id } = await mustFindInvitation(open, text);
    const sent = await perform<Invitation>(open, { method: 'POST', path: `/invitations/${id}/resend` });
    showOne(options, sent, INVITATIONS);
    printNote(`Sent again to ${nameOf(sent)}, who can register until ${sent.lastDay}.`);
  });
}

function revoke(text: string, options: AccountOptions & { yes?: boolean }): Promise<void> {
  return withAccount(options.account, async (open) => {
    const found = await mustFindInvitation(open, text);
    if (!options.yes)
      await confirm(`Take back the invitation of ${nameOf(found)}, and erase the person?`, 'Nothing was changed.');
    await perform(open, { method: 'DELETE', path: `/invitations/${found.id}` });
    if (options.json) printJson({ revoked: found.id });
    else print(`Took back the invitation of ${nameOf(found)}; the person is erased.`);
  });
}

interface Count {
  month: string;
  sent: number;
  used: number;
  takenOver: number;
  revoked: number;
  expired: number;
}

const COUNTS: Shown<Count> = {
  columns: [
    { title: 'MONTH', of: ({ month }) => month },
    { title: 'SENT', of: ({ sent }) => String(sent) },
    { title: 'USED', of: ({ used }) => String(used) },
    { title: 'TAKEN OVER', of: ({ takenOver }) => String(takenOver) },
    { title: 'REVOKED', of: ({ revoked }) => String(revoked) },
    { title: 'EXPIRED', of: ({ expired }) => String(expired) },
  ],
};

function showCounts(options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const { items } = await perform<{ items: Count[] }>(open, { method: 'GET', path: '/invitations/counts' });
    await showList(options, items, COUNTS);
  });
}

/** The open invitation that a text means. @throws CommandError if there is none */
async function mustFindInvitation(open: OpenAccount, text: string): Promise<Invitation> {
  const byId = (id: string) =>
    perform<Invitation>(open, { method: 'GET', path: `/invitations/${encodeURIComponent(id)}` }).catch(
      (error: unknown) => {
        if (error instanceof CommandError && error.code === 'notFound') return undefined;
        throw error;
      },
    );
  const found = text.length <= 64 ? await byId(text) : undefined;
  if (found) return found;
  const { id, attributes } = await mustFindUser(open, text);
  const view = await open.directory.records.user(open.account.id, id);
  const invitation = view?.invitation && (await byId(view.invitation.id));
  if (invitation) return invitation;
  throw new CommandError(`${String(attributes.userName)} has no open invitation.`, 'notFound');
}

function nameOf({ user }: Invitation): string {
  return [user.givenName, user.familyName].filter(Boolean).join(' ') || (user.userName ?? user.id);
}
