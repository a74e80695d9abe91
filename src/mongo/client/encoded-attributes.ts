// Writes the attributes of a raw BSON document as JSON: bytes are copied, and no objects are made of them.

import type { EncodedAttributes, Selection } from '../../directory/schema/encoded.ts';
import type { JsonBytes } from '../../directory/schema/json-bytes.ts';
import type { AttributeValue } from '../../directory/schema/schema.ts';
import { decode, endOf, find, hashOf, int32At, isName, nameOf, TYPE } from './bson-values.ts';

/** A document of which one field is not decoded. */
export type Encoded<T extends { data: unknown }> = Omit<T, 'data'> & { data: EncodedAttributes };

/** Decodes a raw document except for its attributes, which stay encoded, and for fields that are not needed. */
export function decodeAround<T extends { data: unknown }>(bytes: Uint8Array, unread: ReadonlySet<string>): Encoded<T> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const document: Record<string, unknown> = {};
  let position = 4;
  for (let type = buffer[position] as number; type !== 0; type = buffer[position] as number) {
    const end = buffer.indexOf(0, position + 1);
    const name = nameOf(buffer, position + 1, end);
    if (!unread.has(name))
      document[name] = name === 'data' ? new BsonAttributes(buffer, end + 1) : decode(buffer, type, end + 1);
    position = endOf(buffer, type, end + 1);
  }
  return document as Encoded<T>;
}

const encoder = new TextEncoder();
const fieldNames = new Map<string, Uint8Array>();

/** A name in UTF-8. Only names of the schema are asked for, so that there are few. */
function encodedName(name: string): Uint8Array {
  let bytes = fieldNames.get(name);
  if (!bytes) {
    bytes = encoder.encode(name);
    fieldNames.set(name, bytes);
  }
  return bytes;
}

