// The User endpoint: turns SCIM bodies into drafts and revisions of the directory (RFC 7643 §4.1, RFC 7644 §3.3-§3.6).

import { unknownAttributesOf } from '../../../directory/accounts/accounts.ts';
import type { UserRevision, UserView } from '../../../directory/model.ts';
import type { Lookup, Provision } from '../../../directory/ports.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import { accepted, written } from '../errors.ts';
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
      const { attributes, stated, notes } = normaliseResource(body, schema);
      const links = takeLinkChanges({ attributes, stated });
      return written(await provision.createUser(caller, attributes, links), notes);
    },
    async replace(caller, id, precondition, body, work) {
      const { notes, ...user } = normaliseResource(body, schema, 'replace');
      const links = takeLinkChanges(user);
      const revision: UserRevision = { mode: 'replace', ...user, links };
      const revise = (current: UserView) => {
        work?.spend(current.attributes);
        return { ok: true as const, revision };
      };
      return written(await provision.updateUser(caller, id, precondition, revise), notes);
    },
    async patch(caller, id, precondition, body, work) {
      const parsed = parsePatch(body, schema, unknownAttributesOf(caller.connection));
      let notes = [...parsed.notes];
      const revise = (current: UserView) => {
        work?.spend(current.attributes);
        const patched = applyUserPatch(current, parsed);
        notes = patched.notes;
        const links = takePatchedLinkChanges(patched);
        const revision: UserRevision = { mode: 'patch', attributes: patched.attributes, stated: patched.stated, links };
        return { ok: true as const, revision };
      };
      const outcome = await provision.updateUser(caller, id, precondition, revise);
      return written(outcome, notes);
    },
    async remove(caller, id, precondition) {
      accepted(await provision.deleteUser(caller, id, precondition));
    },
    read: (caller, id) => lookup.user(caller, id),
    list: (caller, query) => lookup.usersInTurn(caller, query),
    render: (view, projection) => renderer.render(view, projection),
    write: (view, projection, into) => renderer.write(view, projection, into),
    members: () => undefined,
    isLarge: async () => false,
  };
}
