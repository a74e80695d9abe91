// The file of failed blocks: a UserMaintenance document with each block exactly as received, to correct and send again.

import type { OpenFile } from '../../../runs/files/guarded-folder.ts';
import type { RunRow } from '../../../runs/store.ts';
import { type FileFrame, ROOT_NAME } from './block-reader.ts';
import { bomOf, detectEncoding, encodeText } from './encoding.ts';

/**
 * The failures file in pieces, in the encoding of the file that the blocks come from.
 * @param rows the refused rows in order, in batches
 */
export async function* failuresFile(
  file: Pick<OpenFile, 'range'>,
  { encoding, rootTag }: FileFrame,
  rows: AsyncIterable<RunRow[]>,
): AsyncGenerator<Uint8Array> {
  const text = (words: string) => encodeText(words, encoding);
  const declared = encoding === 'utf-8' ? 'UTF-8' : 'UTF-16';
  yield Buffer.concat([bomOf(encoding), text(`<?xml version="1.0" encoding="${declared}"?>\n${rootTag}\n`)]);
  for await (const batch of rows) {
    for (const { span } of batch) {
      if (span) yield Buffer.concat([await file.range(span.start, span.end), text('\n')]);
    }
  }
  yield text(`</${ROOT_NAME}>\n`);
}

const DECLARED_UTF16 = /^(<\?xml\s[^?>]*encoding=["'])UTF-16(["'])/i;

/** The text of a file of failed blocks, to be sent in UTF-8. Closes the file. */
export async function* textOf(file: OpenFile): AsyncGenerator<string> {
  try {
    const { encoding } = detectEncoding(await file.range(0, Math.min(4, file.bytes)));
    const decoder = new TextDecoder(encoding);
    let isFirst = true;
    for await (const piece of file.pieces()) {
      const text = decoder.decode(piece, { stream: true });
      yield isFirst ? text.replace(DECLARED_UTF16, '$1UTF-8$2') : text;
      isFirst = false;
    }
    yield decoder.decode();
  } finally {
    await file.close();
  }
}
