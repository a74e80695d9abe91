// The commands on the attributes that an account adds to its users. They are the operations of the admin API.

import { type Command, Option } from 'commander';
import { ACCOUNT_ATTRIBUTE_TYPES, type AccountAttribute } from '../directory/schema/account-attributes.ts';
import { CommandError } from './frame/errors.ts';
import { print, printJson, type Shown, showList, showOne } from './frame/output.ts';
import { type AccountOptions, accountOptions, perform, withAccount } from './session.ts';

/** A custom attribute as the admin API answers it. */
type Item = AccountAttribute & { path: string };

const ATTRIBUTES: Shown<Item> = {
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'TYPE', of: ({ type, multiValued }) => (multiValued ? `${type}, a list` : type) },
    { title: 'REQUIRED', of: ({ required }) => (required ? 'yes' : '') },
    { title: 'MATCHING', of: ({ matching }) => (matching ? 'yes' : '') },
    { title: 'SCIM', of: ({ path }) => path, shrinks: true },
  ],
};

/** Adds the commands on custom attributes. */
export function attributeCommands(command: Command): void {
  accountOptions(command.command('list'))
    .description('list the attributes that an account adds to its users')
    .action(list);
  accountOptions(command.command('create').argument('<name>', 'letters and digits, at most 64'))
    .description('add an attribute to the users of an account: SCIM, files and the admin API have it at once')
    .addOption(
      new Option('--type <type>', 'type of its values').choices(ACCOUNT_ATTRIBUTE_TYPES).default('string' as const),
    )
    .option('--list', 'a user can have several values')
    .option('--required', 'an active user without a value is incomplete')
    .option('--matching', 'users are found by it from an index; only for texts')
    .option('--description <text>', 'what it holds')
    .action(create);
  accountOptions(command.command('delete').argument('<name>', 'name of the attribute'))
    .description('remove an attribute from an account, with its values of all users')
    .option('--confirm <name>', 'the name again: without it, nothing is removed')
    .action(remove);
}

function list(options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const { items } = await perform<{ items: Item[] }>(open, { method: 'GET', path: '/attributes' });
    await showList(options, items, ATTRIBUTES);
  });
}

interface CreateOptions extends AccountOptions {
  type: AccountAttribute['type'];
  list?: boolean;
  required?: boolean;
  matching?: boolean;
  description?: string;
}

function create(name: string, { type, description, ...options }: CreateOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const body = {
      name,
      type,
      multiValued: options.list === true,
      required: options.required === true,
      matching: options.matching === true,
      ...(description === undefined ? {} : { description }),
    };
    showOne(options, await perform<Item>(open, { method: 'POST', path: '/attributes', body }), ATTRIBUTES);
  });
}

interface RemoveOptions extends AccountOptions {
  confirm?: string;
}

function remove(name: string, { confirm, ...options }: RemoveOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    if (confirm !== name)
      throw new CommandError(`The values of all users are removed, too. To remove ${name}, add --confirm ${name}.`);
    await perform(open, { method: 'DELETE', path: `/attributes/${encodeURIComponent(name)}` });
    if (options.json) printJson({ removed: name });
    else print(`Removed the attribute ${name}.`);
  });
}
