// A mail, and the port to the store of waiting mails; src/mongo implements it.

/** A file attached to a mail. */
export interface Attachment {
  name: string;
  contentType: string;
  text: string;
}

/** A mail to one recipient. */
export interface Mail {
  /** Chosen by the caller; mails with the same id are the same mail and are sent once. */
  id: string;
  account: string;
  to: string;
  subject: string;
  text: string;
  attachments?: Attachment[];
}

/** A mail that has not been sent yet. */
export interface WaitingMail extends Mail {
  created: Date;
  /** The number of attempts to send it. */
  attempts: number;
}

/** Every method throws StoreUnavailable if the database is unavailable. */
export interface OutboxStore {
  /** Adds a mail; does nothing if a mail with this id exists. */
  add(mail: Mail): Promise<void>;
  /** Claims the mail that has been due longest for `leaseMs`; undefined if none is due. */
  claim(leaseHolder: string, leaseMs: number): Promise<WaitingMail | undefined>;
  /** Records that the mail server accepted the mail, and removes its content. */
  sent(id: string, leaseHolder: string): Promise<void>;
  /** Records a failed attempt. @param againMs the milliseconds until the next attempt; undefined if there is none */
  failed(id: string, leaseHolder: string, why: string, againMs: number | undefined): Promise<void>;
}
