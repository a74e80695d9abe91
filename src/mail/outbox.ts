// Mails are stored first and sent later, with growing pauses between attempts (RFC 5321 §4.5.4.1), so that requests never wait for a
// mail server.

import { randomUUID } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { type BackgroundLoop, createBackgroundLoop } from '../background-loop.ts';
import { backOffMs } from '../directory/back-off.ts';
import { fault, type Outcome, refused } from '../directory/faults.ts';
import { hasControlCharacters, isEmailAddress } from '../directory/schema/formats.ts';
import type { Mail, OutboxStore, WaitingMail } from './outbox-store.ts';

/** Sends a mail. @throws an error with the `responseCode` of the mail server, if it answered */
export type SendMail = (mail: WaitingMail) => Promise<void>;

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

/** Whether a text is one e-mail address that is safe in a header. */
function isMailAddress(text: string): boolean {
  return isEmailAddress(text) && !hasControlCharacters(text);
}

/** Creates the outbox over a store. */
export function createOutbox(store: Pick<OutboxStore, 'add'>): Outbox {
  return {
    async enqueue(mail) {
      if (!isMailAddress(mail.to)) return refused(fault('invalidValue', 'to', { rule: 'must be one e-mail address' }));
      if (hasControlCharacters(mail.subject)) {
        return refused(fault('invalidValue', 'subject', { rule: 'must not contain control characters' }));
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
  const send = async ({ id, to, subject, text, attachments = [] }: WaitingMail): Promise<void> => {
    await transport.sendMail({
      from,
      to: { name: '', address: to },
      subject,
      text,
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
  send: SendMail;
  onError: (error: unknown) => void;
}

/** Creates the worker that sends due mails; nothing happens until `start()` or `drain()`. */
export function createOutboxWorker({ store, send, onError }: OutboxWorkerOptions): BackgroundLoop {
  const leaseHolder = randomUUID();

  async function postpone(mail: WaitingMail, error: unknown): Promise<void> {
    const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
    const why = code > 0 ? `the mail server answered ${code}` : 'the mail server could not be reached';
    const pauseMs = backOffMs(mail.attempts, RETRIES);
    await store.failed(mail.id, leaseHolder, why, isFinal(mail, code) ? undefined : pauseMs);
  }

  return createBackgroundLoop({
    async round() {
      const mail = await store.claim(leaseHolder, LEASE_MS);
      if (!mail) return false;
      try {
        await send(mail);
      } catch (error) {
        onError(error);
        await postpone(mail, error);
        return true;
      }
      await store.sent(mail.id, leaseHolder);
      return true;
    },
    pauseMs: PAUSE_MS,
    onError,
  });
}

/** A permanent refusal of the recipient (RFC 5321 §4.2.1: 55x) is not retried; other failures may be temporary. */
function isFinal({ attempts }: WaitingMail, code: number): boolean {
  return (code >= 550 && code < 560) || attempts >= ATTEMPTS_MAX;
}
