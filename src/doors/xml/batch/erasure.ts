// Erases a person from the data that batches leave behind: archived and failed files, blocks in reviews, stored files of simulations.

import type { Erased } from '../../../directory/erasure/erasure.ts';
import type { Person } from '../../../directory/erasure/person.ts';
import { isEmailAddress } from '../../../directory/schema/formats.ts';
import { erasedName, eraseFromRuns, type RunErasureStores, type RunMentions } from '../../../runs/erasure.ts';
import type { OpenFile } from '../../../runs/files/guarded-folder.ts';
import { FileGone, type FileStore, type Run, UnreadableFile } from '../../../runs/store.ts';
import type { BatchFiles, CompletedFile } from '../folders/files.ts';
import {
  type Aside,
  type BlockElement,
  createBlockReader,
  type RawBlock,
  ROOT_NAME,
  readBlocks,
} from '../format/block-reader.ts';
import { detectEncoding, encodeText, type FileEncoding } from '../format/encoding.ts';
import { readUserBlock, splitName } from '../format/user-block.ts';

export interface ErasureDependencies {
  files: Pick<
    BatchFiles,
    'incoming' | 'completed' | 'openCompleted' | 'replaceCompleted' | 'removeCompleted' | 'renameCompleted'
  >;
  runs: RunErasureStores['runs'];
  kept: Pick<FileStore, 'read' | 'remove'>;
}

const PIECE_BYTES = 64 * 1024;
const MANAGER = /<ManagerUserId\b[^>]*>[^<]*(?:<!\[CDATA\[[^\]]*\]\]>)?[^<]*<\/ManagerUserId\s*>/g;
/** The maximum length of an identifier or name in a search. */
const OVERLAP_CHARS = 2_000;
const COMMENT = /<!--[\s\S]*?-->/g;

/**
 * Erases the blocks of a person and every mention of them as a manager. A file that cannot be read as blocks and mentions the person
 * anywhere is removed whole, and so is one that is kept for a simulation. Files that still wait in `incoming` and unfinished runs
 * are left alone and counted: they may create the user again.
 * @throws StoreUnavailable, or what the file system throws
 */
export async function eraseFromBatches(
  { files, runs, kept }: ErasureDependencies,
  account: { id: string; slug: string },
  person: Person,
): Promise<Pick<Erased, 'files' | 'rows' | 'unfinished'>> {
  const incoming = await files.incoming(account.slug);
  let changed = 0;
  for (const file of await files.completed(account.slug)) {
    const left = await eraseFromFile(files, file, person);
    const isRenamed = left !== 'removed' && person.isInName(file.name);
    if (isRenamed) await files.renameCompleted(file, erasedName(file.name));
    if (left !== 'unchanged' || isRenamed) changed += 1;
  }
  const stores = { runs, files: kept };
  const erased = await eraseFromRuns(stores, account.id, ['xml-batch', 'xml-simulation'], person, async (run) => ({
    own: new Set(),
    block: (text) => blockWithout(text, person),
    fileName: erasedName(run.file.name),
    inKeptFile: await isInKeptFile(kept, run, person),
  }));
  // The file of an unfinished run is still in its folder and counts once.
  const waiting = [...incoming, ...erased.unfinished.map(({ file }) => file)];
  const unfinished = new Set(waiting.map(({ fileset, name }) => `${fileset}/${name}`)).size;
  return { files: changed + erased.files, rows: erased.rows, unfinished };
}

/** How a block mentions the person: it is their own, or names them as a manager, in a comment or in another element. */
function mentionIn(element: BlockElement, text: string, person: Person): 'own' | 'named' | undefined {
  const { texts } = readUserBlock(element);
  const email = texts.get('Email') ?? '';
  const wholeName = texts.get('UserName') ?? '';
  const { givenName: given, familyName: family } = splitName(wholeName);
  const identifiers = [texts.get('UserId') ?? '', isEmailAddress(email) || person.is(email) ? email : ''];
  // An element that appears twice is an error of the block, but the second one can mention a person too.
  const others = element.children.filter(({ name }) => name === 'UserId').map((child) => child.text);
  if (person.isMeantBy({ identifiers: [...identifiers, ...others], wholeName, given, family })) return 'own';
  const isManager = element.children.some(({ name, text: id }) => name === 'ManagerUserId' && person.is(id));
  return isManager || person.isIn(text) ? 'named' : undefined;
}

