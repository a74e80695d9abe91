// Tokens of administrators that can be used only once, in MongoDB: pending sign-ins at a provider, and links to set a password.

import type { AdministratorStore } from '../../auth/administrator-store.ts';
import type { Mongo } from '../client/connection.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';

/** The part of an administrator store for tokens that can be used once. Every method throws StoreUnavailable if the database is unavailable. */
export function createOneTimeTokens(
  db: Mongo['db'],
): Pick<AdministratorStore, 'keepSignIn' | 'takeSignIn' | 'keepPasswordLink' | 'passwordLink' | 'takePasswordLink'> {
  const { pendingSignIns: pending, passwordLinks: links } = collectionsOf(db);
  return {
    async keepSignIn({ hash, ...signIn }) {
      await guarded(() => pending.insertOne({ _id: hash, ...signIn }));
    },
    async takeSignIn(hash) {
      const document = await guarded(() => pending.findOneAndDelete({ _id: hash }));
      if (!document) return undefined;
      const { _id, ...signIn } = document;
      return { hash: _id, ...signIn };
    },

    async keepPasswordLink({ hash, ...link }) {
      await guarded(() => links.deleteMany({ administrator: link.administrator }));
      await guarded(() => links.insertOne({ _id: hash, ...link }));
    },
    async passwordLink(hash) {
      const document = await guarded(() => links.findOne({ _id: hash }));
      if (!document) return undefined;
      const { _id, ...link } = document;
      return { hash: _id, ...link };
    },
    async takePasswordLink(hash) {
      return (await guarded(() => links.deleteOne({ _id: hash }))).deletedCount > 0;
    },
  };
}
