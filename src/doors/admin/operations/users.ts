// Users over the admin API: read, searched, made, changed, deactivated, blocked, deleted; every one within the caller's scope.

import { z } from 'zod';
import type { Administration } from '../../../directory/administration/administration.ts';
import {
  type Actor,
  belowOrgUnit,
  may,
  scopeKind,
  scopeOf,
  within,
} from '../../../directory/administration/permissions.ts';
import { type Fault, type Faults, fault, isNonEmpty, type Outcome, refused } from '../../../directory/faults.ts';
import type { Caller, UserRevision, UserView } from '../../../directory/model.ts';
import type { Lookup, Provision } from '../../../directory/ports.ts';
import type { Filter } from '../../../directory/query/query.ts';
import {
  type ReferenceData,
  type ReferenceKind,
  unknownReferences,
} from '../../../directory/reference-data/reference-data.ts';
import { textAt } from '../../../directory/schema/attributes.ts';
import { foldText } from '../../../directory/schema/fold.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import { accountParams, pageBody, pageOf, pageQuery, searchText, withId } from '../api/common-schemas.ts';
import { type AdminRequest, json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';
import { type UserDraft, userChange, userDraft, userSchema } from './user-schemas.ts';
import { draftOf, groupIdsOf, ownPath, renderUser, revisionOf, storeRefIdsOf } from './user-translation.ts';

export interface UserOperationsOptions {
  provision: Provision;
  lookup: Lookup;
  administration: Administration;
  referenceData: ReferenceData;
  schema: ResourceSchema;
}

const userParams = accountParams.extend({ user: withId('user') });
const DELETE_ATTEMPTS_MAX = 3;

const listQuery = pageQuery.extend({
  search: searchText.optional(),
  group: z.string().max(64).optional().meta({ description: 'Only members of this group (id)' }),
  orgUnit: z.string().max(255).optional().meta({ description: 'Only users of this org unit and below' }),
  store: z.string().max(255).optional().meta({ description: 'Only users of this store (ref id)' }),
  status: z.enum(['active', 'incomplete', 'invited', 'inactive', 'blocked']).optional(),
  sort: z.enum(['created', 'userName', 'modified']).default('created'),
});

/** The operations on users. */
export function userOperations(options: UserOperationsOptions): Operation[] {
  const { provision, lookup, administration, schema } = options;

  async function rendered(caller: Caller, views: UserView[]): Promise<Record<string, unknown>[]> {
    const groups = [...new Set(views.flatMap(groupIdsOf))];
    const stores = [...new Set(views.flatMap(storeRefIdsOf))];
    const names = await administration.shownNames(caller, { groups, stores });
    return views.map((view) => renderUser(view, names));
  }

  async function answer(caller: Caller, outcome: Outcome<UserView>, status = 200): Promise<AdminAnswer> {
    if (!outcome.ok) return faultProblem(outcome.faults, ownPath);
    const view = outcome.value;
    const [body] = await rendered(caller, [view]);
    const name = textAt(view.attributes, 'userName');
    return {
      ...json(status, body ?? {}, { ETag: entityTag(view.version) }),
      subject: { type: 'User', id: view.id, ...(name === undefined ? {} : { name }) },
    };
  }

  /** A user within the scope; outside it there is none. */
  async function find(caller: Caller, actor: Actor, id: string): Promise<UserView | undefined> {
    const view = await lookup.user(caller, id);
    return view && within(actor, view) ? view : undefined;
  }

  function change(
    { caller, session, params, precondition }: AdminRequest<{ user: string }, unknown, unknown>,
    revise: (current: UserView) => { ok: true; revision: UserRevision } | { ok: false; faults: Faults },
  ): Promise<Outcome<UserView>> {
    return provision.updateUser(caller, params.user, precondition, (current) => {
      if (!within(session.actor, current)) return refused(fault('notFound', 'User', { id: params.user }));
      return revise(current);
    });
  }

  const setActive = (active: boolean): Operation =>
    operation({
      id: active ? 'activateUser' : 'deactivateUser',
      tag: 'Users',
      method: 'POST',
      path: `/accounts/{account}/users/{user}/${active ? 'activate' : 'deactivate'}`,
      summary: active ? 'Activate a user' : 'Deactivate a user',
      permission: 'users.activate',
      params: userParams,
      conditional: true,
      answers: { 200: { description: 'The user', schema: userSchema } },
      handle: async (request) =>
        answer(
          request.caller,
          await change(request, (current) => ({ ok: true, revision: revisionOf(current, { active }) })),
        ),
    });

  const setBlocked = (blocked: boolean): Operation =>
    operation({
      id: blocked ? 'blockUser' : 'unblockUser',
      tag: 'Users',
      method: 'POST',
      path: `/accounts/{account}/users/{user}/${blocked ? 'block' : 'unblock'}`,
      summary: blocked ? 'Block a user: no sync lifts it' : "Lift an administrator's block",
      permission: 'users.block',
      params: userParams,
      answers: { 200: { description: 'The user', schema: userSchema } },
      handle: async ({ caller, session, params }) =>
        answer(
          caller,
          await administration.setBlocked(caller, params.user, blocked, (current) =>
            within(session.actor, current) ? undefined : fault('notFound', 'User', { id: params.user }),
          ),
        ),
    });

  return [
    operation({
      id: 'listUsers',
      tag: 'Users',
      method: 'GET',
      path: '/accounts/{account}/users',
      summary: 'List and search users',
      description: 'Without a search all users of the own scope, in the order of their creation.',
      permission: 'users.read',
      params: accountParams,
      query: listQuery,
      answers: { 200: { description: 'A page of users', schema: pageOf(userSchema, 'User') } },
      async handle({ caller, session, query }) {
        const filter = joined([scopeOf(session.actor, schema), ...conditions(query, schema)]);
        const order = query.sort === 'created' ? undefined : schema.byKey.get(SORT_KEYS[query.sort]);
        const page = await lookup.users(caller, {
          ...(filter ? { filter } : {}),
          ...(query.search === undefined || query.search.trim() === '' ? {} : { search: query.search }),
          ...(order ? { sort: { attribute: order, descending: false } } : {}),
          page: { kind: 'cursor', count: query.limit, ...(query.cursor ? { after: query.cursor } : {}) },
        });
        return json(200, pageBody(page, await rendered(caller, page.resources)));
      },
    }),
    operation({
      id: 'createUser',
      tag: 'Users',
      method: 'POST',
      path: '/accounts/{account}/users',
      summary: 'Create a user',
      permission: 'users.create',
      params: accountParams,
      body: userDraft,
      idempotent: true,
      answers: { 201: { description: 'The new user', schema: userSchema } },
      async handle({ caller, session, body }) {
        const { actor } = session;
        const draft = draftOf(withOwnUnit(actor, body));
        const unknown = await unknownCodes(options.referenceData, caller, body);
        const faults = [...roleFaults(actor, body), ...scopeFaults(actor, { attributes: draft }), ...unknown];
        if (isNonEmpty(faults)) return faultProblem(faults, ownPath);
        const made = await provision.createUser(caller, draft, body.groups ?? []);
        const answered = await answer(caller, made, 201);
        if (!made.ok) return answered;
        const location = `/api/v1/accounts/${caller.account.slug}/users/${made.value.id}`;
        return { ...answered, headers: { ...answered.headers, Location: location } };
      },
    }),
    operation({
      id: 'readUser',
      tag: 'Users',
      method: 'GET',
      path: '/accounts/{account}/users/{user}',
      summary: 'Read a user',
      permission: 'users.read',
      params: userParams,
      answers: { 200: { description: 'The user', schema: userSchema } },
      async handle({ caller, session, params }) {
        const view = await find(caller, session.actor, params.user);
        if (!view) return faultProblem([fault('notFound', 'User', { id: params.user })]);
        return answer(caller, { ok: true, value: view, effect: 'unchanged' });
      },
    }),
    operation({
      id: 'changeUser',
      tag: 'Users',
      method: 'PATCH',
      path: '/accounts/{account}/users/{user}',
      summary: 'Change a user',
      permission: 'users.change',
      params: userParams,
      body: userChange,
      conditional: true,
      answers: { 200: { description: 'The user', schema: userSchema } },
      async handle(request) {
        const { caller, session, body } = request;
        const refusals = roleFaults(session.actor, body);
        if (isNonEmpty(refusals)) return faultProblem(refusals);
        const unknown = await unknownCodes(options.referenceData, caller, body);
        const outcome = await change(request, (current) => {
          const revision = revisionOf(current, body);
          const faults = [
            ...scopeFaults(session.actor, revision),
            ...loginNameFaults(caller, current, body),
            ...unknown.filter((one) => !isKept(current, one)),
          ];
          return isNonEmpty(faults) ? { ok: false, faults } : { ok: true, revision };
        });
        return answer(caller, outcome);
      },
    }),
    operation({
      id: 'deleteUser',
      tag: 'Users',
      method: 'DELETE',
      path: '/accounts/{account}/users/{user}',
      summary: 'Delete a user',
      permission: 'users.delete',
      params: userParams,
      conditional: true,
      answers: { 204: { description: 'Deleted' } },
      async handle({ caller, session, params, precondition }) {
        for (let attempt = 1; ; attempt += 1) {
          const view = await find(caller, session.actor, params.user);
          if (!view) return faultProblem([fault('notFound', 'User', { id: params.user })]);
          // What was judged to be in scope is what is deleted: a version that changed meanwhile is judged again.
          const isScoped =
            scopeKind(session.actor.role) !== 'account' && scopeKind(session.actor.role) !== 'everything';
          const judged = precondition ?? (isScoped ? { versions: [view.version] } : undefined);
          const outcome = await provision.deleteUser(caller, params.user, judged);
          if (outcome.ok) return { ...noContent(), subject: { type: 'User', id: params.user } };
          const again = !precondition && outcome.faults[0].code === 'preconditionFailed';
          if (!again || attempt >= DELETE_ATTEMPTS_MAX) return faultProblem(outcome.faults);
        }
      },
    }),
    setActive(true),
    setActive(false),
    setBlocked(true),
    setBlocked(false),
  ];
}

const SORT_KEYS = { userName: 'userName', modified: 'meta.lastModified' } as const;

/** The entity tag of a version. @see RFC 9110 §8.8.3 */
export function entityTag(version: number): string {
  return `W/"${version}"`;
}

function joined(filters: (Filter | undefined)[]): Filter | undefined {
  const terms = filters.filter((filter) => filter !== undefined);
  return terms.length > 1 ? { kind: 'and', terms } : terms[0];
}

function conditions(query: z.output<typeof listQuery>, schema: ResourceSchema): Filter[] {
  const filters: Filter[] = [];
  const equal = (key: string, value: string | undefined) => {
    const attribute = schema.byKey.get(key);
    if (value !== undefined && attribute) filters.push({ kind: 'compare', attribute, operator: 'eq', value });
  };
  equal('groups.value', query.group);
  equal('mobietrain.stores.value', query.store);
  equal('mobietrain.status', query.status);
  if (query.orgUnit !== undefined) filters.push(belowOrgUnit(schema, query.orgUnit));
  return filters;
}

/** Whoever works in an org unit makes users in it. */
function withOwnUnit(actor: Actor, body: UserDraft): UserDraft {
  const isUnit = scopeKind(actor.role) === 'orgUnit';
  if (!isUnit || body.organizationalUnit || actor.orgUnit === undefined) return body;
  return { ...body, organizationalUnit: actor.orgUnit };
}

function scopeFaults(actor: Actor, after: Pick<UserView, 'attributes'>): Fault[] {
  if (within(actor, after)) return [];
  const path = scopeKind(actor.role) === 'orgUnit' ? 'organizationalUnit' : 'stores';
  return [fault('forbidden', path, { operation: 'users.change', rule: 'would put the user outside the own scope' })];
}

function roleFaults(actor: Actor, body: UserDraft): Fault[] {
  const faults: Fault[] = [];
  if (body.roles !== undefined && !may(actor, 'users.roles'))
    faults.push(fault('forbidden', 'roles', { operation: 'users.roles' }));
  if (body.active !== undefined && !may(actor, 'users.activate'))
    faults.push(fault('forbidden', 'active', { operation: 'users.activate' }));
  return faults;
}

/** Login names are the source's, unless the account lets administrators change them (systems.md §4). */
function loginNameFaults({ account }: Caller, current: UserView, { userName }: UserDraft): Fault[] {
  if (userName === undefined || account.loginNamesEditable || userName === current.attributes.userName) return [];
  return [fault('mutability', 'userName', { rule: 'login names can not be changed in this account' })];
}

/** What a body names and the account does not have. Faults: unknownReference. */
async function unknownCodes(referenceData: ReferenceData, caller: Caller, body: UserDraft): Promise<Fault[]> {
  const named: [ReferenceKind, string[], string][] = [
    ['orgUnit', body.organizationalUnit ? [body.organizationalUnit] : [], 'organizationalUnit'],
    ['enrollmentProfile', body.enrollmentProfiles ?? [], 'enrollmentProfiles'],
    ['organization', body.organizations ?? [], 'organizations'],
  ];
  const found = await Promise.all(
    named.map(([kind, codes, path]) => unknownReferences(referenceData, caller.account.id, kind, codes, path)),
  );
  return found.flat();
}

/** A code that the user has already may stay, whoever gave it. */
function isKept(current: UserView, unknown: Fault): boolean {
  const value = current.attributes.mobietrain;
  const stored = typeof value === 'object' && value !== null && !Array.isArray(value) ? value[unknown.path] : undefined;
  const codes = Array.isArray(stored) ? stored : [stored];
  return codes.some((code) => typeof code === 'string' && foldText(code) === foldText(String(unknown.params.value)));
}
