// The custom attributes of accounts in MongoDB, and their values in users when one is removed.

import type { Document, UpdateFilter } from 'mongodb';
import type { Connection as Database, QueryFilter, UpdateQuery } from 'mongoose';
import type { Account } from '../../directory/model.ts';
import { searchKey } from '../../directory/query/search-keys.ts';
import {
  ACCOUNT_ATTRIBUTES_MAX,
  ACCOUNT_KEY,
  type AccountAttribute,
} from '../../directory/schema/account-attributes.ts';
import { guarded } from '../client/mongo-errors.ts';
import { modelsOf } from '../collections.ts';
import { type AccountDocument, SERVED, toAccount } from '../schemas/accounts/accounts.ts';

/** Creates what changes the custom attributes of accounts. Every method throws StoreUnavailable if the database is unavailable. */
export function createAttributes(database: Database) {
  const { accounts } = modelsOf(database);

  const changeAttributes = async (
    condition: QueryFilter<AccountDocument>,
    update: UpdateQuery<AccountDocument>,
  ): Promise<Account | undefined> => {
    const changed = accounts.findOneAndUpdate(condition, update, { returnDocument: 'after', runValidators: true });
    const document = await guarded(() => changed.lean<AccountDocument>().exec());
    return document ? toAccount(document) : undefined;
  };

  return {
    /**
     * Adds a custom attribute, unless the account has one of this name meanwhile; undefined then. What an attribute of this name left in
     * users before is removed first. @throws StoreUnavailable
     */
    addAttribute: async (account: string, attribute: AccountAttribute): Promise<Account | undefined> => {
      await removeValues(database, account, attribute.name);
      const isFree = {
        'attributes.name': { $not: new RegExp(`^${attribute.name}$`, 'i') },
        [`attributes.${ACCOUNT_ATTRIBUTES_MAX - 1}`]: { $exists: false },
      };
      return changeAttributes({ _id: account, ...SERVED, ...isFree }, { $push: { attributes: attribute } });
    },

    /** Changes what does not change stored values: description and whether it is required; undefined if there is no such attribute. */
    changeAttribute: (
      account: string,
      name: string,
      change: Partial<Pick<AccountAttribute, 'required' | 'description'>>,
    ): Promise<Account | undefined> => {
      const $set = Object.fromEntries(Object.entries(change).map(([key, value]) => [`attributes.$.${key}`, value]));
      return changeAttributes({ _id: account, ...SERVED, 'attributes.name': name }, { $set });
    },

    /** Removes a custom attribute and its values; undefined if there is none of this name. @throws StoreUnavailable */
    removeAttribute: async (account: string, name: string): Promise<Account | undefined> => {
      const found = { _id: account, ...SERVED, 'attributes.name': name };
      const changed = await changeAttributes(found, { $pull: { attributes: { name } } });
      if (changed) await removeValues(database, account, name);
      return changed;
    },
  };
}

/** Removes the values of a custom attribute from the users of an account. They are no longer served, so no version changes. */
async function removeValues(database: Database, account: string, name: string): Promise<void> {
  const { users } = modelsOf(database);
  const key = `${ACCOUNT_KEY}.${name}`;
  await guarded(() =>
    users.collection.updateMany({ account, [`data.${key}`]: { $exists: true } }, {
      $unset: { [`data.${key}`]: '', [`fold.${key}`]: '' },
      $pull: { terms: { $regex: `^${searchKey(key, '').replaceAll('.', '\\.')}` } },
    } as unknown as UpdateFilter<Document>),
  );
}
