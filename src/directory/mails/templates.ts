// Owns the rules of mail templates: kinds, placeholders, bounds.

import { LANGUAGES, type Language } from '../accounts/settings.ts';
import { type Fault, fault, isNonEmpty, type Outcome, refused } from '../faults.ts';
import { hasControlCharacters } from '../schema/formats.ts';
import { isBlank } from '../schema/texts.ts';

/** The mails that an account can change. */
const MAIL_KINDS = ['invite', 'reminder', 'reset', 'tokenExpiry'] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

/** The placeholders of each kind, such as `{url}`, which every text needs. */
export const PLACEHOLDERS: Readonly<Record<MailKind, readonly string[]>> = {
  invite: ['account', 'name', 'url', 'lastDay'],
  reminder: ['account', 'name', 'url', 'lastDay'],
  reset: ['account', 'name', 'url', 'loginName'],
  tokenExpiry: ['account', 'name', 'url', 'connection', 'token', 'lastDay'],
};

const SUBJECT_CHARS_MAX = 200;
const TEXT_CHARS_MAX = 10_000;
const SENDER_CHARS_MAX = 100;
const URL_RULE = 'must contain {url}, the link: without it, the mail leads nowhere';
const LINE_RULE = 'must be one line without control characters';

/** What an account writes instead of the server's text. An empty line separates paragraphs; markup is shown as text. */
export interface MailTemplate {
  subject: string;
  text: string;
  /** The name that is shown as the sender; by default that of the account. */
  senderName?: string;
}

/** A template of an account. */
export interface StoredTemplate extends MailTemplate {
  kind: MailKind;
  language: Language;
  modified: Date;
}

/** The port to stored templates. Every method throws StoreUnavailable. */
export interface TemplateRecords {
  find(account: string, kind: MailKind, language: Language): Promise<StoredTemplate | undefined>;
  /** All of an account, at most one for each kind and language. */
  list(account: string): Promise<StoredTemplate[]>;
  save(account: string, template: StoredTemplate): Promise<void>;
  remove(account: string, kind: MailKind, language: Language): Promise<boolean>;
}

/** The operations on templates. Faults are values; StoreUnavailable is thrown. */
export interface MailTemplates extends Pick<TemplateRecords, 'find' | 'list'> {
  /** Faults: required, tooLong, invalidValue (`subject`, `text`, `senderName`). */
  set(account: string, kind: MailKind, language: Language, template: MailTemplate): Promise<Outcome<StoredTemplate>>;
  /** Brings the server's text back. Faults: notFound. */
  remove(account: string, kind: MailKind, language: Language): Promise<Outcome<undefined>>;
}

/** Creates the operations on templates. */
export function createMailTemplates(records: TemplateRecords, now: () => Date): MailTemplates {
  return {
    find: (account, kind, language) => records.find(account, kind, language),
    list: (account) => records.list(account),
    async set(account, kind, language, template) {
      const faults = templateFaults(kind, template);
      if (isNonEmpty(faults)) return { ok: false, faults };
      const stored = { ...template, kind, language, modified: now() };
      await records.save(account, stored);
      return { ok: true, value: stored, effect: 'updated' };
    },
    async remove(account, kind, language) {
      if (await records.remove(account, kind, language)) return { ok: true, value: undefined, effect: 'deleted' };
      return refused(fault('notFound', 'MailTemplate', { value: `${kind}/${language}` }));
    },
  };
}

/** What is wrong with a template. Faults: required, tooLong, invalidValue. */
export function templateFaults(kind: MailKind, { subject, text, senderName }: MailTemplate): Fault[] {
  return [
    ...textFaults('subject', subject, SUBJECT_CHARS_MAX),
    ...lineFaults('subject', subject),
    ...placeholderFaults(
      'subject',
      subject,
      PLACEHOLDERS[kind].filter((name) => name !== 'url'),
    ),
    ...textFaults('text', text, TEXT_CHARS_MAX),
    ...(hasControlCharacters(text.replace(/[\n\t]/g, ''))
      ? [fault('invalidValue', 'text', { rule: 'must not contain control characters' })]
      : []),
    ...placeholderFaults('text', text, PLACEHOLDERS[kind]),
    ...(text.includes('{url}') ? [] : [fault('invalidValue', 'text', { rule: URL_RULE })]),
    ...(senderName === undefined
      ? []
      : [...textFaults('senderName', senderName, SENDER_CHARS_MAX), ...lineFaults('senderName', senderName)]),
  ];
}

function textFaults(path: string, text: string, max: number): Fault[] {
  if (isBlank(text)) return [fault('required', path)];
  return text.length > max ? [fault('tooLong', path, { max })] : [];
}

function lineFaults(path: string, text: string): Fault[] {
  return hasControlCharacters(text) ? [fault('invalidValue', path, { rule: LINE_RULE })] : [];
}

function placeholderFaults(path: string, text: string, known: readonly string[]): Fault[] {
  const unknown = [...text.matchAll(/\{(\w*)\}/g)].find(([, name = '']) => !known.includes(name));
  if (!unknown) return [];
  const placeholder = unknown[0].slice(0, 60);
  const rule = `may contain ${known.map((name) => `{${name}}`).join(', ')}, and not ${placeholder}`;
  return [fault('invalidValue', path, { value: placeholder, rule })];
}

/** Whether a text is a kind of mail. */
export function isMailKind(text: string): text is MailKind {
  return (MAIL_KINDS as readonly string[]).includes(text);
}

/** Whether a text is a language of mails. */
export function isMailLanguage(text: string): text is Language {
  return (LANGUAGES as readonly string[]).includes(text);
}
