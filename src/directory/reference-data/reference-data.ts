// Owns reference data: the org units (a tree, as paths), roles, organizations and enrollment profiles of an account. Files may refer
// only to existing entries; SCIM accepts any value.

import { randomUUID } from 'node:crypto';
import { valuesRecord } from '../change-record.ts';
import { type Fault, fault, type Outcome, refused } from '../faults.ts';
import type { Caller, ChangeRecord, Precondition } from '../model.ts';
import { meets } from '../precondition.ts';
import type { Page, Query } from '../query/query.ts';
import { differences } from '../recorded-values.ts';
import { createRetryBudget, retry } from '../retry-budget.ts';
import { foldText } from '../schema/fold.ts';
import { hasHiddenSigns, isBlank, VISIBLE_RULE } from '../schema/texts.ts';
import { nameFault } from '../users/rules.ts';

export type ReferenceKind = 'orgUnit' | 'role' | 'organization' | 'enrollmentProfile';

/** One entry. Files and users refer to its `code`, which for an org unit is the whole path: `Retail/Benelux/Gent`. */
export interface ReferenceItem {
  id: string;
  account: string;
  kind: ReferenceKind;
  code: string;
  /** A text to show with the code. */
  name?: string;
  created: Date;
  /** Absent in entries of an earlier version of this server, which could not change. */
  modified?: Date;
  /** Counts the changes from 1, which is also the version of an entry without one. */
  version?: number;
}

/** The version of an entry, its entity tag. */
export function versionOf({ version = 1 }: Pick<ReferenceItem, 'version'>): number {
  return version;
}

interface ReferenceReads {
  /**
   * The entries of a kind whose folded code begins with `prefix`, ordered by code; at most `limit` after `after`. With `within`, only
   * the org unit with that path and those below it: none for ''.
   */
  list(
    account: string,
    kind: ReferenceKind,
    page: { prefix?: string; after?: string; within?: string; limit: number },
  ): Promise<ReferenceItem[]>;
  /** The entry with this id or, folded, this code. */
  find(account: string, kind: ReferenceKind, text: string): Promise<ReferenceItem | undefined>;
  /** The existing ones of these codes (compared folded), as they are stored, by folded code. */
  known(account: string, kind: ReferenceKind, codes: string[]): Promise<Map<string, string>>;
  /** The org units that a filter finds, by code unless the query has another order. @throws QueryNotSupported, QueryTooCostly */
  orgUnitsFound(account: string, query: Query): Promise<Page<ReferenceItem>>;
}

/** The entries of accounts, as doors use them. Every change has a record in the audit trail. Every method throws StoreUnavailable if the database is unavailable. */
export interface ReferenceData extends ReferenceReads {
  /**
   * Faults: required, tooLong, invalidValue, uniqueness (with the id of the entry that has the code), busy; unknownReference for an org
   * unit whose parent does not exist.
   */
  add(caller: Caller, kind: ReferenceKind, item: { code: string; name?: string }): Promise<Outcome<ReferenceItem>>;
  /** Changes the text that is shown with the code; null removes it, undefined keeps it. Faults: notFound, tooLong, invalidValue, preconditionFailed, busy. */
  rename(
    caller: Caller,
    kind: ReferenceKind,
    id: string,
    precondition: Precondition,
    name: string | null | undefined,
  ): Promise<Outcome<ReferenceItem>>;
  /** The number of users who have exactly this code. */
  users(account: string, kind: ReferenceKind, code: string): Promise<number>;
  /** Faults: notFound, preconditionFailed, inUse if users have it, busy; for an org unit invalidValue if it has units below it. */
  remove(caller: Caller, kind: ReferenceKind, id: string, precondition?: Precondition): Promise<Outcome<undefined>>;
}

/** Describes the write of an entry. @param before undefined: it is created; likewise `after`: removed */
export type DescribeReference = (
  before: ReferenceItem | undefined,
  after: ReferenceItem | undefined,
) => { record: ChangeRecord; resource: ReferenceResource };

/**
 * The port to the database; src/mongo implements it. A write and its change record are stored together. The condition of a write is checked atomically with the write; `busy` means that
 * all retries had conflicts with other writes.
 */
