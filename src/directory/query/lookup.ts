// Owns all reads of users, groups and members of the caller's account, as doors see them.

import type { NameCache } from '../links/name-cache.ts';
import type { EncodedUserView, UserView } from '../model.ts';
import type { Lookup } from '../ports.ts';
import type { Records } from '../records.ts';
import { type Names, viewEncodedUser, viewGroup, viewUser } from '../users/views.ts';
import { readWhole } from './query.ts';

/** Creates the read interface of the directory. */
export function createLookup(records: Records, names: NameCache): Lookup {
  return {
    async user(caller, id) {
      const user = await records.user(caller.account.id, id);
      return user && viewUser(user, await names.of(caller.account.id, [user]));
    },
    async users(caller, query) {
      const { resources, ...page } = readWhole(await records.users(caller.account.id, query));
      const known = await names.of(caller.account.id, resources);
      return { ...page, resources: resources.map((user) => viewUser(user, known)) };
    },
    async usersInTurn(caller, query) {
      const page = await records.users(caller.account.id, query);
      let ofPage: Promise<Names> | undefined;
      const at = (index: number): UserView | Promise<UserView> => {
        const user = page.at(index);
        const known = ofPage ? undefined : names.known(user);
        if (known) return viewUser(user, known);
        // If a name is not cached, those of the whole page are loaded in one query, since a page may refer to more than the cache holds.
        ofPage ??= names.of(caller.account.id, readWhole(page).resources);
        return ofPage.then((all) => viewUser(user, all));
      };
      const { encodedAt: storedAt, ...others } = page;
      if (!storedAt) return { ...others, at };
      const encodedAt = (index: number): EncodedUserView | undefined => {
        const user = storedAt(index);
        const known = user && names.known(user);
        return known && viewEncodedUser(user, known);
      };
      return { ...others, at, encodedAt };
    },
    async group(caller, id) {
      const group = await records.group(caller.account.id, id);
      return group && viewGroup(group, caller.connection.id);
    },
    async groups(caller, query) {
      const page = await records.groups(caller.account.id, query, caller.connection.id);
      return { ...page, resources: page.resources.map((group) => viewGroup(group, caller.connection.id)) };
    },
    members: (caller, groupId) => records.members(caller.account.id, groupId),
    memberCount: (caller, groupId, atMost) => records.memberCount(caller.account.id, groupId, atMost),
  };
}
