// Imports one row of a file: finds the user that it refers to and creates or changes that user. An import and its simulation differ
// only in the entries of the directory that they are given.

import { type Fault, fault, refused } from '../../../directory/faults.ts';
import type { Caller, UserView } from '../../../directory/model.ts';
import type { FileIdentity, Lookup, Provision, SavedUser } from '../../../directory/ports.ts';
import type { Prefetch, WhoIsNamed } from '../../../directory/prefetch.ts';
import type { References } from '../../../directory/reference-data/references.ts';
import { textAt } from '../../../directory/schema/attributes.ts';
import type { RowContext } from '../../../runs/file-run.ts';
import type { RowKeys } from '../../../runs/row-scheduler.ts';
import type { RunRow } from '../../../runs/store.ts';
import { textsAt } from '../format/columns.ts';
import type { FileRow } from '../format/parse.ts';
import { withLeadingZeros } from '../format/spreadsheet.ts';
import { createEarlySuperiors, type EarlySuperiors, withSuperior } from './early-superiors.ts';
import type { FileIdentities } from './file-identities.ts';
import { createLoginNames, hasLoginName, type LoginNames } from './login-names.ts';
import type { Resolver } from './resolver.ts';
import {
  cellOf,
  identityOf,
  loginNameOf,
  type ResolvedCells,
  type RowRevision,
  type RowRules,
  reviseByRow,
} from './row-change.ts';
import { isInvited, languageIn, type RowInvitations, withInvitation } from './row-invitation.ts';
import { createLinkStatements, userKeys } from './row-keys.ts';
import { changedFields, maskedIdentity, rowFaults } from './row-result.ts';
import { hasLostSuperior, SUPERIOR_NAME, superiorOf, superiorToSet } from './superiors.ts';

/** The entries of the directory that a run works with: the real ones, or those of a simulation. */
export interface RowEntries {
  provision: Pick<Provision, 'saveUser' | 'updateUser'>;
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
  rules: Pick<RowRules, 'loginNamesEditable'>;
  /** The custom attributes that the account has at the moment. */
  attributesNow: () => Promise<RowRules['attributes']>;
  invitations: RowInvitations;
  /** The identities that all rows of the file state. */
  identities: FileIdentities;
  /** Whether no rows of the run were applied by another process. */
  isFirstAttempt: boolean;
}

type RowOutcome = Awaited<ReturnType<RowEntries['provision']['saveUser']>>;

const LOGIN_NAME_ATTEMPTS_MAX = 3;
const NOBODY: WhoIsNamed = { byExternalId: () => [], byUserName: () => [], byEmail: () => [] };

export function createRowImporter(options: RowImporterOptions): RowImporter {
  const { run, entries, resolver } = options;
  const loginNames = createLoginNames(entries.references);
  const statements = createLinkStatements();
  const superiors = createEarlySuperiors(entries, options.identities, options.isFirstAttempt);
  let named = NOBODY;
  let attributes: RowRules['attributes'] = [];
  return {
    async readAhead(rows, caller) {
      // A run takes a while, in which an attribute may be removed.
      attributes = await options.attributesNow();
      const identities = rows.map(identityOf);
      const userNames = identities.flatMap(({ userName }) => userName ?? []);
      const externalIds = identities.flatMap(({ externalId, email }) => externalId ?? email ?? []);
      named = await entries.prefetch(caller.account.id, {
        userNames: [...userNames, ...userNames.flatMap(withLeadingZeros), ...loginNames.next(rows)],
        externalIds: [...externalIds, ...externalIds.flatMap(withLeadingZeros), ...superiors.externalIds(rows)],
        emails: identities.flatMap(({ externalId, email }) => (externalId === undefined ? (email ?? []) : [])),
        invitedEmails: identities.flatMap(({ email }) => email ?? []),
      });
      superiors.next(rows, named);
    },
    keysOf(row) {
      const { exclusive, shared } = userKeys(row, named);
      return { exclusive, shared: [...shared, ...superiors.keysOf(row)], isBarrier: statements.isNew(row) };
    },
    async save(row, caller, context) {
      const resolved = await resolver.resolve(row);
      const saving = new RowSaving(options, row, resolved, caller, { attributes, loginNames, superiors });
      const outcome = await saving.save(named);
      // The row may have renamed a group or a store.
      if (context.isBarrier) resolver.forgetNames();
      if (!outcome.ok) {
        const refused = refusal(outcome.faults);
        if (refused.retry) superiors.postponed(row);
        return { ...rowStart(run, row), ...refused };
      }
      superiors.applied(outcome.value.after);
      const notes = [
        ...saving.notes,
        ...(outcome.effect === 'created' ? lostZeros(row, named, options.identities) : []),
      ];
      const result = await resultOf(run, row, outcome.value, outcome.effect, { ...context, superior: saving.superior });
      const lacks = result.outcome === 'unchanged' ? [] : lackingIn(outcome.value.after);
      return { ...result, ...noted([...notes, ...lacks]) };
    },
  };
}

