// Batch files in folders: ROOT/<account slug>/incoming/<fileset>/, and complete/<fileset>/archived and failed beside it. Every segment
// of a path is a validated or fixed name, and no segment is a symbolic link, so that no path leads out of the root.

import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isSlug } from '../../../directory/accounts/accounts.ts';
import {
  type BatchFiles,
  BatchFileTooLarge,
  type BatchLocation,
  type CompletedFile,
  type IncomingFile,
  isFileName,
  isFilesetName,
  type OpenFile,
  UnsafeName,
  withSuffix,
} from './files.ts';

const PIECE_BYTES = 64 * 1024;
const FILES_MAX = 1000;
const ACCOUNTS_MAX = 10_000;
const FILE_NAME_RULE = 'The name of a file has up to 200 bytes and ends with ".xml".';
const FILESET_NAME_RULE =
  'The name of a fileset has up to 64 letters, digits, ".", "_" and "-" and begins with a letter or digit.';

/** Batch files below a root folder, which is created with the first file. */
export function createBatchFolders(root: string): BatchFiles {
  return new BatchFolders(root);
}

type Kind = 'incoming' | 'archived' | 'failed';

class BatchFolders implements BatchFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async slugs(): Promise<string[]> {
    const entries = (await readdir(this.#root, { withFileTypes: true }).catch(unless('ENOENT'))) ?? [];
    const names = entries.filter((entry) => entry.isDirectory() && isSlug(entry.name)).map(({ name }) => name);
    return names.sort().slice(0, ACCOUNTS_MAX);
  }

  async incoming(slug: string): Promise<IncomingFile[]> {
    if (!isSlug(slug)) return [];
    const path = await this.#folder([slug, 'incoming']).catch((error: unknown) => {
      if (error instanceof UnsafeName) return undefined;
      throw error;
    });
    if (path === undefined) return [];
    const files: IncomingFile[] = [];
    for (const entry of (await readdir(path, { withFileTypes: true })).sort(byName)) {
      if (!entry.isDirectory() || !isFilesetName(entry.name)) continue;
      files.push(...(await filesIn(slug, entry.name, join(path, entry.name))));
      if (files.length >= FILES_MAX) return files.slice(0, FILES_MAX);
    }
    return files;
  }

  async open(location: BatchLocation): Promise<OpenFile | undefined> {
    const path = await this.#incomingPath(location);
    return path === undefined ? undefined : openAt(path);
  }

  async receive(
    location: BatchLocation,
    content: AsyncIterable<Uint8Array>,
    bytesMax: number,
    isTaken: (name: string) => Promise<boolean> = async () => false,
  ): Promise<{ name: string; bytes: number; sha256: string }> {
    if (!isFileName(location.name)) throw new UnsafeName(FILE_NAME_RULE);
    const path = await this.#make(location, 'incoming');
    const hidden = join(path, `.${randomBytes(12).toString('hex')}.part`);
    try {
      const { bytes, sha256 } = await write(hidden, content, bytesMax);
      const name = await linkBeside(path, hidden, location.name, isTaken);
      await syncFolder(path);
      return { name, bytes, sha256 };
    } finally {
      await unlink(hidden).catch(unless('ENOENT'));
    }
  }

  async freeName(location: BatchLocation, kind: 'archived' | 'failed', names: readonly string[]): Promise<string> {
    const path = await this.#make(location, kind);
    for (const name of names) if (!(await lstat(join(path, name)).catch(unless('ENOENT')))) return name;
    throw new Error(`none of the names is free in ${kind}`);
  }

  async isArchived(location: BatchLocation, name: string): Promise<boolean> {
    const path = await this.#folderOf(location, 'archived');
    if (path === undefined) return false;
    const found = await lstat(join(path, name)).catch(unless('ENOENT'));
    return found?.isFile() ?? false;
  }

  async archive(location: BatchLocation, name: string): Promise<void> {
    const from = await this.#incomingPath(location);
    const to = await this.#make(location, 'archived');
    if (from === undefined) throw new Error('the incoming folder is gone');
    await rename(from, join(to, name));
    await syncFolder(to);
    await syncFolder(join(from, '..'));
  }

  async writeFailed(location: BatchLocation, name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    await replace(await this.#make(location, 'failed'), name, content);
  }

  async completed(slug: string): Promise<CompletedFile[]> {
    const complete = await this.#folder([slug, 'complete']);
    const files: CompletedFile[] = [];
    for (const fileset of complete === undefined ? [] : (await readdir(complete)).sort()) {
      if (!isFilesetName(fileset)) continue;
      for (const kind of ['archived', 'failed'] as const) {
        const path = await this.#folderOf({ slug, fileset, name: '' }, kind);
        const entries = path === undefined ? [] : await readdir(path, { withFileTypes: true });
        const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
        files.push(...names.sort().map((name): CompletedFile => ({ slug, fileset, folder: kind, name })));
      }
    }
    return files;
  }

  async openCompleted(file: CompletedFile): Promise<OpenFile | undefined> {
    const path = await this.#completedPath(file);
    return path === undefined ? undefined : openAt(path);
  }

  async replaceCompleted(file: CompletedFile, content: AsyncIterable<Uint8Array>): Promise<void> {
    await replace(await this.#make(file, file.folder), basename(file.name), content);
  }

  async removeCompleted(file: CompletedFile): Promise<void> {
    const path = await this.#completedPath(file);
    if (path !== undefined) await unlink(path).catch(unless('ENOENT'));
  }

  async renameCompleted(file: CompletedFile, name: string): Promise<void> {
    if (!isFileName(name)) throw new UnsafeName(FILE_NAME_RULE);
    const path = await this.#completedPath(file);
    if (path !== undefined) await rename(path, join(path, '..', name));
  }

  /** A folder below the root; no segment may be a link. If it does not exist, it is created with `make`, otherwise undefined. */
  async #folder(steps: readonly string[], make = false): Promise<string | undefined> {
    if (make) await mkdir(this.#root, { recursive: true });
    let path = this.#root;
    for (const step of steps) {
      path = join(path, step);
      if (make) await mkdir(path).catch(unless('EEXIST'));
      const found = await lstat(path).catch(unless('ENOENT'));
      if (!found) return undefined;
      if (!found.isDirectory()) throw new UnsafeName(`${steps.join('/')}: ${step} is not a folder.`);
    }
    return path;
  }

  async #folderOf({ slug, fileset }: BatchLocation, kind: Kind, make = false): Promise<string | undefined> {
    if (!isSlug(slug)) throw new UnsafeName('This is not the login slug of an account.');
    if (!isFilesetName(fileset)) throw new UnsafeName(FILESET_NAME_RULE);
    const steps = kind === 'incoming' ? ['incoming', fileset] : ['complete', fileset, kind];
    return this.#folder([slug, ...steps], make);
  }

  async #make(location: BatchLocation, kind: Kind): Promise<string> {
    const path = await this.#folderOf(location, kind, true);
    if (path === undefined) throw new Error('a folder that was just created no longer exists');
    return path;
  }

  async #incomingPath(location: BatchLocation): Promise<string | undefined> {
    if (!isFileName(location.name)) throw new UnsafeName(FILE_NAME_RULE);
    const path = await this.#folderOf(location, 'incoming');
    return path && join(path, location.name);
  }

  async #completedPath(file: CompletedFile): Promise<string | undefined> {
    const path = await this.#folderOf(file, file.folder);
    return path && join(path, basename(file.name));
  }
}