async function eraseFromFile(
  files: ErasureDependencies['files'],
  which: CompletedFile,
  person: Person,
): Promise<'unchanged' | 'changed' | 'removed'> {
  const file = await files.openCompleted(which);
  if (!file) return 'unchanged';
  try {
    const spans: { start: number; end: number; text: string }[] = [];
    const onAside = ({ start, end, text }: Aside) => {
      if (person.isIn(text)) spans.push({ start, end, text: /^\s*/.exec(text)?.[0] ?? '' });
    };
    for await (const blocks of readBlocks(file.pieces(), onAside)) {
      for (const { element, text, start, end } of blocks) {
        const mention = mentionIn(element, text, person);
        if (mention) spans.push({ start, end, text: mention === 'own' ? '' : withoutMention(element, text, person) });
      }
    }
    if (spans.length === 0) return 'unchanged';
    spans.sort((a, b) => a.start - b.start);
    await files.replaceCompleted(which, withSpans(file, spans, await encodingOf(file)));
    return 'changed';
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    if (!(await mentions(file.pieces(), person))) return 'unchanged';
    await files.removeCompleted(which);
    return 'removed';
  } finally {
    await file.close();
  }
}

/** A block without its mentions of the person. */
function withoutMention(element: BlockElement, text: string, person: Person): string {
  const plain = text.replace(COMMENT, (comment) => (person.isIn(comment) ? '' : comment));
  const isManager = element.children.some(({ name, text: id }) => name === 'ManagerUserId' && person.is(id));
  return person.without(isManager ? plain.replace(MANAGER, '') : plain);
}

async function encodingOf(file: OpenFile): Promise<FileEncoding> {
  return detectEncoding(await file.range(0, Math.min(4, file.bytes))).encoding;
}

/** The file with some parts replaced. */
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

/** Whether the person is mentioned anywhere in a file, in any encoding that is read. */
async function mentions(pieces: AsyncIterable<Uint8Array>, person: Person): Promise<boolean> {
  const readers = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'].map((encoding) => ({
    decoder: new TextDecoder(encoding),
    tail: '',
  }));
  for await (const piece of pieces) {
    for (const reader of readers) {
      const text = reader.tail + reader.decoder.decode(piece, { stream: true });
      if (person.isIn(text)) return true;
      reader.tail = text.slice(-OVERLAP_CHARS);
    }
  }
  return false;
}

/** The rest of the block in a row; a truncated block that mentions the person counts as theirs. */
function blockWithout(block: string, person: Person): ReturnType<RunMentions['block']> {
  try {
    const reader = createBlockReader();
    const pushed = reader.push(Buffer.from(`<${ROOT_NAME}>${block}</${ROOT_NAME}>`));
    const blocks: RawBlock[] = [...pushed, ...reader.end().blocks];
    let text = block;
    for (const { element } of blocks) {
      const mention = mentionIn(element, block, person);
      if (mention === 'own') return { isOwn: true };
      if (mention) text = withoutMention(element, text, person);
    }
    return { isOwn: false, text };
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    return person.isIn(block) ? { isOwn: true } : { isOwn: false, text: block };
  }
}

async function isInKeptFile(kept: ErasureDependencies['kept'], { file }: Run, person: Person): Promise<boolean> {
  if (file.content === undefined) return false;
  try {
    return await mentions(kept.read(file.content), person);
  } catch (error) {
    if (error instanceof FileGone) return false;
    throw error;
  }
}
