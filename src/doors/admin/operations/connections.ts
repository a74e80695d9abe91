// Connections of an account and their credentials over the admin API. A token is shown only once, when it is created.

import { z } from 'zod';
import type { Credential } from '../../../auth/credential-store.ts';
import { UNKNOWN_ATTRIBUTES, unknownAttributesOf } from '../../../directory/accounts/accounts.ts';
import { fault } from '../../../directory/faults.ts';
import type { Account, Connection, UnknownAttributes } from '../../../directory/model.ts';
import { accountParams, dateTime, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';

/** The port to connections and credentials. */
export interface ConnectionDesk {
  listConnections(account: Account): Promise<(Connection & { lastCall?: Date })[]>;
  findConnection(account: Account, name: string): Promise<Connection | undefined>;
  ensureConnection(account: Account, name: string): Promise<Connection>;
  setConnection(
    account: Account,
    id: string,
    settings: { unknownAttributes: UnknownAttributes | null },
  ): Promise<Connection | undefined>;
  listCredentials(account: Account): Promise<Credential[]>;
  createCredential(
    connection: Connection,
    expiresInDays?: number,
    name?: string,
  ): Promise<{ credential: Credential; token: string }>;
  revokeCredential(id: string): Promise<Credential | undefined>;
}

const EXPIRY_DAYS_MAX = 3650;

const unknownAttributes = z.enum(UNKNOWN_ATTRIBUTES).meta({
  description:
    'What happens to paths of a SCIM PATCH that name no attribute: refused (400) or ignored, with a note in the event. By default ignored for Entra ID and Okta, refused for others',
});
const connectionSchema = z
  .object({ id: z.string(), name: z.string(), kind: z.string(), unknownAttributes, lastCall: dateTime.optional() })
  .meta({ id: 'Connection' });
const credentialSchema = z
  .object({
    id: z.string(),
    connection: z.string().meta({ description: 'The id of the connection' }),
    name: z.string().optional(),
    hint: z.string(),
    created: dateTime,
    expires: dateTime.optional(),
    lastUsed: dateTime.optional(),
    revoked: dateTime.optional(),
  })
  .meta({ id: 'Credential' });
const newCredential = credentialSchema
  .extend({ token: z.string().meta({ description: 'Shown only in this response' }) })
  .meta({ id: 'NewCredential' });
const connectionParams = accountParams.extend({ connection: withId('connection') });

export interface ConnectionOperationsOptions {
  connections: ConnectionDesk;
  /** Drops a revoked credential from this process's cache, so that it stops working at once. */
  forget: (credentialId: string) => void;
}

/** The operations on connections and credentials. */
export function connectionOperations(options: ConnectionOperationsOptions): Operation[] {
  return [
    listConnections(options),
    createConnection(options),
    changeConnection(options),
    listCredentials(options),
    createCredential(options),
    revokeCredential(options),
  ];
}

function listConnections({ connections }: ConnectionOperationsOptions): Operation {
  return operation({
    id: 'listConnections',
    tag: 'Connections',
    method: 'GET',
    path: '/accounts/{account}/connections',
    summary: 'List connections',
    permission: 'connections.read',
    params: accountParams,
    answers: {
      200: {
        description: 'All connections, sorted by name',
        schema: z.object({ items: z.array(connectionSchema) }).meta({ id: 'ConnectionList' }),
      },
    },
    async handle({ caller }) {
      const found = await connections.listConnections(caller.account);
      return json(200, { items: found.map(renderConnection) });
    },
  });
}

function createConnection({ connections }: ConnectionOperationsOptions): Operation {
  return operation({
    id: 'createConnection',
    tag: 'Connections',
    method: 'POST',
    path: '/accounts/{account}/connections',
    summary: 'Create a connection; its kind is inferred from its name',
    permission: 'connections.edit',
    params: accountParams,
    body: z.strictObject({ name: z.string().min(1).max(255) }).meta({ id: 'ConnectionDraft' }),
    idempotent: true,
    answers: { 201: { description: 'The new connection', schema: connectionSchema } },
    async handle({ caller, body: { name } }) {
      if (name.trim() === '') return faultProblem([fault('required', 'name')]);
      if (await connections.findConnection(caller.account, name))
        return faultProblem([fault('uniqueness', 'name', { value: name })]);
      return json(201, renderConnection(await connections.ensureConnection(caller.account, name)));
    },
  });
}

function changeConnection({ connections }: ConnectionOperationsOptions): Operation {
  return operation({
    id: 'changeConnection',
    tag: 'Connections',
    method: 'PATCH',
    path: '/accounts/{account}/connections/{connection}',
    summary: 'Update the settings of a connection; they take effect within five seconds',
    permission: 'connections.edit',
    params: connectionParams,
    body: z
      .strictObject({ unknownAttributes: unknownAttributes.nullable().meta({ description: 'null sets the default' }) })
      .meta({ id: 'ConnectionChange' }),
    answers: { 200: { description: 'The connection', schema: connectionSchema } },
    async handle({ caller, params, body }) {
      const changed = await connections.setConnection(caller.account, params.connection, body);
      if (!changed) return faultProblem([fault('notFound', 'Connection', { id: params.connection })]);
      return json(200, renderConnection(changed));
    },
  });
}

function listCredentials({ connections }: ConnectionOperationsOptions): Operation {
  return operation({
    id: 'listCredentials',
    tag: 'Connections',
    method: 'GET',
    path: '/accounts/{account}/credentials',
    summary: 'List the credentials of all connections; tokens are not stored',
    permission: 'connections.read',
    params: accountParams,
    answers: {
      200: {
        description: 'All credentials, oldest first',
        schema: z.object({ items: z.array(credentialSchema) }).meta({ id: 'CredentialList' }),
      },
    },
    async handle({ caller }) {
      const found = await connections.listCredentials(caller.account);
      return json(200, { items: found.map(renderCredential) });
    },
  });
}

function createCredential({ connections }: ConnectionOperationsOptions): Operation {
  return operation({
    id: 'createCredential',
    tag: 'Connections',
    method: 'POST',
    path: '/accounts/{account}/connections/{connection}/credentials',
    summary: 'Create a credential for a connection; a connection can have several',
    permission: 'connections.edit',
    params: connectionParams,
    body: z
      .strictObject({
        name: z.string().max(255).optional(),
        expiresInDays: z.number().int().min(1).max(EXPIRY_DAYS_MAX).optional(),
      })
      .meta({ id: 'CredentialDraft' }),
    answers: { 201: { description: 'The credential, with its token', schema: newCredential } },
    async handle({ caller, params, body }) {
      const found = (await connections.listConnections(caller.account)).find(({ id }) => id === params.connection);
      if (!found) return faultProblem([fault('notFound', 'Connection', { id: params.connection })]);
      const created = await connections.createCredential(found, body.expiresInDays, body.name?.trim() || undefined);
      return json(201, { ...renderCredential(created.credential), token: created.token });
    },
  });
}

function revokeCredential({ connections, forget }: ConnectionOperationsOptions): Operation {
  return operation({
    id: 'revokeCredential',
    tag: 'Connections',
    method: 'DELETE',
    path: '/accounts/{account}/credentials/{credential}',
    summary: 'Revoke a credential permanently',
    permission: 'connections.edit',
    params: accountParams.extend({ credential: withId('credential') }),
    answers: { 204: { description: 'Revoked' } },
    async handle({ caller, params }) {
      const exists = (await connections.listCredentials(caller.account)).some(({ id }) => id === params.credential);
      if (!exists) return faultProblem([fault('notFound', 'Credential', { id: params.credential })]);
      await connections.revokeCredential(params.credential);
      forget(params.credential);
      return noContent();
    },
  });
}

function renderConnection({ lastCall, ...connection }: Connection & { lastCall?: Date }) {
  const { id, name, kind } = connection;
  const at = lastCall ? { lastCall: lastCall.toISOString() } : {};
  return { id, name, kind, unknownAttributes: unknownAttributesOf(connection), ...at };
}

function renderCredential({ id, connection, name, hint, created, expires, lastUsed, revoked }: Credential) {
  const time = (key: string, at: Date | undefined) => (at ? { [key]: at.toISOString() } : {});
  return {
    id,
    connection,
    ...(name === undefined ? {} : { name }),
    hint,
    created: created.toISOString(),
    ...time('expires', expires),
    ...time('lastUsed', lastUsed),
    ...time('revoked', revoked),
  };
}
