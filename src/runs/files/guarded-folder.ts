// The one way to reach files in folders that others write to (over SFTP, for example). No link is followed at any step of a path, no
// step can be swapped for another while it is used, and a file that was opened is the file that is moved afterwards.

import { createHash, randomBytes } from 'node:crypto';
import { type BigIntStats, constants, existsSync } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FileTooLarge } from '../store.ts';

/** A name, a folder or a file can't be used. The message can be shown to users. */
export class UnsafeName extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnsafeName';
  }
}

/** A file was written to while it was being read. */
export class FileChanged extends Error {
  constructor() {
    super('The file was changed while it was being read');
    this.name = 'FileChanged';
  }
}

/** A file as it was listed or opened. */
export interface FileState {
  /** Tells it apart from every other file, whatever its name. */
  id: string;
  bytes: number;
  /** When it last changed, by the clock of the file system. */
  changed: Date;
}

/** A file in a folder. */
export interface ListedFile extends FileState {
  name: string;
}

/** An open file; it stays readable while it is moved. */
export interface OpenFile extends FileState {
  /** The whole content in pieces; can be called any number of times. @throws FileChanged */
  pieces(): AsyncIterable<Uint8Array>;
  /** The bytes from `start` (inclusive) to `end` (exclusive). */
  range(start: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Whether a file may have a second name elsewhere. Such a file may be somebody else's, so none is taken in; those that are left behind
 * are read all the same when a person is erased from them.
 */
export type HardLinks = 'refused' | 'allowed';

/** Only the user that runs the server reads and writes what it makes. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const PIECE_BYTES = 64 * 1024;

/**
 * On Linux, entries are reached through the open folder itself, as openat(2) does: a folder above it that is renamed or replaced
 * leads nowhere else. On other systems each step is opened without following links.
 */
const OPEN_FILES = '/proc/self/fd';
const hasOpenFiles = existsSync(OPEN_FILES);

/**
 * Works in a folder below a root; undefined if it does not exist.
 * @param steps the names of the folders from the root on; the root itself is the operator's choice and may be a link
 * @throws UnsafeName if a step is a link or not a folder
 */
export function inFolder<T>(
  root: string,
  steps: readonly string[],
  work: (folder: GuardedFolder) => Promise<T>,
): Promise<T | undefined> {
  return walk(root, steps, false, work);
}

/** Works in a folder below a root, and makes the folders that are missing, with mode 0700. @throws UnsafeName */
export async function inMadeFolder<T>(
  root: string,
  steps: readonly string[],
  work: (folder: GuardedFolder) => Promise<T>,
): Promise<T> {
  await mkdir(root, { recursive: true, mode: FOLDER_MODE });
  let done: { value: T } | undefined;
  await walk(root, steps, true, async (folder) => {
    done = { value: await work(folder) };
  });
  if (!done) throw new Error('A folder that was just created no longer exists');
  return done.value;
}

async function walk<T>(
  root: string,
  steps: readonly string[],
  make: boolean,
  work: (folder: GuardedFolder) => Promise<T>,
): Promise<T | undefined> {
  const handle = await open(root, constants.O_RDONLY | constants.O_DIRECTORY).catch(unless('ENOENT'));
  let folder = handle && new GuardedFolder(handle, root);
  try {
    for (const step of steps) {
      const above = folder;
      folder = await above?.openFolder(step, make);
      await above?.close();
    }
    return folder && (await work(folder));
  } finally {
    await folder?.close();
  }
}

/** An open folder. All names are single segments of a path; every method throws UnsafeName for others. */
export class GuardedFolder {
  readonly #handle: FileHandle;
  readonly #path: string;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /** A folder in this one; undefined if it does not exist and is not made. */
  async openFolder(name: string, make = false): Promise<GuardedFolder | undefined> {
    if (make) await mkdir(this.#at(name), FOLDER_MODE).catch(unless('EEXIST'));
    const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
    const handle = await open(this.#at(name), flags).catch(unless('ENOENT', 'ENOTDIR', 'ELOOP'));
    if (handle) return new GuardedFolder(handle, join(this.#path, name));
    if (await this.has(name)) throw new UnsafeName(`${name} is not a folder, or is a link to one.`);
    return undefined;
  }

  /** The names of the folders in this one, in order. Links are left out. */
  async folders(): Promise<string[]> {
    const entries = await readdir(this.#self(), { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return names.sort();
  }

  /** The files whose names are accepted, in order of their names, at most `max`. Links, and by default hard links, are left out. */
  async files(
    accept: (name: string) => boolean,
    max = Number.POSITIVE_INFINITY,
    hardLinks: HardLinks = 'refused',
  ): Promise<ListedFile[]> {
    const files: ListedFile[] = [];
    for (const name of [...(await readdir(this.#self()))].sort()) {
      if (files.length >= max) break;
      if (!accept(name)) continue;
      const found = await lstat(this.#at(name), { bigint: true }).catch(unless('ENOENT'));
      if (found?.isFile() && (hardLinks === 'allowed' || found.nlink === 1n)) files.push({ name, ...stateOf(found) });
    }
    return files;
  }

  /** Opens a file; undefined if it does not exist. @throws UnsafeName if it is a link, by default a hard link, or not a file */
  async open(name: string, hardLinks: HardLinks = 'refused'): Promise<OpenFile | undefined> {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(this.#at(name), flags).catch((error: unknown) => {
      if (codeOf(error) === 'ELOOP') throw new UnsafeName(`${name} is a link. Put the file itself there.`);
      return unless('ENOENT')(error);
    });
    if (!handle) return undefined;
    try {
      const found = await handle.stat({ bigint: true });
      if (!found.isFile()) throw new UnsafeName(`${name} is not a file.`);
      if (found.nlink > 1n && hardLinks === 'refused')
        throw new UnsafeName(`${name} is a hard link. Put a copy of the file there.`);
      return new GuardedFile(handle, found);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Whether anything has this name. */
  async has(name: string): Promise<boolean> {
    return (await lstat(this.#at(name)).catch(unless('ENOENT'))) !== undefined;
  }

  /** Whether a file has this name. */
  async hasFile(name: string): Promise<boolean> {
    return (await lstat(this.#at(name)).catch(unless('ENOENT')))?.isFile() === true;
  }

  /** Takes a name by an empty file; false if it is taken. */
  async reserve(name: string): Promise<boolean> {
    const handle = await open(this.#at(name), 'wx', FILE_MODE).catch(unless('EEXIST'));
    await handle?.close();
    return handle !== undefined;
  }

  /**
   * Stores a file atomically under the first name that is free; never replaces a file.
   * @param nameOf the name to try, `attempt` counting from 1; undefined to give up, and then nothing is stored
   * @throws FileTooLarge
   */
  async add(
    nameOf: (attempt: number) => string | undefined | Promise<string | undefined>,
    content: AsyncIterable<Uint8Array>,
    bytesMax = Number.POSITIVE_INFINITY,
  ): Promise<{ name: string; bytes: number; sha256: string } | undefined> {
    const hidden = `.${randomBytes(12).toString('hex')}.part`;
    try {
      const written = await this.#write(hidden, content, bytesMax);
      for (let attempt = 1; ; attempt += 1) {
        const name = await nameOf(attempt);
        if (name === undefined) return undefined;
        if (!(await this.reserve(name))) continue;
        await rename(this.#at(hidden), this.#at(name));
        await this.#sync();
        return { name, ...written };
      }
    } finally {
      await this.remove(hidden);
    }
  }

  /** Stores a file atomically; replaces one with the same name. */
  async replace(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const hidden = `.${name}.part`;
    await this.remove(hidden);
    await this.#write(hidden, content, Number.POSITIVE_INFINITY);
    await rename(this.#at(hidden), this.#at(name));
    await this.#sync();
  }

  /**
   * Moves an opened file into another folder in one step, replacing a reserved name there. If its name here belongs to another file
   * by now, that one stays, and the opened file's content is stored in the other folder.
   */
  async move(name: string, file: OpenFile, to: GuardedFolder, newName: string): Promise<void> {
    if (await this.#holds(name, file)) {
      await rename(this.#at(name), to.#at(newName));
      if (await to.#holds(newName, file)) {
        if (file instanceof GuardedFile) await file.restrict(FILE_MODE);
        await to.#sync();
        await this.#sync();
        return;
      }
      // Another file took the name in that moment: it goes back.
      const back = (await this.reserve(name)) ? name : `${randomBytes(6).toString('hex')}_${name}`;
      await rename(to.#at(newName), this.#at(back));
    }
    await to.replace(newName, file.pieces());
  }

  /** Gives a file another name here; does nothing if it does not exist. */
  async rename(name: string, newName: string): Promise<void> {
    const file = await this.open(name, 'allowed');
    if (!file) return;
    try {
      await this.move(name, file, this, newName);
    } finally {
      await file.close();
    }
  }

  async remove(name: string): Promise<void> {
    await unlink(this.#at(name)).catch(unless('ENOENT'));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #self(): string {
    return hasOpenFiles ? `${OPEN_FILES}/${this.#handle.fd}` : this.#path;
  }

  #at(name: string): string {
    if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name)) {
      throw new UnsafeName(`${JSON.stringify(name.slice(0, 100))} can't be the name of a file.`);
    }
    return `${this.#self()}/${name}`;
  }

  /** Whether a name belongs to an opened file. */
  async #holds(name: string, { id }: OpenFile): Promise<boolean> {
    const found = await lstat(this.#at(name), { bigint: true }).catch(unless('ENOENT'));
    return found !== undefined && idOf(found) === id;
  }

  /** Writes a new file and makes it durable; nothing is left of it if that fails. */
  async #write(name: string, content: AsyncIterable<Uint8Array>, bytesMax: number) {
    const handle = await open(this.#at(name), 'wx', FILE_MODE);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const piece of content) {
        bytes += piece.byteLength;
        if (bytes > bytesMax) throw new FileTooLarge(bytesMax);
        hash.update(piece);
        await handle.appendFile(piece);
      }
      await handle.sync();
    } catch (error) {
      await this.remove(name);
      throw error;
    } finally {
      await handle.close();
    }
    return { bytes, sha256: hash.digest('hex') };
  }

  /** Makes changes of the entries durable. */
  #sync(): Promise<void> {
    return this.#handle.sync();
  }
}

class GuardedFile implements OpenFile {
  readonly id: string;
  readonly bytes: number;
  readonly changed: Date;
  readonly #handle: FileHandle;
  readonly #changedNs: bigint;

  constructor(handle: FileHandle, found: BigIntStats) {
    ({ id: this.id, bytes: this.bytes, changed: this.changed } = stateOf(found));
    this.#handle = handle;
    this.#changedNs = found.mtimeNs;
  }

  // A stream of the handle would close the handle if its reader stops early.
  async *pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.bytes; ) {
      const piece = await this.range(at, Math.min(at + PIECE_BYTES, this.bytes));
      if (piece.byteLength === 0) throw new FileChanged();
      at += piece.byteLength;
      yield piece;
    }
    const { size, mtimeNs } = await this.#handle.stat({ bigint: true });
    if (size !== BigInt(this.bytes) || mtimeNs !== this.#changedNs) throw new FileChanged();
  }

  async range(start: number, end: number): Promise<Uint8Array> {
    const length = end - start;
    const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(length), 0, length, start);
    return buffer.subarray(0, bytesRead);
  }

  /** Sets the mode; a file of another user keeps its own. */
  async restrict(mode: number): Promise<void> {
    await this.#handle.chmod(mode).catch(unless('EPERM'));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function stateOf(found: BigIntStats): FileState {
  return { id: idOf(found), bytes: Number(found.size), changed: found.mtime };
}

function idOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** Turns errors with these codes into undefined and rethrows all others. */
function unless(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.includes(codeOf(error) ?? '')) throw error;
    return undefined;
  };
}
