// Writes the mails of learners, in their language, and those about tokens to administrators. Links are made from the public URL alone.

import type { ResetMail } from '../../auth/learners/learner-options.ts';
import type { Language } from '../../directory/accounts/settings.ts';
import { languageAmong, languagesOf } from '../../directory/entry/entry.ts';
import { newResourceId } from '../../directory/ids.ts';
import type { InvitationMail } from '../../directory/invitations/inviter.ts';
import type { MailKind, MailTemplate } from '../../directory/mails/templates.ts';
import type { Account } from '../../directory/model.ts';
import { html } from '../html.ts';
import { filled } from '../page-texts.ts';
import { registrationPath, resetPath } from './paths.ts';
import { TEXTS } from './texts/texts.ts';

const CONTROL_CHARACTERS = /\p{Cc}+/gu;
const SUBJECT_CHARS_MAX = 200;
const EXAMPLE_LINK = 'https://example.com/link';

/** The language of a mail to a learner. */
export function resetLanguage({ account, language }: Pick<ResetMail, 'account' | 'language'>): Language {
  return languageAmong(languagesOf(account), language);
}

/** The mail with a link to set a password. */
export function resetMail(mail: ResetMail, publicUrl: string, template?: MailTemplate) {
  const { account, to, name, loginName, token } = mail;
  const values = { account: account.name, name, loginName, url: publicUrl + resetPath(token) };
  const written = writtenMail(account, 'reset', resetLanguage(mail), values, template);
  return { id: newResourceId(), account: account.id, to, ...written };
}

/** The mail or text message with a link to register: of an invitation, or a reminder of it. */
export function invitationMail(
  { id, kind, account, invitation, to, name, language, lastDay, token }: InvitationMail,
  publicUrl: string,
  template?: MailTemplate,
) {
  const { mail } = TEXTS[language];
  const url = publicUrl + registrationPath(token);
  const values = { account: account.name, name, url, lastDay: longDay(lastDay, language) };
  const about = { id, account: account.id, to: to.address, reference: invitation };
  if (to.channel === 'sms') return { ...about, channel: 'sms' as const, subject: '', text: filled(mail.sms, values) };
  return { ...about, ...writtenMail(account, kind, language, values, template) };
}

/** What an invitation says of the person, before there is one. */
export interface PlannedInvitation {
  channel: 'mail' | 'sms';
  name: string;
  language: Language;
  lastDay: string;
}

/** The mail or text message of an invitation that is not sent yet; its link leads nowhere. */
export function plannedInvitationMail(
  account: Account,
  { channel, name, language, lastDay }: PlannedInvitation,
  template?: MailTemplate,
) {
  const values = { account: account.name, name, url: EXAMPLE_LINK, lastDay: longDay(lastDay, language) };
  if (channel === 'sms') return { subject: '', text: filled(TEXTS[language].mail.sms, values) };
  return writtenMail(account, 'invite', language, values, template);
}

/** A mail with example values, as an account that changes its templates wants to see it. */
export function exampleMail(account: Account, kind: MailKind, language: Language, template?: MailTemplate) {
  const [day, name, loginName] = ['2030-12-31', 'Ada', 'ada.byron'];
  const values = {
    account: account.name,
    name,
    loginName,
    url: EXAMPLE_LINK,
    lastDay: longDay(day, language),
    connection: 'Entra ID',
    token: 'entra 2030',
  };
  return writtenMail(account, kind, language, values, template);
}

/** A token that expires soon, and the administrator who gets a mail about it. */
export interface TokenExpiryMail {
  /** The same for every mail about this: it is sent once. */
  id: string;
  account: Account;
  to: { email: string; name: string };
  connection: { id: string; name: string };
  /** The name of the token, or its first characters. */
  token: string;
  /** The day on which it expires, such as `2026-11-22`. */
  lastDay: string;
}

/** The language of mails to the administrators of an account: its first one. */
export function administratorLanguage(account: Account): Language {
  return languagesOf(account)[0] ?? 'en';
}

/** The mail about a token that expires soon. */
export function tokenExpiryMail(mail: TokenExpiryMail, publicUrl: string, template?: MailTemplate) {
  const { id, account, to, connection, token, lastDay } = mail;
  const language = administratorLanguage(account);
  const values = {
    account: account.name,
    name: to.name,
    url: `${publicUrl}/console/#/connections/${encodeURIComponent(connection.id)}/show`,
    connection: connection.name,
    token,
    lastDay: longDay(lastDay, language),
  };
  return { id, account: account.id, to: to.email, ...writtenMail(account, 'tokenExpiry', language, values, template) };
}

const BUTTONS = {
  invite: 'inviteButton',
  reminder: 'inviteButton',
  reset: 'resetButton',
  tokenExpiry: 'tokenExpiryButton',
} as const satisfies Record<MailKind, string>;

type Values = Readonly<{ account: string; url: string } & Record<string, string>>;

/** The mail of a kind with these values: by the account's template, otherwise as the server writes it. */
function writtenMail(
  account: Pick<Account, 'name'>,
  kind: MailKind,
  language: Language,
  values: Values,
  template: MailTemplate | undefined,
) {
  const { mail } = TEXTS[language];
  const own = { subject: mail[`${kind}Subject`], text: mail[kind] };
  const { subject, text, senderName }: MailTemplate = template ?? own;
  const button = mail[BUTTONS[kind]];
  return {
    subject: subjectOf(subject, values),
    text: filled(text, values),
    html: htmlOf({ language, text, values, button }),
    senderName: (senderName ?? account.name).replace(CONTROL_CHARACTERS, ' '),
  };
}

function subjectOf(text: string, values: Readonly<Record<string, string>>): string {
  return filled(text, values).replace(CONTROL_CHARACTERS, ' ').slice(0, SUBJECT_CHARS_MAX);
}

/** A day as it is written in a language, such as `22 November 2026`. */
function longDay(day: string, language: Language): string {
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'long',
    timeZone: 'UTC',
  });
  return format.format(new Date(`${day}T00:00:00Z`));
}

/** The paragraphs of a text as HTML; the one that is only the link becomes a button, with the link to copy below it. */
function htmlOf({
  language,
  text,
  values,
  button,
}: {
  language: Language;
  text: string;
  values: Values;
  button: string;
}): string {
  const { url } = values;
  const paragraphs = text
    .split(/\n{2,}/)
    .map((paragraph) =>
      paragraph.trim() === '{url}'
        ? html`<p style="margin:24px 0"><a href="${url}" style="background:#1f4fa3;color:#fff;padding:12px 24px;border-radius:6px;text-decoration:none;font-weight:600">${button}</a></p><p style="font-size:13px;color:#4a4a4a;word-break:break-all">${url}</p>`
        : html`<p>${filled(paragraph, values)}</p>`,
    );
  const page = html`<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${values.account}</title></head><body style="font:16px/1.5 system-ui,sans-serif;color:#1c1c1c;max-width:32rem;margin:0 auto;padding:16px">
${paragraphs}
</body></html>
`;
  return page.html;
}
