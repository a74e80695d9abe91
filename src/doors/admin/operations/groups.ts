// User groups over the admin API: of any type, with the administrators' name beside the source's, and their members.

import { z } from 'zod';
import type { Administration } from '../../../directory/administration/administration.ts';
import { fault } from '../../../directory/faults.ts';
import type { GroupRevision, GroupView, MemberChange } from '../../../directory/model.ts';
import type { Lookup, Provision } from '../../../directory/ports.ts';
import { setAt, textAt } from '../../../directory/schema/attributes.ts';
import { emptyAttributes } from '../../../directory/schema/schema.ts';
import { entityTag } from '../../entity-tags.ts';
import { accountParams, dateTime, pageBody, pageOf, pageQuery, searchText, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

const text = () => z.string().max(8192);
const MEMBERS_MAX = 1000;

const groupSchema = z
  .object({
    id: z.string(),
    version: z.number().int(),
    created: dateTime,
    modified: dateTime,
    name: z.string().meta({ description: "What people see: the administrators' name, or else the source's" }),
    sourceName: z.string(),
    adminName: z.string().optional(),
    type: z.string().optional(),
    externalId: z.string().optional(),
    claimed: z.boolean().meta({ description: 'Pushed as a group of its own' }),
    derived: z.boolean().meta({ description: 'Its members follow an attribute of the users' }),
  })
  .meta({ id: 'Group' });

const groupDraft = z
  .strictObject({
    name: text().min(1),
    type: text().optional(),
    externalId: text().optional(),
    adminName: text().optional(),
    members: z.array(text()).max(MEMBERS_MAX).optional().meta({ description: 'Ids of users' }),
  })
  .meta({ id: 'GroupDraft' });

const groupChange = z
  .strictObject({
    name: text().optional().meta({ description: "The source's name: what SCIM clients read" }),
    adminName: text().nullable().optional().meta({ description: 'What people see; null shows the source name again' }),
    type: text().nullable().optional(),
    externalId: text().nullable().optional(),
  })
  .meta({ id: 'GroupChange' });

const memberChange = z
  .strictObject({
    add: z.array(text()).max(MEMBERS_MAX).optional(),
    remove: z.array(text()).max(MEMBERS_MAX).optional(),
  })
  .meta({ id: 'MemberChange', description: 'Ids of users to put in and to take out' });

const groupParams = accountParams.extend({ group: withId('group') });
const answers = { 200: { description: 'The group', schema: groupSchema } };

/** The operations on user groups. Members are listed as users: `GET …/users?group=ID`. */
export function groupOperations(options: {
  provision: Provision;
  lookup: Lookup;
  administration: Administration;
}): Operation[] {
  const { provision, lookup, administration } = options;
  return [
    operation({
      id: 'listGroups',
      tag: 'Groups',
      method: 'GET',
      path: '/accounts/{account}/groups',
      summary: 'List user groups',
      permission: 'groups.read',
      params: accountParams,
      query: pageQuery.extend({
        search: searchText.optional().meta({ description: 'The beginning of the name' }),
        type: z.string().max(255).optional(),
      }),
      answers: { 200: { description: 'A page of groups', schema: pageOf(groupSchema, 'Group') } },
      async handle({ caller, query: { limit, cursor, search, type } }) {
        const page = await administration.groups(caller, {
          count: limit,
          ...(cursor ? { after: cursor } : {}),
          ...(search === undefined ? {} : { search }),
          ...(type === undefined ? {} : { type }),
        });
        return json(200, pageBody(page, page.resources.map(renderGroup)));
      },
    }),
    operation({
      id: 'createGroup',
      tag: 'Groups',
      method: 'POST',
      path: '/accounts/{account}/groups',
      summary: 'Create a user group',
      permission: 'groups.edit',
      params: accountParams,
      body: groupDraft,
      idempotent: true,
      answers: { 201: { description: 'The new group', schema: groupSchema } },
      async handle({ caller, body }) {
        const draft = emptyAttributes();
        setAt(draft, 'displayName', body.name);
        setAt(draft, 'externalId', body.externalId || undefined);
        setAt(draft, 'mobietrain.groupType', body.type || undefined);
        const made = await provision.createGroup(caller, draft, body.members ?? [], body.adminName || undefined);
        return made.ok ? groupAnswer(201, made.value) : faultProblem(made.faults, ownPath);
      },
    }),
    operation({
      id: 'readGroup',
      tag: 'Groups',
      method: 'GET',
      path: '/accounts/{account}/groups/{group}',
      summary: 'Read a user group',
      permission: 'groups.read',
      params: groupParams,
      answers,
      async handle({ caller, params }) {
        const group = await lookup.group(caller, params.group);
        return group ? groupAnswer(200, group) : faultProblem([fault('notFound', 'Group', { id: params.group })]);
      },
    }),
    operation({
      id: 'changeGroup',
      tag: 'Groups',
      method: 'PATCH',
      path: '/accounts/{account}/groups/{group}',
      summary: 'Rename a user group, or change its type',
      permission: 'groups.edit',
      params: groupParams,
      body: groupChange,
      conditional: true,
      answers,
      async handle({ caller, params, precondition, body }) {
        const changed = await provision.updateGroup(caller, params.group, precondition, (current) => ({
          ok: true,
          revision: revisionOf(current, body, { kind: 'none' }),
        }));
        return changed.ok ? groupAnswer(200, changed.value) : faultProblem(changed.faults, ownPath);
      },
    }),
    operation({
      id: 'deleteGroup',
      tag: 'Groups',
      method: 'DELETE',
      path: '/accounts/{account}/groups/{group}',
      summary: 'Delete a user group; its members stay users',
      permission: 'groups.edit',
      params: groupParams,
      conditional: true,
      answers: { 204: { description: 'Deleted' } },
      async handle({ caller, params, precondition }) {
        const gone = await provision.deleteGroup(caller, params.group, precondition);
        if (!gone.ok) return faultProblem(gone.faults);
        return { ...noContent(), subject: { type: 'Group', id: params.group } };
      },
    }),
    operation({
      id: 'changeMembers',
      tag: 'Groups',
      method: 'POST',
      path: '/accounts/{account}/groups/{group}/members',
      summary: 'Put users into a group, take users out of it',
      permission: 'groups.edit',
      params: groupParams,
      body: memberChange,
      answers,
      async handle({ caller, params, body }) {
        const change: MemberChange = { kind: 'delta', add: body.add ?? [], remove: body.remove ?? [] };
        const changed = await provision.updateGroup(caller, params.group, undefined, (current) => ({
          ok: true,
          revision: revisionOf(current, {}, change),
        }));
        return changed.ok ? groupAnswer(200, changed.value) : faultProblem(changed.faults, ownPath);
      },
    }),
  ];
}

function revisionOf(current: GroupView, body: z.output<typeof groupChange>, members: MemberChange): GroupRevision {
  const attributes = emptyAttributes();
  const said = (value: string | null | undefined, key: string) =>
    value === undefined ? textAt(current.attributes, key) : value || undefined;
  setAt(attributes, 'displayName', said(body.name, 'displayName'));
  setAt(attributes, 'externalId', said(body.externalId, 'externalId'));
  setAt(attributes, 'mobietrain.groupType', said(body.type, 'mobietrain.groupType'));
  const adminName = body.adminName === undefined ? {} : { adminName: body.adminName };
  return { mode: 'patch', attributes, stated: new Set(), members, ...adminName };
}

function renderGroup(view: GroupView) {
  const sourceName = textAt(view.attributes, 'displayName') ?? '';
  const type = textAt(view.attributes, 'mobietrain.groupType');
  const externalId = textAt(view.attributes, 'externalId');
  return {
    id: view.id,
    version: view.version,
    created: view.created.toISOString(),
    modified: view.modified.toISOString(),
    name: view.adminName ?? sourceName,
    sourceName,
    ...(view.adminName === undefined ? {} : { adminName: view.adminName }),
    ...(type === undefined ? {} : { type }),
    ...(externalId === undefined ? {} : { externalId }),
    claimed: view.claimed,
    derived: view.derived,
  };
}

function groupAnswer(status: number, view: GroupView): AdminAnswer {
  const body = renderGroup(view);
  return {
    ...json(status, body, { ETag: entityTag(view.version) }),
    subject: { type: 'Group', id: view.id, name: body.name },
  };
}

/** The directory's path as this API spells it. */
function ownPath(path: string): string {
  if (path === 'displayName') return 'name';
  return path === 'mobietrain.groupType' || path === 'groupType' ? 'type' : path;
}