/** One attempt to apply a row. */
class RowSaving {
  /** What the sender should know of a row that was applied. */
  notes: readonly Fault[] = [];
  /** The superior who is set with the row; others are set after the last row. */
  superior: string | undefined;
  readonly #options: RowImporterOptions;
  readonly #row: FileRow;
  readonly #resolved: ResolvedCells;
  readonly #caller: Caller;
  readonly #rules: RowRules;
  readonly #loginNames: LoginNames;
  readonly #superiors: EarlySuperiors;
  readonly #identity: FileIdentity;
  /** Whether the user of the row, if new, is invited. */
  readonly #isInvited: boolean;
  #begun: Awaited<ReturnType<RowInvitations['begin']>> | undefined;

  constructor(
    options: RowImporterOptions,
    row: FileRow,
    resolved: ResolvedCells,
    caller: Caller,
    {
      attributes,
      loginNames,
      superiors,
    }: Pick<RowRules, 'attributes'> & { loginNames: LoginNames; superiors: EarlySuperiors },
  ) {
    this.#options = options;
    this.#rules = { ...options.rules, attributes };
    this.#row = row;
    this.#resolved = resolved;
    this.#caller = caller;
    this.#loginNames = loginNames;
    this.#superiors = superiors;
    this.#isInvited = isInvited(row, caller.account);
    const { email: _email, ...withoutEmail } = identityOf(row);
    // An address with several login names in this file identifies none of them.
    const isShared = withoutEmail.userName !== undefined && options.identities.isSharedMailbox(row);
    this.#identity = isShared ? withoutEmail : identityOf(row);
  }

  async save(named: WhoIsNamed): Promise<RowOutcome> {
    const earlier = this.#options.identities.duplicateOf(this.#row);
    if (earlier) return refused(duplicate(earlier));
    this.superior = await this.#superiors.of(this.#row, this.#caller);
    const isMade = !hasLoginName(this.#row) && loginNameOf(this.#row) !== undefined;
    const isNew = !this.#isKnown(named);
    let userName = isMade && isNew ? await this.#freeLoginName() : undefined;
    if (isNew) await this.#beginInvitation();
    for (let attempt = 1; ; attempt += 1) {
      let isMissing = false;
      const outcome = await this.#options.entries.provision.saveUser(this.#caller, this.#identity, (current) => {
        isMissing = !current && ((isMade && userName === undefined) || (this.#isInvited && !this.#begun));
        return isMissing ? refused(fault('required', 'userName')) : this.#revise(current, userName);
      });
      // The user is new against expectation, or another user took the login name in the meantime: the next one is tried.
      const isTaken = !outcome.ok && isMade && outcome.faults.some(isLoginNameTaken);
      // What is wrong with the superior is said after the last row, and does not refuse this one.
      if (!outcome.ok && !isTaken && this.superior !== undefined) {
        this.superior = undefined;
        continue;
      }
      if ((!isMissing && !isTaken) || attempt > LOGIN_NAME_ATTEMPTS_MAX) {
        await this.#endInvitation(outcome);
        return this.#explained(outcome);
      }
      if (isMade) userName = await this.#freeLoginName();
      await this.#beginInvitation();
    }
  }

  async #beginInvitation(): Promise<void> {
    if (!this.#isInvited || this.#begun) return;
    this.#begun = await this.#options.invitations.begin(this.#caller.account, languageIn(this.#row));
  }

  /** Sends the mail if the row created its user, and takes the invitation back otherwise. */
  async #endInvitation(outcome: RowOutcome): Promise<void> {
    if (outcome.ok && outcome.effect === 'created') await this.#begun?.sent(outcome.value.after);
    else await this.#begun?.withdrawn();
  }

