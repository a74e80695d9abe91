// One row of a run: whom it means, what becomes of the user, and the words for it. An import and its simulation differ only in the
// provision they are given.

import { LRUCache } from 'lru-cache';
import { type Fault, fault } from '../../../directory/faults.ts';
import type { Caller, UserRevision, UserView } from '../../../directory/model.ts';
import type { Lookup, Provision, Revised, SavedUser, UserIdentity } from '../../../directory/ports.ts';
import type { Prefetch, WhoIsNamed } from '../../../directory/prefetch.ts';
import { isSuperior, type References } from '../../../directory/reference-data/references.ts';
import { setAt } from '../../../directory/schema/attributes.ts';
import { foldText } from '../../../directory/schema/fold.ts';
import { emptyAttributes } from '../../../directory/schema/schema.ts';
import type { LaneKeys } from '../../../runs/row-scheduler.ts';
import type { RowFault, RowField, RunRow } from '../../../runs/store.ts';
import { wordsOf } from '../fault-messages.ts';
import { COLUMNS, type Column, readColumn } from '../format/columns.ts';
import type { FileRow } from '../format/parse.ts';
import type { Resolver } from './resolver.ts';
import {
  cellOf,
  countedUp,
  identityOf,
  loginNameOf,
  type ResolvedCells,
  type RowRules,
  reviseByRow,
} from './row-change.ts';

/** The entries of the directory that a run works with: the real ones, or those of a simulation. */
export interface RowEntries {
  provision: Pick<Provision, 'createUser' | 'saveUser' | 'updateUser'>;
  lookup: Pick<Lookup, 'user'>;
  references: References;
  prefetch: Prefetch;
}

/** Whether a request changed a user: a run that goes on after a crash tells what its first attempt did. */
export type PastChange = (user: string, request: string) => Promise<'create' | 'update' | undefined>;

export interface RowImporter {
  /** Reads ahead for the next rows, and tells what each shares with others. Rows must come in their order. */
  lanes(rows: readonly FileRow[], caller: Caller): Promise<LaneKeys[]>;
  /**
   * Makes or changes the user of a row. `caller` carries the request id of the row; `isRepeated`: an earlier attempt may have
   * saved it already, and what that did is what is told.
   */
  save(row: FileRow, caller: Caller, isRepeated: boolean): Promise<RunRow>;
  /** Judges the superior that a row named and sets it; the row afterwards. */
  setSuperior(row: RunRow, caller: Caller, isRepeated: boolean): Promise<RunRow>;
  /** Reads the users of rows, and the superiors that they name, before these are set. */
  readAhead(rows: readonly RunRow[], caller: Caller): Promise<void>;
  forgetNames(): void;
}

interface Superior {
  id: string;
  isSuperior: boolean;
}

interface RowImporterOptions {
  run: string;
  entries: RowEntries;
  resolver: Resolver;
  rules: RowRules;
  pastChange: PastChange;
}

/** Users of one mailbox that a row waits for: whoever shares it. */
const MAILBOX_LANES_MAX = 100;
/** What row after row may name again, at most. */
const REMEMBERED_MAX = 10_000;
const LOGIN_NAMES_TRIED_MAX = 100_000;
const LOGIN_NAME_ATTEMPTS_MAX = 3;
/** The columns whose values are told as changed; what a superior is called is known only by the file. */
const COMPARED = COLUMNS.filter(({ syntax }) => !['superiorOf', 'readOnly', 'ignored'].includes(syntax));

