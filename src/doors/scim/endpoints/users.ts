// The User endpoint: turns SCIM bodies into drafts and revisions of the directory (RFC 7643 §4.1, RFC 7644 §3.3-§3.6).

import type { UserRevision, UserView } from '../../../directory/model.ts';
import type { Lookup, Provision } from '../../../directory/ports.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import { accepted } from '../errors.ts';
import { takeLinkChanges, takePatchedLinkChanges } from '../protocol/link-changes.ts';
import { applyUserPatch, parsePatch } from '../protocol/patch/patch.ts';
import type { Renderer } from '../protocol/renderer.ts';
import { normaliseResource } from '../protocol/values/resource.ts';
import type { ResourceEndpoint } from './resource.ts';

/** Makes the endpoint of users. */
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
      return accepted(await provision.createUser(caller, user.attributes, links));
    },
    async replace(caller, id, precondition, body, work) {
      const user = normaliseResource(body, schema);
      const links = takeLinkChanges(user);
      const revision: UserRevision = { mode: 'replace', ...user, links };
      const revise = (current: UserView) => {
        work?.spend(current.attributes);
        return { ok: true as const, revision };
      };
      return accepted(await provision.updateUser(caller, id, precondition, revise));
    },
    async patch(caller, id, precondition, body, work) {
      const operations = parsePatch(body, schema);
      const revise = (current: UserView) => {
        work?.spend(current.attributes);
        const patched = applyUserPatch(current, operations);
        const links = takePatchedLinkChanges(patched);
        const revision: UserRevision = { mode: 'patch', attributes: patched.attributes, stated: patched.stated, links };
        return { ok: true as const, revision };
      };
      return accepted(await provision.updateUser(caller, id, precondition, revise));
    },
    async remove(caller, id, precondition) {
      accepted(await provision.deleteUser(caller, id, precondition));
    },
    read: (caller, id) => lookup.user(caller, id),
    list: (caller, query) => lookup.usersInTurn(caller, query),
    render: (view, projection) => renderer.render(view, projection),
    members: () => undefined,
    isLarge: async () => false,
  };
}
