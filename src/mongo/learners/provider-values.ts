// What the OpenID provider keeps, in MongoDB.

import type { Db } from 'mongodb';
import type { KeptValue, ProviderStore } from '../../auth/provider/provider-store.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { OidcValueDocument } from '../schemas/accounts/oidc-values.ts';

/** Creates the store of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createProviderValues(db: Db): ProviderStore {
  const { oidcValues: values } = collectionsOf(db);
  return {
    async put({ hash, ...value }) {
      await guarded(() => values.replaceOne({ _id: hash }, value, { upsert: true }));
    },
    async get(which) {
      const filter = 'hash' in which ? { _id: which.hash } : { uid: which.uid };
      const document = await guarded(() => values.findOne(filter));
      return document ? toValue(document) : undefined;
    },
    async consume(hash, at) {
      const unused = { _id: hash, consumed: { $exists: false } };
      return (await guarded(() => values.updateOne(unused, { $set: { consumed: at } }))).modifiedCount > 0;
    },
    async remove(hash) {
      await guarded(() => values.deleteOne({ _id: hash }));
    },
    async removeOfGrant(kind, grant) {
      await guarded(() => values.deleteMany({ grant, kind }));
    },
    async removeOfUser(user) {
      await guarded(() => values.deleteMany({ user }));
    },
  };
}

function toValue({ _id, ...value }: OidcValueDocument): KeptValue {
  return { hash: _id, ...value };
}
