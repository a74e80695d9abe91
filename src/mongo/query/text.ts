// Conditions that search texts for substrings without an index: for rare operations, not for requests.

import type { Filter } from 'mongodb';

/**
 * Returns a condition for each path: its text contains one of these texts, ignoring case and the kind and number of blanks.
 * @param texts normalized to NFC; stored texts may be in NFC or NFD
 */
export function textsIn(paths: readonly string[], texts: readonly string[]): Filter<object>[] {
  if (texts.length === 0) return [];
  const forms = new Set(texts.flatMap((text) => [text, text.normalize('NFD')]));
  const any = [...forms].map(literal);
  return paths.map((path) => ({ [path]: { $regex: any.join('|'), $options: 'i' } }));
}

/** Escapes a text for a regular expression. Regular expressions in MongoDB cannot contain NUL itself. */
function literal(text: string): string {
  return text
    .replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    .replace(/\s+/gu, '\\s+')
    .replaceAll('\u0000', '\\x00');
}
