// Clients over the admin API: the applications of an account that sign learners in over OpenID Connect.

import { z } from 'zod';
import {
  CLIENT_NAME_CHARS_MAX,
  CLIENTS_MAX,
  createClient as create,
  removeClient as remove,
  URI_CHARS_MAX,
  URIS_MAX,
} from '../../../auth/provider/clients.ts';
import type { Client, ClientStore } from '../../../auth/provider/provider-store.ts';
import { accountParams, dateTime, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';

const uri = z.string().min(1).max(URI_CHARS_MAX);
const clientSchema = z
  .object({
    id: z.string().meta({ description: 'The client id of the application' }),
    name: z.string(),
    redirectUris: z.array(z.string()),
    postLogoutRedirectUris: z.array(z.string()),
    startUrl: z.string().optional(),
    created: dateTime,
  })
  .meta({ id: 'Client' });
const clientDraft = z
  .strictObject({
    name: z.string().min(1).max(CLIENT_NAME_CHARS_MAX),
    redirectUris: z
      .array(uri)
      .min(1)
      .max(URIS_MAX)
      .meta({ description: 'The exact addresses to which people return after sign-in' }),
    postLogoutRedirectUris: z
      .array(uri)
      .max(URIS_MAX)
      .meta({ description: 'The exact addresses to which people return after signing out' })
      .optional(),
    startUrl: uri
      .meta({ description: 'Where the application begins a sign-in, for people who come from a mail or a login link' })
      .optional(),
  })
  .meta({ id: 'ClientDraft' });

export interface ClientOperationsOptions {
  clients: ClientStore;
  now: () => Date;
}

/** The operations on clients. */
export function clientOperations(options: ClientOperationsOptions): Operation[] {
  return [listClients(options), createClient(options), deleteClient(options)];
}

function listClients({ clients }: ClientOperationsOptions): Operation {
  return operation({
    id: 'listClients',
    tag: 'Clients',
    method: 'GET',
    path: '/accounts/{account}/clients',
    summary: 'List the applications that sign learners in',
    permission: 'clients.read',
    params: accountParams,
    answers: {
      200: {
        description: 'All clients, oldest first',
        schema: z.object({ items: z.array(clientSchema) }).meta({ id: 'ClientList' }),
      },
    },
    async handle({ caller }) {
      return json(200, { items: (await clients.clientsOf(caller.account.id, CLIENTS_MAX)).map(renderClient) });
    },
  });
}

function createClient({ clients, now }: ClientOperationsOptions): Operation {
  return operation({
    id: 'createClient',
    tag: 'Clients',
    method: 'POST',
    path: '/accounts/{account}/clients',
    summary: 'Create a client for an application that signs learners in',
    description:
      'Clients are public: they prove themselves by PKCE and their exact redirect addresses, and have no secret.',
    permission: 'clients.edit',
    params: accountParams,
    body: clientDraft,
    idempotent: true,
    answers: { 201: { description: 'The new client', schema: clientSchema } },
    async handle({ caller, body: { startUrl, postLogoutRedirectUris, ...draft } }) {
      const whole = {
        ...draft,
        ...(startUrl === undefined ? {} : { startUrl }),
        ...(postLogoutRedirectUris === undefined ? {} : { postLogoutRedirectUris }),
      };
      const created = await create(clients, caller.account.id, whole, now);
      return created.ok ? json(201, renderClient(created.value)) : faultProblem(created.faults);
    },
  });
}

function deleteClient({ clients }: ClientOperationsOptions): Operation {
  return operation({
    id: 'deleteClient',
    tag: 'Clients',
    method: 'DELETE',
    path: '/accounts/{account}/clients/{client}',
    summary: 'Delete a client; everybody who signed in with it is signed out there',
    permission: 'clients.edit',
    params: accountParams.extend({ client: withId('client') }),
    answers: { 204: { description: 'Deleted' } },
    async handle({ caller, params }) {
      const removed = await remove(clients, caller.account.id, params.client);
      return removed.ok ? noContent() : faultProblem(removed.faults);
    },
  });
}

function renderClient({ account: _account, created, ...client }: Client) {
  return { ...client, created: created.toISOString() };
}
