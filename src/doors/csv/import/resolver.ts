// Looks up the groups, stores and codes that the cells of a row name. The lookups are cached, because an account has few groups
// and many users.

import { LRUCache } from 'lru-cache';
import { type Fault, fault } from '../../../directory/faults.ts';
import type { Caller } from '../../../directory/model.ts';
import type { ReferenceKind } from '../../../directory/reference-data/reference-data.ts';
import { isFileRole, type References } from '../../../directory/reference-data/references.ts';
import type { Attributes } from '../../../directory/schema/schema.ts';
import { type Entry, writeEntry } from '../format/cells.ts';
import type { Column } from '../format/columns.ts';
import type { FileRow } from '../format/parse.ts';
import { spreadsheetDamage } from '../format/spreadsheet.ts';
import { entriesOf, type ResolvedCells, type ResolvedEntry } from './row-change.ts';

/** Limits the age of cached entries, because other processes may change them. */
const CACHE_MS = 30_000;
const CACHE_MAX = 10_000;

const KINDS: Partial<Record<Column['syntax'], ReferenceKind>> = {
  orgUnit: 'orgUnit',
  enrollmentProfiles: 'enrollmentProfile',
  organizations: 'organization',
  roles: 'role',
};

export interface Resolver {
  /** Resolves the cells of a row. Entries that are not found are looked up again the next time. */
  resolve(row: FileRow): Promise<ResolvedCells>;
  /** Forgets cached groups and stores: a row may have renamed one. */
  forgetNames: () => void;
}

export function createResolver(references: References, caller: Caller): Resolver {
  const links = new LRUCache<string, Attributes>({ max: CACHE_MAX, ttl: CACHE_MS });
  const codes = new LRUCache<string, string>({ max: CACHE_MAX, ttl: CACHE_MS });

  async function link(entry: Entry, syntax: 'userGroups' | 'stores'): Promise<ResolvedEntry> {
    const key = `${syntax}:${writeEntry(entry)}`;
    const known = links.get(key);
    if (known) return { entry, element: known };
    const identity = entry.parameters.get('id');
    const secondaryKey = entry.parameters.get(syntax === 'userGroups' ? 'type' : 'country');
    const named = {
      ...(identity === undefined || identity === '' ? {} : { identity }),
      ...(entry.name === '' ? {} : { name: entry.name }),
      ...(secondaryKey === undefined || secondaryKey === '' ? {} : { secondaryKey }),
    };
    const found = await (syntax === 'userGroups' ? references.group(caller, named) : references.store(caller, named));
    if (!found.ok) return { entry, fault: found.fault };
    links.set(key, found.element);
    return { entry, element: found.element };
  }

  async function code(entry: Entry, kind: ReferenceKind, path: string): Promise<ResolvedEntry> {
    const key = `${kind}:${entry.name}`;
    if (kind === 'role' && isFileRole(entry.name)) return { entry };
    const known = codes.get(key);
    if (known !== undefined) return { entry: { ...entry, name: known } };
    const found = await references.code(caller, kind, entry.name, path);
    if (!found.ok) return { entry, fault: found.fault };
    codes.set(key, found.code);
    // The account's spelling is stored, whatever the file's is.
    return { entry: { ...entry, name: found.code } };
  }

  async function resolveCell(column: Column, cell: string): Promise<ResolvedEntry[] | undefined> {
    const { syntax } = column;
    const kind = KINDS[syntax];
    if (kind === undefined && syntax !== 'userGroups' && syntax !== 'stores') return undefined;
    const entries = entriesOf(column, cell);
    if (!entries) return undefined;
    const resolved: ResolvedEntry[] = [];
    for (const entry of entries) {
      const wrong = parameterFault(column, entry);
      if (wrong) resolved.push({ entry, fault: wrong });
      else if (syntax === 'userGroups' || syntax === 'stores') resolved.push(await link(entry, syntax));
      else if (kind) resolved.push(await code(entry, kind, column.key.replace(/^mobietrain\./, '')));
    }
    return resolved;
  }

  return {
    async resolve(row) {
      const cells = new Map<Column, ResolvedEntry[]>();
      for (const [column, cell] of row.cells) {
        const resolved = await resolveCell(column, cell);
        if (resolved) cells.set(column, resolved);
      }
      return cells;
    },
    forgetNames: () => links.clear(),
  };
}

const PARAMETERS: Partial<Record<Column['syntax'], readonly string[]>> = {
  userGroups: ['id', 'type', 'primary'],
  stores: ['id', 'country', 'primary'],
};

/** The fault of an entry with a parameter that its column does not have, or with an ID that a spreadsheet damaged. */
function parameterFault({ syntax, key }: Column, { parameters }: Entry): Fault | undefined {
  const allowed = PARAMETERS[syntax] ?? [];
  const other = [...parameters.keys()].find((name) => !allowed.includes(name));
  const unknown = allowed.length === 0 ? 'takes nothing in braces' : `takes only ${allowed.join(', ')} in braces`;
  const rule = other === undefined ? spreadsheetDamage(parameters.get('id') ?? '') : unknown;
  return rule === undefined ? undefined : fault('invalidValue', key.replace(/^mobietrain\./, ''), { rule });
}
