// User groups of any type over the admin API, with the source's and the administrators' name, and their members.

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

export const groupSchema = z
  .object({
    id: z.string(),
    version: z.number().int(),
    created: dateTime,
    modified: dateTime,
    name: z.string().meta({ description: "The display name: the administrators' name if set, otherwise the source's" }),
    sourceName: z.string(),
    adminName: z.string().optional(),
    type: z.string().optional(),
    externalId: z.string().optional(),
    claimed: z.boolean().meta({ description: 'Whether a source pushes this group as a resource' }),
    derived: z.boolean().meta({ description: 'Whether membership follows an attribute of the users' }),
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
    name: text().optional().meta({ description: "The source's name, which SCIM clients see" }),
    adminName: text()
      .nullable()
      .optional()
      .meta({ description: "The display name; null falls back to the source's name" }),
    type: text().nullable().optional(),
    externalId: text().nullable().optional(),
  })
  .meta({ id: 'GroupChange' });

const memberChange = z
  .strictObject({
    add: z.array(text()).max(MEMBERS_MAX).optional(),
    remove: z.array(text()).max(MEMBERS_MAX).optional(),
  })
  .meta({ id: 'MemberChange', description: 'Ids of users to add and remove' });

export const groupParams = accountParams.extend({ group: withId('group') });
const answers = { 200: { description: 'The group', schema: groupSchema } };

interface GroupOperationsOptions {
  provision: Provision;
  lookup: Lookup;
  administration: Administration;
}

/** The operations on user groups. Members are listed as users: `GET …/users?group=ID`. */
export function groupOperations(options: GroupOperationsOptions): Operation[] {
  return [
    listGroups(options),
    createGroup(options),
    readGroup(options),
    changeGroup(options),
    deleteGroup(options),
    changeMembers(options),
  ];
}

function listGroups({ administration }: GroupOperationsOptions): Operation {
  return operation({
    id: 'listGroups',
    tag: 'Groups',
    method: 'GET',
    path: '/accounts/{account}/groups',
    summary: 'List user groups',
    permission: 'groups.read',
    params: accountParams,
    query: pageQuery.extend({
      search: searchText.optional().meta({ description: 'Prefix of the name' }),
      type: z.string().max(255).optional(),
    }),
    answers: { 200: { description: 'A page of groups', schema: pageOf(groupSchema, 'Group') } },
    async handle({ caller, query: { limit, search, type }, after, nextCursor }) {
      const page = await administration.groups(caller, {
        count: limit,
        ...(after ? { after } : {}),
        ...(search === undefined ? {} : { search }),
        ...(type === undefined ? {} : { type }),
      });
      return json(200, pageBody(page, page.resources.map(renderGroup), nextCursor));
    },
  });
}

function createGroup({ provision }: GroupOperationsOptions): Operation {
  return operation({
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
      const created = await provision.createGroup(caller, draft, body.members ?? [], body.adminName || undefined);
      return created.ok ? groupAnswer(201, created.value) : faultProblem(created.faults, ownPath);
    },
  });
}

function readGroup({ lookup }: GroupOperationsOptions): Operation {
  return operation({
    id: 'readGroup',
    tag: 'Groups',
    method: 'GET',
    path: '/accounts/{account}/groups/{group}',
    summary: 'Retrieve a user group',
    permission: 'groups.read',
    params: groupParams,
    answers,
    async handle({ caller, params }) {
      const group = await lookup.group(caller, params.group);
      return group ? groupAnswer(200, group) : faultProblem([fault('notFound', 'Group', { id: params.group })]);
    },
  });
}

function changeGroup({ provision }: GroupOperationsOptions): Operation {
  return operation({
    id: 'changeGroup',
    tag: 'Groups',
    method: 'PATCH',
    path: '/accounts/{account}/groups/{group}',
    summary: 'Update a user group: its names, type or external ID',
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
  });
}

function deleteGroup({ provision }: GroupOperationsOptions): Operation {
  return operation({
    id: 'deleteGroup',
    tag: 'Groups',
    method: 'DELETE',
    path: '/accounts/{account}/groups/{group}',
    summary: 'Delete a user group; its members are kept as users',
    permission: 'groups.edit',
    params: groupParams,
    conditional: true,
    answers: { 204: { description: 'Deleted' } },
    async handle({ caller, params, precondition }) {
      const deleted = await provision.deleteGroup(caller, params.group, precondition);
      if (!deleted.ok) return faultProblem(deleted.faults);
      return { ...noContent(), subject: { type: 'Group', id: params.group } };
    },
  });
}

function changeMembers({ provision }: GroupOperationsOptions): Operation {
  return operation({
    id: 'changeMembers',
    tag: 'Groups',
    method: 'POST',
    path: '/accounts/{account}/groups/{group}/members',
    summary: 'Add users to a group and remove users from it',
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
  });
}

function revisionOf(current: GroupView, body: z.output<typeof groupChange>, members: MemberChange): GroupRevision {
  const attributes = emptyAttributes();
  const merged = (value: string | null | undefined, key: string) =>
    value === undefined ? textAt(current.attributes, key) : value || undefined;
  setAt(attributes, 'displayName', merged(body.name, 'displayName'));
  setAt(attributes, 'externalId', merged(body.externalId, 'externalId'));
  setAt(attributes, 'mobietrain.groupType', merged(body.type, 'mobietrain.groupType'));
  const adminName = body.adminName === undefined ? {} : { adminName: body.adminName };
  return { mode: 'patch', attributes, stated: new Set(), members, ...adminName };
}

export function renderGroup(view: GroupView) {
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

/** The name of a directory attribute path in this API. */
export function ownPath(path: string): string {
  if (path === 'displayName') return 'name';
  return path === 'mobietrain.groupType' || path === 'groupType' ? 'type' : path;
}
