// Connections of an account and their credentials over the admin API. A token is shown only once, when it is created.

import { z } from 'zod';
import {
  type ConnectionDesk,
  changeConnection as change,
  createConnection as create,
  createWorkbenchToken as createPassing,
  createCredential as createToken,
  EXPIRY_DAYS_MAX,
  revokeCredential as revoke,
} from '../../../auth/connections.ts';
import type { Credential } from '../../../auth/credential-store.ts';
import { CONNECTION_KINDS, UNKNOWN_ATTRIBUTES, unknownAttributesOf } from '../../../directory/accounts/accounts.ts';
import type { Connection } from '../../../directory/model.ts';
import { accountParams, dateTime, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';

const unknownAttributes = z.enum(UNKNOWN_ATTRIBUTES).meta({
  description:
    'What happens to paths of a SCIM PATCH that name no attribute: refused (400) or ignored, with a note in the event. By default ignored for Entra ID and Okta, refused for others',
});
const writesStoresAndUnits = z.boolean().meta({
  description:
    'Whether the connection may create, change and delete stores and org units over SCIM (`/Stores`, `/OrgUnits`). By default it only reads them',
});
const kind = z.enum(CONNECTION_KINDS).meta({ description: 'What the source is; inferred from the name unless stated' });
const sandbox = z.boolean().meta({
  description: 'Created for tests: administrators can send requests as this connection from the console',
});
export const connectionSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    kind,
    unknownAttributes,
    writesStoresAndUnits,
    sandbox,
    lastCall: dateTime.optional(),
  })
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
    createWorkbenchToken(options),
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
    summary: 'Create a connection',
    permission: 'connections.edit',
    params: accountParams,
    body: z
      .strictObject({
        name: z.string().min(1).max(255),
        kind: kind.optional(),
        unknownAttributes: unknownAttributes.optional(),
        writesStoresAndUnits: writesStoresAndUnits.optional(),
        sandbox: sandbox.optional(),
      })
      .meta({ id: 'ConnectionDraft' }),
    idempotent: true,
    answers: { 201: { description: 'The new connection', schema: connectionSchema } },
    async handle({ caller, body }) {
      const created = await create(connections, caller.account, body);
      return created.ok ? json(201, renderConnection(created.value)) : faultProblem(created.faults);
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
      .strictObject({
        unknownAttributes: unknownAttributes.nullable().meta({ description: 'null sets the default' }).optional(),
        kind: kind.optional(),
        writesStoresAndUnits: writesStoresAndUnits.optional(),
      })
      .meta({ id: 'ConnectionChange' }),
    answers: { 200: { description: 'The connection', schema: connectionSchema } },
    async handle({ caller, params, body: { unknownAttributes: mode, kind: stated, writesStoresAndUnits: writes } }) {
      const settings = {
        ...(mode === undefined ? {} : { unknownAttributes: mode }),
        ...(stated === undefined ? {} : { kind: stated }),
        ...(writes === undefined ? {} : { writesStoresAndUnits: writes }),
      };
      const changed = await change(connections, caller.account, params.connection, settings);
      return changed.ok ? json(200, renderConnection(changed.value)) : faultProblem(changed.faults);
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
      const created = await createToken(connections, caller.account, params.connection, body);
      if (!created.ok) return faultProblem(created.faults);
      const { credential, token } = created.value;
      return json(201, { ...renderCredential(credential), token });
    },
  });
}

function createWorkbenchToken({ connections }: ConnectionOperationsOptions): Operation {
  return operation({
    id: 'createWorkbenchToken',
    tag: 'Connections',
    method: 'POST',
    path: '/accounts/{account}/connections/{connection}/workbench-token',
    summary: 'Create a token for the workbench of the console, which sends SCIM requests as a connection for tests',
    description:
      'It expires after ten minutes and is not listed. Only for a connection that was created with `sandbox`.',
    permission: 'connections.edit',
    browserOnly: true,
    confidential: true,
    params: connectionParams,
    answers: {
      201: {
        description: 'The token',
        schema: z.object({ token: z.string(), expires: dateTime }).meta({ id: 'WorkbenchToken' }),
      },
    },
    async handle({ caller, params }) {
      const created = await createPassing(connections, caller.account, params.connection);
      if (!created.ok) return faultProblem(created.faults);
      const { credential, token } = created.value;
      const answer = json(201, { token, expires: credential.expires?.toISOString() });
      return { ...answer, subject: { type: 'Credential', id: credential.id } };
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
      const revoked = await revoke(connections, caller.account, params.credential);
      if (!revoked.ok) return faultProblem(revoked.faults);
      forget(params.credential);
      return noContent();
    },
  });
}

export function renderConnection({ lastCall, ...connection }: Connection & { lastCall?: Date }) {
  const { id, name, kind, writesStoresAndUnits: writes = false, sandbox = false } = connection;
  const settings = { unknownAttributes: unknownAttributesOf(connection), writesStoresAndUnits: writes, sandbox };
  return { id, name, kind, ...settings, ...(lastCall ? { lastCall: lastCall.toISOString() } : {}) };
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
