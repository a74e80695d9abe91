// The watched folder: IMPORT_DIR/ACCOUNT/incoming is searched once a day, at the account's local time. A submitted
// file is moved to processed/, with a file of results beside it. Nothing outside the account's folder is read or changed
// (`runs/files/guarded-folder.ts`).

import type { Account } from '../../../directory/model.ts';
import { madeFileName } from '../../../runs/files/file-names.ts';
import {
  FileChanged,
  type GuardedFolder,
  inFolder,
  inMadeFolder,
  type OpenFile,
  UnsafeName,
} from '../../../runs/files/guarded-folder.ts';
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
  /** Makes the folders of an account if they are missing. @throws UnsafeName if one of them is a link */
  prepare(account: Account): Promise<void>;
  /**
   * Submits every complete file of an account; `day` begins their names in processed/. Returns the number of files. A file that
   * changes while it is read waits for the next time.
   * @throws UnsafeName if one of the folders is a link
   */
  takeIn(account: Account, day: string): Promise<number>;
  /** Writes the results of a run beside its file, if the file came from this folder. Idempotent. */
  writeResult(account: Account, run: Run): Promise<void>;
}

const INCOMING = 'incoming';
const PROCESSED = 'processed';
const FILES_MAX = 1000;

/** The files of all accounts in processed/, for erasure; links and folders are ignored. */
export function createProcessedFiles(root: string): ProcessedFiles {
  const filesIn = async (slug: string, folder: string): Promise<string[]> => {
    const listed = await inFolder(root, [slug, folder], (found) => found.files(() => true, undefined, 'allowed'));
    return (listed ?? []).map(({ name }) => name);
  };
  return {
    waiting: ({ slug }) => filesIn(slug, INCOMING),
    names: ({ slug }) => filesIn(slug, PROCESSED),
    async *read({ slug }, name) {
      const file = await inFolder(root, [slug, PROCESSED], (folder) => folder.open(name, 'allowed'));
      if (!file) return;
      try {
        yield* file.pieces();
      } finally {
        await file.close();
      }
    },
    replace: ({ slug }, name, content) =>
      inMadeFolder(root, [slug, PROCESSED], (folder) => folder.replace(name, content)),
    rename: ({ slug }, name, newName) =>
      inMadeFolder(root, [slug, PROCESSED], (folder) => folder.rename(name, newName)),
  };
}

export function createWatchedFolder(options: WatchedFolderOptions): WatchedFolder {
  return new AccountFolders(options);
}

class AccountFolders implements WatchedFolder {
  readonly #options: WatchedFolderOptions;

  constructor(options: WatchedFolderOptions) {
    this.#options = options;
  }

  async prepare({ slug }: Account): Promise<void> {
    for (const name of [INCOMING, PROCESSED]) {
      await inMadeFolder(this.#options.root, [slug, name], async () => undefined);
    }
  }

  async takeIn(account: Account, day: string): Promise<number> {
    const { root } = this.#options;
    const { slug } = account;
    return inMadeFolder(root, [slug, INCOMING], (incoming) =>
      inMadeFolder(root, [slug, PROCESSED], async (processed) => {
        let count = 0;
        for (const { name } of await incoming.files(isImportName, FILES_MAX)) {
          if (await this.#takeByName(account, day, name, { incoming, processed })) count += 1;
        }
        return count;
      }),
    );
  }

  async writeResult(account: Account, run: Run): Promise<void> {
    const source = run.options?.source;
    if (typeof source !== 'string') return;
    const result = await this.#options.door.result({ account }, run.id);
    if (!result) return;
    await inMadeFolder(this.#options.root, [account.slug, PROCESSED], (folder) => addResult(folder, source, result));
  }

  /** Opens a listed file and takes it; false if it is not complete, or is a link or another file by now. */
  async #takeByName(account: Account, day: string, name: string, folders: Folders): Promise<boolean> {
    const { now, settleMs } = this.#options;
    try {
      const file = await folders.incoming.open(name);
      if (!file) return false;
      try {
        if (now().getTime() - file.changed.getTime() < settleMs) return false;
        await this.#take(account, day, name, file, folders);
        return true;
      } finally {
        await file.close();
      }
    } catch (error) {
      if (error instanceof UnsafeName || error instanceof FileChanged) return false;
      throw error;
    }
  }

  async #take(account: Account, day: string, name: string, file: OpenFile, folders: Folders): Promise<void> {
    const { incoming, processed } = folders;
    const source = await reserveName(processed, day, name);
    const submission = {
      simulate: false,
      fileName: name,
      requestedBy: 'watched folder',
      source,
      ...namedForm(account),
    };
    const submitted = await this.#options.door
      .submit({ account }, file.pieces(), submission)
      .catch(async (error: unknown) => {
        await processed.remove(source);
        throw error;
      });
    if (!submitted.ok) await addResult(processed, source, refusal(submitted));
    // Moved last: if it is found again after a crash, importing it again changes nothing.
    await incoming.move(name, file, processed, source);
  }
}

interface Folders {
  incoming: GuardedFolder;
  processed: GuardedFolder;
}

/** The form that the settings of an account name for its files. */
function namedForm({ importEncoding = 'detect', importDelimiter = 'detect' }: Account) {
  return {
    ...(importEncoding === 'detect' ? {} : { encoding: importEncoding }),
    ...(importDelimiter === 'detect' ? {} : { delimiter: importDelimiter }),
  };
}

/** Hidden files and files that are still being written under another name are left alone. */
function isImportName(name: string): boolean {
  return !name.startsWith('.') && /\.(?:csv|txt)$/i.test(name);
}

/** A free name in processed/, reserved by an empty file. */
async function reserveName(processed: GuardedFolder, day: string, name: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const source = madeFileName(`${day}_`, name, attempt);
    if (await processed.reserve(source)) return source;
  }
}

/** Writes a file of results beside its file, unless it is there already. */
async function addResult(
  processed: GuardedFolder,
  source: string,
  texts: AsyncIterable<string> | string[],
): Promise<void> {
  await processed.add((attempt) => (attempt === 1 ? `${source}.result.csv` : undefined), bytesOf(texts));
}

async function* bytesOf(texts: AsyncIterable<string> | string[]): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}

/** Why a file was refused, in the form of a file of results. */
function refusal(submitted: {
  reason: string;
  problems?: FileProblem[];
  problemCount?: number;
  bytesMax?: number;
  words?: string;
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
      ? (submitted.words ?? 'the file could not be imported')
      : `the file is larger than ${submitted.bytesMax} bytes`;
  return [head, line(['', '', 'refused', '', '', why])];
}
