// Accounts in MongoDB, with their connections and credentials.

import type { Connection as Database } from 'mongoose';
import { type AccountDraft, newAccount } from '../../directory/accounts/accounts.ts';
import type { SettingsChange } from '../../directory/accounts/settings.ts';
import { fault, type Outcome, refused } from '../../directory/faults.ts';
import type { Account } from '../../directory/model.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { modelsOf } from '../collections.ts';
import { type AccountDocument, SERVED, toAccount } from '../schemas/accounts/accounts.ts';
import { createAttributes } from './attributes.ts';
import { createConnections } from './connections.ts';
import { createCredentials } from './credentials.ts';
import { shortId } from './short-id.ts';

const ACCOUNTS_MAX = 10_000;

/** The accounts of a database, with their connections and credentials. */
export type Accounts = ReturnType<typeof createAccounts>;

/** Creates the accounts of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createAccounts(database: Database) {
  const { accounts, activeCounts } = modelsOf(database);
  const connections = createConnections(database);

  const find = async (condition: { slug: string } | { _id: string }): Promise<Account | undefined> => {
    const document = await guarded(() =>
      accounts
        .findOne({ ...condition, ...SERVED })
        .lean<AccountDocument>()
        .exec(),
    );
    return document ? toAccount(document) : undefined;
  };

  return {
    ...connections,
    ...createCredentials(database, connections),
    ...createAttributes(database),

    /** Creates an account. Faults at `name` or `slug`: required, tooLong, invalidValue, uniqueness. */
    createAccount: async (draft: AccountDraft): Promise<Outcome<Account>> => {
      const made = newAccount(draft);
      if (!made.ok) return made;
      const id = shortId('acc_');
      try {
        await guarded(() => accounts.insertOne({ _id: id, ...made.value }));
      } catch (error) {
        if (isDuplicate(error)) return refused(fault('uniqueness', 'slug'));
        throw error;
      }
      return { ok: true, value: { id, ...made.value }, effect: 'created' };
    },

    /** All accounts by slug, at most 10,000. */
    listAccounts: async (): Promise<Account[]> => {
      const all = accounts.find(SERVED).sort({ slug: 1 }).limit(ACCOUNTS_MAX);
      return (await guarded(() => all.lean<AccountDocument[]>().exec())).map(toAccount);
    },

    /** The account with this slug, or undefined. */
    findAccount: (slug: string): Promise<Account | undefined> => find({ slug }),

    /** The account with this id, or undefined. */
    accountById: (id: string): Promise<Account | undefined> => find({ _id: id }),

    /** Changes settings of an account; returns undefined if no account has this slug. */
    setAccount: async (
      slug: string,
      { userLimit, ...settings }: SettingsChange & { name?: string },
    ): Promise<Account | undefined> => {
      const update = {
        $set: { ...settings, ...(typeof userLimit === 'number' ? { userLimit } : {}) },
        ...(userLimit === null ? { $unset: { userLimit: 1 as const } } : {}),
      };
      const changed = accounts.findOneAndUpdate({ slug, ...SERVED }, update, {
        returnDocument: 'after',
        runValidators: true,
      });
      const document = await guarded(() => changed.lean<AccountDocument>().exec());
      if (!document) return undefined;
      // Active users are not counted while there is no limit; deleting the count makes the directory recount.
      if (userLimit !== undefined) await guarded(() => activeCounts.deleteOne({ _id: document._id }).exec());
      return toAccount(document);
    },
  };
}
