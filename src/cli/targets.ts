// Which group or store a command means.

import { CommandError } from './frame/errors.ts';
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
