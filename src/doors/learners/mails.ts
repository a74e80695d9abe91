// Writes the mails of learners, in their language.

import type { ResetMail } from '../../auth/learners/learner-options.ts';
import { languageAmong, languagesOf } from '../../directory/entry/entry.ts';
import { newResourceId } from '../../directory/ids.ts';
import { resetPath } from './paths.ts';
import { filled, TEXTS } from './texts/texts.ts';

const CONTROL_CHARACTERS = /\p{Cc}+/gu;
const SUBJECT_CHARS_MAX = 200;

/** The mail with a link to set a password. Links are made from the public URL alone. */
export function resetMail({ account, to, name, loginName, language, token }: ResetMail, publicUrl: string) {
  const { mail } = TEXTS[languageAmong(languagesOf(account), language)];
  const values = { account: account.name, name, loginName, url: publicUrl + resetPath(token) };
  const subject = filled(mail.resetSubject, values).replace(CONTROL_CHARACTERS, ' ').slice(0, SUBJECT_CHARS_MAX);
  return { id: newResourceId(), account: account.id, to, subject, text: filled(mail.reset, values) };
}
