// The port to the filesets of accounts, which hold batch files. folders.ts implements it with folders; object storage is possible.

import type { FileState, OpenFile } from '../../../runs/files/guarded-folder.ts';

/** A file of an account (its login slug) in one of its filesets. */
export interface BatchLocation {
  slug: string;
  fileset: string;
  name: string;
}

/** An incoming file. */
export interface IncomingFile extends BatchLocation, FileState {}

/** A file that a batch left behind. */
export interface CompletedFile extends BatchLocation {
  folder: 'archived' | 'failed';
}

/** Every method throws UnsafeName for a name that is not a safe part of a path. */
export interface BatchFiles {
  /** The names that may be login slugs of accounts with files; at most 10,000. */
  slugs(): Promise<string[]>;
  /** The incoming files of an account, ordered by fileset and name; at most 1,000. Only `.xml` files that are not hidden. */
  incoming(slug: string): Promise<IncomingFile[]>;
  /** Opens an incoming file; undefined if it does not exist. */
  open(location: BatchLocation): Promise<OpenFile | undefined>;
  /**
   * Stores a file atomically and never overwrites another one. The name in the result differs from the requested one if that is
   * taken by a file or according to `isTaken`.
   * @throws UnsafeName, FileTooLarge
   */
  receive(
    location: BatchLocation,
    content: AsyncIterable<Uint8Array>,
    bytesMax: number,
    isTaken?: (name: string) => Promise<boolean>,
  ): Promise<{ name: string; bytes: number; sha256: string }>;
  /** The first of these names that is free in a folder of the fileset. */
  freeName(location: BatchLocation, folder: 'archived' | 'failed', names: readonly string[]): Promise<string>;
  /** Whether a file of this name is archived. */
  isArchived(location: BatchLocation, name: string): Promise<boolean>;
  /**
   * Moves an opened file from incoming to archived, in one step: it is always in exactly one of them. If another file has taken its
   * name in the meantime, that one stays, and the content of the opened one is archived.
   */
  archive(location: BatchLocation, name: string, file: OpenFile): Promise<void>;
  /** Writes a file into the failed folder atomically; replaces one with the same name. */
  writeFailed(location: BatchLocation, name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** All files that batches of an account left behind. */
  completed(slug: string): Promise<CompletedFile[]>;
  /** Opens such a file; undefined if it does not exist. */
  openCompleted(file: CompletedFile): Promise<OpenFile | undefined>;
  /** Replaces the content of such a file atomically. */
  replaceCompleted(file: CompletedFile, content: AsyncIterable<Uint8Array>): Promise<void>;
  removeCompleted(file: CompletedFile): Promise<void>;
  /** Gives such a file another name in its folder, which no other file has. */
  renameCompleted(file: CompletedFile, name: string): Promise<void>;
}

const FILESET = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const FILE_NAME = /^[^./\\\p{Cc}][^/\\\p{Cc}]*\.xml$/iu;
/** Leaves room for a suffix. */
const NAME_BYTES_MAX = 200;

/** Whether a text can be a fileset's name: at most 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit. */
export function isFilesetName(text: string): boolean {
  return FILESET.test(text);
}

/** Whether a text can be a batch file's name: it ends with `.xml`, is not hidden, has no separators, and has at most 200 bytes. */
export function isFileName(text: string): boolean {
  return Buffer.byteLength(text) <= NAME_BYTES_MAX && FILE_NAME.test(text);
}

/** A name with a suffix before its `.xml`: `users.xml` and `_failures` make `users_failures.xml`. */
export function withSuffix(name: string, suffix: string): string {
  return `${name.slice(0, -4)}${suffix}${name.slice(-4)}`;
}
