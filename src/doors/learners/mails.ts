// Writes the mails of learners, in their language. Links are made from the public URL alone.

import type { ResetMail } from '../../auth/learners/learner-options.ts';
import type { Language } from '../../directory/accounts/settings.ts';
import { languageAmong, languagesOf } from '../../directory/entry/entry.ts';
import { newResourceId } from '../../directory/ids.ts';
import type { InvitationMail } from '../../directory/invitations/inviter.ts';
import { html } from './pages/html.ts';
import { registrationPath, resetPath } from './paths.ts';
import { filled, TEXTS } from './texts/texts.ts';

const CONTROL_CHARACTERS = /\p{Cc}+/gu;
const SUBJECT_CHARS_MAX = 200;

/** The mail with a link to set a password. */
export function resetMail({ account, to, name, loginName, language, token }: ResetMail, publicUrl: string) {
  const { mail } = TEXTS[languageAmong(languagesOf(account), language)];
  const values = { account: account.name, name, loginName, url: publicUrl + resetPath(token) };
  const subject = subjectOf(mail.resetSubject, values);
  return { id: newResourceId(), account: account.id, to, subject, text: filled(mail.reset, values) };
}

/** The mail or text message with a link to register: of an invitation, or a reminder of it. */
export function invitationMail(
  { id, kind, account, invitation, to, name, language, lastDay, token }: InvitationMail,
  publicUrl: string,
) {
  const { mail } = TEXTS[language];
  const url = publicUrl + registrationPath(token);
  const values = { account: account.name, name, url, lastDay: longDay(lastDay, language) };
  const about = { id, account: account.id, to: to.address, reference: invitation };
  if (to.channel === 'sms') return { ...about, channel: 'sms' as const, subject: '', text: filled(mail.sms, values) };
  const [subject, text] = kind === 'invite' ? [mail.inviteSubject, mail.invite] : [mail.reminderSubject, mail.reminder];
  return {
    ...about,
    subject: subjectOf(subject, values),
    text: filled(text, values),
    html: htmlOf({ language, text, values, url, button: mail.inviteButton }),
    senderName: account.name.replace(CONTROL_CHARACTERS, ' '),
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
  url,
  button,
}: {
  language: Language;
  text: string;
  values: Readonly<Record<string, string>>;
  url: string;
  button: string;
}): string {
  const paragraphs = text
    .split('\n\n')
    .map((paragraph) =>
      paragraph === '{url}'
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
