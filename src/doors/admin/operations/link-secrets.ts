// The secrets with which CrewPlanner signs links to an account. A secret is shown only once, when it is created.

import { z } from 'zod';
import type { LinkSecret } from '../../../auth/link-secret-store.ts';
import type { LinkSecrets } from '../../../auth/link-secrets.ts';
import { accountParams, dateTime, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';

const secretSchema = z.object({ id: z.string(), created: dateTime }).meta({ id: 'LinkSecret' });
const newSecret = secretSchema
  .extend({ secret: z.string().meta({ description: 'The key of HS256, as UTF-8; shown only in this response' }) })
  .meta({ id: 'NewLinkSecret' });

interface LinkSecretOperationsOptions {
  linkSecrets: LinkSecrets;
}

/** The operations on the secrets of links. */
export function linkSecretOperations(options: LinkSecretOperationsOptions): Operation[] {
  return [listLinkSecrets(options), createLinkSecret(options), deleteLinkSecret(options)];
}

function listLinkSecrets({ linkSecrets }: LinkSecretOperationsOptions): Operation {
  return operation({
    id: 'listLinkSecrets',
    tag: 'Connections',
    method: 'GET',
    path: '/accounts/{account}/link-secrets',
    summary: 'List the secrets with which CrewPlanner signs links, without the secrets themselves',
    permission: 'connections.read',
    params: accountParams,
    answers: {
      200: {
        description: 'All secrets, the oldest first',
        schema: z.object({ items: z.array(secretSchema) }).meta({ id: 'LinkSecretList' }),
      },
    },
    async handle({ caller }) {
      return json(200, { items: (await linkSecrets.list(caller.account.id)).map(rendered) });
    },
  });
}

function createLinkSecret({ linkSecrets }: LinkSecretOperationsOptions): Operation {
  return operation({
    id: 'createLinkSecret',
    tag: 'Connections',
    method: 'POST',
    path: '/accounts/{account}/link-secrets',
    summary: 'Create a secret with which CrewPlanner signs links; an account has at most two',
    permission: 'connections.edit',
    params: accountParams,
    confidential: true,
    answers: { 201: { description: 'The new secret', schema: newSecret } },
    async handle({ caller }) {
      const created = await linkSecrets.create(caller.account.id);
      if (!created.ok) return faultProblem(created.faults);
      return json(201, { ...rendered(created.value), secret: created.value.secret });
    },
  });
}

function deleteLinkSecret({ linkSecrets }: LinkSecretOperationsOptions): Operation {
  return operation({
    id: 'deleteLinkSecret',
    tag: 'Connections',
    method: 'DELETE',
    path: '/accounts/{account}/link-secrets/{secret}',
    summary: 'Delete a secret; links that are signed with it are refused at once',
    permission: 'connections.edit',
    params: accountParams.extend({ secret: withId('secret') }),
    answers: { 204: { description: 'Deleted' } },
    async handle({ caller, params }) {
      const deleted = await linkSecrets.remove(caller.account.id, params.secret);
      return deleted.ok ? noContent() : faultProblem(deleted.faults);
    },
  });
}

function rendered({ id, created }: LinkSecret) {
  return { id, created: created.toISOString() };
}
