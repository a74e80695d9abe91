// Owns what the ids in a history stand for: the resources that changed, the stores, groups and superiors in their values, and connections.
// Names are those of today; change records have ids alone, so that an erasure need not search them.

import { administratorsConnection, learnersConnection } from './accounts/accounts.ts';
import type { AuditRecord } from './history.ts';
import { GROUP_LINKS, linkKey, STORE_LINKS } from './links/kinds.ts';
import type { Account, Connection } from './model.ts';

type NamedType = 'User' | 'Group' | 'Store';

/** What an id stands for. Without a name, there is no such resource any more. */
export interface NamedReference {
  type: NamedType;
  id: string;
  /** The administrators' name of a group or store, the full name of a user. */
  name?: string;
  /** The ref id of a store; the employee number of a user, or else the login name. */
  number?: string;
}

/** What a change refers to. */
export interface ChangeNames {
  /** The resource that changed; absent for an account and for reference data. */
  named?: NamedReference;
  /** What the ids in its values stand for. */
  refers: NamedReference[];
  /** Absent if the connection is gone. */
  connectionName?: string;
}

/** The port to names: one query for each type with ids. @throws StoreUnavailable */
export type ReadNames = (account: string, ids: Readonly<Record<NamedType, string[]>>) => Promise<NamedReference[]>;

interface HistoryNamesDependencies {
  readNames: ReadNames;
  connectionsOf: (account: Account) => Promise<Pick<Connection, 'id' | 'name'>[]>;
}

/** The names for the entries of a page. */
export interface HistoryNames {
  ofChange(change: AuditRecord): ChangeNames;
  ofConnection(id: string | undefined): string | undefined;
}

/** Finds the names for a page of changes, and for the connections of an account. @throws StoreUnavailable */
export type FindHistoryNames = (account: Account, changes: readonly AuditRecord[]) => Promise<HistoryNames>;

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** The attributes whose values are ids. */
const TYPES: ReadonlyMap<string, NamedType> = new Map([
  [linkKey(STORE_LINKS.list), 'Store'],
  [linkKey(GROUP_LINKS.list), 'Group'],
  ['groups', 'Group'],
  ['enterprise.manager', 'User'],
]);

/** Creates the search for names. */
export function createFindHistoryNames({ readNames, connectionsOf }: HistoryNamesDependencies): FindHistoryNames {
  return async (account, changes) => {
    const wanted = new Map(changes.flatMap(idsIn).map((one) => [one.id, one]));
    const ofType = (type: NamedType) => [...wanted.values()].filter((one) => one.type === type).map(({ id }) => id);
    const [found, connections] = await Promise.all([
      readNames(account.id, { User: ofType('User'), Group: ofType('Group'), Store: ofType('Store') }),
      connectionsOf(account),
    ]);
    const known = new Map(found.map((one) => [one.id, one]));
    const own = [administratorsConnection(account), learnersConnection(account)];
    const nameOf = new Map([...connections, ...own].map(({ id, name }) => [id, name]));
    const shown = (one: NamedReference): NamedReference => known.get(one.id) ?? one;
    return {
      ofChange(change) {
        const named = subjectOf(change);
        const connectionName = nameOf.get(change.connection);
        return {
          ...(named ? { named: shown(named) } : {}),
          refers: valueIds(change).map(shown),
          ...(connectionName === undefined ? {} : { connectionName }),
        };
      },
      ofConnection: (id) => (id === undefined ? undefined : nameOf.get(id)),
    };
  };
}

/** A value as people read it: with names in the place of ids. @param gone what is said of an id without a name */
export function readableValue(text: string, refers: readonly NamedReference[], gone: string): string {
  const known = new Map(refers.map((one) => [one.id, one]));
  if (known.size === 0) return text;
  const named = text.replace(ID, (id) => {
    const one = known.get(id);
    return one ? referenceWords(one, gone) : id;
  });
  if (named === text) return text;
  return named.replace(/^\["|"\]$|^"|"$/g, '').replaceAll('","', ', ');
}

/** A reference as people read it: the name with the number, or the id with a word that it is gone. */
export function referenceWords({ id, name, number }: NamedReference, gone: string): string {
  if (name === undefined && number === undefined) return `${id} (${gone})`;
  if (name === undefined || number === undefined) return name ?? number ?? '';
  return `${name} (${number})`;
}

function idsIn(change: AuditRecord): NamedReference[] {
  return [subjectOf(change) ?? [], valueIds(change)].flat();
}

function subjectOf({ resource, subject }: AuditRecord): NamedReference | undefined {
  // Entries of reference data have their code among the values.
  const isNamed = resource === 'User' || resource === 'Group' || resource === 'Store';
  return isNamed && subject !== '' ? { type: resource, id: subject } : undefined;
}

/** The ids in the values of a change; a text that was cut has only whole ones. */
function valueIds({ values = [] }: AuditRecord): NamedReference[] {
  const found = values.flatMap(({ attribute, before = '', after = '' }) => {
    const type = TYPES.get(attribute);
    if (!type) return [];
    return (`${before} ${after}`.match(ID) ?? []).map((id): [string, NamedReference] => [id, { type, id }]);
  });
  return [...new Map(found).values()];
}
