// The clients of accounts and the signing keys of the OpenID provider, in MongoDB.

import type { Db } from 'mongodb';
import type { Client, ClientStore, SigningKeyStore } from '../../auth/provider/provider-store.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { ClientDocument } from '../schemas/accounts/oidc-clients.ts';

/** Creates the clients of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createClients(db: Db): ClientStore {
  const { oidcClients: clients } = collectionsOf(db);
  return {
    async client(id) {
      const document = await guarded(() => clients.findOne({ _id: id }));
      return document ? toClient(document) : undefined;
    },
    async clientsOf(account, atMost) {
      const oldest = clients.find({ account }).sort({ _id: 1 }).limit(atMost);
      return (await guarded(() => oldest.toArray())).map(toClient);
    },
    async addClient({ id, ...client }) {
      await guarded(() => clients.insertOne({ _id: id, ...client }));
    },
    async removeClient(account, id) {
      return (await guarded(() => clients.deleteOne({ account, _id: id }))).deletedCount > 0;
    },
  };
}

function toClient({ _id, ...client }: ClientDocument): Client {
  return { id: _id, ...client };
}

/** Creates the signing keys of a database, likewise. */
export function createSigningKeys(db: Db): SigningKeyStore {
  const { signingKeys: keys } = collectionsOf(db);
  return {
    async keys(periods) {
      const found = keys.find({ _id: { $in: periods.map(String) } });
      return (await guarded(() => found.toArray())).map(({ _id, ...key }) => ({ period: Number(_id), ...key }));
    },
    async add({ period, ...key }) {
      try {
        await guarded(() => keys.insertOne({ _id: String(period), ...key }));
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
    },
  };
}
