// Accounts, their connections and the credentials of these, as MongoDB keeps them.

import { randomBytes } from 'node:crypto';
import type { Collection, Db, IndexDescription } from 'mongodb';
import type { Credential, CredentialOwner, CredentialStore } from '../../auth/credential-store.ts';
import { hashToken, hintOf, mintToken } from '../../auth/tokens.ts';
import { fault, type Outcome, refused } from '../../directory/faults.ts';
import type { Account, Connection, ConnectionKind } from '../../directory/model.ts';
import { foldText } from '../../directory/schema/fold.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';

interface AccountDocument extends Omit<Account, 'id'> {
  _id: string;
  created: Date;
}

interface ConnectionDocument {
  _id: string;
  account: string;
  name: string;
  nameFold: string;
  kind: ConnectionKind;
  settings: Record<string, never>;
  created: Date;
  lastCall?: Date;
}

interface CredentialDocument extends Omit<Credential, 'id'> {
  _id: string;
  /** Made from BOOTSTRAP_TOKEN: it goes when the variable names another token or none. */
  bootstrap?: true;
}

/** The indexes of the collections of this file, by collection. */
export const accountIndexes: { collection: string; indexes: IndexDescription[] }[] = [
  { collection: 'accounts', indexes: [{ key: { slug: 1 }, unique: true }] },
  { collection: 'connections', indexes: [{ key: { account: 1, nameFold: 1 }, unique: true }] },
  {
    collection: 'credentials',
    indexes: [
      { key: { hash: 1 }, unique: true },
      { key: { account: 1, _id: 1 } },
      { key: { bootstrap: 1 }, sparse: true },
    ],
  },
];

/** What can be set on an account. A `userLimit` of null takes the limit away. */
export interface AccountSettings {
  name?: string;
  requiredData?: Account['requiredData'];
  userLimit?: number | null;
  derivedGroups?: Account['derivedGroups'];
  loginNamesEditable?: boolean;
  timeZone?: string;
  importTime?: string;
  endDatePolicy?: NonNullable<Account['endDatePolicy']>;
}

/** A connection with when it was last heard of. */
export interface ConnectionSummary extends Connection {
  lastCall?: Date;
}

export interface NewCredential {
  credential: Credential;
  /** Shown once; only its hash is kept. */
  token: string;
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const NAME_CHARS_MAX = 255;
const BOOTSTRAP_CONNECTION = 'bootstrap';

/** A short random id with a prefix that says of what: 60 bits, letters and digits that can't be mixed up. */
function shortId(prefix: string): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  return prefix + Array.from(randomBytes(12), (byte) => alphabet[byte % 32]).join('');
}

/** The slug that a name makes: its Latin letters and digits in lower case, hyphens between; '' where nothing is left. */
export function slugOf(name: string): string {
  const plain = name.replaceAll('ß', 'ss').normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.split(/[^a-z0-9]+/).filter((word) => word !== '');
  return words.join('-').slice(0, 63).replace(/-$/, '');
}

/** The kind of client that a connection's name hints at. */
export function guessKind(name: string): ConnectionKind {
  const text = foldText(name);
  if (text.includes('entra') || text.includes('azure')) return 'entra';
  const kinds: ConnectionKind[] = ['okta', 'csv', 'xml', 'crewplanner'];
  return kinds.find((kind) => text.includes(kind)) ?? 'other';
}

export type Accounts = ReturnType<typeof createAccounts>;

/** The accounts of a database. Every method throws StoreUnavailable where the database is away. */
export function createAccounts(db: Db, now: () => Date = () => new Date()) {
  const options = { writeConcern: { w: 'majority', journal: true } } as const;
  const accounts = db.collection<AccountDocument>('accounts', options);
  const connections = db.collection<ConnectionDocument>('connections', options);
  const credentials = db.collection<CredentialDocument>('credentials', options);

  return {
    ...accountMethods(accounts, db.collection('activeCounts', options), now),
    ...connectionMethods(connections, now),
    ...credentialMethods(credentials, now),

    /** Makes the token of BOOTSTRAP_TOKEN valid on this account, and an earlier one of that variable no longer. */
    async ensureBootstrapCredential(account: Account, token: string | undefined): Promise<void> {
      const hash = token === undefined ? undefined : hashToken(token);
      await guarded(() =>
        credentials.updateMany(
          { bootstrap: true, revoked: { $exists: false }, ...(hash === undefined ? {} : { hash: { $ne: hash } }) },
          { $set: { revoked: now() } },
        ),
      );
      if (token === undefined || hash === undefined) return;
      const connection = await this.ensureConnection(account, BOOTSTRAP_CONNECTION);
      await guarded(() =>
        credentials.updateOne(
          { hash },
          {
            $setOnInsert: { _id: shortId('tok_'), created: now() },
            $set: { account: account.id, connection: connection.id, hint: hintOf(token), bootstrap: true },
            $unset: { revoked: '', expires: '' },
          },
          { upsert: true },
        ),
      );
    },
  };
}

