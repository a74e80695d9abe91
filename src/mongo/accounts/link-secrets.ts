// The secrets of links, and the tokens that were used, in MongoDB.

import type { Db } from 'mongodb';
import type { LinkSecretStore } from '../../auth/link-secret-store.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';

/** Far more than an account can have; see `LinkSecrets`. */
const SECRETS_READ_MAX = 20;

/** Creates the secrets of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createLinkSecretStore(db: Db): LinkSecretStore {
  const { linkSecrets, usedLinkTokens } = collectionsOf(db);
  return {
    async list(account) {
      const found = linkSecrets.find({ account }).sort({ created: 1, _id: 1 }).limit(SECRETS_READ_MAX);
      return (await guarded(() => found.toArray())).map(({ _id, ...secret }) => ({ id: _id, ...secret }));
    },
    async insert({ id, ...secret }) {
      await guarded(() => linkSecrets.insertOne({ _id: id, ...secret }));
    },
    async remove(account, id) {
      return (await guarded(() => linkSecrets.deleteOne({ _id: id, account }))).deletedCount > 0;
    },
    async takeOnce(account, tokenId, expires) {
      try {
        await guarded(() => usedLinkTokens.insertOne({ _id: `${account}:${tokenId}`, expires }));
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },
  };
}
