// The commands on connections, the sources of an account's data.

import { type Command, Option } from 'commander';
import { UNKNOWN_ATTRIBUTES, unknownAttributesOf } from '../directory/accounts/accounts.ts';
import type { Connection, UnknownAttributes } from '../directory/model.ts';
import { CommandError } from './frame/errors.ts';
import { type AccountOptions, accountOf, accountOptions, show, withStore } from './session.ts';
import { table } from './tables.ts';

interface SetOptions extends AccountOptions {
  unknownAttributes: UnknownAttributes | 'default';
}

/** Adds `connection list` and `connection set`. */
export function connectionCommands(connection: Command): void {
  accountOptions(connection.command('list')).description('list connections with their settings').action(list);
  accountOptions(connection.command('set').argument('<name>', 'name of the connection (see connection list)'))
    .description('change the settings of a connection; running servers use them within five seconds')
    .addOption(
      new Option(
        '--unknown-attributes <mode>',
        'what to do with SCIM attributes that do not exist; ignored by default for Entra ID and Okta, refused for others',
      )
        .choices([...UNKNOWN_ATTRIBUTES, 'default'])
        .makeOptionMandatory(),
    )
    .action(change);
}

function list(options: AccountOptions): Promise<void> {
  return withStore(async (store) => {
    const account = await accountOf(store, options.account);
    show(options, await store.accounts.listConnections(account), connectionTable);
  });
}

function change(name: string, options: SetOptions): Promise<void> {
  return withStore(async (store) => {
    const account = await accountOf(store, options.account);
    const found = await store.accounts.findConnection(account, name);
    const unknownAttributes = options.unknownAttributes === 'default' ? null : options.unknownAttributes;
    const changed = found && (await store.accounts.setConnection(account, found.id, { unknownAttributes }));
    if (!changed) throw new CommandError(`No connection "${name}" exists. See: connection list --account SLUG`);
    show(options, [changed], connectionTable);
  });
}

function connectionTable(connections: Connection[]): string {
  const rows = connections.map((connection) => [
    connection.id,
    connection.name,
    connection.kind,
    unknownAttributesOf(connection),
  ]);
  return table([['ID', 'NAME', 'KIND', 'UNKNOWN ATTRIBUTES'], ...rows]);
}
