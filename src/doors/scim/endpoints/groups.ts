// The Group endpoint. Members are handled separately from the group: written as changes, read in batches (RFC 7643 §4.2,
// RFC 7644 §3.3-§3.6).

import { unknownAttributesOf } from '../../../directory/accounts/accounts.ts';
import type { Caller, GroupRevision, GroupView, MemberChange, MemberView } from '../../../directory/model.ts';
import type { Lookup, Provision } from '../../../directory/ports.ts';
import { unread } from '../../../directory/query/query.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import { accepted, written } from '../errors.ts';
import type { Projection } from '../protocol/names/projection.ts';
import { applyGroupPatch, parsePatch } from '../protocol/patch/patch.ts';
import type { Renderer } from '../protocol/renderer.ts';
import { normaliseResource, takeMembers } from '../protocol/values/resource.ts';
import type { Element, ResourceEndpoint } from './resource.ts';

/** A group with at most this many members is small: a PATCH is answered with the whole group, and members have names. */
const SMALL_GROUP_MEMBERS_MAX = 100;

/** The endpoint of groups; `baseUrl` is the SCIM base, for the members' `$ref`. */
export function createGroupEndpoint(
  schema: ResourceSchema,
  provision: Provision,
  lookup: Lookup,
  renderer: Renderer,
  baseUrl: string,
): ResourceEndpoint {
  return {
    schema,
    async create(caller, body) {
      const group = normaliseResource(body, schema);
      const members = takeMembers(group) ?? [];
      return written(await provision.createGroup(caller, group.attributes, members), group.notes);
    },
    async replace(caller, id, precondition, body) {
      const group = normaliseResource(body, schema, 'replace');
      const listed = takeMembers(group);
      // The directory, not the door, decides what happens to members if the body does not list any.
      const members: MemberChange = listed === undefined ? { kind: 'none' } : { kind: 'all', members: listed };
      const { attributes, stated, notes } = group;
      const revision: GroupRevision = { mode: 'replace', attributes, stated, members };
      return written(await provision.updateGroup(caller, id, precondition, () => ({ ok: true, revision })), notes);
    },
    async patch(caller, id, precondition, body) {
      const parsed = parsePatch(body, schema, unknownAttributesOf(caller.connection));
      const revise = (current: GroupView) => ({ ok: true as const, revision: applyGroupPatch(current, parsed) });
      return written(await provision.updateGroup(caller, id, precondition, revise), parsed.notes);
    },
    async remove(caller, id, precondition) {
      accepted(await provision.deleteGroup(caller, id, precondition));
    },
    read: (caller, id) => lookup.group(caller, id),
    list: async (caller, query) => unread(await lookup.groups(caller, query)),
    render: (view, projection) => renderer.render(view, projection),
    write: (view, projection, into) => renderer.write(view, projection, into),
    members: (caller, view, projection) =>
      projection.includes('members') && !('isEmpty' in view && view.isEmpty)
        ? memberBatches(lookup, caller, view.id, projection, baseUrl)
        : undefined,
    isLarge: async (caller, id) =>
      (await lookup.memberCount(caller, id, SMALL_GROUP_MEMBERS_MAX + 1)) > SMALL_GROUP_MEMBERS_MAX,
  };
}

/** The names of the members of a large group are returned only on request, because they double the size of the response. */
async function* memberBatches(
  lookup: Lookup,
  caller: Caller,
  group: string,
  projection: Projection,
  baseUrl: string,
): AsyncIterable<Element[]> {
  const shows = {
    value: projection.includes('members.value'),
    ref: projection.includes('members.$ref'),
    type: projection.includes('members.type'),
  };
  const mayShowDisplay = projection.includes('members.display');
  let showsDisplay: boolean | undefined;
  const element = (member: MemberView): Element => ({
    ...(shows.value ? { value: member.id } : {}),
    ...(showsDisplay ? { display: member.display } : {}),
    ...(shows.ref ? { $ref: `${baseUrl}/Users/${member.id}` } : {}),
    ...(shows.type ? { type: 'User' } : {}),
  });
  for await (const batch of lookup.members(caller, group)) {
    // Batches are larger than a small group, so its first batch is its only one.
    showsDisplay ??= mayShowDisplay && (batch.length <= SMALL_GROUP_MEMBERS_MAX || projection.names('members.display'));
    yield batch.map(element);
  }
}
