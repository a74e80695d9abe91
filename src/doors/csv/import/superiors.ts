// The superiors that rows name and that could not be set with their row (early-superiors.ts). They are checked and set after the last
// row, because a superior may come later in the file than the users below them.

import { LRUCache } from 'lru-cache';
import type { Fault } from '../../../directory/faults.ts';
import { type NamedSuperior, namedSuperior, superiorFault } from '../../../directory/managers/superior.ts';
import type { Caller, UserRevision, UserView } from '../../../directory/model.ts';
import type { Provision, Revised } from '../../../directory/ports.ts';
import { setAt } from '../../../directory/schema/attributes.ts';
import { emptyAttributes } from '../../../directory/schema/schema.ts';
import type { RowContext } from '../../../runs/file-run.ts';
import type { RunRow } from '../../../runs/store.ts';
import { COLUMNS, type Column, readColumn } from '../format/columns.ts';
import type { FileRow } from '../format/parse.ts';
import type { RowEntries } from './import-row.ts';
import { cellOf } from './row-change.ts';
import { rowFaults } from './row-result.ts';

export interface Superiors {
  /** Reads the users of rows and the superiors that they name in one step. */
  readAhead(rows: readonly RunRow[], caller: Caller): Promise<void>;
  /** Checks and sets the superior that a row named; returns the updated row. @throws StoreUnavailable */
  set(row: RunRow, caller: Caller, context: Pick<RowContext, 'earlierChange'>): Promise<RunRow>;
}

/** The size of the cache of superiors: a file names the same ones many times. */
const REMEMBERED_MAX = 10_000;

const SUPERIOR = COLUMNS.find((column) => column.syntax === 'superiorOf') as Column;

export function createSuperiors({ provision, lookup, references, prefetch }: RowEntries): Superiors {
  const known = new LRUCache<string, NamedSuperior>({ max: REMEMBERED_MAX });
  const lookups = new Map<string, Promise<NamedSuperior | undefined>>();

  /** The superior that a text names. Concurrent rows that name the same one share the lookup. */
  async function find(text: string, caller: Caller): Promise<NamedSuperior | undefined> {
    const remembered = known.get(text);
    if (remembered) return remembered;
    const lookedUp = lookups.get(text) ?? lookUp(text, caller);
    lookups.set(text, lookedUp);
    try {
      return await lookedUp;
    } finally {
      lookups.delete(text);
    }
  }

  async function lookUp(text: string, caller: Caller): Promise<NamedSuperior | undefined> {
    const found = await references.user(caller, { by: 'file', externalId: text, email: text, userName: text });
    const user = found.ok && found.id !== undefined ? await lookup.user(caller, found.id) : undefined;
    if (!user) return undefined;
    const superior = namedSuperior(user);
    known.set(text, superior);
    return superior;
  }

  return {
    async readAhead(rows, caller) {
      const externalIds = rows.flatMap(({ later }) => (later === undefined || known.has(later) ? [] : later));
      const ids = rows.flatMap(({ user }) => user ?? []);
      await prefetch(caller.account.id, { ids, externalIds });
    },
    async set(row, caller, { earlierChange }) {
      const { later = '', ...judged } = row;
      const { user } = judged;
      const superior = await find(later, caller);
      if (user === undefined) return judged;
      const outcome = await setSuperior(provision, caller, user, superior, later);
      if (!outcome.ok) return withFaults(judged, outcome.faults);
      const isUpdated = outcome.effect === 'updated' || (await earlierChange(user)) !== undefined;
      return isUpdated ? withSuperiorField(judged, later) : judged;
    },
  };
}

function setSuperior(
  provision: Pick<Provision, 'updateUser'>,
  caller: Caller,
  user: string,
  superior: NamedSuperior | undefined,
  reference: string,
) {
  return provision.updateUser(caller, user, undefined, (current): Revised<UserRevision> => {
    if (superior && readColumn(SUPERIOR, current) === superior.id) return revisionWith(undefined);
    const why = superiorFault(superior, reference, user);
    return why ? { ok: false, faults: [why] } : revisionWith(superior?.id);
  });
}

/** A revision that sets a superior; if it is undefined, one that changes nothing. */
function revisionWith(superior: string | undefined): Revised<UserRevision> {
  const attributes = emptyAttributes();
  if (superior === undefined) return { ok: true, revision: { mode: 'patch', attributes, stated: new Set() } };
  setAt(attributes, SUPERIOR.key, Object.assign(emptyAttributes(), { value: superior }));
  return { ok: true, revision: { mode: 'patch', attributes, stated: new Set([SUPERIOR.key]) } };
}

function withFaults(row: RunRow, faults: readonly Fault[]): RunRow {
  return { ...row, faults: [...(row.faults ?? []), ...rowFaults(faults)] };
}

/** A row with its new superior. The former one is left out, because only the id is known. */
function withSuperiorField(row: RunRow, to: string): RunRow {
  if (row.outcome === 'created') return row;
  return { ...row, outcome: 'updated', fields: [...(row.fields ?? []), { name: SUPERIOR.name, to }] };
}

/** The superior that a row names, to be set after the last row; undefined if there is nothing to set. */
export function superiorToSet(row: FileRow, after: UserView): string | undefined {
  const cell = cellOf(row, 'superiorOf') ?? '';
  return cell === '' || cell === readColumn(SUPERIOR, after) ? undefined : cell;
}

/** Whether a row removed a user's superior. */
export function hasLostSuperior(before: UserView, after: UserView): boolean {
  return readColumn(SUPERIOR, before) !== '' && readColumn(SUPERIOR, after) === '';
}

/** The id or reference of a user's superior; '' without one. */
export function superiorOf(user: UserView): string {
  return readColumn(SUPERIOR, user);
}

/** The attribute of a user's superior. */
export const SUPERIOR_KEY = SUPERIOR.key;
/** The name of a user's superior in the results of a file. */
export const SUPERIOR_NAME = SUPERIOR.name;
