// Shared by the user operations: their dependencies, the parameters of their path, finding a user, and the response.

import type { Administration } from '../../../../directory/administration/administration.ts';
import { type Actor, within } from '../../../../directory/administration/permissions.ts';
import { fault, type Outcome } from '../../../../directory/faults.ts';
import type { Caller, UserView } from '../../../../directory/model.ts';
import type { Lookup, Provision } from '../../../../directory/ports.ts';
import type { ReferenceData } from '../../../../directory/reference-data/reference-data.ts';
import type { References } from '../../../../directory/reference-data/references.ts';
import type { SchemasOf } from '../../../../directory/schema/account-attributes.ts';
import { textAt } from '../../../../directory/schema/attributes.ts';
import type { ResourceSchema } from '../../../../directory/schema/schema.ts';
import { entityTag } from '../../../entity-tags.ts';
import { accountParams, withId } from '../../api/common-schemas.ts';
import { json } from '../../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../../api/problem.ts';
import { userSchema } from '../user-schemas.ts';
import { groupIdsOf, ownPath, renderUser, storeRefIdsOf } from '../user-translation.ts';

export interface UserOperationsOptions {
  provision: Provision;
  lookup: Lookup;
  administration: Administration;
  referenceData: ReferenceData;
  references: References;
  schema: ResourceSchema;
  schemasOf: SchemasOf;
}

export const userParams = accountParams.extend({ user: withId('user') });
export const userAnswers = { 200: { description: 'The user', schema: userSchema } };

/** A user in the actor's scope; undefined if there is none or the user is outside the scope. */
export async function findUser(
  lookup: Lookup,
  caller: Caller,
  actor: Actor,
  id: string,
): Promise<UserView | undefined> {
  const view = await lookup.user(caller, id);
  return view && within(actor, view) ? view : undefined;
}

export function userNotFound(id: string): AdminAnswer {
  return faultProblem([fault('notFound', 'User', { id })]);
}

/** The users as the API returns them, with the names that administrators gave their groups and stores. */
export async function renderUsers(
  administration: Administration,
  caller: Caller,
  views: UserView[],
): Promise<Record<string, unknown>[]> {
  const groups = [...new Set(views.flatMap(groupIdsOf))];
  const stores = [...new Set(views.flatMap(storeRefIdsOf))];
  const names = await administration.shownNames(caller, { groups, stores });
  return views.map((view) => renderUser(view, names));
}

/** The answer to a read or write of one user. */
export async function userAnswer(
  administration: Administration,
  caller: Caller,
  outcome: Outcome<UserView>,
  status = 200,
): Promise<AdminAnswer> {
  if (!outcome.ok) return faultProblem(outcome.faults, ownPath);
  const view = outcome.value;
  const [body] = await renderUsers(administration, caller, [view]);
  const name = textAt(view.attributes, 'userName');
  return {
    ...json(status, body ?? {}, { ETag: entityTag(view.version) }),
    subject: { type: 'User', id: view.id, ...(name === undefined ? {} : { name }) },
  };
}
