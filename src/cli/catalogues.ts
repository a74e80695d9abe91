// The commands on reference data: org units and roles.

import type { Command } from 'commander';
import type { ReferenceItem, ReferenceKind } from '../directory/reference-data/reference-data.ts';
import {
  type AccountOptions,
  accepted,
  accountOptions,
  type ListOptions,
  listOptions,
  name,
  show,
  showDeleted,
  withAccount,
} from './session.ts';
import { table } from './tables.ts';

interface Catalogue {
  command: 'org-unit' | 'role';
  kind: ReferenceKind;
  one: string;
  many: string;
  code: string;
}

const ORG_UNITS: Catalogue = {
  command: 'org-unit',
  kind: 'orgUnit',
  one: 'an org unit',
  many: 'org units',
  code: 'full path, such as Retail/Benelux',
};
const ROLES: Catalogue = {
  command: 'role',
  kind: 'role',
  one: 'a role',
  many: 'roles that imports may use',
  code: 'code of the role',
};

/** Adds `list`, `create` and `delete` for org units. */
export function orgUnitCommands(command: Command): void {
  addCatalogue(command, ORG_UNITS);
}

/** Adds `list`, `create` and `delete` for roles. */
export function roleCommands(command: Command): void {
  addCatalogue(command, ROLES);
}

function addCatalogue(command: Command, { command: word, kind, one, many, code }: Catalogue): void {
  listOptions(command.command('list').description(`list ${many}`)).action((options: ListOptions) =>
    list(kind, options),
  );
  accountOptions(command.command('create').argument('<code>', code, name))
    .description(`create ${one}`)
    .option('--name <name>', 'text to show with the code', name)
    .action((text: string, options: CreateOptions) => create(kind, text, options));
  accountOptions(command.command('delete').argument('<id>', `id of the entry (see ${word} list)`))
    .description(`delete ${one}`)
    .action((id: string, options: AccountOptions) => remove(kind, id, options));
}

function list(kind: ReferenceKind, options: ListOptions): Promise<void> {
  return withAccount(options.account, async ({ directory: { referenceData }, account }) => {
    const prefix = options.search === undefined ? {} : { prefix: options.search };
    show(options, await referenceData.list(account.id, kind, { limit: options.limit, ...prefix }), itemTable);
  });
}

interface CreateOptions extends AccountOptions {
  name?: string;
}

function create(kind: ReferenceKind, code: string, options: CreateOptions): Promise<void> {
  return withAccount(options.account, async ({ directory: { referenceData }, account }) => {
    const item = { code, ...(options.name === undefined ? {} : { name: options.name }) };
    show(options, [accepted(await referenceData.add(account.id, kind, item))], itemTable);
  });
}

function remove(kind: ReferenceKind, id: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async ({ directory: { referenceData }, account }) => {
    accepted(await referenceData.remove(account.id, kind, id));
    showDeleted(options, id);
  });
}

function itemTable(items: ReferenceItem[]): string {
  return table([['ID', 'CODE', 'NAME'], ...items.map(({ id, code, name: shown }) => [id, code, shown ?? '-'])]);
}