export function createRowImporter({ run, entries, resolver, rules, pastChange }: RowImporterOptions): RowImporter {
  const { provision, lookup, references } = entries;
  const stated = createStatements();
  const lastLoginNames = new LRUCache<string, number>({ max: REMEMBERED_MAX });
  const superiors = new LRUCache<string, Superior>({ max: REMEMBERED_MAX });
  const superiorsAsked = new Map<string, Promise<Superior | undefined>>();

  /** The first login name of a base that nobody has, counted up. */
  async function freeLoginName(row: FileRow, caller: Caller): Promise<string | undefined> {
    const base = loginNameOf(row);
    if (base === undefined) return undefined;
    const key = foldText(base);
    for (let count = lastLoginNames.get(key) ?? 1; count < LOGIN_NAMES_TRIED_MAX; count += 1) {
      const userName = countedUp(base, count);
      const found = await references.user(caller, { by: 'userName', userName });
      if (found.ok && found.id === undefined) {
        lastLoginNames.set(key, count);
        return userName;
      }
    }
    return undefined;
  }

  /** The login names that rows without one try first. */
  function nextLoginNames(rows: readonly FileRow[]): string[] {
    const counts = new Map<string, number>();
    return rows.flatMap((row) => {
      const base = (cellOf(row, 'userName') ?? '') === '' ? loginNameOf(row) : undefined;
      if (base === undefined) return [];
      const key = foldText(base);
      const count = counts.get(key) ?? lastLoginNames.get(key) ?? 1;
      counts.set(key, count + 1);
      return countedUp(base, count);
    });
  }

  async function saved(row: FileRow, resolved: ResolvedCells, identity: UserIdentity, caller: Caller) {
    let needsLoginName = false;
    const outcome = await provision.saveUser(caller, identity, (current) => {
      needsLoginName = !current && (cellOf(row, 'userName') ?? '') === '';
      return needsLoginName
        ? { ok: false, faults: [{ code: 'required', path: 'userName', params: {} }] }
        : reviseByRow(row, resolved, rules, current, undefined);
    });
    if (!needsLoginName) return outcome;
    let userName: string | undefined;
    for (let attempt = 0; attempt < LOGIN_NAME_ATTEMPTS_MAX; attempt += 1) {
      userName = await freeLoginName(row, caller);
      const revised = reviseByRow(row, resolved, rules, undefined, userName);
      if (!revised.ok) break;
      const made = await provision.createUser(caller, revised.revision.attributes, revised.revision.links);
      if (made.ok) return { ...made, value: { after: made.value } satisfies SavedUser };
      if (!made.faults.some((each) => each.code === 'uniqueness')) return made;
      // Taken since it was looked for: the next one is tried.
      if (!made.faults.some((each) => each.path === 'userName')) break;
    }
    // Refused, with the directory's reasons beside the file's; or made by somebody else since it was looked for.
    return provision.saveUser(caller, identity, (current) => reviseByRow(row, resolved, rules, current, userName));
  }

  async function save(row: FileRow, caller: Caller, isRepeated: boolean): Promise<RunRow> {
    const identity = identityOf(row);
    const resolved = await resolver.resolve(row);
    const outcome = await saved(row, resolved, identity, caller);
    const begun = { run, number: row.number, line: row.line, identity: masked(identity) };
    if (!outcome.ok) return { ...begun, outcome: 'refused', faults: told(outcome.faults) };
    const { before, after } = outcome.value;
    const later = superiorToJudge(row, after);
    const rest = { user: after.id, ...(later === undefined ? {} : { later }) };
    if (outcome.effect === 'created') return { ...begun, outcome: 'created', ...rest };
    const fields = before ? changedFields(before, after) : [];
    const earlier = isRepeated && fields.length === 0 ? await pastChange(after.id, caller.requestId) : undefined;
    if (earlier === 'create') return { ...begun, outcome: 'created', ...rest };
    // Which values it changed is not known any more.
    if (earlier) return { ...begun, outcome: 'updated', ...rest };
    if (fields.length === 0) return { ...begun, outcome: 'unchanged', ...rest };
    return { ...begun, outcome: 'updated', ...rest, fields };
  }

  /** Whom a file calls a superior, and whether this is one; remembered, as a file names the same ones again and again. */
  async function superiorNamed(text: string, caller: Caller): Promise<Superior | undefined> {
    const known = superiors.get(text);
    if (known) return known;
    const asked = superiorsAsked.get(text) ?? askForSuperior(text, caller);
    superiorsAsked.set(text, asked);
    try {
      return await asked;
    } finally {
      superiorsAsked.delete(text);
    }
  }

  async function askForSuperior(text: string, caller: Caller): Promise<Superior | undefined> {
    const found = await references.user(caller, { by: 'file', externalId: text, email: text, userName: text });
    const user = found.ok && found.id !== undefined ? await lookup.user(caller, found.id) : undefined;
    if (!user) return undefined;
    const superior = { id: user.id, isSuperior: isSuperior(user) };
    superiors.set(text, superior);
    return superior;
  }

  async function setSuperior(row: RunRow, caller: Caller, isRepeated: boolean): Promise<RunRow> {
    const { later = '', ...judged } = row;
    const { user } = judged;
    const noted = (...faults: Fault[]): RunRow => ({
      ...judged,
      faults: [...(judged.faults ?? []), ...told(faults)],
    });
    const superior = await superiorNamed(later, caller);
    if (user === undefined) return judged;
    if (!superior) {
      return noted({ code: 'unknownReference', path: 'manager', params: { kind: 'superior', value: later } });
    }
    const outcome = await provision.updateUser(caller, user, undefined, (current) => {
      if (readColumn(SUPERIOR, current) === superior.id) return withSuperior(undefined);
      if (!superior.isSuperior) return withoutSuperior('this user does not have the role Superior');
      if (superior.id === user) return withoutSuperior('a user is not the own superior');
      return withSuperior(superior.id);
    });
    if (!outcome.ok) return noted(...outcome.faults);
    if (outcome.effect === 'updated') return updated(judged, later);
    const earlier = isRepeated ? await pastChange(user, caller.requestId) : undefined;
    return earlier ? updated(judged, later) : judged;
  }

  return {
    async lanes(rows, caller) {
      const identities = rows.map(identityOf);
      const named = await entries.prefetch(caller.account.id, {
        userNames: [...identities.flatMap(({ userName }) => userName ?? []), ...nextLoginNames(rows)],
        externalIds: identities.flatMap(({ externalId, email }) => externalId ?? email ?? []),
        emails: identities.flatMap(({ externalId, email }) => (externalId === undefined ? (email ?? []) : [])),
      });
      return rows.map((row) => ({ ...laneKeys(row, named), alone: stated.isNew(row) }));
    },
    save,
    setSuperior,
    async readAhead(rows, caller) {
      const named = rows.flatMap(({ later }) => (later === undefined || superiors.has(later) ? [] : later));
      const ids = rows.flatMap(({ user }) => user ?? []);
      await entries.prefetch(caller.account.id, { ids, externalIds: named });
    },
    forgetNames: resolver.forgetNames,
  };
}

