// `account show`, `account delete` and `account list --deleted`.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../app/database.ts';
import { loadConfig } from '../config.ts';
import type { DeletedAccount } from '../directory/accounts/deletion.ts';
import { settingsOf } from '../directory/accounts/settings.ts';
import type { Account } from '../directory/model.ts';
import { CommandError } from './frame/errors.ts';
import { print, printJson, printNote, type Shown, showList, showOne } from './frame/output.ts';
import { concerns, operatingUser } from './frame/recording.ts';
import { accepted, administratorCaller, withAccount, withStore } from './session.ts';
import { shortDate } from './tables.ts';
import { actorWords } from './users/history.ts';

/** An account with how much it holds. */
interface AccountSize {
  account: Account;
  users: number;
  groups: number;
  stores: number;
}

const SIZE: Shown<AccountSize> = {
  columns: [
    { title: 'SLUG', of: ({ account }) => account.slug },
    { title: 'ID', of: ({ account }) => account.id },
    { title: 'NAME', of: ({ account }) => account.name },
    { title: 'SETTINGS', of: ({ account }) => settingWords(account) },
    { title: 'USERS', of: ({ users }) => String(users) },
    { title: 'GROUPS', of: ({ groups }) => String(groups) },
    { title: 'STORES', of: ({ stores }) => String(stores) },
  ],
  json: ({ account, ...counts }) => ({ ...account, ...counts }),
  lines: true,
};

function settingWords(account: Account): string {
  return Object.entries(settingsOf(account))
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
}

/** Shows an account, by its login slug or id. */
export function showAccountSize(text: string, options: { json?: boolean }): Promise<void> {
  return withAccount(text, async (open) => {
    const caller = administratorCaller(open.account);
    const page = { kind: 'index', startIndex: 1, count: 0 } as const;
    const [users, groups, stores] = await Promise.all([
      open.directory.lookup.users(caller, { page }),
      open.directory.administration.groups(caller, { count: 1 }),
      open.directory.administration.stores(caller, { count: 1 }),
    ]);
    const size = { account: open.account, users: users.total, groups: groups.total, stores: stores.total };
    showOne(options, size, SIZE);
  });
}

const DELETED: Shown<DeletedAccount> = {
  columns: [
    { title: 'SLUG', of: ({ slug }) => slug },
    { title: 'ID', of: ({ id }) => id },
    { title: 'STATE', of: ({ removed }) => (removed ? 'deleted' : 'being deleted') },
    { title: 'SINCE', of: ({ at }) => shortDate(at) },
    { title: 'USERS', of: ({ removed }) => removed && String(removed.users ?? 0) },
    { title: 'BY', of: ({ actor }) => actor && actorWords(actor) },
  ],
};

/** Lists the accounts that were deleted or are being deleted. */
export async function listDeletedAccounts(store: Store, options: { json?: boolean }): Promise<void> {
  const { openAccountDeletion } = await import('../app/account-deletion.ts');
  await showList(options, await openAccountDeletion(store.mongo).listDeleted(), DELETED);
}

/** The progress is printed each time that so many more documents are gone. */
const PRINTED_EACH = 10_000;

/** Deletes an account after a confirmation; continues a deletion that was interrupted. */
export function deleteAccount(slug: string, options: { confirm?: string; json?: boolean }): Promise<void> {
  return withStore(async (store) => {
    if (options.confirm === undefined) {
      throw new CommandError(
        `This removes the account ${slug} permanently, with all users, groups, stores, connections, administrators, imports, events and changes. account show ${slug} says how many. If this is meant, add: --confirm ${slug}`,
        'usage',
      );
    }
    const { openAccountDeletion } = await import('../app/account-deletion.ts');
    let printed = 0;
    const onProgress = (removed: number) => {
      if (removed - printed < PRINTED_EACH) return;
      printed = removed;
      printNote(`Removed ${removed} documents.`);
    };
    // Its event is one of no account, since those of the account are removed.
    const request = { slug, confirmed: options.confirm, actor: operatingUser() };
    const deleted = accepted(await openAccountDeletion(store.mongo).delete(request, onProgress));
    concerns({ type: 'Account', id: deleted.id, name: slug });
    if (options.json) printJson(deleted);
    else print(`Deleted the account ${slug} (${deleted.id}): ${countWords(deleted.removed)}.`);
    for (const folder of foldersOf(slug)) printNote(`Its files in ${folder} are still there. Remove this folder.`);
  });
}

function countWords(removed: DeletedAccount['removed'] = {}): string {
  const parts = Object.entries(removed).map(([name, count]) => `${name} ${count}`);
  return parts.length === 0 ? 'it held nothing' : parts.join(', ');
}

/** The folders into which others put files of the account. */
function foldersOf(slug: string): string[] {
  const { batchDir, importDir } = loadConfig();
  return [batchDir, importDir].flatMap((root) => (root === undefined ? [] : join(root, slug))).filter(existsSync);
}
