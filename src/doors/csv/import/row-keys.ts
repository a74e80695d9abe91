// The keys by which rows are ordered: rows that may refer to the same user, or get the same login name, wait for each other. A row
// that may create or rename a group or a store runs alone.

import type { WhoIsNamed } from '../../../directory/prefetch.ts';
import { foldText } from '../../../directory/schema/fold.ts';
import type { RowKeys } from '../../../runs/row-scheduler.ts';
import type { FileRow } from '../format/parse.ts';
import { identityOf, loginNameOf } from './row-change.ts';

/** The most users with the same e-mail address whose rows wait for each other. */
const MAILBOX_USERS_MAX = 100;
/** Characters of a login name before its number. */
const BASE_CHARS = 90;
const STATEMENTS_MAX = 100_000;

/**
 * The keys by which rows may refer to the same user: External ID, e-mail and login name. A login name in a row may be one that is
 * generated for another row: rows that state one share the key of its base, and rows that generate one hold it exclusively.
 * @param named the users whom the rows name
 */
export function userKeys(row: FileRow, named: WhoIsNamed): Pick<RowKeys, 'exclusive' | 'shared'> {
  const { externalId, email, userName } = identityOf(row);
  const keys: string[] = [];
  if (externalId !== undefined) keys.push(`x:${externalId}`);
  if (email !== undefined) keys.push(`e:${foldText(email)}`, `x:${email}`);
  if (userName !== undefined) keys.push(`u:${foldText(userName)}`);
  // Two rows may refer to one user by different values.
  keys.push(...named.byExternalId(externalId ?? email ?? ''));
  if (userName !== undefined) keys.push(...named.byUserName(userName));
  if (externalId === undefined) keys.push(...named.byEmail(email ?? '').slice(0, MAILBOX_USERS_MAX));
  const loginName = userName ?? loginNameOf(row);
  if (loginName === undefined) return { exclusive: keys, shared: [] };
  const base = `b:${foldText(loginName).slice(0, BASE_CHARS).replace(/\d+$/, '')}`;
  return userName === undefined ? { exclusive: [...keys, base], shared: [] } : { exclusive: keys, shared: [base] };
}

/** Remembers what earlier rows stated about groups and stores, by ID. */
export interface LinkStatements {
  /** Whether a row states something new or different about a group or a store, and so may create or rename it. */
  isNew(row: FileRow): boolean;
}

export function createLinkStatements(): LinkStatements {
  const last = new Map<string, string>();
  const isNew = ({ key, statement }: { key: string; statement: string }): boolean => {
    if (last.get(key) === statement) return false;
    if (last.size >= STATEMENTS_MAX) last.clear();
    last.set(key, statement);
    return true;
  };
  // All of them are remembered, even after the first difference.
  return { isNew: (row) => statementsOf(row).filter(isNew).length > 0 };
}

function statementsOf(row: FileRow): { key: string; statement: string }[] {
  const statements: { key: string; statement: string }[] = [];
  for (const [{ syntax }, cell] of row.cells) {
    if ((syntax !== 'userGroups' && syntax !== 'stores') || !cell.includes('{')) continue;
    for (const part of cell.split('|')) {
      const id = /id\s*=\s*((?:\\.|[^,}\\])*)/i.exec(part)?.[1];
      if (id === undefined) continue;
      statements.push({ key: `${syntax}:${id.trim()}`, statement: part.replace(/,?\s*primary\s*/i, '').trim() });
    }
  }
  return statements;
}
