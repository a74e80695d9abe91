// Administrators with their sessions, personal tokens and pending sign-ins in MongoDB.

import type { QueryFilter } from 'mongoose';
import type {
  Administrator,
  AdministratorChanges,
  AdministratorSecret,
  AdministratorStore,
  PersonalToken,
  Session,
} from '../../auth/administrator-store.ts';
import { foldText } from '../../directory/schema/fold.ts';
import type { Mongo } from '../client/connection.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { collectionsOf, modelsOf } from '../collections.ts';
import type { AdministratorDocument } from '../schemas/accounts/administrators.ts';
import type { TokenDocument } from '../schemas/accounts/personal-tokens.ts';
import type { SessionDocument } from '../schemas/accounts/sessions.ts';

const TOKENS_MAX = 1000;
const SAME_EMAIL_MAX = 8;
const SESSIONS_LISTED_MAX = 100;

/** Creates the administrator store of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createAdministratorStore({ connection, db }: Pick<Mongo, 'connection' | 'db'>): AdministratorStore {
  const { administrators, personalTokens: tokens } = modelsOf(connection);
  const { sessions, pendingSignIns: pending, passwordLinks: links } = collectionsOf(db);

  const find = async (condition: QueryFilter<AdministratorDocument>): Promise<AdministratorSecret | undefined> => {
    const document = await guarded(() => administrators.findOne(condition).lean<AdministratorDocument>().exec());
    return document ? toSecret(document) : undefined;
  };

  const removeCredentials: AdministratorStore['removeCredentials'] = async (administrator) => {
    const [ended, removed] = await guarded(() =>
      Promise.all([sessions.deleteMany({ administrator }), tokens.deleteMany({ administrator }).exec()]),
    );
    return { sessions: ended.deletedCount, tokens: removed.deletedCount };
  };

  return {
    byId: (id) => find({ _id: id }),
    async byEmail(email, account) {
      const ofAccount = account === undefined ? {} : { accountKey: account };
      const found = administrators.find({ emailFold: foldText(email.trim()), ...ofAccount }).limit(SAME_EMAIL_MAX);
      return (await guarded(() => found.lean<AdministratorDocument[]>().exec())).map(toSecret);
    },
    byIdentity: (issuer, subject) => find({ 'identity.issuer': issuer, 'identity.subject': subject }),
    async list(account, { after, limit }) {
      const beyond = after === undefined ? {} : { _id: { $gt: after } };
      const found = administrators
        .find({ accountKey: account, ...beyond })
        .sort({ _id: 1 })
        .limit(limit);
      return (await guarded(() => found.lean<AdministratorDocument[]>().exec())).map(toAdministrator);
    },
    any: async () => (await guarded(() => administrators.exists({}).hint({ _id: 1 }).exec())) !== null,
    async insert({ id, ...rest }) {
      const document = { _id: id, ...rest, emailFold: foldText(rest.email), accountKey: rest.account ?? null };
      return (await unlessTaken(() => administrators.insertOne(document))) !== 'taken';
    },
    async update(id, changes, endCredentials = false) {
      const update = { ...updateOf(changes), ...(endCredentials ? { $inc: { credentialsVersion: 1 } } : {}) };
      const updated = await unlessTaken(() =>
        administrators
          .findByIdAndUpdate(id, update, { returnDocument: 'after', runValidators: true })
          .lean<AdministratorDocument>()
          .exec(),
      );
      if (updated === 'taken') return 'taken';
      return updated ? toAdministrator(updated) : undefined;
    },
    async remove(id) {
      const { deletedCount } = await guarded(() => administrators.deleteOne({ _id: id }).exec());
      await removeCredentials(id);
      return deletedCount > 0;
    },
    removeCredentials,

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

    async insertToken({ id, ...token }) {
      await guarded(() => tokens.insertOne({ _id: id, ...token }));
    },
    async token(hash) {
      const document = await guarded(() => tokens.findOne({ hash }).lean<TokenDocument>().exec());
      return document ? toToken(document) : undefined;
    },
    async tokensOf(administrator) {
      const all = tokens.find({ administrator }).sort({ _id: 1 }).limit(TOKENS_MAX);
      return (await guarded(() => all.lean<TokenDocument[]>().exec())).map(toToken);
    },
    async removeToken(administrator, id) {
      return (await guarded(() => tokens.deleteOne({ _id: id, administrator }).exec())).deletedCount > 0;
    },
    async touchToken(id, at) {
      // Does not wait for the journal: losing this time in a crash does no harm.
      const options = { writeConcern: { w: 1 } } as const;
      await guarded(() => tokens.updateOne({ _id: id }, { $max: { lastUsed: at } }, options).exec());
    },

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

async function unlessTaken<T>(write: () => Promise<T>): Promise<T | 'taken'> {
  try {
    return await guarded(write);
  } catch (error) {
    if (isDuplicate(error)) return 'taken';
    throw error;
  }
}

function updateOf(changes: AdministratorChanges) {
  const set: Record<string, unknown> = {};
  const unset: Record<string, 1> = {};
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) unset[key] = 1;
    else if (value !== undefined) set[key] = value;
  }
  if (changes.email !== undefined) set.emailFold = foldText(changes.email);
  return { $set: set, ...(Object.keys(unset).length > 0 ? { $unset: unset } : {}) };
}

function toSecret(document: AdministratorDocument): AdministratorSecret {
  const { _id, emailFold: _fold, accountKey: _key, touched: _touched, ...rest } = document;
  return { id: _id, ...rest };
}

function toAdministrator(document: AdministratorDocument): Administrator {
  const { passwordHash: _hash, ...administrator } = toSecret(document);
  return administrator;
}

function toSession({ _id, ...session }: SessionDocument): Session {
  return { hash: _id, ...session };
}

function toToken({ _id, ...token }: TokenDocument): PersonalToken {
  return { id: _id, ...token };
}
