// How values stand in cells: lists, entries of groups and stores, yes and no, dates, and texts that a spreadsheet would take
// for formulas (systems.md §4). What is written is read back as the same value.

import type { Attributes } from '../../../directory/schema/schema.ts';

/** Entries of one cell at most. */
export const ENTRIES_MAX = 1000;

/** A text that a spreadsheet would calculate, or one that looks as if it was neutralised already. */
const FORMULA = /^'*[=+\-@\t\r]/;
const NEUTRALISED = /^'+[=+\-@\t\r]/;

/** A cell that no spreadsheet takes for a formula. */
export function neutralised(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The text that a cell stands for: the inverse of `neutralised`; a formula that was typed in stays as it is. */
export function plain(cell: string): string {
  return NEUTRALISED.test(cell) ? cell.slice(1) : cell;
}

/** An entry of a list: its name, and what stands in braces behind it. */
export interface Entry {
  name: string;
  /** `id=…` and so on, in lower case; a word without `=` has the value ''. */
  marks: ReadonlyMap<string, string>;
}

/** Entries in one cell: `A|B{id=4711,type=Department}`; a backslash before a sign takes it as it is. */
export function writeEntries(entries: readonly Entry[]): string {
  return entries.map(writeEntry).join('|');
}

/** One entry as a cell has it. */
export function writeEntry({ name, marks }: Entry): string {
  const inside = [...marks].map(([key, value]) => (value === '' ? key : `${key}=${escaped(value)}`));
  return escaped(name) + (inside.length > 0 ? `{${inside.join(',')}}` : '');
}

function escaped(text: string): string {
  return text.replace(/[\\|{},]/g, '\\$&').replace(/^\s|\s$/g, '\\$&');
}

/** The entries of a cell, blanks around them left out; undefined where braces do not match, or there are more than `ENTRIES_MAX`. */
export function readEntries(cell: string): Entry[] | undefined {
  const entries: Entry[] = [];
  for (const part of splitAt(cell, '|')) {
    if (part.trim() === '') continue;
    const entry = readEntry(part);
    if (!entry || entries.length >= ENTRIES_MAX) return undefined;
    entries.push(entry);
  }
  return entries;
}

function readEntry(part: string): Entry | undefined {
  const [name = '', inside, ...more] = splitAt(part, '{');
  if (more.length > 0) return undefined;
  const marks = new Map<string, string>();
  if (inside === undefined) return splitAt(name, '}').length === 1 ? { name: unescaped(name), marks } : undefined;
  const [content = '', rest, ...others] = splitAt(inside, '}');
  if (rest === undefined || rest.trim() !== '' || others.length > 0) return undefined;
  for (const mark of splitAt(content, ',')) {
    if (mark.trim() === '') continue;
    const at = mark.indexOf('=');
    if (at < 0) marks.set(mark.trim().toLowerCase(), '');
    else marks.set(mark.slice(0, at).trim().toLowerCase(), unescaped(mark.slice(at + 1)));
  }
  return { name: unescaped(name), marks };
}

/** Parts between a sign, where no backslash stands before it; escapes stay in the parts. */
function splitAt(text: string, sign: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === sign) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** A text without its escapes and without the blanks around it that are not escaped. */
function unescaped(text: string): string {
  const begin = text.length - text.trimStart().length;
  let end = text.length;
  while (end > begin && /\s/.test(text[end - 1] ?? '') && text[end - 2] !== '\\') end -= 1;
  return text.slice(begin, end).replace(/\\([\s\S])/g, '$1');
}

/** The entry of an element of `userGroups` or `stores`; its secondary key (type or country) has the same name in the cell. */
export function entryOf(element: Attributes, secondaryKey: 'type' | 'country'): Entry {
  const marks = new Map<string, string>();
  if (typeof element.value === 'string') marks.set('id', element.value);
  const value = element[secondaryKey];
  if (typeof value === 'string') marks.set(secondaryKey, value);
  if (element.primary === true) marks.set('primary', '');
  return { name: typeof element.display === 'string' ? element.display : '', marks };
}

/** Entries without braces, for lists of plain texts. */
export function plainEntries(texts: readonly string[]): Entry[] {
  return texts.map((name) => ({ name, marks: new Map() }));
}

/** What spreadsheets of the languages around us write for true and false. */
const YES = new Set(['true', '1', 'yes', 'waar', 'wahr', 'vrai']);
const NO = new Set(['false', '0', 'no', 'onwaar', 'falsch', 'faux']);

/** True or false; undefined for every other text. */
export function readFlag(cell: string): boolean | undefined {
  const word = cell.trim().toLowerCase();
  if (YES.has(word)) return true;
  return NO.has(word) ? false : undefined;
}