/** `activeCounts`: the directory's counts of active users, kept only where an account has a limit. */
function accountMethods(
  accounts: Collection<AccountDocument>,
  activeCounts: Collection<{ _id: string }>,
  now: () => Date,
) {
  return {
    /** Makes an account. Faults: required, tooLong, invalidValue, uniqueness (all of `name` or `slug`). */
    async createAccount(
      draft: { name: string; slug?: string } & Omit<AccountSettings, 'name'>,
    ): Promise<Outcome<Account>> {
      const name = draft.name.trim();
      const slug = draft.slug ?? slugOf(name);
      if (name === '') return refused(fault('required', 'name'));
      if (name.length > NAME_CHARS_MAX) return refused(fault('tooLong', 'name', { max: NAME_CHARS_MAX }));
      if (!SLUG.test(slug)) {
        return refused(
          fault('invalidValue', 'slug', { rule: 'lower-case letters, digits and hyphens, 63 characters at most' }),
        );
      }
      const document: AccountDocument = {
        _id: shortId('acc_'),
        slug,
        name,
        requiredData: draft.requiredData ?? 'enforce',
        ...(typeof draft.userLimit === 'number' ? { userLimit: draft.userLimit } : {}),
        derivedGroups: draft.derivedGroups ?? [],
        ...(draft.loginNamesEditable === undefined ? {} : { loginNamesEditable: draft.loginNamesEditable }),
        ...(draft.timeZone === undefined ? {} : { timeZone: draft.timeZone }),
        ...(draft.importTime === undefined ? {} : { importTime: draft.importTime }),
        ...(draft.endDatePolicy === undefined ? {} : { endDatePolicy: draft.endDatePolicy }),
        created: now(),
      };
      const inserted = await insertUnique(() => accounts.insertOne(document));
      return inserted
        ? { ok: true, value: toAccount(document), effect: 'created' }
        : refused(fault('uniqueness', 'slug'));
    },

    /** All accounts in the order of their slugs, 10,000 at most. */
    async listAccounts(): Promise<Account[]> {
      const documents = await guarded(() => accounts.find().sort({ slug: 1 }).limit(10_000).toArray());
      return documents.map(toAccount);
    },

    /** The account with this slug. */
    async findAccount(slug: string): Promise<Account | undefined> {
      const document = await guarded(() => accounts.findOne({ slug }));
      return document ? toAccount(document) : undefined;
    },

    /** The account of this id. */
    async accountById(id: string): Promise<Account | undefined> {
      const document = await guarded(() => accounts.findOne({ _id: id }));
      return document ? toAccount(document) : undefined;
    },

    /** Changes settings of an account; undefined where there is none with this slug. */
    async setAccount(slug: string, settings: AccountSettings): Promise<Account | undefined> {
      const { userLimit, ...rest } = settings;
      const set = { ...rest, ...(typeof userLimit === 'number' ? { userLimit } : {}) };
      const update = {
        ...(Object.keys(set).length > 0 ? { $set: set } : {}),
        ...(userLimit === null ? { $unset: { userLimit: '' as const } } : {}),
      };
      if (Object.keys(update).length === 0) return this.findAccount(slug);
      const document = await guarded(() => accounts.findOneAndUpdate({ slug }, update, { returnDocument: 'after' }));
      if (!document) return undefined;
      // A count is not kept while there is no limit; without one the directory counts afresh.
      if (userLimit !== undefined) await guarded(() => activeCounts.deleteOne({ _id: document._id }));
      return toAccount(document);
    },
  };
}