  #freeLoginName(): Promise<string | undefined> {
    return this.#loginNames.free(this.#row, this.#caller);
  }

  /** Whether a user was found by the row's External ID or e-mail when rows were read ahead. */
  #isKnown(named: WhoIsNamed): boolean {
    const { externalId, email = '' } = this.#identity;
    if (externalId !== undefined) return named.byExternalId(externalId).length > 0;
    return named.byExternalId(email).length > 0 || named.byEmail(email).length > 0;
  }

  /** The row's change, or why the row does not mean this user although an identity of the row is this user's. */
  #revise(current: UserView | undefined, userName: string | undefined): RowRevision {
    const other = current && this.#otherRowOf(current);
    if (other) return { ok: false, faults: [other], notes: [] };
    const byRow = reviseByRow(this.#row, this.#resolved, this.#rules, current, userName);
    const { account } = this.#caller;
    const { hasTextMessages } = this.#options.invitations;
    const isOwn = this.superior === current?.id;
    if (isOwn || !this.#superiors.isAlone(this.#row, current, userName)) this.superior = undefined;
    const led = this.superior === undefined ? byRow : withSuperior(byRow, current, this.superior);
    const revised = this.#isInvited
      ? withInvitation(led, this.#row, { current, account, begun: this.#begun, hasTextMessages })
      : led;
    this.notes = revised.notes;
    return revised;
  }

  #otherRowOf(current: UserView): Fault | undefined {
    const { identities } = this.#options;
    const { externalId, userName } = this.#identity;
    const ownId = textAt(current.attributes, 'externalId');
    const isByLoginName = userName !== undefined && externalId !== ownId && current.externalIdFrom !== 'emails';
    // The user is in another row, with another login name: this row means the user who gets the name that becomes free.
    const line = isByLoginName && ownId !== undefined ? identities.lineOfHolder(this.#row, ownId) : undefined;
    if (line !== undefined) {
      const rule = `is the login name of the user of line ${line}`;
      return fault('uniqueness', 'userName', { rule, value: userName ?? '' });
    }
    const earlier = identities.duplicateOfUser(this.#row, current);
    return earlier && duplicate(earlier);
  }

  /** A refusal of a login name says so if the row's External ID and Uid belong to two users. */
  async #explained(outcome: RowOutcome): Promise<RowOutcome> {
    const { externalId, userName } = this.#identity;
    const isLoginName = (one: Fault) => isLoginNameTaken(one) || (one.path === 'userName' && one.code === 'mutability');
    if (outcome.ok || externalId === undefined || userName === undefined || !outcome.faults.some(isLoginName))
      return outcome;
    const { references } = this.#options.entries;
    const [byId, byName] = await Promise.all([
      references.user(this.#caller, { by: 'file', externalId }),
      references.user(this.#caller, { by: 'userName', userName }),
    ]);
    const areTwo = byId.ok && byName.ok && byId.id !== undefined && byName.id !== undefined && byId.id !== byName.id;
    if (!areTwo) return outcome;
    const rule = 'two users are meant: the ExternalId of the row belongs to one user, its Uid to another';
    const [first, ...rest] = outcome.faults.map((one) =>
      isLoginName(one) ? fault(one.code, one.path, { ...one.params, rule }) : one,
    );
    return first ? refused(first, ...rest) : outcome;
  }
}

function isLoginNameTaken({ code, path }: Fault): boolean {
  return code === 'uniqueness' && path === 'userName';
}

const COLUMN_PATHS = { ExternalId: 'externalId', Uid: 'userName', Email: 'emails' } as const;

function duplicate({ line, column }: { line: number; column: keyof typeof COLUMN_PATHS }): Fault {
  const rule = `is a duplicate of line ${line}, which has the same ${column} for another person or with other IDs`;
  return fault('possibleDuplicate', COLUMN_PATHS[column], { rule });
}

/** Notes about the IDs of a new user that another user has with leading zeros. */
function lostZeros(row: FileRow, named: WhoIsNamed, identities: FileIdentities): Fault[] {
  const { externalId = '', userName = '' } = identityOf(row);
  const note = (path: string, text: string, original: string | undefined): Fault[] => {
    if (original === undefined) return [];
    const rule = `"${text}" is new, but there is "${original}": spreadsheets remove leading zeros from numbers`;
    return [fault('invalidValue', path, { rule })];
  };
  return [
    ...note(
      'externalId',
      externalId,
      withLeadingZeros(externalId).find((id) => named.byExternalId(id).length > 0 || identities.hasExternalId(id)),
    ),
    ...note(
      'userName',
      userName,
      withLeadingZeros(userName).find((name) => named.byUserName(name).length > 0),
    ),
  ];
}

/** What a user still lacks whom the account accepts incomplete. What is wrong with the superior is said after the last row. */
function lackingIn({ attributes }: UserView): Fault[] {
  return textsAt(attributes, 'mobietrain.missing')
    .filter((path) => path !== 'manager')
    .map((path) =>
      fault('required', path, { rule: 'has no valid value, so the user is incomplete and cannot sign in' }),
    );
}

function rowStart(run: string, row: FileRow): Pick<RunRow, 'run' | 'number' | 'line' | 'identity'> {
  return { run, number: row.number, line: row.line, identity: maskedIdentity(identityOf(row)) };
}

function refusal(faults: readonly Fault[]): Pick<RunRow, 'outcome' | 'faults' | 'retry'> {
  const isOnlyTaken = faults.every(isLoginNameTaken);
  return { outcome: 'refused', faults: rowFaults(faults), ...(isOnlyTaken ? { retry: true } : {}) };
}

function noted(notes: readonly Fault[]): Pick<RunRow, 'faults'> {
  return notes.length > 0 ? { faults: rowFaults(notes) } : {};
}

async function resultOf(
  run: string,
  row: FileRow,
  { before, after }: SavedUser,
  effect: string,
  { earlierChange, superior }: Pick<RowContext, 'earlierChange'> & { superior: string | undefined },
): Promise<RunRow> {
  const start = rowStart(run, row);
  const later = superior === undefined ? superiorToSet(row, after) : undefined;
  const rest = { user: after.id, ...(later === undefined ? {} : { later }) };
  const created = (): RunRow => ({ ...start, outcome: 'created', ...rest, ...madeLoginName(row, after) });
  if (effect === 'created') return created();
  const fields = before ? changedFields(row, before, after) : [];
  if (before && hasLostSuperior(before, after)) fields.push({ name: SUPERIOR_NAME });
  const isSet = superior !== undefined && before && superiorOf(before) !== superior;
  if (isSet) fields.push({ name: SUPERIOR_NAME, to: cellOf(row, 'superiorOf') ?? '' });
  if (fields.length > 0) return { ...start, outcome: 'updated', ...rest, fields };
  // It is no longer known which values an earlier attempt changed.
  const earlier = await earlierChange(after.id);
  if (earlier === 'create') return created();
  if (earlier) return { ...start, outcome: 'updated', ...rest };
  return { ...start, outcome: 'unchanged', ...rest };
}

/** The login name of a new user if the row has none, because nobody knows it otherwise. */
function madeLoginName(row: FileRow, { attributes }: UserView): Pick<RunRow, 'fields'> {
  const loginName = textAt(attributes, 'userName');
  if (hasLoginName(row) || loginName === undefined) return {};
  return { fields: [{ name: 'Uid', to: loginName }] };
}
