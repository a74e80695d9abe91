// Accounts as MongoDB keeps them, with their connections and the credentials of these.

import type { Connection as Database } from 'mongoose';
import { type AccountDraft, newAccount } from '../../directory/accounts/accounts.ts';
import type { SettingsChange } from '../../directory/accounts/settings.ts';
import { fault, type Outcome, refused } from '../../directory/faults.ts';
import type { Account } from '../../directory/model.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { modelsOf } from '../collections.ts';
import { type AccountDocument, toAccount } from '../schemas/accounts/accounts.ts';
import { createConnections } from './connections.ts';
import { createCredentials } from './credentials.ts';
import { shortId } from './short-id.ts';

const ACCOUNTS_MAX = 10_000;

export type Accounts = ReturnType<typeof createAccounts>;

/** The accounts of a database. Every method throws StoreUnavailable if the database is away. */
export function createAccounts(database: Database) {
  const { accounts, activeCounts } = modelsOf(database);
  const connections = createConnections(database);

  const find = async (condition: { slug: string } | { _id: string }): Promise<Account | undefined> => {
    const document = await guarded(() => accounts.findOne(condition).lean<AccountDocument>().exec());
    return document ? toAccount(document) : undefined;
  };

  return {
    ...connections,
    ...createCredentials(database, connections),

    /** Makes an account. Faults: required, tooLong, invalidValue, uniqueness (all of `name` or `slug`). */
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

    /** All accounts in the order of their slugs, 10,000 at most. */
    listAccounts: async (): Promise<Account[]> => {
      const all = accounts.find().sort({ slug: 1 }).limit(ACCOUNTS_MAX);
      return (await guarded(() => all.lean<AccountDocument[]>().exec())).map(toAccount);
    },

    /** The account with this slug. */
    findAccount: (slug: string): Promise<Account | undefined> => find({ slug }),

    /** The account of this id. */
    accountById: (id: string): Promise<Account | undefined> => find({ _id: id }),

    /** Changes settings of an account; undefined if there is none with this slug. */
    setAccount: async (
      slug: string,
      { userLimit, ...settings }: SettingsChange & { name?: string },
    ): Promise<Account | undefined> => {
      const update = {
        $set: { ...settings, ...(typeof userLimit === 'number' ? { userLimit } : {}) },
        ...(userLimit === null ? { $unset: { userLimit: 1 as const } } : {}),
      };
      const changed = accounts.findOneAndUpdate({ slug }, update, { returnDocument: 'after', runValidators: true });
      const document = await guarded(() => changed.lean<AccountDocument>().exec());
      if (!document) return undefined;
      // A count is not kept while there is no limit; without one the directory counts afresh.
      if (userLimit !== undefined) await guarded(() => activeCounts.deleteOne({ _id: document._id }).exec());
      return toAccount(document);
    },
  };
}
