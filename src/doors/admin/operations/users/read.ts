// Listing, searching and reading users.

import { z } from 'zod';
import { holdersOf } from '../../../../directory/administration/holders.ts';
import { belowOrgUnit, scopeOf, withinOrgUnit } from '../../../../directory/administration/permissions.ts';
import { type Fault, type Faults, fault, isNonEmpty } from '../../../../directory/faults.ts';
import type { Caller } from '../../../../directory/model.ts';
import type { Filter } from '../../../../directory/query/query.ts';
import { unknownReferences } from '../../../../directory/reference-data/reference-data.ts';
import type { ResourceSchema } from '../../../../directory/schema/schema.ts';
import { accountParams, pageBody, pageOf, pageQuery, searchText } from '../../api/common-schemas.ts';
import { json, type Operation, operation } from '../../api/operation.ts';
import { faultProblem } from '../../api/problem.ts';
import { userSchema } from '../user-schemas.ts';
import {
  findUser,
  renderUsers,
  type UserOperationsOptions,
  userAnswer,
  userAnswers,
  userNotFound,
  userParams,
} from './user-operation.ts';

const code = (description: string) => z.string().max(255).optional().meta({ description });

const listQuery = pageQuery.extend({
  search: searchText.optional(),
  group: z.string().max(255).optional().meta({ description: 'Only members of the group with this id or name' }),
  orgUnit: z.string().max(255).optional().meta({ description: 'Only users in this org unit or below it' }),
  store: z.string().max(255).optional().meta({ description: 'Only users of the store with this ref id, id or name' }),
  role: code('Only users with the role with this code'),
  organization: code('Only users with the organization with this code'),
  enrollmentProfile: code('Only users with the enrollment profile with this code'),
  status: z.enum(['active', 'incomplete', 'invited', 'inactive', 'blocked']).optional(),
  sort: z.enum(['created', 'userName', 'modified']).default('created'),
});

/** The attributes behind the values of `sort`; `created` is the order of the ids. */
const SORT_KEYS = { userName: 'userName', modified: 'meta.lastModified' } as const;

export function listUsers(options: UserOperationsOptions): Operation {
  const { lookup, administration, schema } = options;
  return operation({
    id: 'listUsers',
    tag: 'Users',
    method: 'GET',
    path: '/accounts/{account}/users',
    summary: 'List and search users',
    description: 'Without a search or a filter, returns all users in your scope, in order of creation.',
    permission: 'users.read',
    params: accountParams,
    query: listQuery,
    answers: { 200: { description: 'A page of users', schema: pageOf(userSchema, 'User') } },
    async handle({ caller, session, query, after, nextCursor }) {
      const named = await namedIn(options, caller, query);
      if (!named.ok) return faultProblem(named.faults);
      const filter = allOf([scopeOf(session.actor, schema), ...conditionsOf(named.query, schema)]);
      const order = query.sort === 'created' ? undefined : schema.byKey.get(SORT_KEYS[query.sort]);
      const page = await lookup.users(caller, {
        ...(filter ? { filter } : {}),
        ...(query.search === undefined || query.search.trim() === '' ? {} : { search: query.search }),
        ...(order ? { sort: { attribute: order, descending: false } } : {}),
        page: { kind: 'cursor', count: query.limit, ...(after ? { after } : {}) },
      });
      const unknown = page.total === 0 ? await unknownCodes(options, caller, query) : [];
      if (isNonEmpty(unknown)) return faultProblem(unknown);
      return json(200, pageBody(page, await renderUsers(administration, caller, page.resources), nextCursor));
    },
  });
}

export function readUser({ lookup, administration }: UserOperationsOptions): Operation {
  return operation({
    id: 'readUser',
    tag: 'Users',
    method: 'GET',
    path: '/accounts/{account}/users/{user}',
    summary: 'Retrieve a user',
    permission: 'users.read',
    params: userParams,
    answers: userAnswers,
    async handle({ caller, session, params }) {
      const view = await findUser(lookup, caller, session.actor, params.user);
      if (!view) return userNotFound(params.user);
      return userAnswer(administration, caller, { ok: true, value: view, effect: 'unchanged' });
    },
  });
}

function allOf(filters: (Filter | undefined)[]): Filter | undefined {
  const terms = filters.filter((filter) => filter !== undefined);
  return terms.length > 1 ? { kind: 'and', terms } : terms[0];
}

type ListQuery = z.output<typeof listQuery>;

/** The query with the ids of the group and the store that it names. Faults: notFound, ambiguousIdentity. */
async function namedIn(
  { references }: UserOperationsOptions,
  caller: Caller,
  query: ListQuery,
): Promise<{ ok: true; query: ListQuery } | { ok: false; faults: Faults }> {
  const group = query.group === undefined ? undefined : await references.groupId(caller, query.group);
  const store = query.store === undefined ? undefined : await references.storeRefId(caller, query.store);
  const faults = [group, store].flatMap((found) => (found && !found.ok ? [found.fault] : []));
  if (isNonEmpty(faults)) return { ok: false, faults };
  return {
    ok: true,
    query: { ...query, ...(group?.ok ? { group: group.id } : {}), ...(store?.ok ? { store: store.id } : {}) },
  };
}

/** The codes that nobody has and that do not exist. A unit outside of the scope is not told apart from an empty one. Faults: notFound. */
async function unknownCodes(
  { referenceData }: UserOperationsOptions,
  caller: Caller,
  { orgUnit, role, organization, enrollmentProfile }: ListQuery,
): Promise<Fault[]> {
  const unit = orgUnit !== undefined && caller.actor && !withinOrgUnit(caller.actor, orgUnit) ? undefined : orgUnit;
  const named = { orgUnit: unit, role, organization, enrollmentProfile };
  const faults = await Promise.all(
    (Object.keys(named) as (keyof typeof named)[]).map(async (kind) => {
      const value = named[kind];
      if (value === undefined) return [];
      const unknown = await unknownReferences(referenceData, caller.account.id, kind, [value], kind);
      return unknown.map(() => fault('notFound', kind === 'orgUnit' ? 'OrgUnit' : kind, { value }));
    }),
  );
  return faults.flat();
}

function conditionsOf(query: ListQuery, schema: ResourceSchema): Filter[] {
  const filters: Filter[] = [];
  const equal = (key: string, value: string | undefined) => {
    const attribute = schema.byKey.get(key);
    if (value !== undefined && attribute) filters.push({ kind: 'compare', attribute, operator: 'eq', value });
  };
  equal('groups.value', query.group);
  equal('mobietrain.stores.value', query.store);
  equal('mobietrain.status', query.status);
  for (const kind of ['role', 'organization', 'enrollmentProfile'] as const) {
    const held = query[kind];
    if (held !== undefined) filters.push(holdersOf(schema, { kind, code: held }));
  }
  if (query.orgUnit !== undefined) filters.push(belowOrgUnit(schema, query.orgUnit));
  return filters;
}
