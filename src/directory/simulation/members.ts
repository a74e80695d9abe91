// Members of groups in a simulation: the effect of a change of members on a user, and the members of a group with the overlays.

import type { MemberDelta } from '../groups/member-changes.ts';
import type { MemberView, StoredUser } from '../model.ts';
import type { MembersWrite } from '../records.ts';
import { textAt } from '../schema/attributes.ts';

const BATCH = 1000;

/** Returns a user after a change of members, as the database would write it. */
export function memberAfter(
  user: StoredUser,
  group: string,
  action: keyof MemberDelta,
  { origin, record }: MembersWrite,
): StoredUser {
  const revision = user.revision + 1;
  const seen = { revision, version: user.version + 1, modified: record.at };
  switch (action) {
    case 'link':
      return { ...user, ...seen, groups: [...user.groups, { to: group, origins: [origin] }] };
    case 'unlink':
      return { ...user, ...seen, groups: user.groups.filter(({ to }) => to !== group) };
    case 'noteOrigin': {
      const groups = user.groups.map((link) =>
        link.to === group ? { ...link, origins: [...link.origins, origin] } : link,
      );
      return { ...user, revision, groups };
    }
  }
}

/**
 * A group's members in the order of their ids.
 * @param stored the members in the database, ordered by id
 * @param unwrittenIds returns those of some ids that are not in the overlay
 * @param written all users in the overlay
 */
export async function* mergedMembers(
  stored: AsyncIterable<MemberView[]>,
  unwrittenIds: (ids: string[]) => Promise<string[]>,
  written: AsyncIterable<StoredUser>,
  group: string,
): AsyncIterable<MemberView[]> {
  const added = await writtenMembers(written, group);
  let batch: MemberView[] = [];
  for await (const members of stored) {
    const kept = new Set(await unwrittenIds(members.map(({ id }) => id)));
    const last = members.at(-1)?.id ?? '';
    const before = added.findIndex(({ id }) => id > last);
    const between = added.splice(0, before < 0 ? added.length : before);
    batch.push(...[...members.filter(({ id }) => kept.has(id)), ...between].sort(byId));
    while (batch.length >= BATCH) {
      yield batch.slice(0, BATCH);
      batch = batch.slice(BATCH);
    }
  }
  batch.push(...added);
  for (let from = 0; from < batch.length; from += BATCH) yield batch.slice(from, from + BATCH);
}

async function writtenMembers(written: AsyncIterable<StoredUser>, group: string): Promise<MemberView[]> {
  const members: MemberView[] = [];
  for await (const { _id: id, data, groups } of written) {
    if (!groups.some(({ to }) => to === group)) continue;
    members.push({ id, display: textAt(data, 'displayName') ?? textAt(data, 'userName') ?? '' });
  }
  return members.sort(byId);
}

const byId = (a: MemberView, b: MemberView): number => (a.id < b.id ? -1 : 1);
