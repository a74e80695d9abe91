// The commands on reference data: org units, roles, organizations and enrollment profiles. They are the operations of the admin API.

import type { Command } from 'commander';
import type { ReferenceKind } from '../directory/reference-data/reference-data.ts';
import { CommandError } from './frame/errors.ts';
import { print, printJson, type Shown, showList, showOne } from './frame/output.ts';
import { MOVE_TO, moveAll } from './moves.ts';
import {
  type AccountOptions,
  accountOptions,
  limitOption,
  listed,
  name,
  type OpenAccount,
  perform,
  withAccount,
} from './session.ts';

interface Catalogue {
  kind: ReferenceKind;
  /** The name of the group of commands. */
  command: string;
  /** The path of the admin API. */
  path: string;
  one: string;
  many: string;
  code: string;
}

const ORG_UNITS: Catalogue = {
  kind: 'orgUnit',
  command: 'org-unit',
  path: '/org-units',
  one: 'an org unit',
  many: 'org units',
  code: 'full path, such as Retail/Benelux',
};
const ROLES: Catalogue = {
  kind: 'role',
  command: 'role',
  path: '/roles',
  one: 'a role',
  many: 'roles that imports may use',
  code: 'code of the role',
};
const ORGANIZATIONS: Catalogue = {
  kind: 'organization',
  command: 'organization',
  path: '/organizations',
  one: 'an organization',
  many: 'organizations that users may have',
  code: 'code of the organization',
};
const ENROLLMENT_PROFILES: Catalogue = {
  kind: 'enrollmentProfile',
  command: 'enrollment-profile',
  path: '/enrollment-profiles',
  one: 'an enrollment profile',
  many: 'enrollment profiles that users may have',
  code: 'code of the enrollment profile',
};

/** An entry as the admin API answers it. */
interface Item {
  id: string;
  code: string;
  name?: string;
}

const ITEMS: Shown<Item> = {
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'CODE', of: ({ code }) => code },
    { title: 'NAME', of: ({ name: shown }) => shown, shrinks: true },
  ],
};

/** Adds the commands on org units. */
export function orgUnitCommands(command: Command): void {
  addCatalogue(command, ORG_UNITS);
}

/** Adds the commands on roles. */
export function roleCommands(command: Command): void {
  addCatalogue(command, ROLES);
}

/** Adds the commands on organizations. */
export function organizationCommands(command: Command): void {
  addCatalogue(command, ORGANIZATIONS);
}

/** Adds the commands on enrollment profiles. */
export function enrollmentProfileCommands(command: Command): void {
  addCatalogue(command, ENROLLMENT_PROFILES);
}

function addCatalogue(command: Command, catalogue: Catalogue): void {
  const { kind, one, many, code } = catalogue;
  limitOption(accountOptions(command.command('list')))
    .description(`list ${many}, in order of their codes`)
    .option('--search <text>', 'beginning of the code')
    .action((options: ListOptions) => list(catalogue, options));
  onOne(command, 'show', catalogue)
    .description(`show ${one}`)
    .action((text: string, options: AccountOptions) => showItem(catalogue, text, options));
  accountOptions(command.command('create').argument('<code>', code, name))
    .description(`create ${one}`)
    .option('--name <name>', 'text to show with the code', name)
    .action((text: string, options: CreateOptions) => create(catalogue, text, options));
  onOne(command, 'rename', catalogue)
    .argument('[name]', 'text to show with the code; none if left out', name)
    .description(`rename ${one}: the text that is shown with its code`)
    .action((text: string, named: string | undefined, options: AccountOptions) =>
      rename(catalogue, text, named, options),
    );
  const removal = onOne(command, 'delete', catalogue);
  if (kind === 'orgUnit') removal.option(`${MOVE_TO} <org-unit>`, 'move its users to this org unit first');
  removal
    .description(kind === 'orgUnit' ? `delete ${one} that no user is in` : `delete ${one} that no user has`)
    .action((text: string, options: RemoveOptions) => remove(catalogue, text, options));
}

function onOne(command: Command, word: string, { command: words }: Catalogue): Command {
  return accountOptions(command.command(word).argument(`<${words}>`, `code or id (see ${words} list)`));
}

interface ListOptions extends AccountOptions {
  search?: string;
  limit?: number;
}

function list({ path }: Catalogue, { search, limit, ...options }: ListOptions): Promise<void> {
  return withAccount(options.account, async (open) =>
    showList(options, listed<Item>(open, path, { search }, limit), ITEMS),
  );
}

function showItem(catalogue: Catalogue, text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => showOne(options, await mustFind(open, catalogue, text), ITEMS));
}

interface CreateOptions extends AccountOptions {
  name?: string;
}

function create({ path }: Catalogue, code: string, { name: stated, ...options }: CreateOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const body = { code, ...(stated === undefined ? {} : { name: stated }) };
    showOne(options, await perform<Item>(open, { method: 'POST', path, body }), ITEMS);
  });
}

function rename(catalogue: Catalogue, text: string, named: string | undefined, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const { id } = await mustFind(open, catalogue, text);
    const call = { method: 'PATCH', path: `${catalogue.path}/${id}`, body: { name: named ?? null } } as const;
    showOne(options, await perform<Item>(open, call), ITEMS);
  });
}

interface RemoveOptions extends AccountOptions {
  moveTo?: string;
}

function remove(catalogue: Catalogue, text: string, options: RemoveOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const { id, code } = await mustFind(open, catalogue, text);
    if (options.moveTo !== undefined) {
      const target = await mustFind(open, catalogue, options.moveTo);
      if (target.id === id) throw new CommandError('Users are moved to another org unit than their own.', 'usage');
      await moveAll(open, { orgUnit: code }, { orgUnit: target.code }, `to ${target.code}`);
    }
    const see = `user list --${catalogue.command} "${code}" --account ${options.account}`;
    await perform(open, { method: 'DELETE', path: `${catalogue.path}/${id}` }, see);
    if (options.json) printJson({ deleted: id });
    else print(`Deleted ${catalogue.one.replace(/^an? /, 'the ')} ${code} (${id}).`);
  });
}

/** The entry with this code or id. @throws CommandError */
async function mustFind(
  { directory, account }: OpenAccount,
  { kind, command, one }: Catalogue,
  text: string,
): Promise<Item> {
  const found = await directory.referenceData.find(account.id, kind, text);
  if (found) return found;
  const what = one.replace(/^an? /, '');
  throw new CommandError(
    `No ${what} "${text}" exists in the account. See: ${command} list --account ${account.slug}`,
    'notFound',
  );
}
