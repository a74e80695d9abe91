// Owns the IDs of groups: those that are sent with users and those that connections push with the group. None overwrites another, the group
// is found by each, and each is served where it was sent (decision 6).

import type { GroupIdentity, Link, StoredGroup } from '../model.ts';

/** The fields of a stored group that depend on its IDs. */
type IdentityFields = Pick<StoredGroup, 'identities' | 'externalId'>;

/** The distinct values of a group's IDs. */
export function idsOf({ identities }: Pick<StoredGroup, 'identities'>): string[] {
  return [...new Set(identities.map(({ value }) => value))];
}

/** Returns the stored fields for these IDs. */
export function identityFields(identities: GroupIdentity[], claimed: boolean): IdentityFields {
  const externalId = shownId(identities, claimed);
  return { identities, ...(externalId === undefined ? {} : { externalId }) };
}

/**
 * The ID that is served on a group to a connection: the one that it pushed; else the first one that another connection pushed; else,
 * if the group is not claimed, the first one sent with users.
 */
export function idShownTo(
  { identities, externalId }: Pick<StoredGroup, 'identities' | 'externalId'>,
  connection: string | undefined,
): string | undefined {
  return pushedBy(identities, connection)?.value ?? externalId;
}

/** The ID that a connection pushed itself. */
export function pushedBy(
  identities: readonly GroupIdentity[],
  connection: string | undefined,
): GroupIdentity | undefined {
  return identities.find((identity) => identity.pushed && identity.connection === connection);
}

/** The ID that is served to connections that pushed none: the first pushed one, or the first one sent with users if it is not claimed. */
function shownId(identities: readonly GroupIdentity[], claimed: boolean): string | undefined {
  const pushed = identities.find((identity) => identity.pushed);
  if (pushed ?? claimed) return pushed?.value;
  return identities[0]?.value;
}

/**
 * The ID that is served on a user for a group: the one that was sent for this link; else one that a connection of the link sent; else
 * the first one sent with users; else the pushed one.
 */
export function idShownByLink({ identities }: Pick<StoredGroup, 'identities'>, link: Link): string | undefined {
  if (identities.some(({ value }) => value === link.statedId)) return link.statedId;
  const stated = identities.filter(({ pushed }) => !pushed);
  const own = stated.find(
    ({ connection }) => connection !== undefined && link.origins.includes(`inline:${connection}`),
  );
  return (own ?? stated[0] ?? identities[0])?.value;
}

/** Adds an ID that a connection sent with a user. */
export function withStatedId(identities: readonly GroupIdentity[], value: string, connection: string): GroupIdentity[] {
  const isStated = identities.some((identity) => identity.value === value && !identity.pushed);
  return isStated ? [...identities] : [...identities, { value, connection }];
}

/**
 * Replaces the ID that a connection pushed, or removes it if undefined. IDs that other connections pushed and IDs that were sent with
 * users stay. A pushed ID without a connection, which was stored before connections were recorded, is taken as this connection's.
 */
export function withPushedId(
  identities: readonly GroupIdentity[],
  value: string | undefined,
  connection: string,
): GroupIdentity[] {
  const isOwn = (identity: GroupIdentity) =>
    identity.pushed === true && (identity.connection === undefined || identity.connection === connection);
  const pushed: GroupIdentity[] = value === undefined ? [] : [{ value, connection, pushed: true }];
  const at = identities.findIndex(isOwn);
  const others = identities.filter((identity) => !isOwn(identity));
  // It keeps its place, so that a change of one connection's ID does not change which ID others are shown.
  return at < 0 ? [...others, ...pushed] : others.toSpliced(at, 0, ...pushed);
}
