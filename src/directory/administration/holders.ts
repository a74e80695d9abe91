// Owns who has a store, is in an org unit or has another code of the reference data, and moves these users to another one, so that it can be removed.

import type { Fault } from '../faults.ts';
import { STORE_LINKS, statementsAt } from '../links/kinds.ts';
import type { Caller, StoredUser, StoreView, UserRevision, UserView } from '../model.ts';
import type { Provision } from '../ports.ts';
import { type CursorPosition, type Filter, readWhole } from '../query/query.ts';
import type { RecordsReader } from '../records.ts';
import type { ReferenceKind } from '../reference-data/reference-data.ts';
import { setAt } from '../schema/attributes.ts';
import { emptyAttributes, type ResourceSchema } from '../schema/schema.ts';

/** A store by its ref id, or an org unit by its path. */
export type Place = { store: string } | { orgUnit: string };

/** A code of the reference data. */
export interface HeldCode {
  kind: ReferenceKind;
  code: string;
}

/** The attributes in which users have codes, by kind. */
const CODE_KEYS: Readonly<Record<ReferenceKind, string>> = {
  orgUnit: 'mobietrain.organizationalUnit',
  role: 'roles.value',
  organization: 'mobietrain.organizations',
  enrollmentProfile: 'mobietrain.enrollmentProfiles',
};

/** What a move is to: a store, or an org unit by its path. */
export type MoveTarget = { store: StoreView } | { orgUnit: string };

/** What came of a move. */
export interface MovedUsers {
  moved: number;
  /** The users who stayed; the reasons of at most 20 of them. */
  stayed: number;
  reasons: { id: string; userName: string; faults: readonly Fault[] }[];
  /** The position to continue from, if it ended before the last user. */
  next?: CursorPosition;
}

const PAGE = 200;
/** Number of concurrent writes of users. */
const USERS_AT_ONCE = 8;
const REASONS_MAX = 20;

/** The number of users who have a store or exactly this code. @throws StoreUnavailable */
export async function countHolders(
  records: Pick<RecordsReader, 'users'>,
  schema: ResourceSchema,
  account: string,
  held: Place | HeldCode,
): Promise<number> {
  const page = { kind: 'index', startIndex: 1, count: 0 } as const;
  return (await records.users(account, { filter: holdersOf(schema, held), page })).total;
}

interface MoveDependencies {
  records: Pick<RecordsReader, 'users'>;
  provision: Pick<Provision, 'updateUser'>;
  schema: ResourceSchema;
}

interface MoveOptions {
  /** Gets the number of moved users from time to time. */
  onMoved?: (moved: number) => void;
  /** It ends after the page with which it has tried as many users. */
  limit?: number;
  /** Begins behind this position; those before it are not tried again. */
  after?: CursorPosition | undefined;
}

/**
 * Moves all users of a store or an org unit to another one, each by a change of its own under all rules. It can be repeated, and
 * continues where it was interrupted. @throws StoreUnavailable
 */
export async function moveHolders(
  { records, provision, schema }: MoveDependencies,
  caller: Caller,
  from: Place,
  to: MoveTarget,
  { onMoved = () => undefined, limit = Number.POSITIVE_INFINITY, after: begin }: MoveOptions = {},
): Promise<MovedUsers> {
  const result: MovedUsers = { moved: 0, stayed: 0, reasons: [] };
  const filter = holdersOf(schema, from);
  let after = begin;
  do {
    const page = { kind: 'cursor', count: PAGE, ...(after ? { after } : {}) } as const;
    const { resources, next } = readWhole(await records.users(caller.account.id, { filter, page }));
    for (let start = 0; start < resources.length; start += USERS_AT_ONCE) {
      const some = resources.slice(start, start + USERS_AT_ONCE);
      await Promise.all(some.map(move));
    }
    if (resources.length > 0) onMoved(result.moved);
    after = next;
  } while (after && result.moved + result.stayed < limit);
  return { ...result, ...(after ? { next: after } : {}) };

  async function move({ _id: id, data }: StoredUser): Promise<void> {
    const outcome = await provision.updateUser(caller, id, undefined, (current) => ({
      ok: true,
      revision: movedTo(current, from, to),
    }));
    if (outcome.ok) result.moved += 1;
    else if (outcome.faults[0].code !== 'notFound') {
      result.stayed += 1;
      if (result.reasons.length < REASONS_MAX)
        result.reasons.push({ id, userName: String(data.userName), faults: outcome.faults });
    }
  }
}

/** The users who have a store or exactly this code. @throws Error if the schema files lack the attribute */
export function holdersOf(schema: ResourceSchema, held: Place | HeldCode): Filter {
  const [key, value] = 'store' in held ? ['mobietrain.stores.value', held.store] : codeOf(held);
  const attribute = schema.byKey.get(key);
  if (!attribute) throw new Error(`scim-schemas: users have no ${key}`);
  return { kind: 'compare', attribute, operator: 'eq', value };
}

function codeOf(held: HeldCode | { orgUnit: string }): [key: string, code: string] {
  if ('orgUnit' in held) return [CODE_KEYS.orgUnit, held.orgUnit];
  return [CODE_KEYS[held.kind], held.code];
}

function movedTo(current: UserView, from: Place, to: MoveTarget): UserRevision {
  const attributes = emptyAttributes();
  if ('orgUnit' in to) {
    setAt(attributes, 'mobietrain.organizationalUnit', to.orgUnit);
    return { mode: 'patch', attributes, stated: new Set(['mobietrain.organizationalUnit']) };
  }
  const { refId: reference, name, country } = to.store;
  const known = statementsAt(STORE_LINKS, current.attributes);
  const left = known.filter((link) => 'store' in from && link.reference === from.store);
  const isPrimary = left.some(({ primary }) => primary);
  const added = {
    reference,
    ...(name === undefined ? {} : { name }),
    ...(country === undefined ? {} : { secondaryKey: country }),
    ...(isPrimary ? { primary: true } : {}),
  };
  const links = [
    { op: 'remove', target: 'store', links: left },
    { op: 'add', target: 'store', links: [added] },
  ] as const;
  return { mode: 'patch', attributes, stated: new Set(), links };
}
