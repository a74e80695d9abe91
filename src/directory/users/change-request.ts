// The input of a plan: the caller, the time, and the requested change of a user.

import type { IdentityHash } from '../identity-hash.ts';
import type { LinkChange } from '../links/changes.ts';
import type { Caller, ExternalIdOrigin, StoredUser, TermsAcceptance, UserInvitation } from '../model.ts';
import type { Records } from '../records.ts';
import type { Attributes, ResourceSchema } from '../schema/schema.ts';
import type { Names } from './views.ts';

/** What all parts of a plan need. */
export interface PlanContext {
  records: Records;
  schema: ResourceSchema;
  caller: Caller;
  now: Date;
  identityHash: () => Promise<IdentityHash>;
}

/** The requested change of a user; `current` is absent for a create. See `UserRevision` for `mode`, `attributes`, `stated`, `kept`. */
export interface UserChangeRequest {
  id: string;
  current?: StoredUser;
  /** The groups and stores that `current` links to, as they were served. */
  names: Names;
  mode: 'create' | 'replace' | 'patch';
  attributes: Attributes;
  stated: ReadonlySet<string>;
  kept?: ReadonlySet<string>;
  links: readonly LinkChange[];
  /** What a user without an external ID gets one from. */
  externalIdFrom?: ExternalIdOrigin;
  /** Whether the user's address is another user's external ID, so that it cannot be derived from the address. */
  isAddressTaken?: boolean;
  /** The new user is invited. */
  invitation?: UserInvitation;
  /** The user registers. */
  registers?: true;
  /** The user stays invited, although a source states it. */
  staysInvited?: true;
  /** The user accepts the terms. */
  termsAccepted?: TermsAcceptance;
  /** A source brings the invited user, who is its own from then on. */
  takesOver?: true;
}
