// The commands on stores.

import type { Command } from 'commander';
import type { StoreView } from '../directory/model.ts';
import {
  type AccountOptions,
  accepted,
  accountOptions,
  administratorCaller,
  type ListOptions,
  listOptions,
  name,
  show,
  withAccount,
} from './session.ts';
import { table } from './tables.ts';

interface StoreOptions extends AccountOptions {
  name?: string;
  country?: string;
}

/** Adds `store list`, `store create` and `store set`. */
export function storeCommands(store: Command): void {
  listOptions(store.command('list').description('list stores')).action(list);
  accountOptions(store.command('create').argument('<ref-id>', 'ref id of the store', name))
    .description('create a store')
    .option('--name <name>', 'name of the store', name)
    .option('--country <code>', 'calling code of its country, such as 32')
    .action(create);
  accountOptions(store.command('set').argument('<id>', 'id of the store (see store list)'))
    .description('change the name or the country of a store')
    .option('--name <name>', 'new display name', name)
    .option('--country <code>', 'calling code of its country, such as 32')
    .action(change);
}

function list(options: ListOptions): Promise<void> {
  return withAccount(options.account, async ({ directory: { administration }, account }) => {
    const search = options.search === undefined ? {} : { search: options.search };
    const page = await administration.stores(administratorCaller(account), { count: options.limit, ...search });
    show(options, page.resources, storeTable);
  });
}

function create(refId: string, options: StoreOptions): Promise<void> {
  return withAccount(options.account, async ({ directory: { administration }, account }) => {
    const draft = { name: options.name ?? null, country: options.country ?? null };
    const created = await administration.createStore(administratorCaller(account), refId, draft);
    show(options, [accepted(created)], storeTable);
  });
}

function change(id: string, options: StoreOptions): Promise<void> {
  return withAccount(options.account, async ({ directory: { administration }, account }) => {
    const draft = {
      ...(options.name === undefined ? {} : { adminName: options.name }),
      ...(options.country === undefined ? {} : { country: options.country }),
    };
    const changed = await administration.changeStore(administratorCaller(account), id, undefined, draft);
    show(options, [accepted(changed)], storeTable);
  });
}

function storeTable(stores: StoreView[]): string {
  const rows = stores.map(({ id, refId, name: sourceName, adminName, country }) => [
    id,
    refId,
    adminName ?? sourceName ?? '-',
    country ?? '-',
  ]);
  return table([['ID', 'REF ID', 'NAME', 'COUNTRY'], ...rows]);
}
