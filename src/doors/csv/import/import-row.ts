// Imports one row of a file: finds the user that it refers to and creates or changes that user. An import and its simulation differ
// only in the entries of the directory that they are given.

import type { Caller } from '../../../directory/model.ts';
import type { Lookup, Provision, SavedUser, UserIdentity } from '../../../directory/ports.ts';
import type { Prefetch, WhoIsNamed } from '../../../directory/prefetch.ts';
import type { References } from '../../../directory/reference-data/references.ts';
import type { RowContext } from '../../../runs/file-run.ts';
import type { RowKeys } from '../../../runs/row-scheduler.ts';
import type { RunRow } from '../../../runs/store.ts';
import type { FileRow } from '../format/parse.ts';
import { createLoginNames, hasLoginName, type LoginNames } from './login-names.ts';
import type { Resolver } from './resolver.ts';
import { identityOf, type ResolvedCells, type RowRules, reviseByRow } from './row-change.ts';
import { createLinkStatements, userKeys } from './row-keys.ts';
import { changedFields, maskedIdentity, rowFaults } from './row-result.ts';
import { hasLostSuperior, SUPERIOR_NAME, superiorToSet } from './superiors.ts';

/** The entries of the directory that a run works with: the real ones, or those of a simulation. */
export interface RowEntries {
  provision: Pick<Provision, 'createUser' | 'saveUser' | 'updateUser'>;
  lookup: Pick<Lookup, 'user'>;
  references: References;
  prefetch: Prefetch;
}

export interface RowImporter {
  /** Reads ahead for the next rows. */
  readAhead(rows: readonly FileRow[], caller: Caller): Promise<void>;
  /** The keys that a row shares with others. Rows must be passed in order. */
  keysOf(row: FileRow): RowKeys;
  /** Creates or changes the user of a row; `caller` has the request id of the row. @throws StoreUnavailable */
  save(row: FileRow, caller: Caller, context: Pick<RowContext, 'isBarrier' | 'earlierChange'>): Promise<RunRow>;
}

interface RowImporterOptions {
  run: string;
  entries: RowEntries;
  resolver: Resolver;
  rules: RowRules;
}

type RowOutcome = Awaited<ReturnType<RowEntries['provision']['saveUser']>>;

const LOGIN_NAME_ATTEMPTS_MAX = 3;
const NOBODY: WhoIsNamed = { byExternalId: () => [], byUserName: () => [], byEmail: () => [] };

export function createRowImporter({ run, entries, resolver, rules }: RowImporterOptions): RowImporter {
  const loginNames = createLoginNames(entries.references);
  const statements = createLinkStatements();
  let named = NOBODY;
  return {
    async readAhead(rows, caller) {
      const identities = rows.map(identityOf);
      named = await entries.prefetch(caller.account.id, {
        userNames: [...identities.flatMap(({ userName }) => userName ?? []), ...loginNames.next(rows)],
        externalIds: identities.flatMap(({ externalId, email }) => externalId ?? email ?? []),
        emails: identities.flatMap(({ externalId, email }) => (externalId === undefined ? (email ?? []) : [])),
      });
    },
    keysOf: (row) => ({ ...userKeys(row, named), isBarrier: statements.isNew(row) }),
    async save(row, caller, context) {
      const resolved = await resolver.resolve(row);
      const identity = identityOf(row);
      const outcome = await saveUser({ row, resolved, identity, caller, rules, loginNames }, entries.provision);
      // The row may have renamed a group or a store.
      if (context.isBarrier) resolver.forgetNames();
      return resultOf(run, row, outcome, context);
    },
  };
}

interface RowToSave {
  row: FileRow;
  resolved: ResolvedCells;
  identity: UserIdentity;
  caller: Caller;
  rules: RowRules;
  loginNames: LoginNames;
}

async function saveUser(saving: RowToSave, provision: RowEntries['provision']): Promise<RowOutcome> {
  const { row, resolved, identity, caller, rules } = saving;
  let needsLoginName = false;
  const outcome = await provision.saveUser(caller, identity, (current) => {
    needsLoginName = !current && !hasLoginName(row);
    return needsLoginName
      ? { ok: false, faults: [{ code: 'required', path: 'userName', params: {} }] }
      : reviseByRow(row, resolved, rules, current, undefined);
  });
  return needsLoginName ? createWithLoginName(saving, provision) : outcome;
}

async function createWithLoginName(
  { row, resolved, identity, caller, rules, loginNames }: RowToSave,
  provision: RowEntries['provision'],
): Promise<RowOutcome> {
  let userName: string | undefined;
  for (let attempt = 0; attempt < LOGIN_NAME_ATTEMPTS_MAX; attempt += 1) {
    userName = await loginNames.free(row, caller);
    const revised = reviseByRow(row, resolved, rules, undefined, userName);
    if (!revised.ok) break;
    const made = await provision.createUser(caller, revised.revision.attributes, revised.revision.links);
    if (made.ok) return { ...made, value: { after: made.value } satisfies SavedUser };
    if (!made.faults.some((each) => each.code === 'uniqueness')) return made;
    // Another user took the login name in the meantime: the next one is tried.
    if (!made.faults.some((each) => each.path === 'userName')) break;
  }
  // Refused, with the faults of the directory and of the file; or another process created the user in the meantime.
  return provision.saveUser(caller, identity, (current) => reviseByRow(row, resolved, rules, current, userName));
}

async function resultOf(
  run: string,
  row: FileRow,
  outcome: RowOutcome,
  { earlierChange }: Pick<RowContext, 'earlierChange'>,
): Promise<RunRow> {
  const start = { run, number: row.number, line: row.line, identity: maskedIdentity(identityOf(row)) };
  if (!outcome.ok) return { ...start, outcome: 'refused', faults: rowFaults(outcome.faults) };
  const { before, after } = outcome.value;
  const later = superiorToSet(row, after);
  const rest = { user: after.id, ...(later === undefined ? {} : { later }) };
  if (outcome.effect === 'created') return { ...start, outcome: 'created', ...rest };
  const fields = before ? changedFields(before, after) : [];
  if (before && hasLostSuperior(before, after)) fields.push({ name: SUPERIOR_NAME });
  if (fields.length > 0) return { ...start, outcome: 'updated', ...rest, fields };
  // It is no longer known which values an earlier attempt changed.
  const earlier = await earlierChange(after.id);
  if (earlier) return { ...start, outcome: earlier === 'create' ? 'created' : 'updated', ...rest };
  return { ...start, outcome: 'unchanged', ...rest };
}
