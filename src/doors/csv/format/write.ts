// The files that this door writes: UTF-8 with a byte order mark, semicolons, CRLF, no cell that a spreadsheet would evaluate.

import { stringify } from 'csv-stringify/sync';
import { neutralised } from './cells.ts';

/** One line of a file, with its line end. */
export function line(cells: readonly string[]): string {
  // The library quotes the record delimiter; a cell with another line break would be read as two lines.
  return stringify([cells.map(neutralised)], { delimiter: ';', record_delimiter: '\r\n', quoted_match: /[\r\n]/ });
}

/** The first line of a file, after the byte order mark by which spreadsheets recognise UTF-8. */
export function heading(names: readonly string[]): string {
  return `\uFEFF${line(names)}`;
}
