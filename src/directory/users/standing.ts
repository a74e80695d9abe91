// Owns the standing of a user who is an administrator: whether they may act, and how often they lost that right. Both are stored with
// the change that affects them, so that every door has the same effect and a credential from before stays ended.

import type { StoredUser } from '../model.ts';
import { isSuperior } from '../reference-data/references.ts';

/** What the standing of an administrator's user depends on. */
export type StandingFields = Pick<StoredUser, 'blocked' | 'data' | 'lifecycle' | 'suspensions' | 'formerSuperior'>;

/** The standing of a user. */
export interface UserStanding {
  /** Active, registered and not blocked. */
  isActive: boolean;
  /** Had the Superior role and lost it. Roles of users grant no permissions, but losing this one ends those of a Superior. */
  isFormerSuperior: boolean;
  /** How often the user was deactivated or blocked, or lost the Superior role. A credential from before is not valid any more. */
  suspensions: number;
}

/** Returns the standing of a stored user. */
export function standingOf({ suspensions = 0, formerSuperior, ...user }: StandingFields): UserStanding {
  return { isActive: isActive(user), isFormerSuperior: formerSuperior === true, suspensions };
}

/** The stored fields of a user's standing after a change. */
export function standingAfter(
  before: StandingFields,
  after: Pick<StandingFields, 'blocked' | 'data' | 'lifecycle'>,
): Pick<StoredUser, 'suspensions' | 'formerSuperior'> {
  const keepsRole = isSuperior({ attributes: after.data });
  const lostRole = !keepsRole && isSuperior({ attributes: before.data });
  const stopped = isActive(before) && !isActive(after);
  const suspensions = (before.suspensions ?? 0) + (lostRole || stopped ? 1 : 0);
  const formerSuperior = lostRole || (before.formerSuperior === true && !keepsRole);
  return { ...(suspensions > 0 ? { suspensions } : {}), ...(formerSuperior ? { formerSuperior: true } : {}) };
}

function isActive({ blocked, data, lifecycle }: Pick<StandingFields, 'blocked' | 'data' | 'lifecycle'>): boolean {
  return !blocked && data.active === true && lifecycle === 'registered';
}
