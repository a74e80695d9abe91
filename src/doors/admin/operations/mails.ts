// Mails over the admin API: those that failed or are only shown, and the templates of an account.

import { z } from 'zod';
import type { Language } from '../../../directory/accounts/settings.ts';
import { type Fault, fault, isNonEmpty } from '../../../directory/faults.ts';
import {
  isMailKind,
  isMailLanguage,
  type MailKind,
  type MailTemplate,
  type MailTemplates,
  PLACEHOLDERS,
  templateFaults,
} from '../../../directory/mails/templates.ts';
import type { Account } from '../../../directory/model.ts';
import { accountParams, cutPage, dateTime, pageOf, pageQuery, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

/** A mail as administrators see it. */
interface ShownMail {
  id: string;
  channel?: 'sms';
  to: string;
  subject: string;
  text: string;
  html?: string;
  senderName?: string;
  created: Date;
  attempts: number;
  state: string;
  why?: string;
}

/** What administrators see of the outbox. Every method throws StoreUnavailable. */
interface AdminMails {
  mails(
    account: string,
    state: 'waiting' | 'failed' | 'kept',
    page: { after?: string; limit: number },
  ): Promise<ShownMail[]>;
  mail(account: string, id: string): Promise<ShownMail | undefined>;
  again(account: string, id: string): Promise<boolean>;
}

/** A mail as it is written to a person. */
export interface WrittenMail {
  subject: string;
  text: string;
  html?: string;
  senderName?: string;
}

export interface MailOperationsOptions {
  mails: AdminMails;
  mailTemplates: MailTemplates;
  /** Writes a mail with example values; without a template, as the server writes it. */
  exampleMail: (account: Account, kind: MailKind, language: Language, template?: MailTemplate) => WrittenMail;
}

const mailSchema = z
  .object({
    id: z.string(),
    channel: z.enum(['mail', 'sms']),
    to: z.string(),
    subject: z.string(),
    created: dateTime,
    attempts: z.number().int(),
    state: z.enum(['waiting', 'failed', 'kept']),
    reason: z.string().optional().meta({ description: 'Why the last attempt failed' }),
  })
  .meta({ id: 'Mail', description: 'A mail without its text, which can hold a link that signs a person in' });
const keptMailSchema = mailSchema
  .extend({ text: z.string(), html: z.string().optional(), senderName: z.string().optional() })
  .meta({ id: 'KeptMail' });

const templateBody = z
  .strictObject({
    subject: z.string().max(8192),
    text: z.string().max(20_000).meta({
      description:
        'Paragraphs with empty lines between them; {url} alone in a paragraph becomes a button. Markup is text',
    }),
    senderName: z.string().max(8192).optional().meta({ description: 'By default the name of the account' }),
  })
  .meta({ id: 'MailTemplateDraft' });
const templateSchema = z
  .object({
    kind: z.string(),
    language: z.string(),
    subject: z.string(),
    text: z.string(),
    senderName: z.string().optional(),
    modified: dateTime,
  })
  .meta({ id: 'MailTemplate' });
export const writtenSchema = z
  .object({
    subject: z.string(),
    text: z.string(),
    html: z.string().optional(),
    senderName: z.string().optional(),
  })
  .meta({ id: 'WrittenMail' });

const mailParams = accountParams.extend({
  mail: z.string().min(1).max(200).meta({ description: 'The id of the mail' }),
});
const templateParams = accountParams.extend({
  kind: withId('kind of mail: invite, reminder or reset'),
  language: withId('language: en, nl, fr or de'),
});

/** The operations on mails. */
export function mailOperations(options: MailOperationsOptions): Operation[] {
  return [
    listMails(options),
    readMail(options),
    sendMailAgain(options),
    listTemplates(options),
    setTemplate(options),
    removeTemplate(options),
    previewTemplate(options),
  ];
}

function listMails({ mails }: MailOperationsOptions): Operation {
  return operation({
    id: 'listMails',
    tag: 'Mails',
    method: 'GET',
    path: '/accounts/{account}/mails',
    summary: 'List mails and text messages that failed, wait, or are only shown, the newest first',
    permission: 'mails.edit',
    params: accountParams,
    query: pageQuery.extend({ state: z.enum(['failed', 'waiting', 'kept']).default('failed') }),
    answers: { 200: { description: 'A page of mails', schema: pageOf(mailSchema, 'Mail') } },
    async handle({ caller, query: { limit, state }, after, nextCursor }) {
      const page = { limit: limit + 1, ...(after ? { after: after.id } : {}) };
      const found = await mails.mails(caller.account.id, state, page);
      const { items, next } = cutPage(found, limit, ({ id }) => ({ key: null, id }), nextCursor);
      return json(200, { items: items.map(withoutText), ...(next === undefined ? {} : { next }) });
    },
  });
}

function readMail({ mails }: MailOperationsOptions): Operation {
  return operation({
    id: 'readMail',
    tag: 'Mails',
    method: 'GET',
    path: '/accounts/{account}/mails/{mail}',
    summary: 'Read a mail that is only shown, because MAIL_PREVIEW is on',
    permission: 'mails.preview',
    params: mailParams,
    confidential: true,
    answers: { 200: { description: 'The mail', schema: keptMailSchema } },
    async handle({ caller, params }) {
      const found = await mails.mail(caller.account.id, params.mail);
      if (found?.state !== 'kept') return notFound(params.mail);
      const { text, html, senderName } = found;
      const more = { ...(html === undefined ? {} : { html }), ...(senderName === undefined ? {} : { senderName }) };
      return json(200, { ...withoutText(found), text, ...more });
    },
  });
}

function sendMailAgain({ mails }: MailOperationsOptions): Operation {
  return operation({
    id: 'sendMailAgain',
    tag: 'Mails',
    method: 'POST',
    path: '/accounts/{account}/mails/{mail}/resend',
    summary: 'Send a failed mail again',
    permission: 'mails.edit',
    params: mailParams,
    answers: { 200: { description: 'The mail, which waits', schema: mailSchema } },
    async handle({ caller, params }) {
      if (!(await mails.again(caller.account.id, params.mail))) return notFound(params.mail);
      const found = await mails.mail(caller.account.id, params.mail);
      return found ? json(200, withoutText(found)) : notFound(params.mail);
    },
  });
}

function listTemplates({ mailTemplates }: MailOperationsOptions): Operation {
  return operation({
    id: 'listMailTemplates',
    tag: 'Mails',
    method: 'GET',
    path: '/accounts/{account}/mail-templates',
    summary: "List the mails that the account has written instead of the server's",
    permission: 'account.read',
    params: accountParams,
    answers: {
      200: {
        description: 'All templates',
        schema: z.object({ items: z.array(templateSchema) }).meta({ id: 'MailTemplateList' }),
      },
    },
    async handle({ caller }) {
      const items = (await mailTemplates.list(caller.account.id)).map(rendered);
      return json(200, { items });
    },
  });
}

function setTemplate({ mailTemplates }: MailOperationsOptions): Operation {
  return operation({
    id: 'setMailTemplate',
    tag: 'Mails',
    method: 'PUT',
    path: '/accounts/{account}/mail-templates/{kind}/{language}',
    summary: 'Write a mail of the account',
    description: `Placeholders: ${Object.entries(PLACEHOLDERS)
      .map(([kind, names]) => `${kind}: ${names.map((name) => `{${name}}`).join(', ')}`)
      .join('; ')}. Each text needs {url}.`,
    permission: 'account.change',
    params: templateParams,
    body: templateBody,
    answers: { 200: { description: 'The template', schema: templateSchema } },
    async handle({ caller, params, body }) {
      const named = kindOf(params);
      if (!named.ok) return faultProblem([named.fault]);
      const set = await mailTemplates.set(caller.account.id, named.kind, named.language, templateOf(body));
      return set.ok ? json(200, rendered(set.value)) : faultProblem(set.faults);
    },
  });
}

function removeTemplate({ mailTemplates }: MailOperationsOptions): Operation {
  return operation({
    id: 'removeMailTemplate',
    tag: 'Mails',
    method: 'DELETE',
    path: '/accounts/{account}/mail-templates/{kind}/{language}',
    summary: "Bring the server's mail back",
    permission: 'account.change',
    params: templateParams,
    answers: { 204: { description: 'Removed' } },
    async handle({ caller, params }) {
      const named = kindOf(params);
      if (!named.ok) return faultProblem([named.fault]);
      const removed = await mailTemplates.remove(caller.account.id, named.kind, named.language);
      return removed.ok ? noContent() : faultProblem(removed.faults);
    },
  });
}

function previewTemplate({ mailTemplates, exampleMail }: MailOperationsOptions): Operation {
  return operation({
    id: 'previewMailTemplate',
    tag: 'Mails',
    method: 'POST',
    path: '/accounts/{account}/mail-templates/{kind}/{language}/preview',
    summary: 'Show a mail with example values: one that the body holds, otherwise the present one',
    permission: 'account.read',
    params: templateParams,
    body: templateBody.optional(),
    answers: { 200: { description: 'The mail', schema: writtenSchema } },
    async handle({ caller, params, body }) {
      const named = kindOf(params);
      if (!named.ok) return faultProblem([named.fault]);
      const { kind, language } = named;
      const faults = body ? templateFaults(kind, templateOf(body)) : [];
      if (isNonEmpty(faults)) return faultProblem(faults);
      const template = body ? templateOf(body) : await mailTemplates.find(caller.account.id, kind, language);
      return json(200, exampleMail(caller.account, kind, language, template));
    },
  });
}

type NamedKind = { ok: true; kind: MailKind; language: Language } | { ok: false; fault: Fault };

function kindOf({ kind, language }: { kind: string; language: string }): NamedKind {
  if (isMailKind(kind) && isMailLanguage(language)) return { ok: true, kind, language };
  return { ok: false, fault: fault('notFound', 'MailTemplate', { value: `${kind}/${language}` }) };
}

function templateOf({ subject, text, senderName }: z.output<typeof templateBody>): MailTemplate {
  return { subject, text, ...(senderName === undefined ? {} : { senderName }) };
}

function rendered<T extends { modified: Date }>({ modified, ...template }: T) {
  return { ...template, modified: modified.toISOString() };
}

function withoutText({ id, channel, to, subject, created, attempts, state, why }: ShownMail) {
  return {
    id,
    channel: channel ?? 'mail',
    to,
    subject,
    created: created.toISOString(),
    attempts,
    state,
    ...(why === undefined ? {} : { reason: why }),
  };
}

function notFound(id: string): AdminAnswer {
  return faultProblem([fault('notFound', 'Mail', { id })]);
}
