// What the write entry is made from.

import type { Caller, StoredUser } from './model.ts';
import type { NameCache } from './names.ts';
import type { Records } from './records.ts';
import type { ResourceSchema } from './schema.ts';

export interface ProvisionDependencies {
  records: Records;
  names: NameCache;
  schemas: { user: ResourceSchema; group: ResourceSchema };
  now: () => Date;
  /** Told of every user that came to be, so that reports which wait for it find their manager. */
  onUserCreated: (user: StoredUser) => void;
  /** Told of every store whose name or country changed, so that users who missed it are judged again. */
  onStoreChanged: (caller: Caller, storeId: string) => void;
}
