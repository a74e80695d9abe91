// A mail that waits to be sent, and the port to where mails wait; src/mongo implements it.

/** A file that goes with a mail. */
export interface Attachment {
  name: string;
  contentType: string;
  text: string;
}

export interface Mail {
  /** Whoever makes the mail names it: the same id is the same mail, and is sent once. */
  id: string;
  account: string;
  to: string;
  subject: string;
  text: string;
  attachments?: Attachment[];
}

export interface WaitingMail extends Mail {
  created: Date;
  /** How often it was tried. */
  attempts: number;
}

/** Every method throws StoreUnavailable where the database is away. */
export interface OutboxStore {
  /** Keeps a mail; one with an id that is there already changes nothing. */
  add(mail: Mail): Promise<void>;
  /** The mail that has waited longest and whose time has come, this owner's for `leaseMs`. */
  claim(owner: string, leaseMs: number): Promise<WaitingMail | undefined>;
  /** It was taken by the mail server; its content goes, the fact stays for a while. */
  sent(id: string, owner: string): Promise<void>;
  /** It could not be sent now; `again` is when it is tried next, undefined: never. */
  failed(id: string, owner: string, why: string, again: Date | undefined): Promise<void>;
}