class BsonAttributes implements EncodedAttributes {
  readonly #bytes: Buffer;
  readonly #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get(name: string): AttributeValue | undefined {
    const found = find(this.#bytes, this.#at, encodedName(name));
    return found && (decode(this.#bytes, found.type, found.at) as AttributeValue);
  }

  hasAny(extension: string, names: Iterable<string>): boolean {
    const document = this.#documentOf(extension);
    if (document === undefined) return false;
    for (const name of names) if (find(this.#bytes, document, encodedName(name))) return true;
    return false;
  }

  write(
    extension: string | undefined,
    selection: Selection,
    into: JsonBytes,
    other: (name: string, value: AttributeValue) => void,
  ): void {
    const document = this.#documentOf(extension);
    if (document === undefined) return;
    const bytes = this.#bytes;
    const table = tableOf(selection);
    const last = document + int32At(bytes, document);
    into.reserve(JSON_GROWTH_MAX * (last - document));
    let position = document + 4;
    for (let type = bytes[position] as number; type !== 0; type = bytes[position] as number) {
      const nameAt = position + 1;
      let nameEnd = nameAt;
      while (bytes[nameEnd] !== 0) nameEnd += 1;
      position = endOf(bytes, type, nameEnd + 1);
      if (type === TYPE.undefined) continue;
      const entry = lookUp(table, bytes, nameAt, nameEnd);
      if (!entry) continue;
      if (entry.isWhole) {
        into.separate();
        into.bytes.set(entry.member, into.length);
        into.length += entry.member.length;
        writeValue(bytes, type, nameEnd + 1, into);
      } else other(entry.name, decode(bytes, type, nameEnd + 1) as AttributeValue);
      into.reserve(JSON_GROWTH_MAX * (last - position) + 1);
    }
  }

  #documentOf(extension: string | undefined): number | undefined {
    if (extension === undefined) return this.#at;
    const found = find(this.#bytes, this.#at, encodedName(extension));
    return found?.type === TYPE.object ? found.at : undefined;
  }
}

/** The most bytes of JSON for a byte of BSON: a control character, as `\u0001`. */
const JSON_GROWTH_MAX = 6;

/** An entry of a table of names: the beginning of the member, `"name":`. */
interface Entry {
  name: string;
  bytes: Uint8Array;
  member: Uint8Array;
  isWhole: boolean;
}

const tables = new WeakMap<Selection, ReadonlyMap<number, Entry[]>>();

function tableOf(selection: Selection): ReadonlyMap<number, Entry[]> {
  const known = tables.get(selection);
  if (known) return known;
  const table = new Map<number, Entry[]>();
  for (const [names, isWhole] of [
    [selection.whole, true],
    [selection.others, false],
  ] as const) {
    for (const name of names) {
      const bytes = encodedName(name);
      const hash = hashOf(bytes, 0, bytes.length);
      const entry = { name, bytes, member: encoder.encode(`${JSON.stringify(name)}:`), isWhole };
      table.set(hash, [...(table.get(hash) ?? []), entry]);
    }
  }
  tables.set(selection, table);
  return table;
}

function lookUp(table: ReadonlyMap<number, Entry[]>, bytes: Uint8Array, from: number, end: number): Entry | undefined {
  const entries = table.get(hashOf(bytes, from, end));
  if (!entries) return undefined;
  for (const entry of entries) if (isName(bytes, from, end, entry.bytes)) return entry;
  return undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Writes a value as `JSON.stringify` does. The caller has reserved the room. */
function writeValue(bytes: Buffer, type: number, at: number, into: JsonBytes): void {
  switch (type) {
    case TYPE.string:
      writeText(bytes, at + 4, at + 3 + int32At(bytes, at), into);
      return;
    case TYPE.object:
    case TYPE.array:
      writeMembers(bytes, at, type === TYPE.array, into);
      return;
    case TYPE.boolean:
      writeAscii(bytes[at] === 1 ? 'true' : 'false', into);
      return;
    case TYPE.null:
    case TYPE.undefined:
      writeAscii('null', into);
      return;
    case TYPE.int32:
      writeAscii(String(int32At(bytes, at)), into);
      return;
    default:
      into.text(JSON.stringify(decode(bytes, type, at)));
      // The text may have taken room that was reserved for what follows.
      into.reserve(JSON_GROWTH_MAX * (bytes.length - at));
  }
}

function writeMembers(bytes: Buffer, document: number, isArray: boolean, into: JsonBytes): void {
  into.bytes[into.length++] = isArray ? 0x5b : 0x7b;
  let position = document + 4;
  let isFirst = true;
  for (let type = bytes[position] as number; type !== 0; type = bytes[position] as number) {
    const nameAt = position + 1;
    let nameEnd = nameAt;
    while (bytes[nameEnd] !== 0) nameEnd += 1;
    position = endOf(bytes, type, nameEnd + 1);
    if (type === TYPE.undefined && !isArray) continue;
    if (!isFirst) into.bytes[into.length++] = COMMA;
    isFirst = false;
    if (!isArray) {
      writeText(bytes, nameAt, nameEnd, into);
      into.bytes[into.length++] = COLON;
    }
    writeValue(bytes, type, nameEnd + 1, into);
  }
  into.bytes[into.length++] = isArray ? 0x5d : 0x7d;
}

/** Writes the bytes of a text between quotes; from the first character that needs an escape on, `JSON.stringify` does. */
function writeText(bytes: Buffer, from: number, end: number, into: JsonBytes): void {
  const target = into.bytes;
  let position = into.length;
  target[position++] = QUOTE;
  for (let index = from; index < end; index += 1) {
    const byte = bytes[index] as number;
    if (byte < FIRST_PRINTABLE || byte === QUOTE || byte === BACKSLASH) {
      into.length = position;
      into.length += target.write(JSON.stringify(bytes.toString('utf8', index, end)).slice(1), position);
      return;
    }
    target[position++] = byte;
  }
  target[position++] = QUOTE;
  into.length = position;
}

function writeAscii(text: string, into: JsonBytes): void {
  for (let index = 0; index < text.length; index += 1) into.bytes[into.length++] = text.charCodeAt(index);
}
