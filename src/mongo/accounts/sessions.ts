// Sessions of administrators in MongoDB.

import type { AdministratorStore, Session } from '../../auth/administrator-store.ts';
import type { Mongo } from '../client/connection.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { SessionDocument } from '../schemas/accounts/sessions.ts';

const SESSIONS_LISTED_MAX = 100;

/** The part of an administrator store for sessions. Every method throws StoreUnavailable if the database is unavailable. */
export function createSessions(
  db: Mongo['db'],
): Pick<AdministratorStore, 'insertSession' | 'session' | 'sessionsOf' | 'endSessions'> {
  const { sessions } = collectionsOf(db);
  return {
    async insertSession({ hash, ...session }, keep) {
      const { administrator } = session;
      await guarded(() => sessions.insertOne({ _id: hash, ...session }));
      const others = sessions.find({ administrator, _id: { $ne: hash } }, { projection: { _id: 1 } });
      const beyond = others.sort({ created: -1 }).skip(keep).limit(SESSIONS_LISTED_MAX);
      const ids = (await guarded(() => beyond.toArray())).map(({ _id }) => _id);
      if (ids.length > 0) await guarded(() => sessions.deleteMany({ _id: { $in: ids } }));
    },
    async session(hash) {
      const document = await guarded(() => sessions.findOne({ _id: hash }));
      return document ? toSession(document) : undefined;
    },
    async sessionsOf(administrator) {
      const valid = sessions.find({ administrator, expires: { $gt: new Date() } });
      const newest = valid.sort({ created: -1 }).limit(SESSIONS_LISTED_MAX);
      return (await guarded(() => newest.toArray())).map(toSession);
    },
    async endSessions(selection) {
      const filter = 'hash' in selection ? { _id: selection.hash } : { administrator: selection.administrator };
      return (await guarded(() => sessions.deleteMany(filter))).deletedCount;
    },
  };
}

function toSession({ _id, ...session }: SessionDocument): Session {
  return { hash: _id, ...session };
}
