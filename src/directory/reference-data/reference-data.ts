// What an account has besides users, groups and stores: org units (a tree, as paths), roles, organizations, enrollment
// profiles. Files may name only what exists here; SCIM keeps what it is sent.

import { randomUUID } from 'node:crypto';
import { type Fault, fault, type Outcome, refused } from '../faults.ts';
import { foldText } from '../schema/fold.ts';

export type ReferenceKind = 'orgUnit' | 'role' | 'organization' | 'enrollmentProfile';

/** One entry. The `code` is what files and users name: of an org unit its whole path, `Retail/Benelux/Gent`. */
export interface ReferenceItem {
  id: string;
  account: string;
  kind: ReferenceKind;
  code: string;
  /** A text to show beside the code. */
  name?: string;
  created: Date;
}

interface ReferenceReads {
  /** The entries of a kind whose folded code begins with `prefix`, in the order of their codes, at most `limit` after `after`. */
  list(
    account: string,
    kind: ReferenceKind,
    page: { prefix?: string; after?: string; limit: number },
  ): Promise<ReferenceItem[]>;
  /** Of these codes, those that exist (compared folded), as they are spelt there, by folded code. */
  known(account: string, kind: ReferenceKind, codes: string[]): Promise<Map<string, string>>;
}

/** The entries of accounts, as doors use them. Every method throws StoreUnavailable if the database is unavailable. */
export interface ReferenceData extends ReferenceReads {
  /** Faults: required, tooLong, uniqueness, busy; unknownReference for an org unit whose parent does not exist. */
  add(account: string, kind: ReferenceKind, item: { code: string; name?: string }): Promise<Outcome<ReferenceItem>>;
  /** Faults: notFound, busy; invalidValue for an org unit that has units below it. */
  remove(account: string, kind: ReferenceKind, id: string): Promise<Outcome<undefined>>;
}

/**
 * The port to where entries are kept; src/mongo implements it. A condition of a write holds when the write takes effect, whatever is
 * written at the same time; `busy` means that other writers were faster every time.
 */
export interface ReferenceRecords extends ReferenceReads {
  /** Inserts an entry, if none of its kind has its code, and if an entry has the code `parent`. */
  insert(item: ReferenceItem, parent?: string): Promise<'inserted' | 'taken' | 'noParent' | 'busy'>;
  /** Removes an entry, if no code of its kind begins with its own and `below`. */
  remove(
    account: string,
    kind: ReferenceKind,
    id: string,
    below?: string,
  ): Promise<'removed' | 'notFound' | 'hasBelow' | 'busy'>;
}

const REFERENCE_CODE_CHARS_MAX = 255;
export const ORG_UNIT_SEPARATOR = '/';

/** The entries over a store. */
export function createReferenceData(records: ReferenceRecords, now: () => Date): ReferenceData {
  return {
    list: (account, kind, page) => records.list(account, kind, page),
    known: (account, kind, codes) => records.known(account, kind, codes),

    async add(account, kind, { code, name }) {
      if (code.trim() === '') return refused(fault('required', 'code'));
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

/** Faults for codes that do not exist: unknownReference, one each. */
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

/** The path of the unit above, or undefined for one at the top. */
function parentOrgUnit(code: string): string | undefined {
  const at = code.lastIndexOf(ORG_UNIT_SEPARATOR);
  return at < 0 ? undefined : code.slice(0, at);
}
