// Which user a command means, and in whose name it acts.

import { userInfo } from 'node:os';
import type { Caller, UserView } from '../../directory/model.ts';
import { CommandError } from '../frame/errors.ts';
import type { OpenAccount } from '../session.ts';

/** The caller of commands on users: the connection that files come by. */
export async function userCaller({ runs, account }: OpenAccount): Promise<Caller> {
  const { username } = userInfo();
  return { ...(await runs.csv.callerOf(account)), door: 'cli', by: { kind: 'commandLine', id: username } };
}

/** The user with this id, External ID, login name or e-mail. @throws CommandError unless there is exactly one */
export async function mustFindUser(open: OpenAccount, caller: Caller, text: string): Promise<UserView> {
  const user = await findUser(open, caller, text);
  if (!user) throw new CommandError(`"${text}" does not match exactly one user.`);
  return user;
}

/** The user with this id, External ID, login name or e-mail; undefined unless there is exactly one. */
export async function findUser(
  { directory }: Pick<OpenAccount, 'directory'>,
  caller: Caller,
  text: string,
): Promise<UserView | undefined> {
  const user = await directory.lookup.user(caller, text);
  if (user) return user;
  const found = await directory.references.user(caller, { by: 'file', externalId: text, userName: text });
  if (found.ok && found.id !== undefined) return directory.lookup.user(caller, found.id);
  const [id, ...others] = await directory.records.usersWith(caller.account.id, 'email', text, 2);
  return id === undefined || others.length > 0 ? undefined : directory.lookup.user(caller, id);
}
