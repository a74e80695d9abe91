// What a plan starts from: who asks, when, and what is wanted of a user.

import type { Caller, Memberships, StoredUser, UserView } from '../model.ts';
import type { Records } from '../records.ts';
import type { Attributes, ResourceSchema } from '../schema/schema.ts';
import type { Names } from './views.ts';

export interface PlanContext {
  records: Records;
  schema: ResourceSchema;
  caller: Caller;
  now: Date;
}

/** What is wanted of a user: `current` and `before` are absent for a create. */
export interface UserWish {
  id: string;
  current?: StoredUser;
  before?: UserView;
  names: Names;
  mode: 'create' | 'replace' | 'patch';
  attributes: Attributes;
  stated: ReadonlySet<string>;
  removed: { stores: Attributes[]; userGroups: Attributes[] };
  asserted: { stores: Attributes[]; userGroups: Attributes[] };
  memberships?: Memberships;
}
