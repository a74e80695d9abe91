// The directory's faults in a file of results: the column and a sentence. The table has an entry for every fault code.

import type { Fault, FaultCode } from '../../directory/faults.ts';
import type { RowFault } from '../../runs/store.ts';
import { sentenceOf } from '../fault-sentences.ts';
import { columnOfPath } from './format/columns.ts';

const VALUE_CHARS_MAX = 100;

function withValue(fault: Fault): string {
  const { value } = fault.params;
  if (value === undefined || value === '') return sentenceOf(fault);
  const text = String(value);
  return `${sentenceOf(fault)}: "${text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}…` : text}"`;
}

/** How a cell creates what does not exist. */
const FORMS: Readonly<Record<string, string>> = {
  store: ', or write it as NAME{id=REF_ID,country=CALLING_CODE}, such as Gent{id=4711,country=32}',
  group: ', or write it as NAME{id=ID,type=TYPE}, such as Sales{id=G-7,type=Department}',
};

/** The text of each fault, which follows the name of its column. */
const FAULT_MESSAGES: Record<FaultCode, (fault: Fault) => string> = {
  required: sentenceOf,
  tooLong: sentenceOf,
  tooMany: sentenceOf,
  wrongType: sentenceOf,
  invalidValue: sentenceOf,
  uniqueness: withValue,
  notFound: () => 'the user was deleted while the file was imported',
  memberNotFound: sentenceOf,
  nestedGroup: sentenceOf,
  mutability: sentenceOf,
  userLimit: sentenceOf,
  ambiguousIdentity: (fault) => `${sentenceOf(fault)}; an ID is needed to tell them apart`,
  possibleDuplicate: sentenceOf,
  unknownReference: (fault) => `${withValue(fault)}; create it first${FORMS[String(fault.params.kind)] ?? ''}`,
  inUse: sentenceOf,
  forbidden: sentenceOf,
  preconditionFailed: (fault) => `${sentenceOf(fault)}; import the row again`,
  busy: (fault) => `${sentenceOf(fault)}; import the row again`,
};

/** A fault in a file of results: its column (or the path if no column has it) and a sentence. */
export function wordsOf(fault: Fault): RowFault {
  const at = columnOfPath(fault.path)?.name ?? fault.path;
  return { code: fault.code, at, words: FAULT_MESSAGES[fault.code](fault) };
}

/** Several faults as the text of one cell. */
export function sentence(faults: readonly RowFault[]): string {
  return faults.map(({ at, words }) => (at === '' ? words : `${at}: ${words}`)).join(' | ');
}
