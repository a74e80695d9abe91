// Owns what administrators do with connections and their credentials: create, change, revoke. A token is returned only once, when it
// is created.

import type { ConnectionChange } from '../directory/accounts/accounts.ts';
import { fault, type Outcome, refused } from '../directory/faults.ts';
import type { Account, Connection } from '../directory/model.ts';
import type { Credential } from './credential-store.ts';

/** The longest time for which a credential is made, if it expires. */
export const EXPIRY_DAYS_MAX = 3650;

/** The port to connections and credentials. Every method throws StoreUnavailable if the database is unavailable. */
export interface ConnectionDesk {
  listConnections(account: Account): Promise<(Connection & { lastCall?: Date })[]>;
  findConnection(account: Account, name: string): Promise<Connection | undefined>;
  ensureConnection(account: Account, name: string, use?: 'sandbox'): Promise<Connection>;
  setConnection(account: Account, id: string, settings: ConnectionChange): Promise<Connection | undefined>;
  listCredentials(account: Account, connection?: string): Promise<Credential[]>;
  createCredential(
    connection: Connection,
    expiresInDays?: number,
    name?: string,
  ): Promise<{ credential: Credential; token: string }>;
  createWorkbenchCredential(
    connection: Connection,
    limits: { minutes: number; max: number },
  ): Promise<{ credential: Credential; token: string } | undefined>;
  revokeCredential(id: string): Promise<Credential | undefined>;
}

/** What a connection is created with. */
type ConnectionDraft = { name: string; sandbox?: boolean | undefined } & {
  [Setting in keyof ConnectionChange]?: ConnectionChange[Setting] | undefined;
};

/** Creates a connection, of the kind that its name suggests unless one is stated, with these settings. Faults: required, uniqueness. */
export async function createConnection(
  connections: Pick<ConnectionDesk, 'findConnection' | 'ensureConnection' | 'setConnection'>,
  account: Account,
  { name, sandbox = false, ...settings }: ConnectionDraft,
): Promise<Outcome<Connection>> {
  if (name.trim() === '') return refused(fault('required', 'name'));
  if (await connections.findConnection(account, name)) return refused(fault('uniqueness', 'name', { value: name }));
  const created = await connections.ensureConnection(account, name, sandbox ? 'sandbox' : undefined);
  const stated = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  if (Object.keys(stated).length === 0) return { ok: true, value: created, effect: 'created' };
  const changed = await changeConnection(connections, account, created.id, stated);
  return changed.ok ? { ...changed, effect: 'created' } : changed;
}

/** Changes the settings of a connection. Faults: notFound. */
export async function changeConnection(
  connections: Pick<ConnectionDesk, 'setConnection'>,
  account: Account,
  id: string,
  change: ConnectionChange,
): Promise<Outcome<Connection>> {
  const changed = await connections.setConnection(account, id, change);
  if (!changed) return refused(fault('notFound', 'Connection', { id }));
  return { ok: true, value: changed, effect: 'updated' };
}

/** Creates a credential of a connection, with its token. Faults: notFound. */
export async function createCredential(
  connections: Pick<ConnectionDesk, 'listConnections' | 'createCredential'>,
  account: Account,
  connection: string,
  { name, expiresInDays }: { name?: string | undefined; expiresInDays?: number | undefined },
): Promise<Outcome<{ credential: Credential; token: string }>> {
  const found = (await connections.listConnections(account)).find(({ id }) => id === connection);
  if (!found) return refused(fault('notFound', 'Connection', { id: connection }));
  const created = await connections.createCredential(found, expiresInDays, name?.trim() || undefined);
  return { ok: true, value: created, effect: 'created' };
}

/** Less than a session, because signing out does not end it. */
const WORKBENCH_MINUTES = 10;
/** Enough for people, and a bound for a script. */
const WORKBENCH_TOKENS_MAX = 50;

/**
 * Creates a token with which the console sends requests as a connection for tests, for some minutes (docs/decisions/0023). Faults:
 * notFound, invalidValue (a connection that is not for tests), tooMany.
 */
export async function createWorkbenchToken(
  connections: Pick<ConnectionDesk, 'listConnections' | 'createWorkbenchCredential'>,
  account: Account,
  connection: string,
): Promise<Outcome<{ credential: Credential; token: string }>> {
  const found = (await connections.listConnections(account)).find(({ id }) => id === connection);
  if (!found) return refused(fault('notFound', 'Connection', { id: connection }));
  if (!found.sandbox) {
    const rule = 'belongs to a client: only a connection that was created for tests sends requests from the console';
    return refused(fault('invalidValue', 'connection', { rule }));
  }
  const limits = { minutes: WORKBENCH_MINUTES, max: WORKBENCH_TOKENS_MAX };
  const created = await connections.createWorkbenchCredential(found, limits);
  if (!created) return refused(fault('tooMany', 'tokens', { max: WORKBENCH_TOKENS_MAX }));
  return { ok: true, value: created, effect: 'created' };
}

/** Revokes a credential of the account permanently. Faults: notFound. */
export async function revokeCredential(
  connections: Pick<ConnectionDesk, 'listCredentials' | 'revokeCredential'>,
  account: Account,
  id: string,
): Promise<Outcome<Credential>> {
  const exists = (await connections.listCredentials(account)).some((credential) => credential.id === id);
  const revoked = exists ? await connections.revokeCredential(id) : undefined;
  if (!revoked) return refused(fault('notFound', 'Credential', { id }));
  return { ok: true, value: revoked, effect: 'updated' };
}
