// Conditions on texts that contain one of several others, wherever they stand: for what is looked for once, and not on a hot path.

import type { Filter } from 'mongodb';

/**
 * A condition for each path: its text contains one of these, in any case and with any blanks.
 * @param texts in one normal form (NFC); what is stored may have the other
 */
export function textsIn(paths: readonly string[], texts: readonly string[]): Filter<object>[] {
  if (texts.length === 0) return [];
  const forms = new Set(texts.flatMap((text) => [text, text.normalize('NFD')]));
  const any = [...forms].map(literal);
  return paths.map((path) => ({ [path]: { $regex: any.join('|'), $options: 'i' } }));
}

/** A text inside a regular expression; NUL, which none may hold, as what means it. */
function literal(text: string): string {
  return text
    .replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    .replace(/\s+/gu, '\\s+')
    .replaceAll('\u0000', '\\x00');
}
