// Reference data over the admin API: org units (a tree of paths), roles, enrollment profiles and organizations.

import { z } from 'zod';
import { type Operation as Permission, scopeKind } from '../../../directory/administration/permissions.ts';
import {
  REFERENCE_RESOURCES,
  type ReferenceData,
  type ReferenceItem,
  type ReferenceKind,
} from '../../../directory/reference-data/reference-data.ts';
import { accountParams, cutPage, dateTime, pageOf, pageQuery, searchText, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';

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
  .object({ id: z.string(), code: z.string(), name: z.string().optional(), created: dateTime })
  .meta({ id: 'CatalogueItem' });
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

/** The operations on reference data: list, create and delete for each catalogue. */
export function catalogueOperations({ referenceData }: { referenceData: ReferenceData }): Operation[] {
  return CATALOGUES.flatMap((catalogue) => [
    listItems(referenceData, catalogue),
    createItem(referenceData, catalogue),
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
      return { ...json(201, renderItem(created.value)), subject: { type: REFERENCE_RESOURCES[kind], id, name: code } };
    },
  });
}

function deleteItem(referenceData: ReferenceData, { kind, path, tag, one, words, edit }: Catalogue): Operation {
  return operation({
    id: `delete${one}`,
    tag,
    method: 'DELETE',
    path: `/accounts/{account}/${path}/{item}`,
    summary: `Delete ${words.one}`,
    permission: edit,
    params: itemParams,
    answers: { 204: { description: 'Deleted' } },
    async handle({ caller, params }) {
      const deleted = await referenceData.remove(caller, kind, params.item);
      if (!deleted.ok) return faultProblem(deleted.faults);
      return { ...noContent(), subject: { type: REFERENCE_RESOURCES[kind], id: params.item } };
    },
  });
}

function renderItem({ id, code, name, created }: ReferenceItem) {
  return { id, code, ...(name === undefined ? {} : { name }), created: created.toISOString() };
}
