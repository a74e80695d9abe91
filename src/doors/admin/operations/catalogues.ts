// Reference data over the admin API: org units (a tree of paths), roles, enrollment profiles and organizations.

import { z } from 'zod';
import {
  type Operation as Permission,
  scopeKind,
  withinOrgUnit,
} from '../../../directory/administration/permissions.ts';
import { fault } from '../../../directory/faults.ts';
import {
  REFERENCE_RESOURCES,
  type ReferenceData,
  type ReferenceItem,
  type ReferenceKind,
  versionOf,
} from '../../../directory/reference-data/reference-data.ts';
import { entityTag } from '../../entity-tags.ts';
import { accountParams, cutPage, dateTime, pageOf, pageQuery, searchText, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

interface Catalogue {
  kind: ReferenceKind;
  path: string;
  tag: string;
  /** Part of the operation ids. */
  one: string;
  many: string;
  words: { one: string; many: string; condition: string };
  read: Permission;
  edit: Permission;
}

const CATALOGUES: Catalogue[] = [
  {
    kind: 'orgUnit',
    path: 'org-units',
    tag: 'Org units',
    one: 'OrgUnit',
    many: 'OrgUnits',
    words: {
      one: 'an org unit',
      many: 'org units, each with its full path',
      condition: '; its parent units must exist',
    },
    read: 'orgUnits.read',
    edit: 'orgUnits.edit',
  },
  {
    kind: 'role',
    path: 'roles',
    tag: 'Roles',
    one: 'Role',
    many: 'Roles',
    words: { one: 'a role for imports', many: 'the roles that imports may use', condition: '' },
    read: 'catalogues.read',
    edit: 'catalogues.edit',
  },
  {
    kind: 'enrollmentProfile',
    path: 'enrollment-profiles',
    tag: 'Enrollment profiles',
    one: 'EnrollmentProfile',
    many: 'EnrollmentProfiles',
    words: { one: 'an enrollment profile', many: 'enrollment profiles', condition: '' },
    read: 'catalogues.read',
    edit: 'catalogues.edit',
  },
  {
    kind: 'organization',
    path: 'organizations',
    tag: 'Organizations',
    one: 'Organization',
    many: 'Organizations',
    words: { one: 'an organization', many: 'organizations', condition: '' },
    read: 'catalogues.read',
    edit: 'catalogues.edit',
  },
];

const itemSchema = z
  .object({
    id: z.string(),
    version: z.number().int(),
    code: z.string(),
    name: z.string().optional(),
    created: dateTime,
  })
  .meta({ id: 'CatalogueItem' });
const usedItemSchema = itemSchema
  .extend({ users: z.number().int().meta({ description: 'How many users have exactly this code' }) })
  .meta({ id: 'UsedCatalogueItem' });
const itemChange = z
  .strictObject({
    name: z.string().max(255).nullable().optional().meta({ description: 'Shown with the code; null removes it' }),
  })
  .meta({ id: 'CatalogueItemChange' });
const itemPage = pageOf(itemSchema, 'CatalogueItem');
const itemDraft = z
  .strictObject({
    code: z.string().min(1).max(1000).meta({
      description: 'The code that users and imports refer to; for an org unit its path, such as Retail/Benelux',
    }),
    name: z.string().max(255).optional(),
  })
  .meta({ id: 'CatalogueItemDraft' });
const itemParams = accountParams.extend({ item: withId('entry') });

/** The operations on reference data: list, create, read, rename and delete for each catalogue. */
export function catalogueOperations({ referenceData }: { referenceData: ReferenceData }): Operation[] {
  return CATALOGUES.flatMap((catalogue) => [
    listItems(referenceData, catalogue),
    createItem(referenceData, catalogue),
    readItem(referenceData, catalogue),
    changeItem(referenceData, catalogue),
    deleteItem(referenceData, catalogue),
  ]);
}

function listItems(referenceData: ReferenceData, { kind, path, tag, many, words, read }: Catalogue): Operation {
  return operation({
    id: `list${many}`,
    tag,
    method: 'GET',
    path: `/accounts/{account}/${path}`,
    summary: `List ${words.many}`,
    permission: read,
    params: accountParams,
    query: pageQuery.extend({ search: searchText.optional().meta({ description: 'Prefix of the code' }) }),
    answers: { 200: { description: 'A page of entries, sorted by code', schema: itemPage } },
    async handle({ caller, session: { actor }, query: { limit, search }, after, nextCursor }) {
      // An administrator of an org unit sees that unit and those below it.
      const isLimited = kind === 'orgUnit' && scopeKind(actor.role) === 'orgUnit';
      const found = await referenceData.list(caller.account.id, kind, {
        limit: limit + 1,
        ...(search ? { prefix: search } : {}),
        ...(after ? { after: after.id } : {}),
        ...(isLimited ? { within: actor.orgUnit ?? '' } : {}),
      });
      const page = cutPage(found, limit, (last) => ({ key: null, id: last.code }), nextCursor);
      return json(200, { ...page, items: page.items.map(renderItem) });
    },
  });
}

function createItem(referenceData: ReferenceData, { kind, path, tag, one, words, edit }: Catalogue): Operation {
  return operation({
    id: `create${one}`,
    tag,
    method: 'POST',
    path: `/accounts/{account}/${path}`,
    summary: `Create ${words.one}${words.condition}`,
    permission: edit,
    params: accountParams,
    body: itemDraft,
    idempotent: true,
    answers: { 201: { description: 'The new entry', schema: itemSchema } },
    async handle({ caller, body: { code, name } }) {
      const created = await referenceData.add(caller, kind, { code, ...(name ? { name } : {}) });
      if (!created.ok) return faultProblem(created.faults);
      const { id } = created.value;
      return { ...itemAnswer(201, created.value), subject: { type: REFERENCE_RESOURCES[kind], id, name: code } };
    },
  });
}

function readItem(referenceData: ReferenceData, { kind, path, tag, one, words, read }: Catalogue): Operation {
  return operation({
    id: `read${one}`,
    tag,
    method: 'GET',
    path: `/accounts/{account}/${path}/{item}`,
    summary: `Retrieve ${words.one}, with the number of users who have it`,
    permission: read,
    params: itemParams,
    answers: { 200: { description: 'The entry', schema: usedItemSchema } },
    async handle({ caller, session: { actor }, params }) {
      const { id: account } = caller.account;
      const item = await referenceData.find(account, kind, params.item);
      if (item?.id !== params.item || (kind === 'orgUnit' && !withinOrgUnit(actor, item.code)))
        return faultProblem([fault('notFound', kind, { id: params.item })]);
      return itemAnswer(200, item, { users: await referenceData.users(account, kind, item.code) });
    },
  });
}

function changeItem(referenceData: ReferenceData, { kind, path, tag, one, words, edit }: Catalogue): Operation {
  return operation({
    id: `change${one}`,
    tag,
    method: 'PATCH',
    path: `/accounts/{account}/${path}/{item}`,
    summary: `Rename ${words.one}: the text that is shown with the code`,
    description: 'Codes do not change, because users and files refer to them.',
    permission: edit,
    params: itemParams,
    body: itemChange,
    conditional: true,
    answers: { 200: { description: 'The entry', schema: itemSchema } },
    async handle({ caller, params, precondition, body: { name } }) {
      const text = name === '' ? null : name;
      const renamed = await referenceData.rename(caller, kind, params.item, precondition, text);
      if (!renamed.ok) return faultProblem(renamed.faults);
      const { id, code } = renamed.value;
      return { ...itemAnswer(200, renamed.value), subject: { type: REFERENCE_RESOURCES[kind], id, name: code } };
    },
  });
}

function deleteItem(referenceData: ReferenceData, { kind, path, tag, one, words, edit }: Catalogue): Operation {
  return operation({
    id: `delete${one}`,
    tag,
    method: 'DELETE',
    path: `/accounts/{account}/${path}/{item}`,
    summary: `Delete ${words.one} that no user has`,
    permission: edit,
    params: itemParams,
    conditional: true,
    answers: { 204: { description: 'Deleted' } },
    async handle({ caller, params, precondition }) {
      const deleted = await referenceData.remove(caller, kind, params.item, precondition);
      if (!deleted.ok) return faultProblem(deleted.faults);
      return { ...noContent(), subject: { type: REFERENCE_RESOURCES[kind], id: params.item } };
    },
  });
}

function renderItem(item: ReferenceItem) {
  const { id, code, name, created } = item;
  const named = name === undefined ? {} : { name };
  return { id, version: versionOf(item), code, ...named, created: created.toISOString() };
}

function itemAnswer(status: number, item: ReferenceItem, more: object = {}): AdminAnswer {
  return json(status, { ...renderItem(item), ...more }, { ETag: entityTag(versionOf(item)) });
}
