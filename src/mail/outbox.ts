// Mails are stored first and sent later, with growing pauses between attempts (RFC 5321 §4.5.4.1), so that requests never wait for a
// mail server.

import { randomUUID } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { type BackgroundLoop, createBackgroundLoop } from '../background-loop.ts';
import { backOffMs } from '../directory/back-off.ts';
import { fault, type Outcome, refused } from '../directory/faults.ts';
import { hasControlCharacters, isEmailAddress, toE164 } from '../directory/schema/formats.ts';
import type { Channel, Mail, OutboxStore, WaitingMail } from './outbox-store.ts';

/** Sends a mail. @throws an error with the `responseCode` and the `response` of the mail server, if it answered */
export type SendMail = (mail: WaitingMail) => Promise<void>;

/** What sends the messages of each channel; those of a channel without a sender wait. `isKept`: they are only shown. */
export type Senders = Partial<Record<Channel, { send: SendMail; isKept?: true }>>;

/** Accepts mails to be sent. */
export interface Outbox {
  /** Stores a mail to be sent. Faults: invalidValue (the address, the subject), tooLong (the subject). */
  enqueue(mail: Mail): Promise<Outcome<undefined>>;
}

const SUBJECT_CHARS_MAX = 255;
const LEASE_MS = 120_000;
const PAUSE_MS = 2000;
const RETRIES = { firstMs: 30_000, maxMs: 3_600_000 };
/** About four days of attempts. */
const ATTEMPTS_MAX = 100;

const RECIPIENT_RULES: Record<Channel, string> = {
  mail: 'must be one e-mail address',
  sms: 'must be a phone number in E.164',
};

function isRecipient({ channel, to }: Mail): boolean {
  return channel === 'sms' ? toE164(to) === to : isMailAddress(to);
}

/** Whether a text is one e-mail address that is safe in a header. */
function isMailAddress(text: string): boolean {
  return isEmailAddress(text) && !hasControlCharacters(text);
}

/** Creates the outbox over a store. */
export function createOutbox(store: Pick<OutboxStore, 'add'>): Outbox {
  return {
    async enqueue(mail) {
      if (!isRecipient(mail))
        return refused(fault('invalidValue', 'to', { rule: RECIPIENT_RULES[mail.channel ?? 'mail'] }));
      for (const [path, text] of [
        ['subject', mail.subject],
        ['senderName', mail.senderName ?? ''],
      ] as const) {
        if (hasControlCharacters(text))
          return refused(fault('invalidValue', path, { rule: 'must not contain control characters' }));
      }
      if (mail.subject.length > SUBJECT_CHARS_MAX)
        return refused(fault('tooLong', 'subject', { max: SUBJECT_CHARS_MAX }));
      await store.add(mail);
      return { ok: true, value: undefined, effect: 'created' };
    },
  };
}

/** Creates a sender over SMTP. A mail has the same Message-ID in all attempts, so that duplicates can be recognised. */
export function createSmtpSender(smtpUrl: string, from: string): SendMail & { close(): void } {
  const transport = createTransport(smtpUrl, { from });
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/[^A-Za-z0-9.-]/g, '');
  const send = async ({ id, to, subject, text, html, senderName, attachments = [] }: WaitingMail): Promise<void> => {
    await transport.sendMail({
      from: senderName === undefined ? from : { name: senderName, address: from },
      to: { name: '', address: to },
      subject,
      text,
      ...(html === undefined ? {} : { html }),
      messageId: `<${id.replace(/[^A-Za-z0-9.-]/g, '.')}@${domain}>`,
      attachments: attachments.map(({ name, contentType, text: content }) => ({
        filename: name,
        contentType,
        content,
      })),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  };
  return Object.assign(send, { close: () => transport.close() });
}

interface OutboxWorkerOptions {
  store: OutboxStore;
  senders: Senders;
  onError: (error: unknown) => void;
}

/** Creates the worker that sends due mails; nothing happens until `start()` or `drain()`. */
export function createOutboxWorker({ store, senders, onError }: OutboxWorkerOptions): BackgroundLoop {
  const leaseHolder = randomUUID();
  const channels = CHANNELS.filter((channel) => senders[channel] !== undefined);

  async function postpone(mail: WaitingMail, error: unknown): Promise<void> {
    const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
    const pauseMs = backOffMs(mail.attempts, RETRIES);
    const againMs = isFinal(mail, code) ? undefined : pauseMs;
    await store.failed(mail.id, leaseHolder, reasonOf(mail, error, code), againMs);
  }

  return createBackgroundLoop({
    async round() {
      const mail = channels.length === 0 ? undefined : await store.claim(leaseHolder, LEASE_MS, channels);
      const sender = mail && senders[mail.channel ?? 'mail'];
      if (!mail || !sender) return false;
      try {
        await sender.send(mail);
      } catch (error) {
        onError(error);
        await postpone(mail, error);
        return true;
      }
      await store.sent(mail.id, leaseHolder, sender.isKept === true);
      return true;
    },
    pauseMs: PAUSE_MS,
    onError,
  });
}

const CHANNELS = ['mail', 'sms'] as const satisfies Channel[];
const ANSWER_CHARS_MAX = 200;
const SERVERS: Record<Channel, string> = { mail: 'mail server', sms: 'SMS gateway' };

/** Why an attempt failed, in words: what the server answered, on one line. */
function reasonOf({ channel }: WaitingMail, error: unknown, code: number): string {
  const server = SERVERS[channel ?? 'mail'];
  if (code === 0) return `the ${server} could not be reached`;
  const given = error instanceof Error && 'response' in error ? String(error.response) : '';
  const answer = given
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, ANSWER_CHARS_MAX);
  const words = answer.startsWith(String(code)) ? answer : `${code} ${answer}`.trim();
  return code >= 550 && code < 560 ? `bounced: ${words}` : `the ${server} answered ${words}`;
}

/** What a gateway refuses for good: the message itself, or every message. Other answers may be temporary. */
const FINAL_OF_GATEWAY = new Set([400, 404, 410, 413, 422]);

/** A permanent refusal of the recipient (RFC 5321 §4.2.1: 55x) is not retried; other failures may be temporary. */
function isFinal({ attempts, channel }: WaitingMail, code: number): boolean {
  const isRefused = channel === 'sms' ? FINAL_OF_GATEWAY.has(code) : code >= 550 && code < 560;
  return isRefused || attempts >= ATTEMPTS_MAX;
}
