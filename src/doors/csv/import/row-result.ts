// The result of a row for display: the changed values, the faults, and the masked user.

import type { Fault } from '../../../directory/faults.ts';
import type { UserView } from '../../../directory/model.ts';
import type { FileIdentity } from '../../../directory/ports.ts';
import type { RowFault, RowField } from '../../../runs/store.ts';
import { wordsOf } from '../fault-messages.ts';
import { COLUMNS, readColumn } from '../format/columns.ts';
import type { FileRow } from '../format/parse.ts';

/** The columns whose changed values a result shows. The identifier of a superior is known only to the file. */
const COMPARED = COLUMNS.filter(({ syntax }) => !['superiorOf', 'readOnly', 'invite', 'ignored'].includes(syntax));
const MASKED_CHARS_MAX = 200;

/** The values that a row changed, as the file writes them. An External ID is shown even if it was taken from the address. */
export function changedFields(row: FileRow, before: UserView, after: UserView): RowField[] {
  const fields: RowField[] = [];
  const own = [...row.cells.keys()].filter(({ syntax }) => syntax === 'own');
  for (const column of [...COMPARED, ...own]) {
    const from = readColumn(column, { attributes: before.attributes });
    const to = readColumn(column, { attributes: after.attributes });
    if (from === to) continue;
    fields.push({ name: column.name, ...(from === '' ? {} : { from }), ...(to === '' ? {} : { to }) });
  }
  return fields;
}

/** Faults with their sentences. A fault that both the file's rules and the directory find appears once. */
export function rowFaults(faults: readonly Fault[]): RowFault[] {
  const seen = new Set<string>();
  return faults.flatMap((each) => {
    const row = wordsOf(each);
    const key = `${row.code} ${row.at} ${each.params.value ?? ''}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [row];
  });
}

/** The user, masked: two characters of the name, and the domain of the e-mail. People who have the file recognise it. */
export function maskedIdentity({ userName, email, externalId }: FileIdentity): string {
  if (email?.includes('@')) {
    const at = email.lastIndexOf('@');
    return `${email.slice(0, Math.min(2, at))}***${email.slice(at)}`.slice(0, MASKED_CHARS_MAX);
  }
  const text = userName ?? externalId ?? email ?? '';
  return text === '' ? '' : `${text.slice(0, 2)}***`;
}
