// The User endpoint: SCIM bodies to drafts and revisions of the directory (RFC 7643 §4.1, RFC 7644 §3.3-§3.6).

import type { UserRevision, UserView } from '../../../directory/model.ts';
import type { Lookup, Provision } from '../../../directory/ports.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import { takeLinkChanges, takePatchedLinkChanges } from '../protocol/link-changes.ts';
import { applyUserPatch, parsePatch } from '../protocol/patch/patch.ts';
import type { Renderer } from '../protocol/renderer.ts';
import { normaliseResource } from '../protocol/values/resource.ts';
import { guardRevision, type ResourceEndpoint } from './resource.ts';

/** The endpoint of users over the directory's two entries. */
export function createUserEndpoint(
  schema: ResourceSchema,
  provision: Provision,
  lookup: Lookup,
  renderer: Renderer,
): ResourceEndpoint {
  return {
    schema,
    async create(caller, body) {
      const user = normaliseResource(body, schema);
      const links = takeLinkChanges(user);
      return provision.createUser(caller, user.attributes, links);
    },
    async replace(caller, id, conditions, body) {
      const user = normaliseResource(body, schema);
      const links = takeLinkChanges(user);
      const guarded = guardRevision(conditions, (_current: UserView) => ({
        mode: 'replace' as const,
        ...user,
        links,
      }));
      return guarded.settle(await provision.updateUser(caller, id, conditions.precondition, guarded.revise));
    },
    async patch(caller, id, conditions, body) {
      const operations = parsePatch(body, schema);
      const guarded = guardRevision(conditions, (current: UserView): UserRevision => {
        const patched = applyUserPatch(current, operations);
        const links = takePatchedLinkChanges(patched);
        return { mode: 'patch', attributes: patched.attributes, stated: patched.stated, links };
      });
      return guarded.settle(await provision.updateUser(caller, id, conditions.precondition, guarded.revise));
    },
    remove: (caller, id, precondition) => provision.deleteUser(caller, id, precondition),
    read: (caller, id) => lookup.user(caller, id),
    list: (caller, query) => lookup.usersInTurn(caller, query),
    render: (view, projection) => renderer.render(view, projection),
    members: () => undefined,
    isLarge: async () => false,
  };
}
