// What a plan starts from: who asks, when, and what is to become of a user.

import type { LinkChange } from '../links/changes.ts';
import type { Caller, StoredUser } from '../model.ts';
import type { Records } from '../records.ts';
import type { Attributes, ResourceSchema } from '../schema/schema.ts';
import type { Names } from './views.ts';

export interface PlanContext {
  records: Records;
  schema: ResourceSchema;
  caller: Caller;
  now: Date;
}

/** What is to become of a user; `current` is absent for a create. See `UserRevision` for `mode`, `attributes` and `stated`. */
export interface UserChangeRequest {
  id: string;
  current?: StoredUser;
  /** What the links of `current` lead to, as it was served. */
  names: Names;
  mode: 'create' | 'replace' | 'patch';
  attributes: Attributes;
  stated: ReadonlySet<string>;
  links: readonly LinkChange[];
}
