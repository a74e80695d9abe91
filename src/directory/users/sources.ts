// Owns the answer to the question who put what on a user: which connection wrote each attribute, which origins hold each link, and who
// last changed the status.

import { administratorsConnection } from '../accounts/accounts.ts';
import type { AuditRecord, HistoryReader } from '../history.ts';
import type { NameCache } from '../links/name-cache.ts';
import type { Caller, ChangedValue, Connection, Door, Link, Origin, StoredUser } from '../model.ts';
import type { Records } from '../records.ts';
import { EXTENSION_KEYS } from '../schema/attributes.ts';
import { isObject } from '../schema/fold.ts';

/** A connection with its name, as far as it still exists. */
export interface NamedConnection {
  id: string;
  name?: string;
}

/** One reason why a link exists. */
export interface LinkOrigin {
  /** A list on the user, the member list of the group, an attribute from which the group is derived, or an administrator. */
  kind: 'inline' | 'push' | 'derived' | 'administrator';
  /** Of `inline` and `push`. */
  connection?: NamedConnection;
  /** Of `derived`: the key of the attribute. */
  attribute?: string;
}

/** Since when it is so, and by which request; absent if the change is older than those that are looked through. */
interface Since {
  at?: Date;
  /** The id of the request; of a row of a file the id of the run, `:` and the number of the row. */
  request?: string;
  door?: Door;
}

/** A link with its reasons. `id` is absent if no group or store was found for the values that were sent. */
export interface SourcedLink extends Since {
  id?: string;
  name?: string;
  origins: LinkOrigin[];
}

/** Who put what on a user. */
interface UserSources {
  /** Each attribute that has a value, by key, with the connection that wrote it last; without those in `status`. */
  attributes: ({ attribute: string; connection: NamedConnection } & Since)[];
  groups: SourcedLink[];
  stores: SourcedLink[];
  /** The last change of each of the attributes that decide whether the user may sign in; absent if there was none. */
  status: { active?: AuditRecord; blocked?: AuditRecord };
}

/** The ports to connections and to the audit trail. Both throw StoreUnavailable. */
export interface SourcesDependencies {
  records: Pick<Records, 'userForChange'>;
  names: Pick<NameCache, 'of'>;
  connectionsOf: (account: Caller['account']) => Promise<Pick<Connection, 'id' | 'name'>[]>;
  changes: Pick<HistoryReader, 'lastChange' | 'changesOf'>;
}

/** The changes that are looked through for the times. */
const CHANGES_READ = 200;

/** Returns who put what on a user; undefined if the account has no such user. */
export type ReadUserSources = (caller: Pick<Caller, 'account'>, id: string) => Promise<UserSources | undefined>;

/** Creates the reader of sources. It throws StoreUnavailable. */
export function createUserSources(dependencies: SourcesDependencies): ReadUserSources {
  const { records, names, connectionsOf, changes } = dependencies;
  return async ({ account }, id) => {
    const user = await records.userForChange(account.id, id);
    if (!user) return undefined;
    const [known, connections, active, blocked, recent] = await Promise.all([
      names.of(account.id, [user]),
      connectionsOf(account),
      changes.lastChange(account.id, id, 'active'),
      changes.lastChange(account.id, id, 'blocked'),
      changes.changesOf(account.id, id, CHANGES_READ),
    ]);
    const nameById = new Map(
      [...connections, administratorsConnection(account)].map((connection) => [connection.id, connection.name]),
    );
    const connectionOf = (connection: string): NamedConnection => {
      const name = nameById.get(connection);
      return { id: connection, ...(name === undefined ? {} : { name }) };
    };
    const linksOf = (links: Link[], nameOf: (to: string) => string | undefined): SourcedLink[] =>
      links.map((link) => {
        const name = link.to === undefined ? link.statedName : nameOf(link.to);
        return {
          ...(link.to === undefined ? {} : { id: link.to }),
          ...(name === undefined ? {} : { name }),
          origins: link.origins.map((origin) => originOf(origin, connectionOf)),
          ...(link.to === undefined ? {} : linkedSince(recent, link.to)),
        };
      });
    return {
      attributes: attributesOf(user)
        .filter((attribute) => attribute !== 'active' || !active)
        .map((attribute) => ({
          attribute,
          connection: connectionOf(user.sources[attribute.replace('.', ':')] ?? user.sources['*'] ?? ''),
          ...sinceOf(recent, attribute),
        })),
      groups: linksOf(user.groups, (to) => shownName(known.groups.get(to))),
      stores: linksOf(user.stores, (to) => shownName(known.stores.get(to))),
      status: { ...(active ? { active } : {}), ...(blocked ? { blocked } : {}) },
    };
  };
}

/** The last change of an attribute among the newest changes. */
function sinceOf(recent: readonly AuditRecord[], attribute: string): Since {
  return since(
    recent.find(
      ({ action, attributes = [] }) =>
        action === 'create' || attributes.some((one) => one === attribute || one.startsWith(`${attribute}.`)),
    ),
  );
}

/** The change that linked the user to a target, likewise. */
function linkedSince(recent: readonly AuditRecord[], to: string): Since {
  return since(recent.find(({ values = [] }) => values.some((value) => isAdded(value, to))));
}

function since(found: AuditRecord | undefined): Since {
  return found ? { at: found.at, request: found.request, door: found.door } : {};
}

function isAdded({ before = '', after = '' }: ChangedValue, id: string): boolean {
  return after.includes(id) && !before.includes(id);
}

function shownName(target: { adminName?: string; name?: string } | undefined): string | undefined {
  return target?.adminName ?? target?.name;
}

/** The keys of the stored attributes that have a value. */
function attributesOf({ data }: StoredUser): string[] {
  return Object.entries(data).flatMap(([name, value]) => {
    if (!EXTENSION_KEYS.has(name)) return [name];
    return isObject(value) ? Object.keys(value).map((inner) => `${name}.${inner}`) : [];
  });
}

function originOf(origin: Origin, connectionOf: (id: string) => NamedConnection): LinkOrigin {
  if (origin === 'admin') return { kind: 'administrator' };
  const colon = origin.indexOf(':');
  const kind = origin.slice(0, colon) as 'inline' | 'push' | 'derived';
  const rest = origin.slice(colon + 1);
  return kind === 'derived' ? { kind, attribute: rest } : { kind, connection: connectionOf(rest) };
}
