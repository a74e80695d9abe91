// What commands share: opening the store or an account, the caller in whose name they act, and option parsers.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { v4 } from 'uuid';
import type { AdminCall } from '../app/command-desk.ts';
import type { openForCommands } from '../app/commands.ts';
import type { Store } from '../app/database.ts';
import { type Config, loadConfig } from '../config.ts';
import { administratorsConnection } from '../directory/accounts/accounts.ts';
import type { Outcome } from '../directory/faults.ts';
import type { Account, Caller } from '../directory/model.ts';
import { CommandError, refusal, refusalOf } from './frame/errors.ts';
import { allPages, print, printJson } from './frame/output.ts';
import { actsOn, operatingUser, recorded, recorderOfCommand } from './frame/recording.ts';

const NAME_CHARS_MAX = 255;

/** Opens the store for `work` and always closes it again. */
export async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  const config = loadConfig();
  mustHaveData(config);
  const { openStore } = await import('../app/database.ts');
  const store = await openStore(config, (line) => process.stderr.write(`${line}\n`), { supervise: false });
  try {
    await store.prepareAccounts();
    await recorded(store, () => work(store));
  } finally {
    await store.close();
  }
}

/**
 * The settings of a command. Links that it prints or mails lead to the server that runs on the database, unless PUBLIC_URL says otherwise:
 * a command has an environment of its own.
 */
export async function settingsFor({ mongo }: Pick<Store, 'mongo'>): Promise<Config> {
  const config = loadConfig();
  if (config.publicUrlGiven) return config;
  const { runningServerUrls } = await import('../mongo/servers.ts');
  const [publicUrl = config.publicUrl] = await runningServerUrls(mongo.db);
  return { ...config, publicUrl };
}

/** A command never creates a database: in a folder without one, it was started in the wrong place. */
function mustHaveData({ mongodbUri, dataDir }: Pick<Config, 'mongodbUri' | 'dataDir'>): void {
  if (mongodbUri !== undefined || existsSync(join(dataDir, 'mongod'))) return;
  throw new CommandError(
    `There is no database in ${dataDir}. Start the server once (npm start), or set DATA_DIR or MONGODB_URI as the server has them.`,
    'unavailable',
  );
}

/** Does work until Ctrl-C, SIGTERM or the end of the work; the signal that it gets is aborted then. */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupted = new AbortController();
  const onSignal = () => interrupted.abort();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    await work(interrupted.signal);
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

/** An account that is open for one command. */
export type OpenAccount = Awaited<ReturnType<typeof openForCommands>> & { store: Store; account: Account };

/** Opens the directory and the runs of a store; the caller stops the directory. */
export async function openDirectory(store: Store): ReturnType<typeof openForCommands> {
  const { openForCommands: open } = await import('../app/commands.ts');
  return open(await settingsFor(store), store, () => reportError, recorderOfCommand());
}

/** Opens an account's directory and runs for `work` and always closes them again. */
export function withAccount(slug: string, work: (open: OpenAccount) => Promise<void>): Promise<void> {
  return withStore(async (store) => {
    const account = await accountOf(store, slug);
    const parts = await openDirectory(store);
    try {
      await work({ ...parts, store, account });
    } finally {
      await parts.directory.stop();
    }
  });
}

function reportError(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
}

/** Who requests a run by a command, for display. */
export function requesterName(): string {
  return `command line (${operatingUser().id})`;
}

/** The caller in whose name commands act on an account: its administrators. */
export function administratorCaller(account: Account): Caller {
  return {
    account,
    connection: administratorsConnection(account),
    credentialId: 'command-line',
    door: 'cli',
    by: operatingUser(),
    requestId: v4(),
  };
}

/**
 * Carries out an operation of the admin API in the account.
 * @param see the command that shows by whom something is used, if the operation is refused because of that
 * @throws CommandError if it was refused
 */
export async function perform<T = unknown>(
  { perform: ask, account }: OpenAccount,
  call: AdminCall,
  see?: string,
): Promise<T> {
  const { status, body } = await ask(administratorCaller(account), call);
  if (status < 400) return body as T;
  const refused = refusalOf(body);
  if (see === undefined || refused.code !== 'inUse') throw refused;
  throw new CommandError(`${refused.message} See: ${see}`, refused.code, refused.faults);
}

/** The items of a list of the admin API, read page by page; at most `limit`, or all. @throws CommandError if it was refused */
export function listed<T>(
  open: OpenAccount,
  path: string,
  query: Record<string, string | undefined>,
  limit?: number,
): AsyncGenerator<T> {
  const stated = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
  return allPages<T, string>(
    ({ count, after }) =>
      perform(open, {
        method: 'GET',
        path,
        query: {
          ...Object.fromEntries(stated),
          limit: String(count),
          ...(after === undefined ? {} : { cursor: after }),
        },
      }),
    limit,
  );
}

/** The value of an accepted change. @throws CommandError if the directory refused */
export function accepted<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw refusal(outcome.faults);
  return outcome.value;
}

/** The options of commands that work in one account. */
export interface AccountOptions {
  account: string;
  json?: boolean;
}

/** Adds `--account` and `--json`. */
export function accountOptions(command: Command): Command {
  return command.requiredOption('--account <slug>', 'login slug or id of the account').option('--json', 'print JSON');
}

const LIMIT_MAX = 999_999_999;

/** Adds `--limit`, for lists that are printed to their end without it. */
export function limitOption(command: Command): Command {
  return command.option('--limit <n>', 'maximum number of results; all by default', wholeNumber(LIMIT_MAX));
}

/** Prints values as JSON or as a table. */
export function show<T>(options: { json?: boolean }, values: T[], asTable: (values: T[]) => string): void {
  if (options.json) printJson(values);
  else print(asTable(values));
}

/** Prints that something was deleted. */
export function showDeleted(options: { json?: boolean }, id: string): void {
  print(options.json ? JSON.stringify({ deleted: id }) : `Deleted ${id}.`);
}

/** A parser for an option that is a whole number from 1 to `max`. */
export function wholeNumber(max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^[0-9]{1,9}$/.test(text) || value < 1 || value > max)
      throw new InvalidArgumentError(`Must be a whole number from 1 to ${max}.`);
    return value;
  };
}

/** Parses a name of 1 to 255 characters. */
export function name(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > NAME_CHARS_MAX)
    throw new InvalidArgumentError(`Must have 1 to ${NAME_CHARS_MAX} characters.`);
  return trimmed;
}

/** The account with this login slug or id. @throws CommandError that lists the existing accounts */
export async function accountOf(store: Store, slug: string): Promise<Account> {
  const account = (await store.accounts.findAccount(slug)) ?? (await store.accounts.accountById(slug));
  if (account) {
    actsOn(account);
    return account;
  }
  const known = (await store.accounts.listAccounts()).slice(0, 20).map((one) => one.slug);
  throw new CommandError(
    `The account "${slug}" does not exist. ${known.length > 0 ? `Existing accounts: ${known.join(', ')}.` : 'Create one with: account create NAME'}`,
    'notFound',
  );
}
