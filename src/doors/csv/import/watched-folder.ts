// The watched folder: IMPORT_DIR/ACCOUNT/incoming is searched once a day, at the account's local time. A submitted
// file is moved to processed/, with a file of results beside it. Nothing outside the account's folder is changed.

import { randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from '../../../directory/model.ts';
import type { Run } from '../../../runs/store.ts';
import type { CsvDoor } from '../door.ts';
import type { FileProblem } from '../format/parse.ts';
import { heading, line } from '../format/write.ts';
import type { ProcessedFiles } from '../results/erasure.ts';

export interface WatchedFolderOptions {
  /** IMPORT_DIR. */
  root: string;
  door: Pick<CsvDoor, 'submit' | 'result'>;
  /** Milliseconds without a change after which a file counts as complete. */
  settleMs: number;
  now: () => Date;
}

export interface WatchedFolder {
  /** Makes the folders of an account if they are missing. */
  prepare(account: Account): Promise<void>;
  /** Submits every complete file of an account; `day` begins their names in processed/. Returns the number of files. */
  takeIn(account: Account, day: string): Promise<number>;
  /** Writes the results of a run beside its file, if the file came from this folder. Idempotent. */
  writeResult(account: Account, run: Run): Promise<void>;
}

/** The files of all accounts in processed/, for erasure; links and folders are ignored. */
export function createProcessedFiles(root: string): ProcessedFiles {
  const pathOf = (slug: string, folder: string, name = '') => join(root, slug, folder, name);

  async function filesIn(slug: string, folder: string): Promise<string[]> {
    const entries = await readdir(pathOf(slug, folder), { withFileTypes: true }).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(({ name }) => name).sort();
  }

  return {
    waiting: ({ slug }) => filesIn(slug, 'incoming'),
    names: ({ slug }) => filesIn(slug, 'processed'),
    async *read({ slug }, name) {
      const file = await open(pathOf(slug, 'processed', name), constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        yield* file.createReadStream({ autoClose: false });
      } finally {
        await file.close();
      }
    },
    async replace({ slug }, name, content) {
      const part = pathOf(slug, 'processed', `.${randomUUID()}.part`);
      const file = await open(part, 'wx');
      try {
        for await (const piece of content) await file.appendFile(piece);
        await file.sync();
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      } finally {
        await file.close();
      }
      await rename(part, pathOf(slug, 'processed', name));
    },
  };
}

const FILES_MAX = 1000;

export function createWatchedFolder(options: WatchedFolderOptions): WatchedFolder {
  return new AccountFolders(options);
}

class AccountFolders implements WatchedFolder {
  readonly #options: WatchedFolderOptions;

  constructor(options: WatchedFolderOptions) {
    this.#options = options;
  }

  async prepare(account: Account): Promise<void> {
    for (const name of ['incoming', 'processed'] as const)
      await mkdir(this.#folder(account, name), { recursive: true });
  }

  async takeIn(account: Account, day: string): Promise<number> {
    await this.prepare(account);
    const names = await this.#completeFiles(account);
    for (const name of names) await this.#takeOne(account, name, day);
    return names.length;
  }

  async writeResult(account: Account, run: Run): Promise<void> {
    const source = run.options?.source;
    if (typeof source !== 'string' || source.includes('/') || source.includes('\\')) return;
    const result = await this.#options.door.result({ account }, run.id);
    if (result) await this.#writeWhole(account, `${source}.result.csv`, result);
  }

  #folder({ slug }: Account, name: 'incoming' | 'processed'): string {
    return join(this.#options.root, slug, name);
  }

  /** Names of complete files. Folders, links, hidden files and files that are still being written are ignored. */
  async #completeFiles(account: Account): Promise<string[]> {
    const { now, settleMs } = this.#options;
    const folder = this.#folder(account, 'incoming');
    const names: string[] = [];
    for (const name of (await readdir(folder)).sort()) {
      if (name.startsWith('.') || !/\.(?:csv|txt)$/i.test(name)) continue;
      const status = await lstat(join(folder, name));
      if (!status.isFile() || now().getTime() - status.mtimeMs < settleMs) continue;
      if (names.push(name) >= FILES_MAX) break;
    }
    return names;
  }

  async #takeOne(account: Account, name: string, day: string): Promise<void> {
    const from = join(this.#folder(account, 'incoming'), name);
    const source = await this.#reserveName(account, `${day}_${name}`);
    const processed = join(this.#folder(account, 'processed'), source);
    const submission = { simulate: false, fileName: name, requestedBy: 'watched folder', source };
    const submitted = await this.#options.door
      .submit({ account }, createReadStream(from), submission)
      .catch(async (error: unknown) => {
        await rm(processed, { force: true });
        throw error;
      });
    if (!submitted.ok) await this.#writeWhole(account, `${source}.result.csv`, refusal(submitted));
    // Moved last: if it is found again after a crash, importing it again changes nothing.
    await rename(from, processed);
  }

  /** A free name in processed/: `NAME`, `NAME~2`, …, reserved by an empty file. */
  async #reserveName(account: Account, name: string): Promise<string> {
    for (let count = 1; ; count += 1) {
      const candidate = count === 1 ? name : name.replace(/(\.[^.]*)$/, `~${count}$1`);
      try {
        await (await open(join(this.#folder(account, 'processed'), candidate), 'wx')).close();
        return candidate;
      } catch (error) {
        if (!isExisting(error)) throw error;
      }
    }
  }

  /** Writes a file atomically and never overwrites another one. */
  async #writeWhole(account: Account, name: string, texts: AsyncIterable<string> | string[]): Promise<void> {
    const folder = this.#folder(account, 'processed');
    const part = join(folder, `.${randomUUID()}.part`);
    const file = await open(part, 'wx');
    try {
      for await (const text of texts) await file.write(text);
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      await link(part, join(folder, name));
      await unlink(part);
    } catch (error) {
      await rm(part, { force: true });
      if (!isExisting(error)) throw error;
    }
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

/** Why a file was refused, in the form of a file of results. */
function refusal(submitted: {
  reason: string;
  problems?: FileProblem[];
  problemCount?: number;
  bytesMax?: number;
}): string[] {
  const head = heading(['Row', 'Line', 'Result', 'User', 'Changes', 'Reasons']);
  if (submitted.problems) {
    return [
      head,
      ...submitted.problems.map((problem) => line(['', String(problem.line), 'refused', '', '', problem.words])),
    ];
  }
  const why =
    submitted.bytesMax === undefined
      ? 'the file could not be imported'
      : `the file is larger than ${submitted.bytesMax} bytes`;
  return [head, line(['', '', 'refused', '', '', why])];
}
