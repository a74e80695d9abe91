// The encodings of a UserMaintenance file: how UTF-8 and UTF-16 are detected and written (XML 1.0 appendix F).

export type FileEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** The encoding of a file, and the length of its byte order mark. */
export interface DetectedEncoding {
  encoding: FileEncoding;
  /** 0, 2 or 3 bytes. */
  bomBytes: number;
}

/**
 * Detects the encoding of a file by its first bytes.
 * @param head at least 4 bytes, unless the file is shorter
 * @see XML 1.0 appendix F.1
 */
export function detectEncoding(head: Uint8Array): DetectedEncoding {
  const [a, b, c] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', bomBytes: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', bomBytes: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', bomBytes: 2 };
  if (a === 0x3c && b === 0x00) return { encoding: 'utf-16le', bomBytes: 0 };
  if (a === 0x00 && b === 0x3c) return { encoding: 'utf-16be', bomBytes: 0 };
  return { encoding: 'utf-8', bomBytes: 0 };
}

/** What is wrong with the encoding that a file declares; undefined if it is the one that the bytes have, or if none is declared. */
export function encodingMistake(head: Uint8Array, detected: FileEncoding): string | undefined {
  const declared = declaredEncoding(head);
  if (declared === undefined || namesEncoding(declared, detected)) return undefined;
  if (/^(?:utf-?8|utf-?16(?:[lb]e)?)$/i.test(declared)) {
    const bytes = detected === 'utf-8' ? 'UTF-8' : 'UTF-16';
    return `The XML declaration names the encoding ${declared}, but the bytes of the file are those of ${bytes}. Correct the declaration, or save the file in the encoding that it names.`;
  }
  return `The file is in the encoding ${declared}, which its XML declaration names. Save it as UTF-8 with the declaration encoding="UTF-8" (UTF-16 with a byte order mark is read, too).`;
}

/** Whether the encoding that an XML declaration names is the one that the bytes have. */
function namesEncoding(declared: string, detected: FileEncoding): boolean {
  const name = declared.toLowerCase();
  if (detected === 'utf-8') return name === 'utf-8' || name === 'utf8' || name === 'us-ascii';
  return name === 'utf-16' || name === detected;
}

/** The encoding that an XML declaration at the start of some bytes names; undefined if there is none. */
function declaredEncoding(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.subarray(0, 200)).toString('latin1').replaceAll('\0', '');
  return /^[^<]{0,3}<\?xml\s[^?>]*?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']/.exec(text)?.[1];
}

/** The number of bytes of a text in this encoding. */
export function bytesOf(text: string, encoding: FileEncoding): number {
  return encoding === 'utf-8' ? Buffer.byteLength(text) : text.length * 2;
}

/** A text as the bytes of a file of this encoding, without a byte order mark. */
export function encodeText(text: string, encoding: FileEncoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16le' ? bytes : bytes.swap16();
}

/** The bytes at the start of a file in this encoding: a byte order mark, or none for UTF-8. */
export function bomOf(encoding: FileEncoding): Buffer {
  return encoding === 'utf-8' ? Buffer.alloc(0) : encodeText('\uFEFF', encoding);
}
