// Which user a command means.

import type { Account, UserView } from '../../directory/model.ts';
import { usersNamed } from '../../directory/users/named.ts';
import { CommandError } from '../frame/errors.ts';
import { isAbout } from '../frame/recording.ts';
import { createTable } from '../frame/table.ts';
import { administratorCaller, type OpenAccount } from '../session.ts';
import { USERS } from './view.ts';

/** How commands describe the argument that means a user. */
export const USER = 'id, External ID, login name or e-mail of the user';

/** The candidates that are listed if a name is ambiguous. */
const CANDIDATES_MAX = 10;

type Directory = Pick<OpenAccount, 'directory'>;

/** The user with this id, External ID, login name or e-mail. @throws CommandError if there is none, or more than one */
export async function mustFindUser(open: Directory & { account: Account }, text: string): Promise<UserView> {
  const user = await findUser(open, open.account, text);
  if (user) return user;
  throw new CommandError(
    `No user has the id, External ID, login name or e-mail "${text}". See: user search TEXT --account ${open.account.slug}`,
    'notFound',
  );
}

/** The user with this id, External ID, login name or e-mail, or undefined. @throws CommandError if it names more than one */
export async function findUser(
  { directory }: Directory,
  account: Account,
  text: string,
): Promise<UserView | undefined> {
  isAbout(text);
  const caller = administratorCaller(account);
  const user = await directory.lookup.user(caller, text);
  if (user) return user;
  const ids = await usersNamed(directory.records, account.id, text, CANDIDATES_MAX);
  const found = await Promise.all(ids.slice(0, CANDIDATES_MAX).map((id) => directory.lookup.user(caller, id)));
  const [one, ...others] = found.filter((view) => view !== undefined);
  if (one && others.length > 0) throw ambiguous(text, [one, ...others]);
  return one;
}

function ambiguous(text: string, candidates: UserView[]): CommandError {
  const table = createTable(USERS.columns, candidates, undefined).whole;
  return new CommandError(
    `"${text}" names ${candidates.length} users. State the id of one of them:\n${table}`,
    'ambiguousIdentity',
  );
}
