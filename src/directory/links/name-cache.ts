// Caches the groups and stores that users link to, for their names in views. A read may return a name that another process changed up to
// `AGE_MS_MAX` ago; writes never rely on it.

import { LRUCache } from 'lru-cache';
import type { Link, StoredGroup, StoredStore, StoredUser } from '../model.ts';
import type { Records } from '../records.ts';
import { type Names, NO_NAMES } from '../users/views.ts';

const AGE_MS_MAX = 2000;
const ENTRIES_MAX = 20_000;

/** A cache of groups and stores by id. */
export interface NameCache {
  /** The groups and stores that these users link to. */
  of(account: string, users: StoredUser[]): Promise<Names>;
  /** Those of one user if all of them are cached, without a query. */
  known(user: Pick<StoredUser, 'groups' | 'stores'>): Names | undefined;
  forgetGroup(id: string): void;
  forgetStore(id: string): void;
}

/** The targets of links if all of them are cached. */
function cachedTargets<T>(
  cache: LRUCache<string, { found: T | undefined }>,
  links: readonly Link[],
): ReadonlyMap<string, T> | undefined {
  const targets = new Map<string, T>();
  for (const { to } of links) {
    if (to === undefined) continue;
    const entry = cache.get(to);
    if (!entry) return undefined;
    if (entry.found !== undefined) targets.set(to, entry.found);
  }
  return targets;
}

/** Creates an empty cache. */
export function createNameCache(records: Pick<Records, 'groupsById' | 'storesById'>): NameCache {
  const groups = new LRUCache<string, { found: StoredGroup | undefined }>({ max: ENTRIES_MAX, ttl: AGE_MS_MAX });
  const stores = new LRUCache<string, { found: StoredStore | undefined }>({ max: ENTRIES_MAX, ttl: AGE_MS_MAX });

  async function fill<T extends { _id: string }>(
    cache: LRUCache<string, { found: T | undefined }>,
    ids: Set<string>,
    load: (ids: string[]) => Promise<T[]>,
  ): Promise<Map<string, T>> {
    const found = new Map<string, T>();
    const absent: string[] = [];
    for (const id of ids) {
      const entry = cache.get(id);
      if (!entry) absent.push(id);
      else if (entry.found) found.set(id, entry.found);
    }
    if (absent.length === 0) return found;
    for (const entity of await load(absent)) found.set(entity._id, entity);
    for (const id of absent) cache.set(id, { found: found.get(id) });
    return found;
  }

  return {
    async of(account, users) {
      const groupIds = new Set<string>();
      const storeIds = new Set<string>();
      for (const user of users) {
        for (const link of user.groups) if (link.to !== undefined) groupIds.add(link.to);
        for (const link of user.stores) if (link.to !== undefined) storeIds.add(link.to);
      }
      if (groupIds.size === 0 && storeIds.size === 0) return NO_NAMES;
      const [groupsFound, storesFound] = await Promise.all([
        fill(groups, groupIds, (ids) => records.groupsById(account, ids)),
        fill(stores, storeIds, (ids) => records.storesById(account, ids)),
      ]);
      return { groups: groupsFound, stores: storesFound };
    },
    known({ groups: groupLinks, stores: storeLinks }) {
      if (groupLinks.length === 0 && storeLinks.length === 0) return NO_NAMES;
      const groupsFound = cachedTargets(groups, groupLinks);
      const storesFound = groupsFound && cachedTargets(stores, storeLinks);
      return groupsFound && storesFound && { groups: groupsFound, stores: storesFound };
    },
    forgetGroup: (id) => void groups.delete(id),
    forgetStore: (id) => void stores.delete(id),
  };
}
