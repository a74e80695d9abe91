// Listing, searching and reading users.

import { z } from 'zod';
import { belowOrgUnit, scopeOf } from '../../../../directory/administration/permissions.ts';
import type { Filter } from '../../../../directory/query/query.ts';
import type { ResourceSchema } from '../../../../directory/schema/schema.ts';
import { accountParams, pageBody, pageOf, pageQuery, searchText } from '../../api/common-schemas.ts';
import { json, type Operation, operation } from '../../api/operation.ts';
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

const listQuery = pageQuery.extend({
  search: searchText.optional(),
  group: z.string().max(64).optional().meta({ description: 'Only members of the group with this id' }),
  orgUnit: z.string().max(255).optional().meta({ description: 'Only users in this org unit or below it' }),
  store: z.string().max(255).optional().meta({ description: 'Only users of the store with this ref id' }),
  status: z.enum(['active', 'incomplete', 'invited', 'inactive', 'blocked']).optional(),
  sort: z.enum(['created', 'userName', 'modified']).default('created'),
});

/** The attributes behind the values of `sort`; `created` is the order of the ids. */
const SORT_KEYS = { userName: 'userName', modified: 'meta.lastModified' } as const;

export function listUsers({ lookup, administration, schema }: UserOperationsOptions): Operation {
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
      const filter = allOf([scopeOf(session.actor, schema), ...conditionsOf(query, schema)]);
      const order = query.sort === 'created' ? undefined : schema.byKey.get(SORT_KEYS[query.sort]);
      const page = await lookup.users(caller, {
        ...(filter ? { filter } : {}),
        ...(query.search === undefined || query.search.trim() === '' ? {} : { search: query.search }),
        ...(order ? { sort: { attribute: order, descending: false } } : {}),
        page: { kind: 'cursor', count: query.limit, ...(after ? { after } : {}) },
      });
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

function conditionsOf(query: z.output<typeof listQuery>, schema: ResourceSchema): Filter[] {
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
