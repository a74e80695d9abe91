// Recognizes files that are not the texts they are taken for: workbooks, archives, documents.

import { fileTypeFromBuffer } from 'file-type';

/** What a file is, such as `an Excel workbook (.xlsx)`, and what to do about it. */
export interface ForeignFile {
  what: string;
  kind: 'workbook' | 'compressed' | 'other';
}

const SPREADSHEETS: Readonly<Record<string, string>> = {
  xlsx: 'an Excel workbook (.xlsx)',
  xlsm: 'an Excel workbook (.xlsm)',
  xltx: 'an Excel template (.xltx)',
  cfb: 'an Excel workbook (.xls) or another Office file of the old kind',
  ods: 'an OpenDocument spreadsheet (.ods)',
  numbers: 'a Numbers spreadsheet (.numbers)',
};
const COMPRESSED = new Set(['gz', 'zip', 'bz2', 'xz', '7z', 'rar', 'zst', 'lz4', 'Z', 'tar', 'tar.gz']);
const NAMES: Readonly<Record<string, string>> = {
  gz: 'a file compressed with gzip',
  zip: 'a ZIP archive, or a workbook (.xlsx) that is damaged',
  pdf: 'a PDF document',
  docx: 'a Word document (.docx)',
  odt: 'an OpenDocument text (.odt)',
  rtf: 'a text document (.rtf)',
};

/** The first bytes of a text in UTF-16 are also those of some sound files. */
function hasByteOrderMark([a, b]: Uint8Array): boolean {
  return (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) || (a === 0xef && b === 0xbb);
}

/** What a file is if it is not a text; undefined for texts of all kinds. @param head its first bytes, some thousand if it has them */
export async function recognizeForeign(head: Uint8Array): Promise<ForeignFile | undefined> {
  if (hasByteOrderMark(head)) return undefined;
  if (head.length > 0 && head.every((byte) => byte === 0)) {
    return { what: 'a file of zero bytes, as a copy that broke off leaves it', kind: 'other' };
  }
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  if (!found || found.ext === 'xml' || found.mime.startsWith('text/')) return undefined;
  const workbook = SPREADSHEETS[found.ext];
  if (workbook !== undefined) return { what: workbook, kind: 'workbook' };
  const kind = COMPRESSED.has(found.ext) ? 'compressed' : 'other';
  const name = NAMES[found.ext];
  if (name !== undefined) return { what: name, kind };
  // Few signs make a type; a text may begin with them.
  return head.includes(0) ? { what: `a file of the type ${found.mime} (.${found.ext})`, kind } : undefined;
}
