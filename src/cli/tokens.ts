// The commands on bearer tokens of connections.

import type { Command } from 'commander';
import type { Store } from '../app/database.ts';
import type { Credential } from '../auth/credential-store.ts';
import { CommandError } from './frame/errors.ts';
import { print, printJson, printNote } from './frame/output.ts';
import { type AccountOptions, accountOf, accountOptions, name, wholeNumber, withStore } from './session.ts';
import { tokenTable } from './tables.ts';

const EXPIRY_DAYS_MAX = 3650;

/** Adds `token create`, `token list` and `token revoke`. */
export function tokenCommands(token: Command): void {
  accountOptions(token.command('create'))
    .description('create a token; it is printed once, alone on stdout')
    .requiredOption(
      '--name <name>',
      'what the token is for; also the name of its connection unless --connection is given',
      name,
    )
    .option('--connection <name>', 'connection of the token; created if it does not exist', name)
    .option('--expires-in-days <n>', 'days until the token expires; never by default', wholeNumber(EXPIRY_DAYS_MAX))
    .action((options: CreateOptions) => withStore((store) => create(store, options)));
  accountOptions(token.command('list'))
    .description('list the tokens of an account, without the tokens themselves')
    .action((options: AccountOptions) => withStore((store) => list(store, options)));
  token
    .command('revoke')
    .argument('<id>', 'id of the token (see token list)')
    .description('revoke a token; running servers refuse it within a second')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: boolean }) => withStore((store) => revoke(store, id, options)));
}

interface CreateOptions extends AccountOptions {
  name: string;
  connection?: string;
  expiresInDays?: number;
}

async function create(store: Store, options: CreateOptions): Promise<void> {
  const { accounts } = store;
  const account = await accountOf(store, options.account);
  const connection = await accounts.ensureConnection(account, options.connection ?? options.name);
  const { credential, token } = await accounts.createCredential(connection, options.expiresInDays, options.name);
  if (options.json) {
    print(JSON.stringify({ ...withoutHash(credential), connection, token }));
    return;
  }
  // Only the token goes to stdout, so that a shell can insert it into another command.
  printNote(tokenTable([{ credential, connection }]));
  print(token);
}

async function list(store: Store, options: AccountOptions): Promise<void> {
  const account = await accountOf(store, options.account);
  const connections = await store.accounts.listConnections(account);
  const connectionById = new Map(connections.map((connection) => [connection.id, connection]));
  const rows = (await store.accounts.listCredentials(account)).map((credential) => ({
    credential,
    connection: connectionById.get(credential.connection),
  }));
  if (options.json) printJson(rows.map(({ credential, connection }) => ({ ...withoutHash(credential), connection })));
  else print(tokenTable(rows));
}

async function revoke({ accounts }: Store, id: string, options: { json?: boolean }): Promise<void> {
  const revoked = await accounts.revokeCredential(id);
  if (!revoked) throw new CommandError(`No token with the id "${id}" exists. See: token list --account SLUG`);
  if (options.json) printJson(withoutHash(revoked));
  else print(`Revoked ${revoked.id} (${revoked.hint}).`);
}

function withoutHash({ hash: _hash, ...shown }: Credential) {
  return shown;
}
