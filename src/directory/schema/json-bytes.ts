// A JSON text that is written as bytes, piece by piece.

/** The most bytes of UTF-8 that one UTF-16 code unit can take. */
const UNIT_BYTES_MAX = 3;
const BRACE = 0x7b;
const COMMA = 0x2c;

/** JSON in UTF-8 that grows as it is written. Writers of bytes call `reserve` first and then change `bytes` and `length` themselves. */
export class JsonBytes {
  bytes: Buffer;
  length = 0;

  /** @param capacity the expected size in bytes */
  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  /** Makes room for this many bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    this.bytes = Buffer.concat([this.bytes.subarray(0, this.length)], Math.max(needed, this.bytes.length * 2));
  }

  /** Appends text as it is. */
  text(text: string): void {
    this.reserve(text.length * UNIT_BYTES_MAX);
    this.length += this.bytes.write(text, this.length);
  }

  /** Inserts text before what was written from `at` on. */
  insert(at: number, text: string): void {
    const size = Buffer.byteLength(text);
    this.reserve(size);
    this.bytes.copyWithin(at + size, at, this.length);
    this.bytes.write(text, at);
    this.length += size;
  }

  /** Appends the comma before a member, unless an object was just opened. */
  separate(): void {
    this.reserve(1);
    if (this.bytes[this.length - 1] === BRACE) return;
    this.bytes[this.length] = COMMA;
    this.length += 1;
  }

  /** What was written. It shares its memory. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
