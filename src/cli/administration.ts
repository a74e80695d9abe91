// Groups, stores, org units and roles on the command line: what an administrator keeps besides users.

import type { Command } from 'commander';
import { v4 } from 'uuid';
import { openForCommands } from '../app/commands.ts';
import type { Store } from '../app/database.ts';
import type { Directory } from '../app/directory.ts';
import { loadConfig } from '../config.ts';
import type { Fault, Outcome } from '../directory/faults.ts';
import type { Account, Caller, GroupView, StoreView } from '../directory/model.ts';
import type { ReferenceItem, ReferenceKind } from '../directory/reference-data/reference-data.ts';
import { setAt, textAt } from '../directory/schema/attributes.ts';
import { emptyAttributes } from '../directory/schema/schema.ts';
import { FAULT_MESSAGES } from '../doors/admin/api/fault-messages.ts';
import { accountOf, CommandError, name, print, printJson, wholeNumber, withStore } from './session.ts';
import { table } from './tables.ts';

interface Options {
  account: string;
  json?: boolean;
}

interface ListOptions extends Options {
  search?: string;
  limit: number;
}

const LISTED_MAX = 10_000;
const LISTED_DEFAULT = 100;

/** Adds `group`, `store`, `org-unit` and `role`. */
export function administrationCommands(program: Command): void {
  groupCommands(program);
  storeCommands(program);
  catalogueCommands(program, 'org-unit', 'orgUnit', 'org units, each with its whole path: Retail/Benelux');
  catalogueCommands(program, 'role', 'role', 'roles that files may name');
}

/** The caller that commands are for an account: an administrator. */
export function callerOf(account: Account): Caller {
  return {
    account,
    connection: { id: 'administrators', account: account.id, name: 'Administrators', kind: 'other' },
    credentialId: 'command-line',
    door: 'admin',
    requestId: v4(),
  };
}

/** What the directory refused, in words. */
export function refusal(faults: readonly Fault[]): CommandError {
  return new CommandError(faults.map((fault) => FAULT_MESSAGES[fault.code](fault).detail).join('\n'));
}

function taken<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw refusal(outcome.faults);
  return outcome.value;
}

