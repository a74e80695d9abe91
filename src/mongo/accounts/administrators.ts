// Administrators in MongoDB. Their sessions, personal tokens, and tokens that can be used once are in files of their own.

import type { QueryFilter } from 'mongoose';
import type {
  Administrator,
  AdministratorChanges,
  AdministratorSecret,
  AdministratorStore,
} from '../../auth/administrator-store.ts';
import { foldText } from '../../directory/schema/fold.ts';
import type { Mongo } from '../client/connection.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { collectionsOf, modelsOf } from '../collections.ts';
import type { AdministratorDocument } from '../schemas/accounts/administrators.ts';
import { createOneTimeTokens } from './one-time-tokens.ts';
import { createPersonalTokens } from './personal-tokens.ts';
import { createSessions } from './sessions.ts';

const SAME_EMAIL_MAX = 8;

/** Creates the administrator store of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createAdministratorStore({ connection, db }: Pick<Mongo, 'connection' | 'db'>): AdministratorStore {
  const { administrators, personalTokens: tokens } = modelsOf(connection);
  const { sessions } = collectionsOf(db);

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
    ...createSessions(db),
    ...createPersonalTokens(connection),
    ...createOneTimeTokens(db),
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
