// The dependencies of Provision.

import type { IdentityHash } from './identity-hash.ts';
import type { InvitationEnd } from './invitations/invitation.ts';
import type { NameCache } from './links/name-cache.ts';
import type { Caller, StoredUser } from './model.ts';
import type { Records } from './records.ts';
import type { SchemasOf } from './schema/account-attributes.ts';
import type { SyncPassword } from './users/password-sync.ts';

export interface ProvisionDependencies {
  records: Records;
  names: NameCache;
  schemasOf: SchemasOf;
  now: () => Date;
  /** The hash of identities. @throws StoreUnavailable */
  identityHash: () => Promise<IdentityHash>;
  /** Called after a user is created, renamed or saved with an unresolved manager, so that manager references can be resolved. */
  onUserNamed: (user: StoredUser) => void;
  /** Called after an invited user registered, was taken over by a source or was deleted, so that the invitation ends. */
  onInvitationOver: (user: StoredUser, how: InvitationEnd) => void;
  /** Called after a store's name or country changes, so that incomplete users of the store are validated again. */
  onStoreChanged: (caller: Caller, storeId: string) => void;
  /** Takes passwords that clients send; undefined in a simulation. */
  syncPassword: SyncPassword | undefined;
}
