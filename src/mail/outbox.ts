// Mails are kept first and sent later, with a growing pause between attempts; the request that caused one never waits for a mail
// server (RFC 5321 §4.5.4.1 for the pauses).

import { randomUUID } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { fault, type Outcome, refused } from '../directory/faults.ts';
import { hasControlCharacters, isEmailAddress } from '../directory/schema/formats.ts';
import type { Mail, OutboxStore, WaitingMail } from './outbox-store.ts';

/** What sends a mail. @throws an error whose `responseCode` is the mail server's, where it answered */
export type SendMail = (mail: WaitingMail) => Promise<void>;

export interface Outbox {
  /** Keeps a mail to be sent. Faults: invalidValue (the address, the subject), tooLong (the subject). */
  enqueue(mail: Mail): Promise<Outcome<undefined>>;
}

export interface OutboxWorker {
  start(): void;
  /** Sends all whose time has come, then returns: for commands and tests. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

const SUBJECT_CHARS_MAX = 255;
const LEASE_MS = 120_000;
const PAUSE_MS = 2000;
const RETRY_FIRST_MS = 30_000;
const RETRY_MAX_MS = 3_600_000;
/** Tried for about four days. */
const ATTEMPTS_MAX = 100;

/** Whether a text is one address that can be written into a header. */
export function isMailAddress(text: string): boolean {
  return isEmailAddress(text) && !hasControlCharacters(text);
}

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

/** Sends over SMTP. A mail keeps its Message-ID over all attempts, so that one that arrives twice is known as the same. */
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
  now: () => Date;
  onError: (error: unknown) => void;
}

/** Makes the worker that sends; nothing happens until `start()` or `drain()`. */
export function createOutboxWorker({ store, send, now, onError }: OutboxWorkerOptions): OutboxWorker {
  const owner = randomUUID();
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function next(): Promise<boolean> {
    if (stopping.signal.aborted) return false;
    const mail = await store.claim(owner, LEASE_MS);
    if (!mail) return false;
    try {
      await send(mail);
    } catch (error) {
      await putOff(mail, error);
      return true;
    }
    await store.sent(mail.id, owner);
    return true;
  }

  /** A mail server that refuses for good (5xx to the recipient) is not asked again; everything else passes. */
  async function putOff(mail: WaitingMail, error: unknown): Promise<void> {
    onError(error);
    const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
    const isFinal = (code >= 550 && code < 560) || mail.attempts >= ATTEMPTS_MAX;
    const pause = Math.min(RETRY_FIRST_MS * 2 ** (mail.attempts - 1), RETRY_MAX_MS);
    const why = code > 0 ? `the mail server answered ${code}` : 'the mail server could not be reached';
    await store.failed(mail.id, owner, why, isFinal ? undefined : new Date(now().getTime() + pause));
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (await next()) continue;
      } catch (error) {
        onError(error);
      }
      await pause();
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, PAUSE_MS);
      function done(): void {
        clearTimeout(timer);
        stopping.signal.removeEventListener('abort', done);
        resolve();
      }
      stopping.signal.addEventListener('abort', done);
    });
  }

  return {
    start() {
      running ??= loop();
    },
    async drain() {
      while (await next());
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
