// Owns reference data: the org units (a tree, as paths), roles, organizations and enrollment profiles of an account. Files may refer
// only to existing entries; SCIM accepts any value.

import { randomUUID } from 'node:crypto';
import { type Fault, fault, type Outcome, refused } from '../faults.ts';
import { foldText } from '../schema/fold.ts';
import { hasHiddenSigns, isBlank, VISIBLE_RULE } from '../schema/texts.ts';

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
}

/** The entries of accounts, as doors use them. Every method throws StoreUnavailable if the database is unavailable. */
export interface ReferenceData extends ReferenceReads {
  /** Faults: required, tooLong, uniqueness, busy; unknownReference for an org unit whose parent does not exist. */
  add(account: string, kind: ReferenceKind, item: { code: string; name?: string }): Promise<Outcome<ReferenceItem>>;
  /** Faults: notFound, busy; for an org unit invalidValue if it has units below it, inUse if users are in it. */
  remove(account: string, kind: ReferenceKind, id: string): Promise<Outcome<undefined>>;
}

/**
 * The port to the database; src/mongo implements it. The condition of a write is checked atomically with the write; `busy` means that
 * all retries had conflicts with other writes.
 */
export interface ReferenceRecords extends ReferenceReads {
  /** Inserts an entry if its code is not taken and, if `parent` is given, an entry with that code exists. */
  insert(item: ReferenceItem, parent?: string): Promise<'inserted' | 'taken' | 'noParent' | 'busy'>;
  /** Removes an entry unless another code of its kind begins with its code and `below`. */
  remove(
    account: string,
    kind: ReferenceKind,
    id: string,
    below?: string,
  ): Promise<'removed' | 'notFound' | 'hasBelow' | 'busy'>;
}

const REFERENCE_CODE_CHARS_MAX = 255;
export const ORG_UNIT_SEPARATOR = '/';

interface ReferenceDependencies {
  now: () => Date;
  /** The number of users who are in exactly this org unit. @throws StoreUnavailable */
  usersOf: (account: string, orgUnit: string) => Promise<number>;
}

/** Creates the reference data of accounts. */
export function createReferenceData(records: ReferenceRecords, { now, usersOf }: ReferenceDependencies): ReferenceData {
  return {
    list: (account, kind, page) => records.list(account, kind, page),
    find: (account, kind, text) => records.find(account, kind, text),
    known: (account, kind, codes) => records.known(account, kind, codes),

    async add(account, kind, { code, name }) {
      if (isBlank(code)) return refused(fault('required', 'code'));
      if (hasHiddenSigns(code)) return refused(fault('invalidValue', 'code', { rule: VISIBLE_RULE }));
      if (code.length > REFERENCE_CODE_CHARS_MAX)
        return refused(fault('tooLong', 'code', { max: REFERENCE_CODE_CHARS_MAX }));
      const parent = kind === 'orgUnit' ? parentOrgUnit(code) : undefined;
      const id = randomUUID();
      const item = { id, account, kind, code, ...(name === undefined ? {} : { name }), created: now() };
      switch (await records.insert(item, parent)) {
        case 'inserted':
          return { ok: true, value: item, effect: 'created' };
        case 'taken':
          return refused(fault('uniqueness', 'code', { value: code }));
        case 'noParent':
          return refused(fault('unknownReference', 'code', { kind, value: parent ?? '' }));
        case 'busy':
          return refused(fault('busy'));
      }
    },

    async remove(account, kind, id) {
      const unit = kind === 'orgUnit' ? await records.find(account, kind, id) : undefined;
      const users = unit ? await usersOf(account, unit.code) : 0;
      if (unit && users > 0) return refused(fault('inUse', 'orgUnit', { users, value: unit.code }));
      switch (await records.remove(account, kind, id, kind === 'orgUnit' ? ORG_UNIT_SEPARATOR : undefined)) {
        case 'removed':
          return { ok: true, value: undefined, effect: 'deleted' };
        case 'notFound':
          return refused(fault('notFound', kind, { id }));
        case 'hasBelow':
          return refused(fault('invalidValue', 'code', { rule: 'has org units below it' }));
        case 'busy':
          return refused(fault('busy'));
      }
    },
  };
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
