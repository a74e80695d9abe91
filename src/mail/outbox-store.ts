// A mail, and the port to the store of mails that wait to be sent; src/mongo implements it.

/** A file that is sent with a mail. */
export interface Attachment {
  name: string;
  contentType: string;
  text: string;
}

export interface Mail {
  /** Chosen by whoever makes the mail: mails with the same id are the same mail, and are sent once. */
  id: string;
  account: string;
  to: string;
  subject: string;
  text: string;
  attachments?: Attachment[];
}

export interface WaitingMail extends Mail {
  created: Date;
  /** How often sending it was tried. */
  attempts: number;
}

/** Every method throws StoreUnavailable if the database is unavailable. */
export interface OutboxStore {
  /** Adds a mail; does nothing if there is one with its id. */
  add(mail: Mail): Promise<void>;
  /** Claims the mail that has been due longest for `leaseMs`; undefined if none is due. */
  claim(leaseHolder: string, leaseMs: number): Promise<WaitingMail | undefined>;
  /** The mail server accepted it: its content is removed, the fact stays for a while. */
  sent(id: string, leaseHolder: string): Promise<void>;
  /** It could not be sent now; `again` is when it is tried next, undefined: never. */
  failed(id: string, leaseHolder: string, why: string, again: Date | undefined): Promise<void>;
}
