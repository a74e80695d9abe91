// What the directory's faults are called in a file of results: the column, and a sentence. The compiler checks that no code is missing.

import type { Fault, FaultCode } from '../../directory/faults.ts';
import type { RowFault } from '../../runs/store.ts';
import { columnOfPath } from './format/columns.ts';

type Params = Fault['params'];

const WORDS: Record<FaultCode, (params: Params) => string> = {
  required: ({ rule }) => (rule === undefined ? 'a value is needed' : String(rule)),
  tooLong: ({ max }) => `longer than ${max} characters`,
  tooMany: ({ max }) => `more than ${max} entries`,
  wrongType: ({ expected }) => `not ${expected ?? 'a value of the right kind'}`,
  invalidValue: ({ rule }) => String(rule ?? 'this value is not allowed'),
  uniqueness: ({ value }) => `another user has this value already${shown(value)}`,
  notFound: () => 'the user was deleted while the file was read',
  memberNotFound: ({ id }) => `there is no user${shown(id)}`,
  nestedGroup: () => 'a group can not be a member of a group',
  mutability: ({ rule }) => String(rule ?? 'can not be changed by a file'),
  userLimit: ({ limit }) => `the contract allows no more than ${limit} active users`,
  ambiguousIdentity: ({ hits }) => `means ${hits} or more: an ID is needed to tell them apart`,
  possibleDuplicate: () => 'somebody with another ExternalId has this e-mail: possibly the same person',
  unknownReference: ({ kind, value }) => `there is no ${kindWords(kind)}${shown(value)}; it must exist first`,
  forbidden: ({ operation }) => `not allowed${operation === undefined ? '' : `: ${operation}`}`,
  preconditionFailed: () => 'somebody else changed the user at the same time; import the row again',
  busy: () => 'too many changes at the same time; import the row again',
};

const KINDS: Readonly<Record<string, string>> = {
  orgUnit: 'org unit',
  enrollmentProfile: 'enrollment profile',
  group: 'user group',
};

function kindWords(kind: string | number | undefined): string {
  return KINDS[String(kind)] ?? String(kind ?? 'entry');
}

function shown(value: string | number | undefined): string {
  if (value === undefined || value === '') return '';
  const text = String(value);
  return ` "${text.length > 100 ? `${text.slice(0, 100)}…` : text}"`;
}

/** A fault in the words of a file: its column (or the path, where no column has it) and a sentence. */
export function wordsOf({ code, path, params }: Fault): RowFault {
  const at = columnOfPath(path)?.name ?? path;
  return { code, at, words: WORDS[code](params) };
}

/** Faults as one text for a cell. */
export function sentence(faults: readonly RowFault[]): string {
  return faults.map(({ at, words }) => (at === '' ? words : `${at}: ${words}`)).join(' | ');
}
