// Administrators, their sessions, personal tokens and pending sign-ins, as MongoDB keeps them.

import type { Collection, Db, IndexDescription } from 'mongodb';
import type {
  Administrator,
  AdministratorChanges,
  AdministratorSecret,
  AdministratorStore,
  PendingSignIn,
  PersonalToken,
  Session,
} from '../../auth/administrator-store.ts';
import { foldText } from '../../directory/schema/fold.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';

type Stored<T> = Omit<T, 'id' | 'hash'> & { _id: string };

interface AdministratorDocument extends Omit<AdministratorSecret, 'id'> {
  _id: string;
  emailFold: string;
  /** null stands above accounts, so that one index serves both. */
  accountKey: string | null;
}

interface TokenDocument extends Omit<PersonalToken, 'id'> {
  _id: string;
}

const gone = { expireAfterSeconds: 0 };

/** The indexes of the collections of this file, by collection. */
export const administratorIndexes: { collection: string; indexes: IndexDescription[] }[] = [
  {
    collection: 'administrators',
    indexes: [
      { key: { emailFold: 1 }, name: 'email', unique: true },
      { key: { accountKey: 1, _id: 1 }, name: 'account' },
      {
        key: { 'identity.issuer': 1, 'identity.subject': 1 },
        name: 'identity',
        unique: true,
        partialFilterExpression: { 'identity.subject': { $exists: true } },
      },
    ],
  },
  {
    collection: 'sessions',
    indexes: [
      { key: { expires: 1 }, name: 'expired', ...gone },
      { key: { administrator: 1 }, name: 'administrator' },
    ],
  },
  {
    collection: 'personalTokens',
    indexes: [
      { key: { hash: 1 }, name: 'hash', unique: true },
      { key: { administrator: 1, _id: 1 }, name: 'administrator' },
    ],
  },
  { collection: 'pendingSignIns', indexes: [{ key: { expires: 1 }, name: 'expired', ...gone }] },
];

/** Every method throws StoreUnavailable where the database is away. */
export function createAdministratorStore(db: Db): AdministratorStore {
  const options = { writeConcern: { w: 'majority', journal: true } } as const;
  const administrators = db.collection<AdministratorDocument>('administrators', options);
  const sessions = db.collection<Stored<Session>>('sessions', options);
  const tokens = db.collection<TokenDocument>('personalTokens', options);
  const pending = db.collection<Stored<PendingSignIn>>('pendingSignIns', options);

  const find = async (filter: object): Promise<AdministratorSecret | undefined> => {
    const document = await guarded(() => administrators.findOne(filter));
    return document ? toSecret(document) : undefined;
  };

  return {
    byId: (id) => find({ _id: id }),
    byEmail: (email) => find({ emailFold: foldText(email.trim()) }),
    byIdentity: (issuer, subject) => find({ 'identity.issuer': issuer, 'identity.subject': subject }),
    async list(account, { after, limit }) {
      const beyond = after === undefined ? {} : { _id: { $gt: after } };
      const found = await guarded(() =>
        administrators
          .find({ accountKey: account, ...beyond })
          .sort({ _id: 1 })
          .limit(limit)
          .toArray(),
      );
      return found.map(toAdministrator);
    },
    any: async () =>
      (await guarded(() => administrators.findOne({}, { projection: { _id: 1 }, hint: { _id: 1 } }))) !== null,
    async insert({ id, ...rest }) {
      const document = { _id: id, ...rest, emailFold: foldText(rest.email), accountKey: rest.account ?? null };
      return (await unlessTaken(() => administrators.insertOne(document))) !== 'taken';
    },
    async update(id, changes) {
      const updated = await unlessTaken(() =>
        administrators.findOneAndUpdate({ _id: id }, updateOf(changes), { returnDocument: 'after' }),
      );
      if (updated === 'taken') return 'taken';
      return updated ? toAdministrator(updated) : undefined;
    },
    async remove(id) {
      const { deletedCount } = await guarded(() => administrators.deleteOne({ _id: id }));
      await guarded(() =>
        Promise.all([sessions.deleteMany({ administrator: id }), tokens.deleteMany({ administrator: id })]),
      );
      return deletedCount > 0;
    },

    async insertSession({ hash, ...session }) {
      await guarded(() => sessions.insertOne({ _id: hash, ...session }));
    },
    async session(hash) {
      const document = await guarded(() => sessions.findOne({ _id: hash }));
      if (!document) return undefined;
      const { _id, ...session } = document;
      return { hash: _id, ...session };
    },
    async endSessions(which) {
      const filter = 'hash' in which ? { _id: which.hash } : { administrator: which.administrator };
      await guarded(() => sessions.deleteMany(filter));
    },

    async insertToken({ id, ...token }) {
      await guarded(() => tokens.insertOne({ _id: id, ...token }));
    },
    async token(hash) {
      const document = await guarded(() => tokens.findOne({ hash }));
      return document ? toToken(document) : undefined;
    },
    async tokensOf(administrator) {
      return (await guarded(() => tokens.find({ administrator }).sort({ _id: 1 }).limit(1000).toArray())).map(toToken);
    },
    removeToken: (administrator, id) => removed(tokens, { _id: id, administrator }),
    async touchToken(id, at) {
      // Worth no journal wait: a mark for people, exact to the minute.
      await guarded(() => tokens.updateOne({ _id: id }, { $max: { lastUsed: at } }, { writeConcern: { w: 1 } }));
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
  };
}

async function removed(tokens: Collection<TokenDocument>, filter: object): Promise<boolean> {
  return (await guarded(() => tokens.deleteOne(filter))).deletedCount > 0;
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
  const unset: Record<string, ''> = {};
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) unset[key] = '';
    else if (value !== undefined) set[key] = value;
  }
  if (changes.email !== undefined) set.emailFold = foldText(changes.email);
  return {
    // An empty $set is an error of MongoDB's.
    $set: { ...set, touched: new Date() },
    ...(Object.keys(unset).length > 0 ? { $unset: unset } : {}),
  };
}

function toSecret(document: AdministratorDocument & { touched?: Date }): AdministratorSecret {
  const { _id, emailFold: _fold, accountKey: _key, touched: _touched, ...rest } = document;
  return { id: _id, ...rest };
}

function toAdministrator(document: AdministratorDocument): Administrator {
  const { passwordHash: _hash, ...administrator } = toSecret(document);
  return administrator;
}

function toToken({ _id, ...token }: TokenDocument): PersonalToken {
  return { id: _id, ...token };
}

/** Makes the indexes of this file's collections where they are missing. */
export async function ensureAdministratorIndexes(db: Db): Promise<void> {
  for (const { collection, indexes } of administratorIndexes) {
    await guarded(() => db.collection(collection).createIndexes(indexes));
  }
}
