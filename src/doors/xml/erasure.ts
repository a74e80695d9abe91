// Takes a person out of what batches left behind: archived and failed files, blocks shown in reviews, files kept for simulations.

import { foldText } from '../../directory/fold.ts';
import { FileGone, type FileStore, type Run, type RunRow, type RunStore } from '../../jobs/run-store.ts';
import type { BatchFiles, OpenFile, SettledFile } from './batch-files.ts';
import {
  type BlockElement,
  createBlockReader,
  type RawBlock,
  ROOT_NAME,
  readBlocks,
  UnreadableFile,
} from './block-reader.ts';
import { detectEncoding, encodeText, type FileEncoding } from './encoding.ts';

/** What was changed or removed. */
export interface Erased {
  files: number;
  rows: number;
}

export interface ErasureDependencies {
  files: Pick<BatchFiles, 'settled' | 'openSettled' | 'replaceSettled' | 'removeSettled'>;
  runs: Pick<RunStore, 'list' | 'rows' | 'eraseRow'>;
  kept: Pick<FileStore, 'read' | 'remove'>;
}

const PAGE = 200;
const PIECE_BYTES = 64 * 1024;
const MANAGER = /<ManagerUserId\b[^>]*>[^<]*(?:<!\[CDATA\[[^\]]*\]\]>)?[^<]*<\/ManagerUserId\s*>/g;

/**
 * Erases the blocks of a user and every mention of the user as a manager. A file that can't be read as blocks and has the UserId
 * anywhere is removed whole. Files that still wait in `incoming` are not touched: take them out, or they make the user again.
 * @throws StoreUnavailable, or what the file system says
 */
export async function eraseFromBatches(
  { files, runs, kept }: ErasureDependencies,
  account: { id: string; slug: string },
  userId: string,
): Promise<Erased> {
  const erased: Erased = { files: 0, rows: 0 };
  for (const file of await files.settled(account.slug)) {
    if (await eraseFromFile(files, file, userId)) erased.files += 1;
  }
  for (let after: string | undefined; ; ) {
    const page = await runs.list(account.id, {
      kinds: ['xml-batch', 'xml-simulation'],
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const run of page.runs) {
      erased.rows += await eraseFromRows(runs, run, userId);
      if (await eraseKept(kept, run, userId)) erased.files += 1;
    }
    after = page.next;
    if (after === undefined) return erased;
  }
}

/** What a block has to do with the user: it is theirs, it names them as a manager, or nothing. */
function mentionIn(element: BlockElement, userId: string): 'own' | 'manager' | undefined {
  const wanted = foldText(userId.trim());
  const names = (child: BlockElement, name: string) => child.name === name && foldText(child.text.trim()) === wanted;
  if (element.children.some((child) => names(child, 'UserId'))) return 'own';
  return element.children.some((child) => names(child, 'ManagerUserId')) ? 'manager' : undefined;
}

async function eraseFromFile(
  files: ErasureDependencies['files'],
  which: SettledFile,
  userId: string,
): Promise<boolean> {
  const file = await files.openSettled(which);
  if (!file) return false;
  try {
    const spans: { start: number; end: number; text: string }[] = [];
    for await (const blocks of readBlocks(file.pieces())) {
      for (const block of blocks) {
        const mention = mentionIn(block.element, userId);
        if (mention)
          spans.push({ start: block.start, end: block.end, text: mention === 'own' ? '' : withoutManager(block) });
      }
    }
    if (spans.length === 0) return false;
    await files.replaceSettled(which, withSpans(file, spans, await encodingOf(file)));
    return true;
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    if (!(await mentions(file.pieces(), userId))) return false;
    await files.removeSettled(which);
    return true;
  } finally {
    await file.close();
  }
}

/** A block that names the user as its manager, and now none. */
function withoutManager(block: RawBlock): string {
  return block.text.replace(MANAGER, '');
}

async function encodingOf(file: OpenFile): Promise<FileEncoding> {
  return detectEncoding(await file.range(0, Math.min(4, file.bytes))).encoding;
}

/** The file with other texts in some places. */
async function* withSpans(
  file: OpenFile,
  spans: readonly { start: number; end: number; text: string }[],
  encoding: FileEncoding,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const { start, end, text } of [...spans, { start: file.bytes, end: file.bytes, text: '' }]) {
    for (; at < start; at += PIECE_BYTES) yield await file.range(at, Math.min(start, at + PIECE_BYTES));
    if (text !== '') yield encodeText(text, encoding);
    at = end;
  }
}

/** Whether the bytes of a text stand anywhere in a file, in any encoding that is read. */
async function mentions(pieces: AsyncIterable<Uint8Array>, text: string): Promise<boolean> {
  const wanted = (['utf-8', 'utf-16le', 'utf-16be'] as const).map((encoding) => encodeText(text.trim(), encoding));
  const overlap = Math.max(...wanted.map((bytes) => bytes.length));
  let tail = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([tail, piece]);
    if (wanted.some((each) => each.length > 0 && bytes.includes(each))) return true;
    tail = bytes.subarray(Math.max(0, bytes.length - overlap));
  }
  return false;
}

async function eraseFromRows(runs: ErasureDependencies['runs'], run: Run, userId: string): Promise<number> {
  let count = 0;
  for (let after = 0; ; ) {
    const rows = await runs.rows(run.id, { outcome: 'refused', after, limit: PAGE });
    for (const row of rows) {
      if (!showsUser(row, userId)) continue;
      await runs.eraseRow(run.id, row.number);
      count += 1;
    }
    const last = rows.at(-1);
    if (!last) return count;
    after = last.number;
  }
}

/** Whether the block that a row shows mentions the user; one that was cut off is searched as text. */
function showsUser({ block }: RunRow, userId: string): boolean {
  if (block === undefined) return false;
  try {
    const reader = createBlockReader();
    const pushed = reader.push(Buffer.from(`<${ROOT_NAME}>${block}</${ROOT_NAME}>`));
    return [...pushed, ...reader.end().blocks].some(({ element }) => mentionIn(element, userId) !== undefined);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    return foldText(block).includes(foldText(userId.trim()));
  }
}

/** A kept file that mentions the user goes whole: it was for a simulation. */
async function eraseKept(kept: ErasureDependencies['kept'], run: Run, userId: string): Promise<boolean> {
  const { content } = run.file;
  if (content === undefined || !run.finished) return false;
  try {
    if (!(await mentions(kept.read(content), userId))) return false;
  } catch (error) {
    if (error instanceof FileGone) return false;
    throw error;
  }
  await kept.remove(content);
  return true;
}
