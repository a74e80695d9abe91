// How users sign in, and their links to set a password, in MongoDB.

import type { Db } from 'mongodb';
import type { LearnerStore } from '../../auth/learners/learner-store.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';

/** Creates the store of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createLearnerStore(db: Db): LearnerStore {
  const { learnerAccess, resetLinks, oidcValues } = collectionsOf(db);
  const endOf = async (user: string) => {
    await guarded(() => oidcValues.deleteMany({ user }));
  };
  return {
    async access(user) {
      const document = await guarded(() => learnerAccess.findOne({ _id: user }));
      if (!document) return undefined;
      const { _id, ...access } = document;
      return { user: _id, ...access };
    },
    async ensure(user, account) {
      const whole = { $setOnInsert: { account, version: 0 } };
      await guarded(() => learnerAccess.updateOne({ _id: user }, whole, { upsert: true }));
    },
    async setPassword(user, account, passwordHash) {
      const change = { $set: { account, passwordHash }, $inc: { version: 1 } };
      await guarded(() => learnerAccess.updateOne({ _id: user }, change, { upsert: true }));
      await guarded(() => resetLinks.deleteMany({ user }));
      await endOf(user);
    },
    async endSignIns(user) {
      await guarded(() => learnerAccess.updateOne({ _id: user }, { $inc: { version: 1 } }));
      await endOf(user);
    },
    async remove(users) {
      const ids = [...users];
      await guarded(() => oidcValues.deleteMany({ user: { $in: ids } }));
      await guarded(() => resetLinks.deleteMany({ user: { $in: ids } }));
      return (await guarded(() => learnerAccess.deleteMany({ _id: { $in: ids } }))).deletedCount;
    },
    async keepResetLink({ hash, ...link }) {
      await guarded(() => resetLinks.deleteMany({ user: link.user }));
      await guarded(() => resetLinks.insertOne({ _id: hash, ...link }));
    },
    async resetLink(hash) {
      const document = await guarded(() => resetLinks.findOne({ _id: hash }));
      if (!document) return undefined;
      const { _id, ...link } = document;
      return { hash: _id, ...link };
    },
    async takeResetLink(hash) {
      return (await guarded(() => resetLinks.deleteOne({ _id: hash }))).deletedCount > 0;
    },
  };
}
