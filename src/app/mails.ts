// Wires up the sending of mails and text messages, and the mails of learners with the templates of their accounts.

import type { Config } from '../config.ts';
import { createMailTemplates, type MailTemplates } from '../directory/mails/templates.ts';
import { createOutbox, createOutboxWorker, createSmtpSender, type Senders } from '../mail/outbox.ts';
import { createSmsSender } from '../mail/sms.ts';
import { createTemplateRecords } from '../mongo/accounts/mail-templates.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createOutboxStore } from '../mongo/outbox.ts';
import type { OnJobError } from './jobs.ts';

type MailSettings = Pick<Config, 'smtpUrl' | 'mailFrom' | 'mailPreview' | 'smsWebhookUrl' | 'smsWebhookSecret'>;

/** What invitations need of the settings. `hasTextMessages`: they can be sent, or are shown. */
export function invitationSettings({
  publicUrl,
  smsWebhookUrl,
  mailPreview,
}: MailSettings & Pick<Config, 'publicUrl'>) {
  return { publicUrl, hasTextMessages: smsWebhookUrl !== undefined || mailPreview };
}

/** Creates the worker of the outbox. Mails wait if there is neither a mail server nor a preview. */
export function openMails(config: MailSettings, db: Mongo['db'], onError: OnJobError) {
  const store = createOutboxStore(db, () => new Date());
  const { senders, close } = sendersOf(config);
  const worker = createOutboxWorker({ store, senders, onError: onError('mails') });
  const isIdle = Object.keys(senders).length === 0;
  return {
    start(): void {
      if (!isIdle) worker.start();
    },
    async stop(): Promise<void> {
      if (!isIdle) await worker.stop();
      close();
    },
  };
}

function sendersOf(config: MailSettings): { senders: Senders; close: () => void } {
  const { smtpUrl, mailFrom, mailPreview, smsWebhookUrl: url, smsWebhookSecret: secret } = config;
  const shown = { send: async () => undefined, isKept: true } as const;
  if (mailPreview) return { senders: { mail: shown, sms: shown }, close: () => undefined };
  const mail = smtpUrl === undefined ? undefined : createSmtpSender(smtpUrl, mailFrom);
  const senders: Senders = {
    ...(mail ? { mail: { send: mail } } : {}),
    ...(url !== undefined && secret !== undefined
      ? { sms: { send: createSmsSender({ url, secret }, () => new Date()) } }
      : {}),
  };
  return { senders, close: () => mail?.close() };
}

/** The outbox, and the templates of accounts. */
export function composeMails(db: Mongo['db'], now: () => Date = () => new Date()) {
  const templates: MailTemplates = createMailTemplates(createTemplateRecords(db), now);
  return { outbox: createOutbox(createOutboxStore(db, now)), templates };
}
