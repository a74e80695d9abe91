// The IDs by which sources know a group: those that users state inline and the one that a client pushes. None overwrites another,
// all lead to the group, and each shows up where its source put it (decision 6).

import type { GroupIdentity, Link, StoredGroup } from '../model.ts';

/** The fields of a stored group that follow from its IDs. */
export type IdentityFields = Pick<StoredGroup, 'identities' | 'externalId'>;

/** The values of a group's IDs, each once. */
export function idsOf({ identities }: Pick<StoredGroup, 'identities'>): string[] {
  return [...new Set(identities.map(({ value }) => value))];
}

/** The stored fields for these IDs. */
export function identityFields(identities: GroupIdentity[], claimed: boolean): IdentityFields {
  const externalId = shownId(identities, claimed);
  return { identities, ...(externalId === undefined ? {} : { externalId }) };
}

/** The ID that a group shows: what was pushed. A group that is not claimed shows the first ID that users stated. */
function shownId(identities: readonly GroupIdentity[], claimed: boolean): string | undefined {
  const pushed = identities.find((identity) => identity.pushed);
  if (pushed ?? claimed) return pushed?.value;
  return identities[0]?.value;
}

/**
 * The ID that a user shows for a group: the one that its own link stated; else one that a connection of the link stated; else the
 * first one that users stated; else the pushed one.
 */
export function idShownByLink({ identities }: Pick<StoredGroup, 'identities'>, link: Link): string | undefined {
  if (identities.some(({ value }) => value === link.statedId)) return link.statedId;
  const stated = identities.filter(({ pushed }) => !pushed);
  const own = stated.find(
    ({ connection }) => connection !== undefined && link.origins.includes(`inline:${connection}`),
  );
  return (own ?? stated[0] ?? identities[0])?.value;
}

/** A group's IDs with one that a connection's user states. */
export function withStatedId(identities: readonly GroupIdentity[], value: string, connection: string): GroupIdentity[] {
  const isStated = identities.some((identity) => identity.value === value && !identity.pushed);
  return isStated ? [...identities] : [...identities, { value, connection }];
}

/** A group's IDs with another pushed one; undefined: with none. Those that users stated stay. */
export function withPushedId(
  identities: readonly GroupIdentity[],
  value: string | undefined,
  connection: string,
): GroupIdentity[] {
  const stated = identities.filter(({ pushed }) => !pushed);
  return value === undefined ? stated : [...stated, { value, connection, pushed: true }];
}
