// What spreadsheets do to IDs: a long number becomes 4,70E+11, a broken formula #N/A, an empty cell of a query NULL or 0, a narrow
// column #####, and a number loses its leading zeros.

/** A number in scientific notation as spreadsheets write it: the exponent has a sign and at least two digits. */
const SCIENTIFIC = /^[+-]?\d+(?:[.,٫]\d+)?E[+-]\d{2,3}$/iu;
/** Error values of spreadsheets in any language: `#REF!`, `#NAAM?`, `#DIV/0!`, `#¡VALOR!`, `Err:502`. */
const ERROR_VALUE = /^#[¡¿]?\p{Lu}[\p{Lu}_]*(?:\/0)?[!?]$|^Err:\d{3}$/u;
const ERROR_NAMES: ReadonlySet<string> = new Set([
  '#N/A',
  '#NA',
  '#N/B',
  '#N/D',
  '#NV',
  '#N/V',
  '#I/T',
  '#GETTING_DATA',
]);
const TOO_NARROW = /^#{2,}$/;
const EMPTY_WORDS: ReadonlySet<string> = new Set(['null', '(null)', 'n/a', 'nan', 'none', 'undefined', 'nil']);
const ZERO = /^[+-]?0+(?:[.,]0+)?$/;

/** Why a text cannot be an ID but is what a spreadsheet left of one; undefined if it can be one. The text follows a column's name. */
export function spreadsheetDamage(text: string): string | undefined {
  if (SCIENTIFIC.test(text)) {
    return `"${text}" is what a spreadsheet makes of a long number; format the column as text and enter the IDs again`;
  }
  if (ERROR_VALUE.test(text) || ERROR_NAMES.has(text.toUpperCase())) {
    return `"${text}" is the error value of a formula in a spreadsheet, not an ID; correct the formula`;
  }
  if (TOO_NARROW.test(text)) {
    return `"${text}" is what a spreadsheet shows if a column is too narrow, not an ID; widen the column and save the file again`;
  }
  if (EMPTY_WORDS.has(text.toLowerCase()) || ZERO.test(text)) {
    return `"${text}" is what a spreadsheet or a database leaves of an empty cell, not an ID; leave the cell empty`;
  }
  return undefined;
}

/** Whether one text is the other without its leading zeros, as spreadsheets write numbers. */
export function hasLostZeros(text: string, original: string): boolean {
  return /^\d+$/.test(text) && original.length > text.length && /^0+\d+$/.test(original) && original.endsWith(text)
    ? /^0+$/.test(original.slice(0, -text.length))
    : false;
}

/** The most leading zeros that are searched for. */
const LEADING_ZEROS_MAX = 6;

/** The IDs of which a spreadsheet may have made this number by removing leading zeros; none if the text is no such number. */
export function withLeadingZeros(text: string): string[] {
  if (!/^[1-9]\d{2,18}$/.test(text)) return [];
  return Array.from({ length: LEADING_ZEROS_MAX }, (_, index) => '0'.repeat(index + 1) + text);
}
