// Formats accounts as text for the terminal.

import type { Erased } from '../directory/erasure/erasure.ts';
import type { Account } from '../directory/model.ts';
import { createTable } from './frame/table.ts';

/** Rows with aligned columns; the first row is the heading. */
function table([heading = [], ...rows]: string[][]): string {
  const columns = heading.map((title, index) => ({ title, of: (row: string[]) => row[index] }));
  return createTable(columns, rows).whole;
}

export function accountTable(accounts: readonly Account[]): string {
  const rows = accounts.map((account) => [
    account.slug,
    account.name,
    account.requiredData,
    account.userLimit === undefined ? 'none' : String(account.userLimit),
    account.derivedGroups.map((rule) => `${rule.attribute}=${rule.groupType}`).join(' ') || '-',
  ]);
  return table([['SLUG', 'NAME', 'REQUIRED DATA', 'USER LIMIT', 'DERIVED GROUPS'], ...rows]);
}

/** A time to the minute, in UTC. */
export function shortDate(date: Date): string {
  return date.toISOString().slice(0, 16).replace('T', ' ');
}

/** The counts of an erasure, with a warning if unfinished imports may recreate the person. */
export function erasedLines({
  users,
  administrators,
  files,
  rows,
  events,
  mails,
  answers,
  reports,
  unfinished,
  unconfirmed,
}: Erased): string {
  const counts = `Erased: users ${users}, administrators ${administrators}, files ${files} (changed, renamed or removed), rows ${rows}, events ${events}, mails ${mails}, stored answers ${answers}, managers by name ${reports}.`;
  const ignored =
    unconfirmed === 0
      ? ''
      : `\nIgnored: ${unconfirmed} values that nothing stored shows to be the identity of a person.`;
  if (unfinished === 0) return counts + ignored;
  return `${counts}${ignored}\nUnfinished files and imports, which were skipped: ${unfinished}. If one of them contains the person, erase again when it has finished.`;
}