const SUPERIOR = COLUMNS.find((column) => column.syntax === 'superiorOf') as Column;

/** A user with a superior; undefined: as it is. */
function withSuperior(id: string | undefined): Revised<UserRevision> {
  const attributes = emptyAttributes();
  if (id === undefined) return { ok: true, revision: { mode: 'patch', attributes, stated: new Set() } };
  setAt(attributes, SUPERIOR.key, Object.assign(emptyAttributes(), { value: id }));
  return { ok: true, revision: { mode: 'patch', attributes, stated: new Set([SUPERIOR.key]) } };
}

function withoutSuperior(rule: string): Revised<UserRevision> {
  return { ok: false, faults: [fault('invalidValue', 'manager', { rule })] };
}

/** A row with its new superior; of the former one only the id is known, which says nothing to people. */
function updated(row: RunRow, to: string): RunRow {
  if (row.outcome === 'created') return row;
  const field: RowField = { name: SUPERIOR.name, to };
  return { ...row, outcome: 'updated', fields: [...(row.fields ?? []), field] };
}

/** The superior of a row that is to be judged after the last one. */
function superiorToJudge(row: FileRow, after: UserView): string | undefined {
  const cell = cellOf(row, 'superiorOf') ?? '';
  return cell === '' || cell === readColumn(SUPERIOR, after) ? undefined : cell;
}

