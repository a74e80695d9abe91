// What the write entry is made from.

import type { NameCache } from './links/name-cache.ts';
import type { Caller, StoredUser } from './model.ts';
import type { Records } from './records.ts';
import type { ResourceSchema } from './schema/schema.ts';

export interface ProvisionDependencies {
  records: Records;
  names: NameCache;
  schemas: { user: ResourceSchema; group: ResourceSchema };
  now: () => Date;
  /** Told of every user who came to be, is called otherwise or waits for a manager, so that reports and managers find each other. */
  onUserNamed: (user: StoredUser) => void;
  /** Told of every store whose name or country changed, so that users who missed it are judged again. */
  onStoreChanged: (caller: Caller, storeId: string) => void;
}
