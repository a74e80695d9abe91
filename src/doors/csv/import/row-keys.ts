// What rows of a file have in common: those that may mean the same user, or may get the same login name, wait for each other; one that
// may make or rename a group or a store runs alone.

import type { WhoIsNamed } from '../../../directory/prefetch.ts';
import { foldText } from '../../../directory/schema/fold.ts';
import type { RowKeys } from '../../../runs/row-scheduler.ts';
import type { FileRow } from '../format/parse.ts';
import { identityOf, loginNameOf } from './row-change.ts';

/** Users of one mailbox that a row waits for, at most: everybody who shares it. */
const MAILBOX_USERS_MAX = 100;
/** Characters of a login name before what counts it up and cuts it. */
const BASE_CHARS = 90;
const STATEMENTS_MAX = 100_000;

/**
 * The keys by which rows may mean the same user: External ID, e-mail and login name. A login name in a row may be one that another
 * row counts up to: rows that state one share the key of its base, and rows that count up have it for themselves.
 * @param named the users whom the rows name
 */
export function userKeys(row: FileRow, named: WhoIsNamed): Pick<RowKeys, 'exclusive' | 'shared'> {
  const { externalId, email, userName } = identityOf(row);
  const keys: string[] = [];
  if (externalId !== undefined) keys.push(`x:${externalId}`);
  if (email !== undefined) keys.push(`e:${foldText(email)}`, `x:${email}`);
  if (userName !== undefined) keys.push(`u:${foldText(userName)}`);
  // Two rows may mean one user by different values.
  keys.push(...named.byExternalId(externalId ?? email ?? ''));
  if (userName !== undefined) keys.push(...named.byUserName(userName));
  if (externalId === undefined) keys.push(...named.byEmail(email ?? '').slice(0, MAILBOX_USERS_MAX));
  const loginName = userName ?? loginNameOf(row);
  if (loginName === undefined) return { exclusive: keys, shared: [] };
  const base = `b:${foldText(loginName).slice(0, BASE_CHARS).replace(/\d+$/, '')}`;
  return userName === undefined ? { exclusive: [...keys, base], shared: [] } : { exclusive: keys, shared: [base] };
}

/** Knows what earlier rows stated about groups and stores by their ID. */
export interface LinkStatements {
  /** Whether a row is the first to state something, or states something else: it may make or rename a group or a store. */
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
  // All of them are remembered, whatever the first one was.
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
