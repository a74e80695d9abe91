// What users may name, over the admin API: org units (a tree, as paths), roles, enrollment profiles, organizations.

import { z } from 'zod';
import { type Operation as Permission, withinOrgUnit } from '../../../directory/administration/permissions.ts';
import type { ReferenceData, ReferenceItem, ReferenceKind } from '../../../directory/reference-data/reference-data.ts';
import { accountParams, cutPage, dateTime, pageOf, pageQuery, searchText, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';

interface Catalogue {
  kind: ReferenceKind;
  path: string;
  tag: string;
  /** In ids of operations. */
  one: string;
  many: string;
  words: { one: string; many: string };
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
    words: { one: 'an org unit; the units above it must exist', many: 'org units, each with its whole path' },
    read: 'orgUnits.read',
    edit: 'orgUnits.edit',
  },
  {
    kind: 'role',
    path: 'roles',
    tag: 'Roles',
    one: 'Role',
    many: 'Roles',
    words: { one: 'a role that files may name', many: 'the roles that files may name' },
    read: 'catalogues.read',
    edit: 'catalogues.edit',
  },
  {
    kind: 'enrollmentProfile',
    path: 'enrollment-profiles',
    tag: 'Enrollment profiles',
    one: 'EnrollmentProfile',
    many: 'EnrollmentProfiles',
    words: { one: 'an enrollment profile', many: 'enrollment profiles' },
    read: 'catalogues.read',
    edit: 'catalogues.edit',
  },
  {
    kind: 'organization',
    path: 'organizations',
    tag: 'Organizations',
    one: 'Organization',
    many: 'Organizations',
    words: { one: 'an organization', many: 'organizations' },
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
    code: z
      .string()
      .min(1)
      .max(1000)
      .meta({ description: 'What users and files name; of an org unit its path: Retail/Benelux' }),
    name: z.string().max(255).optional(),
  })
  .meta({ id: 'CatalogueItemDraft' });
const itemParams = accountParams.extend({ item: withId('entry') });

/** The operations on everything that users may name. */
export function catalogueOperations({ referenceData }: { referenceData: ReferenceData }): Operation[] {
  return CATALOGUES.flatMap(({ kind, path, tag, one, many, words, read, edit }) => [
    operation({
      id: `list${many}`,
      tag,
      method: 'GET',
      path: `/accounts/{account}/${path}`,
      summary: `List ${words.many}`,
      permission: read,
      params: accountParams,
      query: pageQuery.extend({ search: searchText.optional().meta({ description: 'The beginning of the code' }) }),
      answers: { 200: { description: 'A page of them, in the order of their codes', schema: itemPage } },
      async handle({ caller, session, query: { limit, cursor, search } }) {
        const { actor } = session;
        const found = await referenceData.list(caller.account.id, kind, {
          limit: limit + 1,
          ...(search ? { prefix: search } : {}),
          ...(cursor ? { after: cursor.id } : {}),
        });
        const page = cutPage(found, limit, (last) => ({ key: null, id: last.code }));
        const isSeen = (item: ReferenceItem) => kind !== 'orgUnit' || withinOrgUnit(actor, item.code);
        return json(200, { ...page, items: page.items.filter(isSeen).map(render) });
      },
    }),
    operation({
      id: `create${one}`,
      tag,
      method: 'POST',
      path: `/accounts/{account}/${path}`,
      summary: `Create ${words.one}`,
      permission: edit,
      params: accountParams,
      body: itemDraft,
      idempotent: true,
      answers: { 201: { description: 'The new entry', schema: itemSchema } },
      async handle({ caller, body: { code, name } }) {
        const made = await referenceData.add(caller.account.id, kind, { code, ...(name ? { name } : {}) });
        return made.ok ? json(201, render(made.value)) : faultProblem(made.faults);
      },
    }),
    operation({
      id: `delete${one}`,
      tag,
      method: 'DELETE',
      path: `/accounts/{account}/${path}/{item}`,
      summary: `Delete ${words.one.replace(/;.*/, '')}`,
      permission: edit,
      params: itemParams,
      answers: { 204: { description: 'Deleted' } },
      async handle({ caller, params }) {
        const gone = await referenceData.remove(caller.account.id, kind, params.item);
        return gone.ok ? noContent() : faultProblem(gone.faults);
      },
    }),
  ]);
}

function render({ id, code, name, created }: ReferenceItem) {
  return { id, code, ...(name === undefined ? {} : { name }), created: created.toISOString() };
}
