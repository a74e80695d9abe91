// Set-up links in MongoDB. One conditional update decides which request makes a token.

import type { Db } from 'mongodb';
import type { SetupLink, SetupLinkStore } from '../../auth/setup-link-store.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { SetupLinkDocument } from '../schemas/accounts/setup-links.ts';

const LISTED_MAX = 200;

/** Creates the store of set-up links. Every method throws StoreUnavailable if the database is unavailable. */
export function createSetupLinkStore(db: Db): SetupLinkStore {
  const { setupLinks: links } = collectionsOf(db);
  return {
    async insert({ id, ...link }, hash) {
      await guarded(() => links.insertOne({ _id: id, hash, ...link }));
    },
    async byHash(hash) {
      const found = await guarded(() => links.findOne({ hash }));
      return found ? toLink(found) : undefined;
    },
    async list(account) {
      const found = links.find({ account }).sort({ _id: -1 }).limit(LISTED_MAX);
      return (await guarded(() => found.toArray())).map(toLink);
    },
    async revoke(account, id, at) {
      const live = { account, _id: id, revoked: { $exists: false } };
      return (await guarded(() => links.updateOne(live, { $set: { revoked: at } }))).matchedCount > 0;
    },
    async choose(id, client) {
      await guarded(() => links.updateOne({ _id: id }, { $set: { client } }));
    },
    async countToken(id, made, token) {
      const live = { _id: id, tokens: made, revoked: { $exists: false }, expires: { $gt: token.at } };
      const counted = { $inc: { tokens: 1 }, $push: { made: token } };
      return (await guarded(() => links.updateOne(live, counted))).matchedCount > 0;
    },
    async nameToken(id, at, credential) {
      await guarded(() => links.updateOne({ _id: id, 'made.at': at }, { $set: { 'made.$.credential': credential } }));
    },
    async tick(id, ticks) {
      const first = Object.fromEntries(Object.entries(ticks).map(([name, at]) => [`ticks.${name}`, at]));
      if (Object.keys(first).length > 0) await guarded(() => links.updateOne({ _id: id }, { $min: first }));
    },
  };
}

function toLink({ _id, hash: _hash, ...link }: SetupLinkDocument): SetupLink {
  return { id: _id, ...link };
}
