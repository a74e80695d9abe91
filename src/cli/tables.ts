// Formats accounts, runs and users as text for the terminal.

import type { Erased } from '../directory/erasure/erasure.ts';
import type { Account } from '../directory/model.ts';
import type { Review } from '../doors/xml/door.ts';
import type { Run } from '../runs/store.ts';
import { createTable } from './frame/table.ts';

/** Rows with aligned columns; the first row is the heading. */
export function table([heading = [], ...rows]: string[][]): string {
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

export function runTable(runs: readonly Run[]): string {
  const rows = runs.map(({ id, kind, state, file, created, counts }) => [
    id,
    kind,
    state,
    `${file.fileset === undefined ? '' : `${file.fileset}/`}${file.name}`,
    shortDate(created),
    ...[counts.done, counts.created, counts.updated, counts.unchanged, counts.refused].map(String),
  ]);
  const heading = ['ID', 'KIND', 'STATE', 'FILE', 'CREATED AT', 'DONE', 'CREATED', 'UPDATED', 'UNCHANGED', 'FAILED'];
  return table([heading, ...rows]);
}

/** The failed blocks of a review, one line for each error. */
export function failedBlockLines({ failed, next }: Review): string {
  const lines = failed.flatMap(({ number, line, identity, errors }) =>
    errors.map(({ code, fault, cause }) => {
      const where = `block ${number}${line === undefined ? '' : `, line ${line}`}${identity === '' ? '' : ` (${identity})`}`;
      return `${where}: ${code === 'OTHER' ? `OTHER ${fault}` : code}  ${cause}`;
    }),
  );
  return [...lines, ...(next === undefined ? [] : ['… and more: use batch review with a higher --limit'])].join('\n');
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