async function filesIn(slug: string, fileset: string, path: string): Promise<IncomingFile[]> {
  const files: IncomingFile[] = [];
  for (const name of (await readdir(path)).sort()) {
    if (!isFileName(name) || files.length >= FILES_MAX) continue;
    const found = await lstat(join(path, name)).catch(unless('ENOENT'));
    if (found?.isFile()) files.push({ slug, fileset, name, bytes: found.size, changed: found.mtime });
  }
  return files;
}

/** Opens a file but not a link; undefined if it does not exist. */
async function openAt(path: string): Promise<OpenFile | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(unless('ENOENT'));
  if (!handle) return undefined;
  const found = await handle.stat();
  if (found.isFile()) return openFile(handle, found.size);
  await handle.close();
  throw new UnsafeName(`${basename(path)} is not a file.`);
}

/** Writes a file atomically; replaces one with the same name. */
async function replace(folder: string, name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const hidden = join(folder, `.${name}.part`);
  await unlink(hidden).catch(unless('ENOENT'));
  await write(hidden, content, Number.POSITIVE_INFINITY);
  await rename(hidden, join(folder, name));
  await syncFolder(folder);
}

/** Turns an error with this code into undefined and rethrows all others. */
function unless(code: string): (error: unknown) => undefined {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
    return undefined;
  };
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function openFile(handle: FileHandle, bytes: number): OpenFile {
  return {
    bytes,
    // A stream of the handle would close the handle if its reader stops early.
    async *pieces() {
      for (let at = 0; ; ) {
        const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    async range(start, end) {
      const buffer = Buffer.alloc(end - start);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
      return buffer.subarray(0, bytesRead);
    },
    close: () => handle.close(),
  };
}

/** Writes a new file and makes it durable. @throws BatchFileTooLarge after removing the file */
async function write(path: string, content: AsyncIterable<Uint8Array>, bytesMax: number) {
  const handle = await open(path, 'wx');
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const piece of content) {
      bytes += piece.byteLength;
      if (bytes > bytesMax) throw new BatchFileTooLarge(bytesMax);
      hash.update(piece);
      await handle.appendFile(piece);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Gives a file its name, or another one if that is taken. It uses a link, which never replaces an existing file. */
async function linkBeside(
  path: string,
  hidden: string,
  name: string,
  isTaken: (name: string) => Promise<boolean>,
): Promise<string> {
  let free = name;
  for (;;) {
    const taken =
      (await isTaken(free)) ||
      (await link(hidden, join(path, free)).then(
        () => false,
        (error: unknown) => {
          unless('EEXIST')(error);
          return true;
        },
      ));
    if (!taken) return free;
    free = withSuffix(name, `_${randomBytes(4).toString('hex')}`);
  }
}

/** Makes changes of the entries of a folder durable. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
