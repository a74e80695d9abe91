// What commands share: the store for one piece of work, output, options, and errors that their user can put right.

import { InvalidArgumentError } from 'commander';
import { openStore, type Store } from '../app/database.ts';
import { loadConfig } from '../config.ts';
import type { Account } from '../directory/model.ts';

/** Something that the user of the command can put right; printed without a stack. */
export class CommandError extends Error {}

const NAME_CHARS_MAX = 255;

/** Opens the store for one piece of work and closes it again, whatever happens. */
export async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore(loadConfig(), (line) => process.stderr.write(`${line}\n`), false);
  try {
    await store.prepareAccounts();
    await work(store);
  } finally {
    await store.close();
  }
}

/** Prints a line on stdout. What people are called can't move the cursor or colour the terminal. */
export function print(text: string): void {
  process.stdout.write(`${withoutControls(text)}\n`);
}

/** A text whose control characters are shown, and do nothing; line ends and tabs stay. */
export function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '\uFFFD');
}

/** Prints a value as JSON on stdout. */
export function printJson(value: unknown): void {
  const text = JSON.stringify(value, undefined, 2);
  // JSON leaves these as they are, and a terminal obeys them.
  print(text.replace(/[\u007F-\u009F]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`));
}

/** Reads an option that is a whole number from 1 to `max`. */
export function wholeNumber(max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^[0-9]{1,9}$/.test(text) || value < 1 || value > max)
      throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
    return value;
  };
}

/** Reads a name of 1 to 255 characters. */
export function name(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > NAME_CHARS_MAX)
    throw new InvalidArgumentError(`It must have 1 to ${NAME_CHARS_MAX} characters.`);
  return trimmed;
}

/** The account of a login slug. @throws CommandError that names those there are */
export async function accountOf(store: Store, slug: string): Promise<Account> {
  const account = await store.accounts.findAccount(slug);
  if (account) return account;
  const known = (await store.accounts.listAccounts()).slice(0, 20).map((one) => one.slug);
  throw new CommandError(
    `There is no account "${slug}". ${known.length > 0 ? `There are: ${known.join(', ')}.` : 'Make one with: account create NAME'}`,
  );
}
