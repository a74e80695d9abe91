// A mail, and the port to the store of waiting mails; src/mongo implements it.

/** A file attached to a mail. */
export interface Attachment {
  name: string;
  contentType: string;
  text: string;
}

/** A mail or a text message to one recipient. */
export interface Mail {
  /** Chosen by the caller; mails with the same id are the same mail and are sent once. */
  id: string;
  account: string;
  /** An e-mail address; of a text message a phone number in E.164. */
  to: string;
  /** '' for a text message. */
  subject: string;
  text: string;
  html?: string;
  /** The name that is shown as the sender. */
  senderName?: string;
  /** `sms` for a text message; absent for a mail. */
  channel?: 'sms';
  /** What the mail is about, such as the id of an invitation: its state can be asked for, and it can be withdrawn. */
  reference?: string;
  attachments?: Attachment[];
}

/** The ways on which messages leave. */
export type Channel = 'mail' | 'sms';

/** A mail that has not been sent yet. */
export interface WaitingMail extends Mail {
  created: Date;
  /** The number of attempts to send it. */
  attempts: number;
}

/**
 * `waiting`: will be sent. `sent`: the mail server or gateway took it. `failed`: it was refused for good, or all attempts failed; an
 * administrator can send it again. `kept`: it is only shown, because no mail server is configured.
 */
export type MailState = 'waiting' | 'sent' | 'failed' | 'kept';

/** What happened to a mail. */
interface Delivery {
  reference: string;
  state: MailState;
  /** When it was queued. */
  created: Date;
  /** The reason of the last failed attempt, such as `bounced: 550 no such user`. */
  why?: string;
}

/** A mail whose content is stored, with what happened to it. */
export interface StoredMail extends Mail {
  created: Date;
  attempts: number;
  state: MailState;
  why?: string;
}

/** Every method throws StoreUnavailable if the database is unavailable. */
export interface OutboxStore {
  /** Adds a mail; does nothing if a mail with this id exists. */
  add(mail: Mail): Promise<void>;
  /** Claims the mail of one of these channels that has been due longest for `leaseMs`; undefined if none is due. */
  claim(leaseHolder: string, leaseMs: number, channels: readonly Channel[]): Promise<WaitingMail | undefined>;
  /** Records that the mail server accepted the mail, and removes its content; with `isKept`, that it is only shown. */
  sent(id: string, leaseHolder: string, isKept: boolean): Promise<void>;
  /** Records a failed attempt. @param againMs the milliseconds until the next attempt; undefined if there is none */
  failed(id: string, leaseHolder: string, why: string, againMs: number | undefined): Promise<void>;
}

/** What administrators see of the outbox. Every method throws StoreUnavailable if the database is unavailable. */
export interface MailDesk {
  /** Removes the mails about something, sent or not. */
  withdraw(account: string, reference: string): Promise<void>;
  /** What happened to the newest mail about each of these. */
  deliveries(account: string, references: readonly string[]): Promise<Delivery[]>;
  /** The mails of an account in a state that have content, the newest first, behind the id `after`. */
  mails(account: string, state: MailState, page: { after?: string; limit: number }): Promise<StoredMail[]>;
  mail(account: string, id: string): Promise<StoredMail | undefined>;
  /** Lets a failed mail be sent again; false if there is none with this id. */
  again(account: string, id: string): Promise<boolean>;
}
