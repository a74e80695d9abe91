// How values are written in cells: lists, entries of groups and stores, flags, dates, and texts that a spreadsheet would take for
// formulas. Reading a written cell gives the same value.

import type { Attributes } from '../../../directory/schema/schema.ts';

/** The most entries in one cell. */
export const ENTRIES_MAX = 1000;

/**
 * A text that a spreadsheet would evaluate, or one that already looks neutralised: a sign of a formula, also in full width, behind any
 * blanks, line breaks, invisible characters and apostrophes.
 */
const FORMULA = /^[\s\p{Z}\p{Cc}\p{Cf}']*[=+\-@\t\r\n＝＋－＠]/u;
const NEUTRALISED = /^'[\s\p{Z}\p{Cc}\p{Cf}']*[=+\-@\t\r\n＝＋－＠]/u;
const LINE_BREAK = /(\r\n|\n|\r)/;

/** The text of a cell that no spreadsheet takes for a formula, and no line of which is one for a program that ignores quotes. */
export function neutralised(text: string): string {
  const lines = eachLaterLine(text, (line) => (FORMULA.test(line) ? `'${line}` : line));
  return FORMULA.test(lines) ? `'${lines}` : lines;
}

/** The text of a cell: the inverse of `neutralised`. A formula that a user typed is left unchanged. */
export function plain(cell: string): string {
  const text = NEUTRALISED.test(cell) ? cell.slice(1) : cell;
  return eachLaterLine(text, (line) => (NEUTRALISED.test(line) ? line.slice(1) : line));
}

/** Changes each line of a text but the first. */
function eachLaterLine(text: string, change: (line: string) => string): string {
  if (!/[\r\n]/.test(text)) return text;
  // Every other part is a line break.
  const parts = text.split(LINE_BREAK);
  return parts.map((part, index) => (index > 0 && index % 2 === 0 ? change(part) : part)).join('');
}

/** An entry of a list: its name, and the parameters in braces after it. */
export interface Entry {
  name: string;
  /** Parameters such as `id=…`, with names in lower case; a word without `=` has the value ''. */
  parameters: ReadonlyMap<string, string>;
}

/** Entries in one cell: `A|B{id=4711,type=Department}`; a backslash escapes the character after it. */
export function writeEntries(entries: readonly Entry[]): string {
  return entries.map(writeEntry).join('|');
}

/** One entry in the form of a cell. */
export function writeEntry({ name, parameters }: Entry): string {
  const inside = [...parameters].map(([key, value]) => (value === '' ? key : `${key}=${escaped(value)}`));
  return escaped(name) + (inside.length > 0 ? `{${inside.join(',')}}` : '');
}

function escaped(text: string): string {
  return text.replace(/[\\|{},]/g, '\\$&').replace(/^\s|\s$/g, '\\$&');
}

/** The entries of a cell, trimmed; undefined if braces do not match, or if there are more than `ENTRIES_MAX`. */
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
  const parameters = new Map<string, string>();
  if (inside === undefined) return splitAt(name, '}').length === 1 ? { name: unescaped(name), parameters } : undefined;
  const [content = '', rest, ...others] = splitAt(inside, '}');
  if (rest === undefined || rest.trim() !== '' || others.length > 0) return undefined;
  for (const parameter of splitAt(content, ',')) {
    if (parameter.trim() === '') continue;
    const at = parameter.indexOf('=');
    if (at < 0) parameters.set(parameter.trim().toLowerCase(), '');
    else parameters.set(parameter.slice(0, at).trim().toLowerCase(), unescaped(parameter.slice(at + 1)));
  }
  return { name: unescaped(name), parameters };
}

/** Splits at separators that are not escaped; escapes stay in the parts. */
function splitAt(text: string, separator: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** A text without its escapes and without unescaped blanks around it. */
function unescaped(text: string): string {
  const begin = text.length - text.trimStart().length;
  let end = text.length;
  while (end > begin && /\s/.test(text[end - 1] ?? '') && text[end - 2] !== '\\') end -= 1;
  return text.slice(begin, end).replace(/\\([\s\S])/g, '$1');
}

/** The entry of an element of `userGroups` or `stores`; its secondary key (type or country) has the same name in the cell. */
export function entryOf(element: Attributes, secondaryKey: 'type' | 'country'): Entry {
  const parameters = new Map<string, string>();
  if (typeof element.value === 'string') parameters.set('id', element.value);
  const value = element[secondaryKey];
  if (typeof value === 'string') parameters.set(secondaryKey, value);
  if (element.primary === true) parameters.set('primary', '');
  return { name: typeof element.display === 'string' ? element.display : '', parameters };
}

/** Entries without braces, for lists of plain texts. */
export function plainEntries(texts: readonly string[]): Entry[] {
  return texts.map((name) => ({ name, parameters: new Map() }));
}

/** True and false as spreadsheets write them in English, Dutch, German and French. */
const YES = new Set(['true', '1', 'yes', 'waar', 'wahr', 'vrai']);
const NO = new Set(['false', '0', 'no', 'onwaar', 'falsch', 'faux']);

/** True or false; undefined for every other text. */
export function readFlag(cell: string): boolean | undefined {
  const word = cell.trim().toLowerCase();
  if (YES.has(word)) return true;
  return NO.has(word) ? false : undefined;
}
