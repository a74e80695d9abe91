// Stores over the admin API, with the source's and the administrators' name.

import { z } from 'zod';
import type { Administration, StoreDraft } from '../../../directory/administration/administration.ts';
import { fault } from '../../../directory/faults.ts';
import type { StoreView } from '../../../directory/model.ts';
import { entityTag } from '../../entity-tags.ts';
import { accountParams, dateTime, pageBody, pageOf, pageQuery, searchText, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

const text = () => z.string().max(8192);

export const storeSchema = z
  .object({
    id: z.string(),
    version: z.number().int(),
    created: dateTime,
    modified: dateTime,
    refId: z.string(),
    name: z
      .string()
      .optional()
      .meta({ description: "The display name: the administrators' name if set, otherwise the source's" }),
    sourceName: z.string().optional(),
    adminName: z.string().optional(),
    country: z.string().optional().meta({ description: 'Calling code, such as 32' }),
  })
  .meta({ id: 'Store' });

const changes = {
  name: text().nullable().optional().meta({ description: "The source's name, which SCIM clients see" }),
  adminName: text()
    .nullable()
    .optional()
    .meta({ description: "The display name; null falls back to the source's name" }),
  country: text().nullable().optional(),
};
const storeDraft = z.strictObject({ refId: text().min(1), ...changes }).meta({ id: 'StoreDraft' });
const storeChange = z.strictObject(changes).meta({ id: 'StoreChange' });
export const storeParams = accountParams.extend({ store: withId('store') });
const answers = { 200: { description: 'The store', schema: storeSchema } };

interface StoreOperationsOptions {
  administration: Administration;
}

/** The operations on stores. The users of a store are listed as `GET …/users?store=REFID`. */
export function storeOperations(options: StoreOperationsOptions): Operation[] {
  return [listStores(options), createStore(options), readStore(options), changeStore(options), deleteStore(options)];
}

function listStores({ administration }: StoreOperationsOptions): Operation {
  return operation({
    id: 'listStores',
    tag: 'Stores',
    method: 'GET',
    path: '/accounts/{account}/stores',
    summary: 'List stores',
    permission: 'stores.read',
    params: accountParams,
    query: pageQuery.extend({
      search: searchText.optional().meta({ description: 'Prefix of a name or of the ref id' }),
    }),
    answers: { 200: { description: 'A page of stores', schema: pageOf(storeSchema, 'Store') } },
    async handle({ caller, query: { limit, search }, after, nextCursor }) {
      const page = await administration.stores(caller, {
        count: limit,
        ...(after ? { after } : {}),
        ...(search === undefined ? {} : { search }),
      });
      return json(200, pageBody(page, page.resources.map(renderStore), nextCursor));
    },
  });
}

function createStore({ administration }: StoreOperationsOptions): Operation {
  return operation({
    id: 'createStore',
    tag: 'Stores',
    method: 'POST',
    path: '/accounts/{account}/stores',
    summary: 'Create a store',
    permission: 'stores.edit',
    params: accountParams,
    body: storeDraft,
    idempotent: true,
    answers: { 201: { description: 'The new store', schema: storeSchema } },
    async handle({ caller, body: { refId, ...rest } }) {
      const created = await administration.createStore(caller, refId, draftOf(rest));
      return created.ok ? storeAnswer(201, created.value) : faultProblem(created.faults);
    },
  });
}

function readStore({ administration }: StoreOperationsOptions): Operation {
  return operation({
    id: 'readStore',
    tag: 'Stores',
    method: 'GET',
    path: '/accounts/{account}/stores/{store}',
    summary: 'Retrieve a store',
    permission: 'stores.read',
    params: storeParams,
    answers,
    async handle({ caller, params }) {
      const store = await administration.store(caller, params.store);
      return store ? storeAnswer(200, store) : faultProblem([fault('notFound', 'Store', { id: params.store })]);
    },
  });
}

function changeStore({ administration }: StoreOperationsOptions): Operation {
  return operation({
    id: 'changeStore',
    tag: 'Stores',
    method: 'PATCH',
    path: '/accounts/{account}/stores/{store}',
    summary: 'Update a store: its names or country',
    permission: 'stores.edit',
    params: storeParams,
    body: storeChange,
    conditional: true,
    answers,
    async handle({ caller, params, precondition, body }) {
      const changed = await administration.changeStore(caller, params.store, precondition, draftOf(body));
      return changed.ok ? storeAnswer(200, changed.value) : faultProblem(changed.faults);
    },
  });
}

function deleteStore({ administration }: StoreOperationsOptions): Operation {
  return operation({
    id: 'deleteStore',
    tag: 'Stores',
    method: 'DELETE',
    path: '/accounts/{account}/stores/{store}',
    summary: 'Delete a store that no user has',
    permission: 'stores.edit',
    params: storeParams,
    conditional: true,
    answers: { 204: { description: 'Deleted' } },
    async handle({ caller, params, precondition }) {
      const deleted = await administration.deleteStore(caller, params.store, precondition);
      if (!deleted.ok) return faultProblem(deleted.faults);
      return { ...noContent(), subject: { type: 'Store', id: params.store, name: deleted.value.refId } };
    },
  });
}

/** The values that a body sets; an empty text clears the value. */
function draftOf(body: z.output<typeof storeChange>): StoreDraft {
  const draft: StoreDraft = {};
  for (const key of ['name', 'adminName', 'country'] as const) {
    const value = body[key];
    if (value !== undefined) draft[key] = value || null;
  }
  return draft;
}

export function renderStore(view: StoreView) {
  const { id, version, created, modified, refId, name, adminName, country } = view;
  const shown = adminName ?? name;
  return {
    id,
    version,
    created: created.toISOString(),
    modified: modified.toISOString(),
    refId,
    ...(shown === undefined ? {} : { name: shown }),
    ...(name === undefined ? {} : { sourceName: name }),
    ...(adminName === undefined ? {} : { adminName }),
    ...(country === undefined ? {} : { country }),
  };
}

function storeAnswer(status: number, view: StoreView): AdminAnswer {
  return {
    ...json(status, renderStore(view), { ETag: entityTag(view.version) }),
    subject: { type: 'Store', id: view.id, name: view.refId },
  };
}
