// Decides which of the values that an erasure names it may search for: those that a deleted user, a former value, an event, an earlier
// erasure or an unresolved reference confirms to be the identity of a person. Otherwise one request could empty the audit trail, by
// naming words that every text contains.

import { fault, isNonEmpty, type Outcome } from '../faults.ts';
import type { IdentityHash } from '../identity-hash.ts';
import type { Caller } from '../model.ts';
import { foldText } from '../schema/fold.ts';
import type { ErasureDependencies } from './erasure.ts';
import { identityValues, type PersonIdentifiers } from './person.ts';

/** What is confirmed of the values that an erasure names. */
export interface NamedPerson {
  /** The named ids of deleted users and the confirmed values. */
  confirmed: PersonIdentifiers;
  /** The hashes of all identities of the deleted users who were named. */
  hashes: readonly string[];
  /** The number of values that nothing confirms. */
  unconfirmed: number;
  /** The hashes of all named values. */
  namedHashes: readonly string[];
}

const FOREIGN = 'one of these belongs to another user: erase that user by id, or leave the value out';

type Dependencies = Pick<ErasureDependencies, 'records' | 'memory' | 'identityHash' | 'commonWords'>;

/**
 * Returns the confirmed ones of the values that an erasure names.
 * Faults: invalidValue, if a value is or was an identity of another user than `own`.
 * @throws StoreUnavailable
 */
export async function confirmNamed(
  dependencies: Dependencies,
  caller: Caller,
  known: PersonIdentifiers,
  own: string | undefined,
): Promise<Outcome<NamedPerson>> {
  const { memory, commonWords } = dependencies;
  const account = caller.account.id;
  const hash = await dependencies.identityHash();
  const named = identityValues(known);
  const former = await memory.formerIdentities(account, named.map(hash));
  const holders = await holdersOf(dependencies, account, known, { hash, former });
  const faults = holders.flatMap(({ path, ids }) =>
    ids.some((id) => id !== own) ? [fault('invalidValue', path, { rule: FOREIGN })] : [],
  );
  if (isNonEmpty(faults)) return { ok: false, faults };
  const identifying = identityValues({
    userNames: known.userNames,
    externalIds: known.externalIds,
    emails: known.emails,
  }).filter((value) => !commonWords.has(foldText(value)));
  const ids = known.ids ?? [];
  const deleted = await memory.deletedUsers(account, { ids, hashes: identifying.map(hash) });
  const hashes = [...new Set(deleted.flatMap((user) => user.known))];
  const remembered = await memory.remembered(account, named.map(hash));
  const awaited = await dependencies.records.awaitedManagers(account, identifying.map(foldText));
  const held = holders.flatMap(({ value, ids: holding }) => (holding.length > 0 ? [value] : []));
  const confirming = new Set([...hashes, ...former.keys(), ...remembered, ...[...awaited, ...held].map(hash)]);
  const isConfirmed = (value: string) => confirming.has(hash(value)) && !commonWords.has(foldText(value.trim()));
  const confirmed: PersonIdentifiers = {
    ids: deleted.map(({ id }) => id),
    userNames: known.userNames?.filter(isConfirmed),
    externalIds: known.externalIds?.filter(isConfirmed),
    emails: known.emails?.filter(isConfirmed),
    phones: known.phones?.filter(isConfirmed),
    names: known.names?.filter(({ given, family }) => isConfirmed(`${given} ${family}`)),
    wholeNames: known.wholeNames?.filter(isConfirmed),
  };
  const isDeleted = new Set(confirmed.ids);
  const unconfirmed =
    valuesOf(known).filter((value) => !isConfirmed(value)).length + ids.filter((id) => !isDeleted.has(id)).length;
  const namedHashes = [...new Set(valuesOf(known).map(hash))];
  return { ok: true, value: { confirmed, hashes, unconfirmed, namedHashes }, effect: 'unchanged' };
}

/** The named values, without ids; a name counts once. */
function valuesOf({ names = [], ...known }: PersonIdentifiers): string[] {
  return [...identityValues(known), ...names.map(({ given, family }) => `${given} ${family}`)];
}

/** A named value with the users whose identity it is or was. */
interface Holders {
  path: string;
  value: string;
  ids: string[];
}

/** The users who are or were known by the named login names, External IDs and e-mails. */
async function holdersOf(
  { records }: Dependencies,
  account: string,
  known: PersonIdentifiers,
  { hash, former }: { hash: IdentityHash; former: ReadonlyMap<string, string> },
): Promise<Holders[]> {
  const found: Holders[] = [];
  for (const [by, path, values] of [
    ['userName', 'userNames', known.userNames],
    ['externalId', 'externalIds', known.externalIds],
    ['email', 'emails', known.emails],
  ] as const) {
    for (const value of values ?? []) {
      const before = former.get(hash(value));
      const ids = await records.usersWith(account, by, value, 2);
      found.push({ path, value, ids: [...ids, ...(before === undefined ? [] : [before])] });
    }
  }
  return found;
}