/** Does a piece of work in the directory of an account. */
function inDirectory(options: Options, work: (directory: Directory, caller: Caller) => Promise<void>): Promise<void> {
  return withStore(async (store: Store) => {
    const account = await accountOf(store, options.account);
    const { directory } = await openForCommands(loadConfig(), store, (error) =>
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`),
    );
    try {
      await work(directory, callerOf(account));
    } finally {
      await directory.stop();
    }
  });
}

function common(command: Command): Command {
  return command.requiredOption('--account <slug>', 'the login slug of the account').option('--json', 'print JSON');
}

function listing(command: Command): Command {
  return common(command)
    .option('--search <text>', 'the beginning of the name')
    .option('--limit <n>', 'how many at most', wholeNumber(LISTED_MAX), LISTED_DEFAULT);
}

function show<T>(options: Options, values: T[], asTable: (values: T[]) => string): void {
  if (options.json) printJson(values);
  else print(asTable(values));
}

function groupCommands(program: Command): void {
  const group = program.command('group').description('user groups');
  listing(group.command('list').description('list user groups')).action((options: ListOptions) =>
    inDirectory(options, async ({ administration }, caller) => {
      const page = await administration.groups(caller, { count: options.limit, ...searchOf(options) });
      show(options, page.resources, groupTable);
    }),
  );
  common(group.command('create').argument('<name>', 'the name', name).description('make a user group'))
    .option('--type <type>', 'its type, such as Department')
    .option('--external-id <id>', 'its ID at the source')
    .action((title: string, options: Options & { type?: string; externalId?: string }) =>
      inDirectory(options, async ({ provision }, caller) => {
        const draft = emptyAttributes();
        setAt(draft, 'displayName', title);
        setAt(draft, 'externalId', options.externalId);
        setAt(draft, 'mobietrain.groupType', options.type);
        show(options, [taken(await provision.createGroup(caller, draft, []))], groupTable);
      }),
    );
  common(group.command('rename').argument('<id>', 'the id, from group list').argument('<name>', 'the name', name))
    .description("give a group the name that people see; the source's name stays for SCIM")
    .action((id: string, title: string, options: Options) =>
      inDirectory(options, async ({ provision }, caller) => {
        const named = await provision.updateGroup(caller, id, undefined, ({ attributes }) => ({
          ok: true,
          revision: { mode: 'patch', attributes, stated: new Set(), members: { kind: 'none' }, adminName: title },
        }));
        show(options, [taken(named)], groupTable);
      }),
    );
  common(group.command('delete').argument('<id>', 'the id, from group list').description('delete a user group')).action(
    (id: string, options: Options) =>
      inDirectory(options, async ({ provision }, caller) => {
        taken(await provision.deleteGroup(caller, id, undefined));
        print(options.json ? JSON.stringify({ deleted: id }) : `Deleted ${id}.`);
      }),
  );
}

function storeCommands(program: Command): void {
  const store = program.command('store').description('stores');
  listing(store.command('list').description('list stores')).action((options: ListOptions) =>
    inDirectory(options, async ({ administration }, caller) => {
      const page = await administration.stores(caller, { count: options.limit, ...searchOf(options) });
      show(options, page.resources, storeTable);
    }),
  );
  common(store.command('create').argument('<ref-id>', 'the ref id', name).description('make a store'))
    .option('--name <name>', 'its name', name)
    .option('--country <code>', 'its calling code, such as 32')
    .action((refId: string, options: Options & { name?: string; country?: string }) =>
      inDirectory(options, async ({ administration }, caller) => {
        const draft = { name: options.name ?? null, country: options.country ?? null };
        show(options, [taken(await administration.createStore(caller, refId, draft))], storeTable);
      }),
    );
  common(store.command('set').argument('<id>', 'the id, from store list').description('rename or move a store'))
    .option('--name <name>', 'the name that people see', name)
    .option('--country <code>', 'its calling code, such as 32')
    .action((id: string, options: Options & { name?: string; country?: string }) =>
      inDirectory(options, async ({ administration }, caller) => {
        const draft = {
          ...(options.name === undefined ? {} : { adminName: options.name }),
          ...(options.country === undefined ? {} : { country: options.country }),
        };
        show(options, [taken(await administration.changeStore(caller, id, undefined, draft))], storeTable);
      }),
    );
}

function catalogueCommands(program: Command, word: string, kind: ReferenceKind, words: string): void {
  const command = program.command(word).description(words);
  listing(command.command('list').description(`list ${words}`)).action((options: ListOptions) =>
    inDirectory(options, async ({ referenceData }, { account }) => {
      const prefix = options.search === undefined ? {} : { prefix: options.search };
      show(options, await referenceData.list(account.id, kind, { limit: options.limit, ...prefix }), itemTable);
    }),
  );
  common(command.command('create').argument('<code>', 'what users and files name', name).description('make one'))
    .option('--name <name>', 'a text to show beside the code', name)
    .action((code: string, options: Options & { name?: string }) =>
      inDirectory(options, async ({ referenceData }, { account }) => {
        const item = { code, ...(options.name === undefined ? {} : { name: options.name }) };
        show(options, [taken(await referenceData.add(account.id, kind, item))], itemTable);
      }),
    );
  common(command.command('delete').argument('<id>', `the id, from ${word} list`).description('delete one')).action(
    (id: string, options: Options) =>
      inDirectory(options, async ({ referenceData }, { account }) => {
        taken(await referenceData.remove(account.id, kind, id));
        print(options.json ? JSON.stringify({ deleted: id }) : `Deleted ${id}.`);
      }),
  );
}

function searchOf({ search }: ListOptions) {
  return search === undefined ? {} : { search };
}

function groupTable(groups: GroupView[]): string {
  const rows = groups.map(({ id, adminName, attributes }) => [
    id,
    adminName ?? textAt(attributes, 'displayName') ?? '',
    textAt(attributes, 'mobietrain.groupType') ?? '-',
    textAt(attributes, 'externalId') ?? '-',
  ]);
  return table([['ID', 'NAME', 'TYPE', 'EXTERNAL ID'], ...rows]);
}

function storeTable(stores: StoreView[]): string {
  const rows = stores.map(({ id, refId, name: source, adminName, country }) => [
    id,
    refId,
    adminName ?? source ?? '-',
    country ?? '-',
  ]);
  return table([['ID', 'REF ID', 'NAME', 'COUNTRY'], ...rows]);
}

function itemTable(items: ReferenceItem[]): string {
  return table([['ID', 'CODE', 'NAME'], ...items.map(({ id, code, name: shown }) => [id, code, shown ?? '-'])]);
}
