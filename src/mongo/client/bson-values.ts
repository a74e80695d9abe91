// Reads single values of a BSON document in place, where decoding the whole document would cost too much.
// See https://bsonspec.org/spec.html. Values of rare types are left to the driver's decoder.

import { BSON } from 'mongodb';

/** The types of elements that are read here. */
export const TYPE = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  undefined: 6,
  boolean: 8,
  date: 9,
  null: 10,
  int32: 16,
  int64: 18,
} as const;

const FIXED_SIZES: Readonly<Record<number, number>> = {
  [TYPE.double]: 8,
  [TYPE.undefined]: 0,
  /** ObjectId */
  7: 12,
  [TYPE.boolean]: 1,
  [TYPE.date]: 8,
  [TYPE.null]: 0,
  [TYPE.int32]: 4,
  /** Timestamp */
  17: 8,
  [TYPE.int64]: 8,
  /** Decimal128 */
  19: 16,
  /** MinKey and MaxKey */
  255: 0,
  127: 0,
};
const BINARY = 5;
const REGULAR_EXPRESSION = 11;

/** A little-endian int32, which is what sizes are. */
export function int32At(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** The position after a text that ends with a zero byte. */
function afterZero(bytes: Uint8Array, at: number): number {
  let end = at;
  while (bytes[end] !== 0) end += 1;
  return end + 1;
}

/** The position after a value. */
export function endOf(bytes: Uint8Array, type: number, at: number): number {
  if (type === TYPE.string) return at + 4 + int32At(bytes, at);
  if (type === TYPE.object || type === TYPE.array) return at + int32At(bytes, at);
  const size = FIXED_SIZES[type];
  if (size !== undefined) return at + size;
  if (type === BINARY) return at + 5 + int32At(bytes, at);
  if (type === REGULAR_EXPRESSION) return afterZero(bytes, afterZero(bytes, at));
  throw new BSON.BSONError(`unexpected BSON type ${type}`);
}

/** Calls `visit` with the type and the position of each value of a document or array, until it returns true. */
function eachValue(
  bytes: Buffer,
  document: number,
  visit: (type: number, nameAt: number, nameEnd: number, at: number) => boolean | undefined,
): void {
  let position = document + 4;
  for (let type = bytes[position] as number; type !== 0; type = bytes[position] as number) {
    const nameAt = position + 1;
    const at = afterZero(bytes, nameAt);
    if (visit(type, nameAt, at - 1, at) === true) return;
    position = endOf(bytes, type, at);
  }
}

/** The type and position of the value with a name; undefined if the document has none. */
export function find(bytes: Buffer, document: number, name: Uint8Array): { type: number; at: number } | undefined {
  let found: { type: number; at: number } | undefined;
  eachValue(bytes, document, (type, nameAt, nameEnd, at) => {
    if (!isName(bytes, nameAt, nameEnd, name)) return false;
    found = { type, at };
    return true;
  });
  return found;
}

/** Whether the bytes between two positions are this name. */
export function isName(bytes: Uint8Array, from: number, end: number, name: Uint8Array): boolean {
  if (end - from !== name.length) return false;
  for (let index = 0; index < name.length; index += 1) if (bytes[from + index] !== name[index]) return false;
  return true;
}

/** A value as the driver decodes it. */
export function decode(bytes: Buffer, type: number, at: number): unknown {
  switch (type) {
    case TYPE.string:
      return bytes.toString('utf8', at + 4, at + 3 + int32At(bytes, at));
    case TYPE.object: {
      const object: Record<string, unknown> = {};
      eachValue(bytes, at, (inner, nameAt, nameEnd, innerAt) => {
        set(object, nameOf(bytes, nameAt, nameEnd), decode(bytes, inner, innerAt));
        return false;
      });
      return object;
    }
    case TYPE.array: {
      const list: unknown[] = [];
      eachValue(bytes, at, (inner, _nameAt, _nameEnd, innerAt) => {
        list.push(decode(bytes, inner, innerAt));
        return false;
      });
      return list;
    }
    case TYPE.boolean:
      return bytes[at] === 1;
    case TYPE.date:
      return new Date(int32At(bytes, at + 4) * 0x1_0000_0000 + (int32At(bytes, at) >>> 0));
    case TYPE.null:
      return null;
    case TYPE.int32:
      return int32At(bytes, at);
    case TYPE.double:
      return bytes.readDoubleLE(at);
    default:
      return decodeRare(bytes, type, at);
  }
}

/** Sets a property of the object itself, whatever its name. */
function set(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Decodes a value in a document of its own. */
function decodeRare(bytes: Buffer, type: number, at: number): unknown {
  const value = bytes.subarray(at, endOf(bytes, type, at));
  const document = Buffer.alloc(4 + 3 + value.length + 1);
  document.writeInt32LE(document.length, 0);
  document.set([type, 0x76, 0], 4);
  document.set(value, 7);
  return BSON.deserialize(document).v;
}

const names = new Map<number, { bytes: Uint8Array; name: string }>();
const NAMES_MAX = 4096;

/** The name between two positions. Names repeat, so they are remembered. */
export function nameOf(bytes: Buffer, from: number, end: number): string {
  const hash = hashOf(bytes, from, end);
  const known = names.get(hash);
  if (known && isName(bytes, from, end, known.bytes)) return known.name;
  const name = bytes.toString('utf8', from, end);
  if (names.size < NAMES_MAX) names.set(hash, { bytes: Uint8Array.from(bytes.subarray(from, end)), name });
  return name;
}

/** A hash of the bytes between two positions. */
export function hashOf(bytes: Uint8Array, from: number, end: number): number {
  let hash = 0;
  for (let index = from; index < end; index += 1) hash = (hash * 31 + (bytes[index] as number)) | 0;
  return hash;
}
