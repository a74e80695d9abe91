// `user sources`: who put what on a user.

import type { AuditRecord } from '../../directory/history.ts';
import type { LinkOrigin, NamedConnection, SourcedLink } from '../../directory/users/sources.ts';
import { print, printJson } from '../frame/output.ts';
import { createTable } from '../frame/table.ts';
import { type AccountOptions, withAccount } from '../session.ts';
import { shortDate } from '../tables.ts';
import { actorWords } from './history.ts';
import { mustFindUser } from './lookup.ts';

/** A line of the table: an attribute, a link or a status, and who it comes from. */
interface Source {
  what: string;
  value: string;
  from: string;
}

export function showSources(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const { id } = await mustFindUser(open, text);
    const sources = await open.userSources(open, id);
    if (!sources) return;
    const { attributes, groups, stores, status } = sources;
    const rows: Source[] = [
      ...stores.map((link) => sourceOf('store', link)),
      ...groups.map((link) => sourceOf('group', link)),
      ...Object.entries(status).map(([attribute, change]) => statusSource(attribute, change)),
      ...attributes.map(({ attribute, connection, at }) => ({
        what: attribute,
        value: '',
        from: nameOf(connection) + since(at),
      })),
    ];
    const columns = [
      { title: 'WHAT', of: ({ what }: Source) => what },
      { title: 'VALUE', of: ({ value }: Source) => value, shrinks: true },
      { title: 'FROM', of: ({ from }: Source) => from },
    ];
    if (options.json) printJson(sources);
    else print(createTable(columns, rows).whole);
  });
}

function sourceOf(what: string, { id, name, origins, at }: SourcedLink): Source {
  return { what, value: name ?? id ?? '', from: origins.map(wordsOf).join(', ') + since(at) };
}

function since(at: Date | undefined): string {
  return at ? `, ${shortDate(at)}` : '';
}

function wordsOf({ kind, connection, attribute }: LinkOrigin): string {
  switch (kind) {
    case 'inline':
      return `${nameOf(connection)} (list of the user)`;
    case 'push':
      return `${nameOf(connection)} (members of the group)`;
    case 'derived':
      return `derived from ${attribute ?? ''}`;
    case 'administrator':
      return 'an administrator';
  }
}

function nameOf(connection: NamedConnection | undefined): string {
  return connection?.name ?? connection?.id ?? '';
}

/** The status as it was created, or the last change of it. */
function statusSource(attribute: string, { action, values = [], actor, door, at }: AuditRecord): Source {
  const value = values.find((changed) => changed.attribute === attribute)?.after ?? `as ${action}d`;
  const who = actor ? actorWords(actor) : door;
  return { what: attribute, value, from: `${who} (${door}), ${shortDate(at)}` };
}
