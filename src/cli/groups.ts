// The commands on user groups. They are the operations of the admin API.

import type { Command } from 'commander';
import { print, printJson, printNote, type Shown, showList, showOne } from './frame/output.ts';
import {
  type AccountOptions,
  accountOptions,
  administratorCaller,
  limitOption,
  listed,
  name,
  type OpenAccount,
  perform,
  withAccount,
} from './session.ts';
import { GROUP, groupId } from './targets.ts';

import { mustFindUser, USER } from './users/lookup.ts';
import { listUsers } from './users/operations.ts';
import { nameOf } from './users/view.ts';

/** A group as the admin API answers it. */
interface Group {
  id: string;
  version: number;
  name: string;
  sourceName: string;
  type?: string;
  externalId?: string;
  claimed: boolean;
  derived: boolean;
}

const GROUPS: Shown<Group> = {
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'NAME', of: ({ name: shown }) => shown, shrinks: true },
    { title: 'TYPE', of: ({ type }) => type, shrinks: true },
    { title: 'EXTERNAL ID', of: ({ externalId }) => externalId, shrinks: true },
  ],
};

/** Adds the commands of `group`. */
export function groupCommands(group: Command): void {
  limitOption(accountOptions(group.command('list')))
    .description('list user groups in order of creation')
    .option('--search <text>', 'only groups whose name begins like this')
    .option('--type <type>', 'only groups of this type, such as Department')
    .action(list);
  onGroup(group, 'show').description('show a user group, with the number of its members').action(showGroup);
  accountOptions(group.command('create').argument('<name>', 'name of the group', name))
    .description('create a user group')
    .option('--type <type>', 'type of the group, such as Department')
    .option('--external-id <id>', 'ID of the group at its source')
    .action(create);
  onGroup(group, 'rename')
    .argument('<name>', 'new display name', name)
    .description("set the display name of a group; SCIM clients still see the source's name")
    .action(rename);
  onGroup(group, 'delete').description('delete a user group; its members are kept as users').action(remove);
  onGroup(group, 'merge')
    .argument('<into>', 'id or name of the group of the same type that stays')
    .description(
      'move the members, IDs and courses of a group to another one, and delete it; repeat it after an interruption',
    )
    .option('--dry-run', 'only say what would move')
    .action(merge);
  limitOption(onGroup(group, 'members'))
    .description('list the members of a group')
    .action((text: string, options: MemberListOptions) => listUsers({ ...options, group: text }));
  onGroup(group, 'add-members')
    .argument('<users...>', USER)
    .description('add users to a group')
    .action((text: string, users: string[], options) => changeMembers('add', text, users, options));
  onGroup(group, 'remove-members')
    .argument('<users...>', USER)
    .description('remove users from a group')
    .action((text: string, users: string[], options) => changeMembers('remove', text, users, options));
}

function onGroup(group: Command, word: string): Command {
  return accountOptions(group.command(word).argument('<group>', GROUP));
}

type MemberListOptions = AccountOptions & { limit?: number };

interface ListOptions extends MemberListOptions {
  search?: string;
  type?: string;
}

function list({ search, type, limit, ...options }: ListOptions): Promise<void> {
  return withAccount(options.account, async (open) =>
    showList(options, listed<Group>(open, '/groups', { search, type }, limit), GROUPS),
  );
}

/** The members of a group are counted up to this number. */
const COUNTED_MAX = 1_000_000;

function showGroup(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const id = await groupId(open, text);
    const group = await perform<Group>(open, { method: 'GET', path: `/groups/${id}` });
    const members = await open.directory.lookup.memberCount(administratorCaller(open.account), id, COUNTED_MAX);
    const columns = [
      ...GROUPS.columns,
      { title: "SOURCE'S NAME", of: ({ sourceName }: Group) => sourceName },
      { title: 'MEMBERS', of: () => String(members) },
      { title: 'FROM', of: originOf },
    ];
    showOne(options, group, { columns, json: (shown) => ({ ...shown, members }), lines: true });
  });
}

function originOf({ claimed, derived }: Group): string {
  if (derived) return 'an attribute of users';
  return claimed ? 'a source, as a resource' : 'administrators, or users of a source';
}

interface CreateOptions extends AccountOptions {
  type?: string;
  externalId?: string;
}

function create(displayName: string, { type, externalId, ...options }: CreateOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const body = { name: displayName, ...(type ? { type } : {}), ...(externalId ? { externalId } : {}) };
    showOne(options, await perform<Group>(open, { method: 'POST', path: '/groups', body }), GROUPS);
  });
}

function rename(text: string, adminName: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const path = `/groups/${await groupId(open, text)}`;
    showOne(options, await perform<Group>(open, { method: 'PATCH', path, body: { adminName } }), GROUPS);
  });
}

function remove(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const id = await groupId(open, text);
    await perform(open, { method: 'DELETE', path: `/groups/${id}` });
    if (options.json) printJson({ deleted: id });
    else print(`Deleted the group ${text === id ? id : `${text} (${id})`}; its members are kept as users.`);
  });
}

interface MergePreview {
  from: Group;
  into: Group;
  members: number;
  courses: number;
  ids: number;
}

function merge(fromText: string, intoText: string, options: AccountOptions & { dryRun?: boolean }): Promise<void> {
  return withAccount(options.account, async (open) => {
    const into = await groupId(open, intoText);
    const path = `/groups/${await groupId(open, fromText)}/merge/${into}`;
    const preview = await perform<MergePreview>(open, { method: 'GET', path });
    const { members, courses, ids } = preview;
    const what = `${members} members, ${courses} courses and ${ids} IDs of ${preview.from.name} (${preview.from.id})`;
    const where = `${preview.into.name} (${into})`;
    if (options.dryRun) {
      if (options.json) printJson(preview);
      else print(`Would move ${what} to ${where}, and delete the group. Nothing was changed.`);
      return;
    }
    let moved = 0;
    for (let done = false; !done; ) {
      const step = await perform<{ moved: number; done: boolean }>(open, { method: 'POST', path });
      moved += step.moved;
      done = step.done;
      if (!done) printNote(`Moved ${moved} of ${members} members to ${where}.`);
    }
    if (options.json) printJson({ ...preview, moved });
    else print(`Moved ${what} to ${where}, and deleted the group.`);
  });
}

function changeMembers(how: 'add' | 'remove', text: string, texts: string[], options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const path = `/groups/${await groupId(open, text)}`;
    const users = await usersOf(open, texts);
    const before = await perform<Group>(open, { method: 'GET', path });
    const body = { [how]: users.map(({ id }) => id) };
    const after = await perform<Group>(open, { method: 'POST', path: `${path}/members`, body });
    showOne(options, after, GROUPS);
    const who = users.map(nameOf).join(', ');
    const what = how === 'add' ? `Added to ${after.name}: ${who}` : `Removed from ${after.name}: ${who}`;
    printNote(before.version === after.version ? `Nothing changed of ${after.name}: it is so already.` : `${what}.`);
  });
}

/** One after the other, so that the first that is wrong is reported. */
async function usersOf(open: OpenAccount, texts: string[]) {
  const users = [];
  for (const text of texts) users.push(await mustFindUser(open, text));
  return users;
}
