// The watched folder (systems.md §4): IMPORT_DIR/ACCOUNT/incoming is looked through once a day, at the account's own time. A file that
// was taken in goes to processed/, and a file of results beside it. Nothing outside of the account's folder is touched.

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
  /** A file must have been left alone for so long: it may still be on its way. */
  settleMs: number;
  now: () => Date;
}

export interface WatchedFolder {
  /** Makes the folders of an account where they are missing. */
  prepare(account: Account): Promise<void>;
  /** Takes in every complete file of an account; `day` names them in processed/. Returns how many. */
  takeIn(account: Account, day: string): Promise<number>;
  /** Writes the results of a run beside its file, if it came by this folder; twice is the same as once. */
  writeResult(account: Account, run: Run): Promise<void>;
}

/** The files of all accounts in processed/, for erasure; links and folders are left alone. */
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

export function createWatchedFolder({ root, door, settleMs, now }: WatchedFolderOptions): WatchedFolder {
  const folderOf = (account: Account, name: 'incoming' | 'processed') => join(root, account.slug, name);

  async function prepare(account: Account): Promise<void> {
    for (const name of ['incoming', 'processed'] as const) await mkdir(folderOf(account, name), { recursive: true });
  }

  /** Names of complete files: no folders, no links, nothing hidden, nothing that is still written. */
  async function complete(account: Account): Promise<string[]> {
    const folder = folderOf(account, 'incoming');
    const names: string[] = [];
    for (const name of (await readdir(folder)).sort()) {
      if (name.startsWith('.') || !/\.(?:csv|txt)$/i.test(name)) continue;
      const status = await lstat(join(folder, name));
      if (!status.isFile() || now().getTime() - status.mtimeMs < settleMs) continue;
      if (names.push(name) >= FILES_MAX) break;
    }
    return names;
  }

  async function takeOne(account: Account, name: string, day: string): Promise<void> {
    const from = join(folderOf(account, 'incoming'), name);
    const kept = await freeName(account, `${day}_${name}`);
    const submitted = await door
      .submit({ account }, createReadStream(from), {
        simulate: false,
        fileName: name,
        requestedBy: 'watched folder',
        source: kept,
      })
      .catch(async (error: unknown) => {
        await rm(join(folderOf(account, 'processed'), kept), { force: true });
        throw error;
      });
    if (!submitted.ok) await writeWhole(account, `${kept}.result.csv`, refusal(submitted));
    // Moved last: a file that is found here again after a crash changes nothing when it is imported again.
    await rename(from, join(folderOf(account, 'processed'), kept));
  }

  /** A name in processed/ that no file has: `NAME`, `NAME~2`, …, taken by an empty file. */
  async function freeName(account: Account, name: string): Promise<string> {
    for (let count = 1; ; count += 1) {
      const tried = count === 1 ? name : name.replace(/(\.[^.]*)$/, `~${count}$1`);
      try {
        await (await open(join(folderOf(account, 'processed'), tried), 'wx')).close();
        return tried;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
    }
  }

  /** Writes a file so that it is there whole or not at all, and never over another one. */
  async function writeWhole(account: Account, name: string, parts: AsyncIterable<string> | string[]): Promise<void> {
    const folder = folderOf(account, 'processed');
    const part = join(folder, `.${randomUUID()}.part`);
    const file = await open(part, 'wx');
    try {
      for await (const text of parts) await file.write(text);
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      await link(part, join(folder, name));
      await unlink(part);
    } catch (error) {
      await rm(part, { force: true });
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }

  return {
    prepare,
    async takeIn(account, day) {
      await prepare(account);
      const names = await complete(account);
      for (const name of names) await takeOne(account, name, day);
      return names.length;
    },
    async writeResult(account, run) {
      const source = run.options?.source;
      if (typeof source !== 'string' || source.includes('/') || source.includes('\\')) return;
      const result = await door.result({ account }, run.id);
      if (result) await writeWhole(account, `${source}.result.csv`, result);
    },
  };
}

/** Why a file was not taken in, in the form of a result. */
function refusal(submitted: { reason: string; problems?: FileProblem[]; bytesMax?: number }): string[] {
  const head = heading(['Row', 'Line', 'Result', 'User', 'Changes', 'Reasons']);
  if (submitted.problems) {
    return [
      head,
      ...submitted.problems.map((problem) => line(['', String(problem.line), 'refused', '', '', problem.words])),
    ];
  }
  const why =
    submitted.bytesMax === undefined
      ? 'the file could not be taken in'
      : `the file has more than ${submitted.bytesMax} bytes`;
  return [head, line(['', '', 'refused', '', '', why])];
}