function connectionMethods(connections: Collection<ConnectionDocument>, now: () => Date) {
  return {
    /** The connections of an account, by name; 1,000 at most. */
    async listConnections(account: Account): Promise<ConnectionSummary[]> {
      const documents = await guarded(() =>
        connections.find({ account: account.id }).sort({ nameFold: 1 }).limit(1000).toArray(),
      );
      return documents.map((document) => ({
        ...toConnection(document),
        ...(document.lastCall ? { lastCall: document.lastCall } : {}),
      }));
    },

    /** The account's connection of this name, in any case. */
    async findConnection(account: Account, name: string): Promise<Connection | undefined> {
      const document = await guarded(() =>
        connections.findOne({ account: account.id, nameFold: foldText(name.trim()) }),
      );
      return document ? toConnection(document) : undefined;
    },

    /** The account's connection of this name, made where there is none; its kind is guessed from the name. */
    async ensureConnection(account: Account, name: string): Promise<Connection> {
      const shown = name.trim().slice(0, NAME_CHARS_MAX);
      const nameFold = foldText(shown);
      const upsert = () =>
        guarded(() =>
          connections.findOneAndUpdate(
            { account: account.id, nameFold },
            {
              $setOnInsert: { _id: shortId('con_'), name: shown, kind: guessKind(shown), settings: {}, created: now() },
            },
            { upsert: true, returnDocument: 'after' },
          ),
        );
      // Two that insert at once: the slower one meets the unique index, and finds the other's document next.
      const document = await upsert().catch((error: unknown) => {
        if (isDuplicate(error)) return upsert();
        throw error;
      });
      if (!document) throw new Error('an upsert returned no connection');
      return toConnection(document);
    },
  };
}

function credentialMethods(credentials: Collection<CredentialDocument>, now: () => Date) {
  return {
    /** Makes a credential of a connection; `expiresInDays` counts from now. */
    async createCredential(connection: Connection, expiresInDays?: number, name?: string): Promise<NewCredential> {
      const { token, hash, hint } = mintToken();
      const document: CredentialDocument = {
        _id: shortId('tok_'),
        account: connection.account,
        connection: connection.id,
        hash,
        hint,
        ...(name === undefined ? {} : { name }),
        created: now(),
        ...(expiresInDays === undefined ? {} : { expires: new Date(now().getTime() + expiresInDays * 86_400_000) }),
      };
      await guarded(() => credentials.insertOne(document));
      return { credential: toCredential(document), token };
    },

    /** The credentials of an account, oldest first; 10,000 at most. */
    async listCredentials(account: Account): Promise<Credential[]> {
      const documents = await guarded(() =>
        credentials.find({ account: account.id }).sort({ created: 1, _id: 1 }).limit(10_000).toArray(),
      );
      return documents.map(toCredential);
    },

    /** Revokes a credential for ever; undefined where there is none with this id. */
    async revokeCredential(id: string): Promise<Credential | undefined> {
      // An earlier revocation keeps its time.
      await guarded(() =>
        credentials.updateOne({ _id: id, revoked: { $exists: false } }, { $set: { revoked: now() } }),
      );
      const document = await guarded(() => credentials.findOne({ _id: id }));
      return document ? toCredential(document) : undefined;
    },
  };
}

/** The credentials of a database as authentication reads them. */
export function createCredentialStore(db: Db): CredentialStore {
  const credentials = db.collection<CredentialDocument>('credentials');
  const connections = db.collection<ConnectionDocument>('connections');
  const accounts = db.collection<AccountDocument>('accounts');
  return {
    async findByHash(hash): Promise<CredentialOwner | undefined> {
      const credential = await guarded(() => credentials.findOne({ hash }));
      if (!credential) return undefined;
      const [account, connection] = await guarded(() =>
        Promise.all([
          accounts.findOne({ _id: credential.account }),
          connections.findOne({ _id: credential.connection, account: credential.account }),
        ]),
      );
      if (!account || !connection) return undefined;
      return {
        credential: toCredential(credential),
        account: toAccount(account),
        connection: toConnection(connection),
      };
    },
    async touch(credential, at) {
      // Worth no journal wait: it is a mark for people, exact to the minute.
      const writeConcern = { w: 1 };
      await guarded(() =>
        Promise.all([
          credentials.updateOne({ _id: credential.id }, { $max: { lastUsed: at } }, { writeConcern }),
          connections.updateOne({ _id: credential.connection }, { $max: { lastCall: at } }, { writeConcern }),
        ]),
      );
    },
  };
}

/** Makes the indexes of this file's collections where they are missing. */
export async function ensureAccountIndexes(db: Db): Promise<void> {
  for (const { collection, indexes } of accountIndexes) {
    await guarded(() => db.collection(collection).createIndexes(indexes));
  }
}

async function insertUnique(insert: () => Promise<unknown>): Promise<boolean> {
  try {
    await guarded(insert);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

function toAccount({ _id, created: _created, ...rest }: AccountDocument): Account {
  return { id: _id, ...rest };
}

function toConnection({ _id, account, name, kind }: ConnectionDocument): Connection {
  return { id: _id, account, name, kind };
}

function toCredential({ _id, bootstrap: _bootstrap, ...rest }: CredentialDocument): Credential {
  return { id: _id, ...rest };
}