function changedFields(before: UserView, after: UserView): RowField[] {
  const fields: RowField[] = [];
  for (const column of COMPARED) {
    const from = readColumn(column, before);
    const to = readColumn(column, after);
    if (from !== to) {
      fields.push({ name: column.name, ...(from === '' ? {} : { from }), ...(to === '' ? {} : { to }) });
    }
  }
  if (readColumn(SUPERIOR, before) !== '' && readColumn(SUPERIOR, after) === '') fields.push({ name: SUPERIOR.name });
  return fields;
}

/** Faults in words; one that the file and the directory both find is told once. */
function told(faults: readonly Fault[]): RowFault[] {
  const seen = new Set<string>();
  return faults.flatMap((each) => {
    const row = wordsOf(each);
    const key = `${row.code} ${row.at} ${each.params.value ?? ''}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [row];
  });
}

/** Who is meant, for people who know the file: two signs of the name and the mail's domain. */
function masked({ userName, email, externalId }: UserIdentity & { by: 'file' }): string {
  if (email?.includes('@')) {
    const at = email.lastIndexOf('@');
    return `${email.slice(0, Math.min(2, at))}***${email.slice(at)}`.slice(0, 200);
  }
  const text = userName ?? externalId ?? email ?? '';
  return text === '' ? '' : `${text.slice(0, 2)}***`;
}

/**
 * External ID, e-mail and login name: rows that share one may mean the same user. A login name that is given may be the one that
 * counting up comes to: it shares the base's lane with other given ones, and the rows that count up have it to themselves.
 */
function laneKeys(row: FileRow, named: WhoIsNamed): Pick<LaneKeys, 'keys' | 'shared'> {
  const { externalId, email, userName } = identityOf(row);
  const keys: string[] = [];
  if (externalId !== undefined) keys.push(`x:${externalId}`);
  if (email !== undefined) keys.push(`e:${foldText(email)}`, `x:${email}`);
  if (userName !== undefined) keys.push(`u:${foldText(userName)}`);
  // Two rows may mean one user by different names.
  for (const id of named.byExternalId(externalId ?? email ?? '')) keys.push(id);
  for (const id of userName === undefined ? [] : named.byUserName(userName)) keys.push(id);
  if (externalId === undefined) keys.push(...named.byEmail(email ?? '').slice(0, MAILBOX_LANES_MAX));
  const loginName = userName ?? loginNameOf(row);
  if (loginName === undefined) return { keys, shared: [] };
  // Counted up and cut, a base still begins like this.
  const base = `b:${foldText(loginName).slice(0, 90).replace(/\d+$/, '')}`;
  return userName === undefined ? { keys: [...keys, base], shared: [] } : { keys, shared: [base] };
}

const STATEMENTS_MAX = 100_000;

/** What rows stated of groups and stores by ID: a row that states something else, or first, may make or rename one. */
function createStatements() {
  const last = new Map<string, string>();
  return {
    isNew(row: FileRow): boolean {
      let isNew = false;
      for (const [{ syntax }, cell] of row.cells) {
        if ((syntax !== 'userGroups' && syntax !== 'stores') || !cell.includes('{')) continue;
        for (const part of cell.split('|')) {
          const id = /id\s*=\s*((?:\\.|[^,}\\])*)/i.exec(part)?.[1];
          if (id === undefined) continue;
          const key = `${syntax}:${id.trim()}`;
          const statement = part.replace(/,?\s*primary\s*/i, '').trim();
          if (last.get(key) === statement) continue;
          if (last.size >= STATEMENTS_MAX) last.clear();
          last.set(key, statement);
          isNew = true;
        }
      }
      return isNew;
    },
  };
}