export interface ReferenceRecords extends ReferenceReads {
  /** Inserts an entry if its code is not taken and, if `parent` is given, an entry with that code exists. */
  insert(
    item: ReferenceItem,
    describe: DescribeReference,
    parent?: string,
  ): Promise<'inserted' | 'taken' | 'noParent' | 'busy'>;
  /** Renames an entry that still has the version of `item`, which is its state before; undefined if it has another one or is gone. */
  rename(
    item: ReferenceItem,
    name: string | null,
    at: Date,
    describe: DescribeReference,
  ): Promise<ReferenceItem | undefined>;
  /** Removes an entry unless another code of its kind begins with its code and `below`; with `ifVersion`, only that version. */
  remove(
    account: string,
    kind: ReferenceKind,
    id: string,
    conditions: { below?: string; ifVersion?: number },
    describe: DescribeReference,
  ): Promise<'removed' | 'notFound' | 'hasBelow' | 'busy'>;
}

const REFERENCE_CODE_CHARS_MAX = 255;
export const ORG_UNIT_SEPARATOR = '/';

interface ReferenceDependencies {
  now: () => Date;
  /** The number of users who have exactly this code. @throws StoreUnavailable */
  usersOf: (account: string, kind: ReferenceKind, code: string) => Promise<number>;
}

/** Creates the reference data of accounts. */
export function createReferenceData(records: ReferenceRecords, { now, usersOf }: ReferenceDependencies): ReferenceData {
  return {
    list: (account, kind, page) => records.list(account, kind, page),
    find: (account, kind, text) => records.find(account, kind, text),
    known: (account, kind, codes) => records.known(account, kind, codes),
    orgUnitsFound: (account, query) => records.orgUnitsFound(account, query),

    async add(caller, kind, { code, name }) {
      const account = caller.account.id;
      if (isBlank(code)) return refused(fault('required', 'code'));
      if (hasHiddenSigns(code)) return refused(fault('invalidValue', 'code', { rule: VISIBLE_RULE }));
      if (code.length > REFERENCE_CODE_CHARS_MAX)
        return refused(fault('tooLong', 'code', { max: REFERENCE_CODE_CHARS_MAX }));
      const invalid = nameFault('name', name);
      if (invalid) return refused(invalid);
      const parent = kind === 'orgUnit' ? parentOrgUnit(code) : undefined;
      const id = randomUUID();
      const at = now();
      const named = name === undefined ? {} : { name };
      const item = { id, account, kind, code, ...named, created: at, modified: at, version: 1 };
      switch (await records.insert(item, describing(caller, at), parent)) {
        case 'inserted':
          return { ok: true, value: item, effect: 'created' };
        case 'taken':
          return refused(await takenCode(records, account, kind, code));
        case 'noParent':
          return refused(fault('unknownReference', 'code', { kind, value: parent ?? '' }));
        case 'busy':
          return refused(fault('busy'));
      }
    },

    users: usersOf,
    rename: (caller, kind, id, precondition, name) => rename(records, now, { caller, kind, id, precondition }, name),
    remove: (caller, kind, id, precondition) => remove(records, { now, usersOf }, { caller, kind, id, precondition }),
  };
}

/** What events and the audit trail call the entries of a kind. */
export const REFERENCE_RESOURCES = {
  orgUnit: 'OrgUnit',
  role: 'Role',
  organization: 'Organization',
  enrollmentProfile: 'EnrollmentProfile',
} as const satisfies Record<ReferenceKind, string>;

export type ReferenceResource = (typeof REFERENCE_RESOURCES)[ReferenceKind];

/** The change records of what a caller does. */
function describing(caller: Caller, now: Date): DescribeReference {
  return (before, after) => {
    const { id, kind } = (after ?? before) as ReferenceItem;
    const action = before === undefined ? 'create' : after === undefined ? 'delete' : 'update';
    const record = valuesRecord({ caller, now }, { id, action }, differences(RECORDED, before, after));
    // A request can change one entry more than once, such as a batch.
    const version = versionOf((after ?? before) as ReferenceItem);
    return { record: { ...record, id: `${record.id}:${version}` }, resource: REFERENCE_RESOURCES[kind] };
  };
}

