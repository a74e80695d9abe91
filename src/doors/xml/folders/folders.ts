// Batch files in folders: ROOT/<account slug>/incoming/<fileset>/, and complete/<fileset>/archived and failed beside it. Every segment
// of a path is a validated or fixed name, and the folders are reached without following links (`runs/files/guarded-folder.ts`).

import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { isSlug } from '../../../directory/accounts/accounts.ts';
import {
  type GuardedFolder,
  inFolder,
  inMadeFolder,
  type OpenFile,
  UnsafeName,
} from '../../../runs/files/guarded-folder.ts';
import {
  type BatchFiles,
  type BatchLocation,
  type CompletedFile,
  type IncomingFile,
  isFileName,
  isFilesetName,
  withSuffix,
} from './files.ts';

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
    const names = (await inFolder(this.#root, [], (root) => root.folders())) ?? [];
    return names.filter(isSlug).slice(0, ACCOUNTS_MAX);
  }

  async incoming(slug: string): Promise<IncomingFile[]> {
    if (!isSlug(slug)) return [];
    try {
      return (await inFolder(this.#root, [slug, 'incoming'], (folder) => filesOfFilesets(slug, folder))) ?? [];
    } catch (error) {
      if (error instanceof UnsafeName) return [];
      throw error;
    }
  }

  async open(location: BatchLocation): Promise<OpenFile | undefined> {
    if (!isFileName(location.name)) throw new UnsafeName(FILE_NAME_RULE);
    return inFolder(this.#root, stepsTo(location, 'incoming'), (folder) => folder.open(location.name));
  }

  async receive(
    location: BatchLocation,
    content: AsyncIterable<Uint8Array>,
    bytesMax: number,
    isTaken: (name: string) => Promise<boolean> = async () => false,
  ): Promise<{ name: string; bytes: number; sha256: string }> {
    const { name: wanted } = location;
    if (!isFileName(wanted)) throw new UnsafeName(FILE_NAME_RULE);
    const nameOf = async (attempt: number): Promise<string> => {
      const name = attempt === 1 ? wanted : withSuffix(wanted, `_${randomBytes(4).toString('hex')}`);
      return (await isTaken(name)) ? nameOf(attempt + 1) : name;
    };
    const stored = await inMadeFolder(this.#root, stepsTo(location, 'incoming'), (folder) =>
      folder.add(nameOf, content, bytesMax),
    );
    if (!stored) throw new Error('a file was not stored although it always gets a name');
    return stored;
  }

  freeName(location: BatchLocation, kind: 'archived' | 'failed', names: readonly string[]): Promise<string> {
    return this.#make(location, kind, async (folder) => {
      for (const name of names) if (!(await folder.has(name))) return name;
      throw new Error(`none of the names is free in ${kind}`);
    });
  }

  async isArchived(location: BatchLocation, name: string): Promise<boolean> {
    const steps = stepsTo(location, 'archived');
    return (await inFolder(this.#root, steps, (folder) => folder.hasFile(name))) ?? false;
  }

  async archive(location: BatchLocation, name: string, file: OpenFile): Promise<void> {
    if (!isFileName(location.name)) throw new UnsafeName(FILE_NAME_RULE);
    await this.#make(location, 'archived', (archived) =>
      this.#make(location, 'incoming', (incoming) => incoming.move(location.name, file, archived, name)),
    );
  }

  async writeFailed(location: BatchLocation, name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#make(location, 'failed', (folder) => folder.replace(name, content));
  }

  async completed(slug: string): Promise<CompletedFile[]> {
    if (!isSlug(slug)) return [];
    const filesets = (await inFolder(this.#root, [slug, 'complete'], (folder) => folder.folders())) ?? [];
    const files: CompletedFile[] = [];
    for (const fileset of filesets.filter(isFilesetName)) {
      for (const kind of ['archived', 'failed'] as const) {
        const steps = stepsTo({ slug, fileset }, kind);
        const listed =
          (await inFolder(this.#root, steps, (folder) => folder.files(() => true, undefined, 'allowed'))) ?? [];
        files.push(...listed.map(({ name }): CompletedFile => ({ slug, fileset, folder: kind, name })));
      }
    }
    return files;
  }

  async openCompleted(file: CompletedFile): Promise<OpenFile | undefined> {
    return inFolder(this.#root, stepsTo(file, file.folder), (folder) => folder.open(basename(file.name), 'allowed'));
  }

  async replaceCompleted(file: CompletedFile, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#make(file, file.folder, (folder) => folder.replace(basename(file.name), content));
  }

  async removeCompleted(file: CompletedFile): Promise<void> {
    await inFolder(this.#root, stepsTo(file, file.folder), (folder) => folder.remove(basename(file.name)));
  }

  async renameCompleted(file: CompletedFile, name: string): Promise<void> {
    if (!isFileName(name)) throw new UnsafeName(FILE_NAME_RULE);
    await inFolder(this.#root, stepsTo(file, file.folder), (folder) => folder.rename(basename(file.name), name));
  }

  async #make<T>(
    location: Pick<BatchLocation, 'slug' | 'fileset'>,
    kind: Kind,
    work: (folder: GuardedFolder) => Promise<T>,
  ): Promise<T> {
    return inMadeFolder(this.#root, stepsTo(location, kind), work);
  }
}

/** The folders between the root and the files of a fileset. @throws UnsafeName */
function stepsTo({ slug, fileset }: Pick<BatchLocation, 'slug' | 'fileset'>, kind: Kind): string[] {
  if (!isSlug(slug)) throw new UnsafeName('This is not the login slug of an account.');
  if (!isFilesetName(fileset)) throw new UnsafeName(FILESET_NAME_RULE);
  return kind === 'incoming' ? [slug, 'incoming', fileset] : [slug, 'complete', fileset, kind];
}

async function filesOfFilesets(slug: string, incoming: GuardedFolder): Promise<IncomingFile[]> {
  const files: IncomingFile[] = [];
  for (const fileset of (await incoming.folders()).filter(isFilesetName)) {
    const folder = await incoming.openFolder(fileset);
    try {
      const listed = (await folder?.files(isFileName, FILES_MAX - files.length)) ?? [];
      files.push(...listed.map((file) => ({ slug, fileset, ...file })));
    } finally {
      await folder?.close();
    }
    if (files.length >= FILES_MAX) break;
  }
  return files;
}
