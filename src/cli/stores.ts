// The commands on stores. They are the operations of the admin API.

import type { Command } from 'commander';
import { CommandError } from './frame/errors.ts';
import { print, printJson, type Shown, showList, showOne } from './frame/output.ts';
import { MOVE_TO, moveAll } from './moves.ts';
import {
  type AccountOptions,
  accountOptions,
  administratorCaller,
  limitOption,
  listed,
  name,
  perform,
  withAccount,
} from './session.ts';
import { STORE, storeId } from './targets.ts';

/** A store as the admin API answers it. */
interface Store {
  id: string;
  refId: string;
  name?: string;
  sourceName?: string;
  country?: string;
}

const STORES: Shown<Store> = {
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'REF ID', of: ({ refId }) => refId },
    { title: 'NAME', of: ({ name: shown }) => shown, shrinks: true },
    { title: 'COUNTRY', of: ({ country }) => country },
  ],
};

interface StoreOptions extends AccountOptions {
  name?: string;
  country?: string;
}

/** Adds the commands of `store`. */
export function storeCommands(store: Command): void {
  limitOption(accountOptions(store.command('list')))
    .description('list stores in order of creation')
    .option('--search <text>', 'only stores whose name or ref id begins like this')
    .action(list);
  onStore(store, 'show').description('show a store').action(showStore);
  accountOptions(store.command('create').argument('<ref-id>', 'ref id of the store', name))
    .description('create a store')
    .option('--name <name>', 'name of the store', name)
    .option('--country <code>', 'calling code of its country, such as 32')
    .action(create);
  onStore(store, 'set')
    .description('change the name or the country of a store')
    .option('--name <name>', 'new display name', name)
    .option('--country <code>', 'calling code of its country, such as 32')
    .action(change);
  removal(store);
}

function removal(store: Command): void {
  onStore(store, 'delete')
    .description('delete a store that no user has')
    .option(`${MOVE_TO} <store>`, 'move its users to this store first')
    .action(remove);
}

function onStore(store: Command, word: string): Command {
  return accountOptions(store.command(word).argument('<store>', STORE));
}

function list({ search, limit, ...options }: AccountOptions & { search?: string; limit?: number }): Promise<void> {
  return withAccount(options.account, async (open) =>
    showList(options, listed<Store>(open, '/stores', { search }, limit), STORES),
  );
}

function showStore(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const path = `/stores/${await storeId(open, text)}`;
    showOne(options, await perform<Store>(open, { method: 'GET', path }), { ...STORES, lines: true });
  });
}

function create(refId: string, { name: stated, country, ...options }: StoreOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const body = { refId, ...(stated ? { name: stated } : {}), ...(country ? { country } : {}) };
    showOne(options, await perform<Store>(open, { method: 'POST', path: '/stores', body }), STORES);
  });
}

function change(text: string, { name: adminName, country, ...options }: StoreOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const body = {
      ...(adminName === undefined ? {} : { adminName }),
      ...(country === undefined ? {} : { country }),
    };
    if (Object.keys(body).length === 0)
      throw new CommandError('Nothing to change was stated. Add --help to see the options.', 'usage');
    const path = `/stores/${await storeId(open, text)}`;
    showOne(options, await perform<Store>(open, { method: 'PATCH', path, body }), STORES);
  });
}

function remove(text: string, options: AccountOptions & { moveTo?: string }): Promise<void> {
  return withAccount(options.account, async (open) => {
    const id = await storeId(open, text);
    const caller = administratorCaller(open.account);
    const store = await open.directory.administration.store(caller, id);
    const refId = store?.refId ?? text;
    if (options.moveTo !== undefined) {
      const target = await open.directory.administration.store(caller, await storeId(open, options.moveTo));
      if (!target || target.id === id)
        throw new CommandError('Users are moved to another store than their own.', 'usage');
      await moveAll(open, { store: refId }, { store: target }, `to ${target.refId}`);
    }
    const see = `user list --store "${refId}" --account ${options.account}`;
    await perform(open, { method: 'DELETE', path: `/stores/${id}` }, see);
    if (options.json) printJson({ deleted: id });
    else print(`Deleted the store ${refId} (${id}).`);
  });
}