const RECORDED = ['code', 'name'] as const;

/** One entry, in the version that a request demands. */
interface Target {
  caller: Caller;
  kind: ReferenceKind;
  id: string;
  precondition: Precondition;
}

async function rename(
  records: Pick<ReferenceRecords, 'find' | 'rename'>,
  now: () => Date,
  { caller, kind, id, precondition }: Target,
  name: string | null | undefined,
): Promise<Outcome<ReferenceItem>> {
  const account = caller.account.id;
  const budget = createRetryBudget();
  do {
    const item = await itemOf(records, account, kind, id);
    if (!item) return refused(fault('notFound', kind, { id }));
    if (!meets(precondition, versionOf(item))) return refused(fault('preconditionFailed'));
    if (name === undefined || (item.name ?? null) === name) return { ok: true, value: item, effect: 'unchanged' };
    const invalid = nameFault('name', name);
    if (invalid) return refused(invalid);
    const at = now();
    const renamed = await records.rename(item, name, at, describing(caller, at));
    if (renamed) return { ok: true, value: renamed, effect: 'updated' };
  } while (await retry(budget));
  return refused(fault('busy'));
}

async function remove(
  records: Pick<ReferenceRecords, 'find' | 'remove'>,
  { now, usersOf }: ReferenceDependencies,
  { caller, kind, id, precondition }: Target,
): Promise<Outcome<undefined>> {
  const account = caller.account.id;
  const item = await itemOf(records, account, kind, id);
  if (!item) return refused(fault('notFound', kind, { id }));
  if (!meets(precondition, versionOf(item))) return refused(fault('preconditionFailed'));
  const users = await usersOf(account, kind, item.code);
  if (users > 0) return refused(fault('inUse', kind, { users, value: item.code }));
  const conditions = {
    ...(kind === 'orgUnit' ? { below: ORG_UNIT_SEPARATOR } : {}),
    ...(precondition === undefined ? {} : { ifVersion: versionOf(item) }),
  };
  switch (await records.remove(account, kind, id, conditions, describing(caller, now()))) {
    case 'removed':
      return { ok: true, value: undefined, effect: 'deleted' };
    case 'notFound':
      return refused(
        conditions.ifVersion === undefined ? fault('notFound', kind, { id }) : fault('preconditionFailed'),
      );
    case 'hasBelow':
      return refused(fault('invalidValue', 'code', { rule: 'has org units below it' }));
    case 'busy':
      return refused(fault('busy'));
  }
}

/** The entry with exactly this id; `find` also takes a code. */
async function itemOf(
  records: Pick<ReferenceRecords, 'find'>,
  account: string,
  kind: ReferenceKind,
  id: string,
): Promise<ReferenceItem | undefined> {
  const item = await records.find(account, kind, id);
  return item?.id === id ? item : undefined;
}

/** The fault of a code that is taken, with the entry that has it. */
async function takenCode(
  records: Pick<ReferenceRecords, 'find'>,
  account: string,
  kind: ReferenceKind,
  code: string,
): Promise<Fault> {
  const holder = await records.find(account, kind, code);
  return fault('uniqueness', 'code', { value: code, holder: kind, ...(holder ? { holderId: holder.id } : {}) });
}

/** Checks that codes exist. Faults: unknownReference, one for each missing code. */
export async function unknownReferences(
  data: Pick<ReferenceData, 'known'>,
  account: string,
  kind: ReferenceKind,
  codes: string[],
  path: string,
): Promise<Fault[]> {
  if (codes.length === 0) return [];
  const known = await data.known(account, kind, codes);
  return codes
    .filter((code) => !known.has(foldText(code)))
    .map((value) => fault('unknownReference', path, { kind, value }));
}

/** The path of the parent org unit; undefined at the top level. */
function parentOrgUnit(code: string): string | undefined {
  const at = code.lastIndexOf(ORG_UNIT_SEPARATOR);
  return at < 0 ? undefined : code.slice(0, at);
}
