// Attributes as the store encodes them: a list of users is written as JSON from them, without making objects of their values.

import type { JsonBytes } from './json-bytes.ts';
import type { AttributeValue } from './schema.ts';

/** Which attributes are written. */
export interface Selection {
  /** Names whose values are written as they are stored. */
  readonly whole: ReadonlySet<string>;
  /** Names that the caller writes itself, each in its place. */
  readonly others: ReadonlySet<string>;
}

/** Encoded attributes of a resource; those of an extension are under its short key, as in `Attributes`. */
export interface EncodedAttributes {
  /** The value of an attribute, or the attributes of an extension. */
  get(name: string): AttributeValue | undefined;
  /** Whether an extension has a value of one of these attributes. */
  hasAny(extension: string, names: Iterable<string>): boolean;
  /**
   * Writes attributes as members of a JSON object that is open, in their stored order.
   * @param extension the short key of an extension; undefined for core attributes
   * @param other called for each of `selection.others`, and writes what is shown of it as a member
   */
  write(
    extension: string | undefined,
    selection: Selection,
    into: JsonBytes,
    other: (name: string, value: AttributeValue) => void,
  ): void;
}
