// THE read entry: users, groups and members of the caller's account, as doors see them.

import type { NameCache } from './names.ts';
import type { Lookup } from './ports.ts';
import type { Records } from './records.ts';
import { viewGroup, viewUser } from './views.ts';

export function createLookup(records: Records, names: NameCache): Lookup {
  return {
    async user(caller, id) {
      const user = await records.user(caller.account.id, id);
      return user && viewUser(user, await names.of(caller.account.id, [user]));
    },
    async users(caller, query) {
      const page = await records.users(caller.account.id, query);
      const known = await names.of(caller.account.id, page.resources);
      return { ...page, resources: page.resources.map((user) => viewUser(user, known)) };
    },
    async group(caller, id) {
      const group = await records.group(caller.account.id, id);
      return group && viewGroup(group);
    },
    async groups(caller, query) {
      const page = await records.groups(caller.account.id, query);
      return { ...page, resources: page.resources.map(viewGroup) };
    },
    members: (caller, groupId) => records.members(caller.account.id, groupId),
    memberCount: (caller, groupId, atMost) => records.memberCount(caller.account.id, groupId, atMost),
  };
}
