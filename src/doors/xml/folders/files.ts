// The port to where batch files come from and go to: filesets of accounts. Folders implement it (batch-folders.ts); a bucket can.

/** A file that came in: of an account (its login slug), in a fileset. */
export interface BatchPlace {
  slug: string;
  fileset: string;
  name: string;
}

/** A file that is there to be taken. */
export interface IncomingFile extends BatchPlace {
  bytes: number;
  /** When it last changed, by the clock of where it is. */
  changed: Date;
}

/** A file that a batch left behind. */
export interface SettledFile extends BatchPlace {
  folder: 'archived' | 'failed';
}

/** A file that is read; it stays readable while it is moved. */
export interface OpenFile {
  bytes: number;
  /** All of it from the start, in pieces; any number of times. */
  pieces(): AsyncIterable<Uint8Array>;
  /** The bytes from `start` up to, and without, `end`. */
  range(start: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Names that are no safe part of a path are refused with UnsafeName, in every method. */
export interface BatchFiles {
  /** The accounts (by what may be their login slugs) that files can come in for; 10,000 at most. */
  slugs(): Promise<string[]>;
  /** What came in for an account, in order of fileset and name; 1,000 files at most. Nothing that is hidden or no `.xml`. */
  incoming(slug: string): Promise<IncomingFile[]>;
  /** Opens a file that came in; undefined where it is not there. */
  open(place: BatchPlace): Promise<OpenFile | undefined>;
  /**
   * Puts a file in, whole or not at all, beside what is there: the name in the answer is another one where the name was taken,
   * by a file or as `isTaken` says.
   * @throws UnsafeName, BatchFileTooLarge
   */
  receive(
    place: BatchPlace,
    content: AsyncIterable<Uint8Array>,
    bytesMax: number,
    isTaken?: (name: string) => Promise<boolean>,
  ): Promise<{ name: string; bytes: number; sha256: string }>;
  /** The first of these names that is free in a folder of the fileset. */
  freeName(place: BatchPlace, folder: 'archived' | 'failed', names: readonly string[]): Promise<string>;
  /** Whether a file of this name is archived. */
  isArchived(place: BatchPlace, name: string): Promise<boolean>;
  /** Moves a file from incoming to archived, in one step: it is always in exactly one of them. */
  archive(place: BatchPlace, name: string): Promise<void>;
  /** Writes a file into the failed folder, whole or not at all, over one of the same name. */
  writeFailed(place: BatchPlace, name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** All that batches of an account left behind. */
  settled(slug: string): Promise<SettledFile[]>;
  /** Opens such a file; undefined where it is not there. */
  openSettled(file: SettledFile): Promise<OpenFile | undefined>;
  /** Gives such a file another content, whole or not at all. */
  replaceSettled(file: SettledFile, content: AsyncIterable<Uint8Array>): Promise<void>;
  removeSettled(file: SettledFile): Promise<void>;
}

/** A fileset or file name can't be used. The message is for people. */
export class UnsafeName extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'UnsafeName';
  }
}

/** A file has more bytes than allowed. */
export class BatchFileTooLarge extends Error {
  readonly bytesMax: number;
  constructor(bytesMax: number) {
    super(`The file has more than ${bytesMax} bytes`);
    this.name = 'BatchFileTooLarge';
    this.bytesMax = bytesMax;
  }
}

const FILESET = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const FILE_NAME = /^[^./\\\p{Cc}][^/\\\p{Cc}]*\.xml$/iu;
/** Leaves room for what is put behind a name. */
const NAME_BYTES_MAX = 200;

/** Whether a text can be a fileset's name: letters, digits, `.`, `_` and `-`, not first, 64 at most. */
export function isFilesetName(text: string): boolean {
  return FILESET.test(text);
}

/** Whether a text can be a batch file's name: it ends with `.xml`, is not hidden, has no separators, 200 bytes at most. */
export function isFileName(text: string): boolean {
  return Buffer.byteLength(text) <= NAME_BYTES_MAX && FILE_NAME.test(text);
}

/** A name with something put before its `.xml`: `users.xml` and `_failures` make `users_failures.xml`. */
export function withSuffix(name: string, suffix: string): string {
  return `${name.slice(0, -4)}${suffix}${name.slice(-4)}`;
}
