// What the commands on users do: the operations of the admin API.

import type { UserView } from '../../directory/model.ts';
import { sameValue } from '../../directory/schema/attributes.ts';
import { isObject } from '../../directory/schema/fold.ts';
import type { Attributes } from '../../directory/schema/schema.ts';
import { usersNamed } from '../../directory/users/named.ts';
import { CommandError } from '../frame/errors.ts';
import { print, printJson, printNote, showList, showOne } from '../frame/output.ts';
import {
  type AccountOptions,
  administratorCaller,
  listed,
  type OpenAccount,
  perform,
  withAccount,
} from '../session.ts';
import { bodyOf, type UserOptions } from './body.ts';
import { confirm } from './erase.ts';
import { mustFindUser } from './lookup.ts';
import { nameOf, USERS } from './view.ts';

/** Users are found by an identity as a whole up to this number. */
const IDENTIFIED_MAX = 100;

/** Which users to list. */
export interface ListOptions extends AccountOptions {
  search?: string;
  group?: string;
  orgUnit?: string;
  role?: string;
  organization?: string;
  enrollmentProfile?: string;
  store?: string;
  status?: string;
  sort?: string;
  limit?: number;
}

export function listUsers(options: ListOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const { search, group, orgUnit, role, organization, enrollmentProfile, store, status, sort } = options;
    const found = listed<{ id: string }>(
      open,
      '/users',
      { search, group, orgUnit, role, organization, enrollmentProfile, store, status, sort },
      options.limit,
    );
    await showList(options, viewsOf(open, found), USERS);
  });
}

/** Finds users by an id or identity as a whole, which an External ID has to be, and by the beginnings of words. */
export function searchUsers(text: string, options: AccountOptions & { limit?: number }): Promise<void> {
  return withAccount(options.account, async (open) =>
    showList(options, viewsOf(open, foundBy(open, text, options.limit)), USERS),
  );
}

async function* foundBy(
  open: OpenAccount,
  text: string,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<{ id: string }> {
  const { directory, account } = open;
  const known = new Set([text, ...(await usersNamed(directory.records, account.id, text, IDENTIFIED_MAX))]);
  let left = limit;
  for (const id of known) {
    if (left <= 0 || !(await directory.lookup.user(administratorCaller(account), id))) continue;
    left -= 1;
    yield { id };
  }
  for await (const user of listed<{ id: string }>(open, '/users', { search: text })) {
    if (left <= 0) return;
    if (known.has(user.id)) continue;
    left -= 1;
    yield user;
  }
}

/** The users in the form in which commands show them. Users who were deleted in the meantime are left out. */
async function* viewsOf(
  { directory, account }: OpenAccount,
  users: AsyncIterable<{ id: string }>,
): AsyncGenerator<UserView> {
  const caller = administratorCaller(account);
  for await (const { id } of users) {
    const view = await directory.lookup.user(caller, id);
    if (view) yield view;
  }
}

export function showUser(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const { id } = await mustFindUser(open, text);
    const user = await userAfter(open, perform(open, { method: 'GET', path: `/users/${id}` }));
    if (options.json) printJson(user);
    else print(JSON.stringify({ id, ...user.attributes }, undefined, 2));
  });
}

export function createUser(userName: string, options: AccountOptions & UserOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const body = { ...(await bodyOf(open, options)), userName };
    const user = await userAfter(open, perform(open, { method: 'POST', path: '/users', body }));
    showOne(options, user, USERS);
    printNote(`Created ${nameOf(user)} in the account ${open.account.slug}.`);
  });
}

export function changeUser(text: string, options: AccountOptions & UserOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const before = await mustFindUser(open, text);
    const body = await bodyOf(open, options);
    if (Object.keys(body).length === 0)
      throw new CommandError('Nothing to change was stated. Add --help to see the options.', 'usage');
    const change = perform(open, { method: 'PATCH', path: `/users/${before.id}`, body });
    showChanged(open, options, before, await userAfter(open, change));
  });
}

/** The states into which a command brings a user, each with the verb of the admin API. */
export type StateVerb = 'activate' | 'deactivate' | 'block' | 'unblock';

export function setState(verb: StateVerb, text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const before = await mustFindUser(open, text);
    const change = perform(open, { method: 'POST', path: `/users/${before.id}/${verb}` });
    showChanged(open, options, before, await userAfter(open, change));
  });
}

export function deleteUser(text: string, options: AccountOptions & { yes?: boolean }): Promise<void> {
  return withAccount(options.account, async (open) => {
    const user = await mustFindUser(open, text);
    if (!options.yes)
      await confirm(`Delete the user ${nameOf(user)} from the account ${open.account.slug}?`, 'Nothing was deleted.');
    await perform(open, { method: 'DELETE', path: `/users/${user.id}` });
    if (options.json) printJson({ deleted: user.id });
    else print(`Deleted ${nameOf(user)}. user erase also removes the person from files, events and results.`);
  });
}

/** The user that an operation answered. @throws CommandError if it was refused, or the user is gone since */
async function userAfter({ directory, account }: OpenAccount, answer: Promise<unknown>): Promise<UserView> {
  const { id } = (await answer) as { id: string };
  const view = await directory.lookup.user(administratorCaller(account), id);
  if (!view) throw new CommandError('The user was deleted at the same moment.', 'notFound');
  return view;
}

function showChanged({ account }: OpenAccount, options: AccountOptions, before: UserView, after: UserView): void {
  showOne(options, after, USERS);
  const changed = changedPaths(before.attributes, after.attributes);
  const what = changed.length === 0 ? 'nothing, because it is so already' : changed.join(', ');
  printNote(`Changed of ${nameOf(after)} in the account ${account.slug}: ${what}.`);
}

/** The attributes that differ: those of an extension or of a name one by one. */
function changedPaths(before: Attributes, after: Attributes, prefix = ''): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const [was, is] = [before[key], after[key]];
    if (sameValue(was, is)) return [];
    if (prefix === '' && (isObject(was) || isObject(is)))
      return changedPaths((was ?? {}) as Attributes, (is ?? {}) as Attributes, `${key}.`);
    return [prefix + key];
  });
}
