// The commands on bearer tokens of connections. They are the operations of the admin API on credentials.

import type { Command } from 'commander';
import type { Store } from '../app/database.ts';
import { createCredential, EXPIRY_DAYS_MAX, revokeCredential } from '../auth/connections.ts';
import type { Credential } from '../auth/credential-store.ts';
import type { Connection } from '../directory/model.ts';
import { CommandError } from './frame/errors.ts';
import { print, printJson, printNote, type Shown, showList } from './frame/output.ts';
import { concerns } from './frame/recording.ts';
import { createTable } from './frame/table.ts';
import { type AccountOptions, accepted, accountOf, accountOptions, name, wholeNumber, withStore } from './session.ts';
import { shortDate } from './tables.ts';
import { findConnection } from './targets.ts';

/** Adds `token create`, `token list` and `token revoke`. */
export function tokenCommands(token: Command): void {
  accountOptions(token.command('create'))
    .description('create a token; it is printed once, alone on stdout')
    .requiredOption(
      '--name <name>',
      'what the token is for; also the name of its connection unless --connection is given',
      name,
    )
    .option('--connection <connection>', 'name or id of its connection; a new name creates one', name)
    .option('--expires-in-days <n>', 'days until the token expires; never by default', wholeNumber(EXPIRY_DAYS_MAX))
    .action((options: CreateOptions) => withStore((store) => create(store, options)));
  accountOptions(token.command('list'))
    .description('list the tokens of an account, without the tokens themselves')
    .action((options: AccountOptions) => withStore((store) => list(store, options)));
  token
    .command('revoke')
    .argument('<token>', 'id of the token (see token list), or with --account its name')
    .description('revoke a token; running servers refuse it within a second')
    .option('--account <slug>', 'login slug of the account')
    .option('--json', 'print JSON')
    .action((text: string, options: RevokeOptions) => withStore((store) => revoke(store, text, options)));
}

interface CreateOptions extends AccountOptions {
  name: string;
  connection?: string;
  expiresInDays?: number;
}

async function create(store: Store, options: CreateOptions): Promise<void> {
  const { accounts } = store;
  const account = await accountOf(store, options.account);
  const named = options.connection ?? options.name;
  const connection = (await findConnection(store, account, named)) ?? (await accounts.ensureConnection(account, named));
  const { credential, token } = accepted(await createCredential(accounts, account, connection.id, options));
  concernsCredential(credential);
  if (options.json) {
    printJson({ ...jsonOf({ credential, connection }), token });
    return;
  }
  // Only the token goes to stdout, so that a shell can insert it into another command.
  printNote(createTable(TOKENS.columns, [{ credential, connection }]).whole);
  print(token);
}

function concernsCredential({ id, name: given }: Credential): void {
  concerns({ type: 'Credential', id, ...(given === undefined ? {} : { name: given }) });
}

async function list(store: Store, options: AccountOptions): Promise<void> {
  const account = await accountOf(store, options.account);
  const connections = await store.accounts.listConnections(account);
  const connectionById = new Map(connections.map((connection) => [connection.id, connection]));
  const rows = (await store.accounts.listCredentials(account)).map((credential) => ({
    credential,
    connection: connectionById.get(credential.connection),
  }));
  await showList(options, rows, TOKENS);
}

interface RevokeOptions {
  account?: string;
  json?: boolean;
}

async function revoke(store: Store, text: string, options: RevokeOptions): Promise<void> {
  const revoked = await revokedOf(store, text, options.account);
  concernsCredential(revoked);
  if (options.json) printJson(withoutHash(revoked));
  else print(`Revoked ${revoked.id} (${[revoked.name, revoked.hint].filter(Boolean).join(', ')}).`);
}

async function revokedOf(store: Store, text: string, slug: string | undefined): Promise<Credential> {
  const { accounts } = store;
  const unknown = (words: string) =>
    new CommandError(`${words} See: token list --account ${slug ?? 'SLUG'}`, 'notFound');
  if (slug === undefined) {
    const revoked = await accounts.revokeCredential(text);
    if (revoked) return revoked;
    throw unknown(`No token with the id "${text}" exists. A name needs --account.`);
  }
  const account = await accountOf(store, slug);
  const known = await accounts.listCredentials(account);
  const [meant, another] = known.some(({ id }) => id === text)
    ? known.filter(({ id }) => id === text)
    : known.filter((one) => one.name === text && stateOf(one, new Date()) === 'valid');
  if (!meant) throw unknown(`No token with the id or the name "${text}" exists in the account.`);
  if (another) throw new CommandError(`Several valid tokens have the name "${text}". Name one by its id.`, 'conflict');
  return accepted(await revokeCredential(accounts, account, meant.id));
}

/** A credential with its connection. */
interface TokenRow {
  credential: Credential;
  connection: Connection | undefined;
}

const TOKENS: Shown<TokenRow> = {
  columns: [
    { title: 'ID', of: ({ credential }) => credential.id },
    { title: 'NAME', of: ({ credential }) => credential.name, shrinks: true },
    { title: 'CONNECTION', of: ({ connection }) => connection?.name, shrinks: true },
    { title: 'TOKEN', of: ({ credential }) => credential.hint },
    { title: 'CREATED', of: ({ credential }) => shortDate(credential.created) },
    { title: 'EXPIRES', of: ({ credential: { expires } }) => (expires ? shortDate(expires) : 'never') },
    { title: 'LAST USED', of: ({ credential: { lastUsed } }) => (lastUsed ? shortDate(lastUsed) : 'never') },
    { title: 'STATE', of: ({ credential }) => stateOf(credential, new Date()) },
  ],
  json: jsonOf,
};

function jsonOf({ credential, connection }: TokenRow) {
  return { ...withoutHash(credential), connection };
}

function stateOf(credential: Credential, now: Date): string {
  if (credential.revoked) return 'revoked';
  return credential.expires && credential.expires <= now ? 'expired' : 'valid';
}

function withoutHash({ hash: _hash, ...shown }: Credential) {
  return shown;
}
