// Superiors who can be set with their row, because no other row of the file can change who they are. This saves the second write of
// the user after the last row (superiors.ts), which all others get.

import { type NamedSuperior, namedSuperior } from '../../../directory/managers/superior.ts';
import type { Caller, UserView } from '../../../directory/model.ts';
import type { WhoIsNamed } from '../../../directory/prefetch.ts';
import { isSuperior } from '../../../directory/reference-data/references.ts';
import { copyAttributes, elementsAt, setAt, textAt } from '../../../directory/schema/attributes.ts';
import { isObject } from '../../../directory/schema/fold.ts';
import { emptyAttributes } from '../../../directory/schema/schema.ts';
import { createSharedLookups } from '../../../directory/shared-lookups.ts';
import type { FileRow } from '../format/parse.ts';
import type { FileIdentities, StatedIdentities } from './file-identities.ts';
import type { RowEntries } from './import-row.ts';
import { cellOf, identityOf, type RowRevision } from './row-change.ts';
import { SUPERIOR_KEY, superiorOf } from './superiors.ts';

/** A user whom rows name as superior, and the only row of the file that states this user; 0 if there is none. */
interface StatedSuperior extends NamedSuperior {
  row: number;
}

export interface EarlySuperiors {
  /** Forgets the rows before, and remembers who is known. */
  next(rows: readonly FileRow[], named: WhoIsNamed): void;
  /** The External IDs to read ahead for the superiors of these rows. */
  externalIds(rows: readonly FileRow[]): string[];
  /** The keys of a row that waits for the row of its superior. */
  keysOf(row: FileRow): string[];
  /** The id of the superior whom a row names, if it can be set now. */
  of(row: FileRow, caller: Caller): Promise<string | undefined>;
  /** Whether no other row can mean the user of this row: superiors that others name are set in the order of their rows. */
  isAlone(row: FileRow, current: UserView | undefined, userName: string | undefined): boolean;
  /** Tells that a row was applied to a user. */
  applied(user: UserView): void;
  /** Tells that a row was refused and is applied again after the others. */
  postponed(row: FileRow): void;
}

/** @param isFirstAttempt whether no rows of the run were applied by another process */
export function createEarlySuperiors(
  { references, lookup }: Pick<RowEntries, 'references' | 'lookup'>,
  identities: FileIdentities,
  isFirstAttempt: boolean,
): EarlySuperiors {
  const stored = createSharedLookups<StatedSuperior>();
  /** Superiors whose row is one of the present ones and was applied, by External ID. */
  let applied = new Map<string, StatedSuperior>();
  let named: WhoIsNamed | undefined;
  let firstRow = 0;
  const postponed = new Set<number>();

  async function find(externalId: string, caller: Caller): Promise<StatedSuperior | undefined> {
    const found = await references.user(caller, { by: 'file', externalId });
    const user = found.ok && found.id !== undefined ? await lookup.user(caller, found.id) : undefined;
    return user && stated(user, externalId);
  }

  /** A user as a superior; undefined if several rows, or rows for another user, state one of this user's identities. */
  function stated(user: UserView, externalId: string): StatedSuperior | undefined {
    if (user.invitation || textAt(user.attributes, 'externalId') !== externalId) return undefined;
    const row = identities.onlyRowOf(identitiesOf(user));
    return row === undefined ? undefined : { ...namedSuperior(user), row };
  }

  return {
    next(rows, who) {
      applied = new Map();
      named = who;
      firstRow = rows[0]?.number ?? 0;
    },
    externalIds: (rows) => [...new Set(rows.flatMap((row) => namedBy(row) ?? []))],
    keysOf(row) {
      const externalId = namedBy(row);
      return externalId !== undefined && identities.hasExternalId(externalId) ? [`x:${externalId}`] : [];
    },
    async of(row, caller) {
      const externalId = namedBy(row);
      if (externalId === undefined) return undefined;
      const own = identities.rowOfExternalId(externalId);
      if (own >= row.number || (own > 0 && !isFirstAttempt) || postponed.has(own)) return undefined;
      const superior =
        own >= firstRow && own > 0 ? applied.get(externalId) : await storedSuperior(externalId, own, caller);
      return superior?.isSuperior === true && superior.row === own ? superior.id : undefined;
    },
    isAlone(row, current, made) {
      const { externalId, email, userName = made } = identityOf(row);
      const named = { externalId, userName, emails: email === undefined ? [] : [email] };
      return [named, ...(current ? [identitiesOf(current)] : [])].every((user) => {
        const only = identities.onlyRowOf(user);
        return only === 0 || only === row.number;
      });
    },
    applied(user) {
      if (!isSuperior(user)) return;
      const externalId = textAt(user.attributes, 'externalId') ?? '';
      const superior = stated(user, externalId);
      if (superior) applied.set(externalId, superior);
    },
    postponed: ({ number }) => void postponed.add(number),
  };

  async function storedSuperior(externalId: string, own: number, caller: Caller): Promise<StatedSuperior | undefined> {
    // Nobody is asked for who does not exist.
    if (own === 0 && named?.byExternalId(externalId).length === 0) return undefined;
    return stored.known(externalId) ?? (await stored.one(externalId, () => find(externalId, caller)));
  }
}

function identitiesOf({ attributes }: UserView): StatedIdentities {
  return {
    externalId: textAt(attributes, 'externalId'),
    userName: textAt(attributes, 'userName'),
    emails: elementsAt(attributes, 'emails').flatMap(({ value }) => (typeof value === 'string' ? [value] : [])),
  };
}

function namedBy(row: FileRow): string | undefined {
  const cell = cellOf(row, 'superiorOf') ?? '';
  return cell === '' ? undefined : cell;
}

/** A row's revision with the superior, if this changes something. */
export function withSuperior(revised: RowRevision, current: UserView | undefined, superior: string): RowRevision {
  const { revision } = revised;
  if (!revised.ok || !revision || (current && superiorOf(current) === superior)) return revised;
  const attributes = copyAttributes(revision.attributes);
  const { enterprise } = attributes;
  attributes.enterprise = isObject(enterprise) ? copyAttributes(enterprise) : emptyAttributes();
  setAt(attributes, SUPERIOR_KEY, Object.assign(emptyAttributes(), { value: superior }));
  return { ...revised, revision: { ...revision, attributes, stated: new Set([...revision.stated, SUPERIOR_KEY]) } };
}
