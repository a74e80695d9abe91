// Which group, store or connection a command means.

import type { Store } from '../app/database.ts';
import type { Account, Connection } from '../directory/model.ts';
import { CommandError } from './frame/errors.ts';
import { concerns } from './frame/recording.ts';
import { administratorCaller, type OpenAccount } from './session.ts';

/** How commands describe the argument that means a group, and the one that means a store. */
export const GROUP = 'id or name of the group';
export const STORE = 'ref id, id or name of the store';

/** The id of the group with this id or name. @throws CommandError if there is none, or more than one */
export async function groupId({ directory, account }: OpenAccount, text: string): Promise<string> {
  const found = await directory.references.groupId(administratorCaller(account), text);
  if (found.ok) return found.id;
  throw notOne('group', text, found.fault.code, account.slug);
}

/** The ref id of the store with this ref id, id or name. @throws CommandError if there is none, or more than one */
export async function storeRefId({ directory, account }: OpenAccount, text: string): Promise<string> {
  const found = await directory.references.storeRefId(administratorCaller(account), text);
  if (found.ok) return found.id;
  throw notOne('store', text, found.fault.code, account.slug);
}

/** The id of the store with this ref id, id or name. @throws CommandError if there is none, or more than one */
export async function storeId(open: OpenAccount, text: string): Promise<string> {
  const refId = await storeRefId(open, text);
  const [store] = await open.directory.records.storesByRefId(open.account.id, [refId]);
  if (store) return store._id;
  throw notOne('store', text, 'notFound', open.account.slug);
}

function notOne(what: 'group' | 'store', text: string, code: string, slug: string): CommandError {
  const see = `See: ${what} list --account ${slug}`;
  return code === 'notFound'
    ? new CommandError(`No ${what} "${text}" exists in the account. ${see}`, code)
    : new CommandError(`Several ${what}s have the name "${text}". State the id of one of them. ${see}`, code);
}

/** The connection with this name or id. @throws CommandError */
export async function mustFindConnection(store: Store, account: Account, text: string): Promise<Connection> {
  const found = await findConnection(store, account, text);
  if (found) {
    concerns({ type: 'Connection', id: found.id, name: found.name });
    return found;
  }
  throw new CommandError(
    `No connection "${text}" exists in the account. See: connection list --account ${account.slug}`,
    'notFound',
  );
}

/** The connection with this name or id, or undefined. */
export async function findConnection(
  { accounts }: Store,
  account: Account,
  text: string,
): Promise<Connection | undefined> {
  const named = await accounts.findConnection(account, text);
  return named ?? (await accounts.listConnections(account)).find(({ id }) => id === text);
}
