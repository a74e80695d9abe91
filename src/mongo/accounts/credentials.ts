// Credentials of connections in MongoDB: hashes of bearer tokens, never the tokens.

import type { Connection as Database } from 'mongoose';
import type { Credential, CredentialOwner, CredentialStore } from '../../auth/credential-store.ts';
import { hashToken, hintOf, mintToken } from '../../auth/tokens.ts';
import type { Account, Connection } from '../../directory/model.ts';
import { guarded } from '../client/mongo-errors.ts';
import { modelsOf } from '../collections.ts';
import { type AccountDocument, SERVED, toAccount } from '../schemas/accounts/accounts.ts';
import type { ConnectionDocument } from '../schemas/accounts/connections.ts';
import type { CredentialDocument } from '../schemas/accounts/credentials.ts';
import { type Connections, toConnection } from './connections.ts';
import { shortId } from './short-id.ts';

const CREDENTIALS_MAX = 10_000;
const DAY_MS = 86_400_000;
const WORKBENCH_NAME = 'workbench';
const BOOTSTRAP_CONNECTION = 'bootstrap';

/** A credential that was just created, with its token. */
export interface NewCredential {
  credential: Credential;
  /** Shown once; only its hash is stored. */
  token: string;
}

/** Creates the credentials of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createCredentials(database: Database, connections: Pick<Connections, 'ensureConnection'>) {
  const { credentials } = modelsOf(database);
  return {
    /** Creates a credential for a connection. It expires after `expiresInDays`; never if undefined. */
    createCredential: async (connection: Connection, expiresInDays?: number, name?: string): Promise<NewCredential> => {
      const { token, hash, hint } = mintToken();
      const created = new Date();
      const credential = {
        account: connection.account,
        connection: connection.id,
        hash,
        hint,
        ...(name === undefined ? {} : { name }),
        created,
        ...(expiresInDays === undefined ? {} : { expires: new Date(created.getTime() + expiresInDays * DAY_MS) }),
      };
      const id = shortId('tok_');
      await guarded(() => credentials.insertOne({ _id: id, ...credential }));
      return { credential: { id, ...credential }, token };
    },

    /**
     * Creates a credential of the workbench, which expires after `minutes`; undefined if the account has `max` of them. Removes those
     * that have expired.
     */
    createWorkbenchCredential: async (
      connection: Connection,
      { minutes, max }: { minutes: number; max: number },
    ): Promise<NewCredential | undefined> => {
      const { token, hash, hint } = mintToken();
      const created = new Date();
      const own = { account: connection.account, workbench: true as const };
      await guarded(() => credentials.deleteMany({ ...own, expires: { $lte: created } }).exec());
      if ((await guarded(() => credentials.countDocuments(own).exec())) >= max) return undefined;
      const expires = new Date(created.getTime() + minutes * 60_000);
      const credential = { account: connection.account, connection: connection.id, hash, hint, created, expires };
      const [id, name] = [shortId('tok_'), WORKBENCH_NAME];
      await guarded(() => credentials.insertOne({ _id: id, ...credential, name, workbench: true }));
      return { credential: { id, ...credential, name }, token };
    },

    /** The credentials of an account, or of one of its connections, oldest first, at most 10,000; without those of the workbench. */
    listCredentials: async (account: Account, connection?: string): Promise<Credential[]> => {
      const listed = {
        account: account.id,
        workbench: { $exists: false },
        ...(connection === undefined ? {} : { connection }),
      };
      const all = credentials.find(listed).sort({ created: 1, _id: 1 }).limit(CREDENTIALS_MAX);
      return (await guarded(() => all.lean<CredentialDocument[]>().exec())).map(toCredential);
    },

    /** Revokes a credential permanently; undefined if none has this id. The time of an earlier revocation does not change. */
    revokeCredential: async (id: string): Promise<Credential | undefined> => {
      const valid = { _id: id, revoked: { $exists: false } };
      await guarded(() => credentials.updateOne(valid, { $set: { revoked: new Date() } }).exec());
      const document = await guarded(() => credentials.findById(id).lean<CredentialDocument>().exec());
      return document ? toCredential(document) : undefined;
    },

    ...createFirstCredentials(database, connections),
  };
}

/** The credentials of a start: of the token that is shown until it is used, and of BOOTSTRAP_TOKEN. */
function createFirstCredentials(database: Database, { ensureConnection }: Pick<Connections, 'ensureConnection'>) {
  const { credentials } = modelsOf(database);
  return {
    /** The credential of this token, created if it does not exist. As long as it was not used, it expires `expiresInDays` from now. */
    ensureUnusedCredential: async (
      connection: Connection,
      token: string,
      expiresInDays: number,
      name: string,
    ): Promise<Credential> => {
      const hash = hashToken(token);
      const created = new Date();
      const expires = new Date(created.getTime() + expiresInDays * DAY_MS);
      const insertion = {
        _id: shortId('tok_'),
        account: connection.account,
        connection: connection.id,
        hint: hintOf(token),
        name,
        created,
      };
      await guarded(() => credentials.updateOne({ hash }, { $setOnInsert: insertion }, { upsert: true }).exec());
      const unused = { hash, lastUsed: { $exists: false }, revoked: { $exists: false } };
      await guarded(() => credentials.updateOne(unused, { $set: { expires } }).exec());
      const document = await guarded(() => credentials.findOne({ hash }).lean<CredentialDocument>().exec());
      if (!document) throw new Error('an upsert returned no credential');
      return toCredential(document);
    },

    /** Makes the token of BOOTSTRAP_TOKEN valid for its account, and revokes an earlier value of that variable. */
    ensureBootstrapCredential: async (bootstrap?: { account: Account; token: string }): Promise<void> => {
      const hash = bootstrap && hashToken(bootstrap.token);
      const former = {
        bootstrap: true as const,
        revoked: { $exists: false },
        ...(hash === undefined ? {} : { hash: { $ne: hash } }),
      };
      await guarded(() => credentials.updateMany(former, { $set: { revoked: new Date() } }).exec());
      if (!bootstrap) return;
      const { account, token } = bootstrap;
      const connection = await ensureConnection(account, BOOTSTRAP_CONNECTION);
      const update = {
        $setOnInsert: { _id: shortId('tok_') },
        $set: { account: account.id, connection: connection.id, hint: hintOf(token), bootstrap: true as const },
        $unset: { revoked: 1 as const, expires: 1 as const },
      };
      await guarded(() => credentials.updateOne({ hash: hashToken(token) }, update, { upsert: true }).exec());
    },
  };
}

/** Creates the store from which authentication reads credentials. Every method throws StoreUnavailable if the database is unavailable. */
export function createCredentialStore(database: Database): CredentialStore {
  const { credentials, connections, accounts } = modelsOf(database);
  return {
    async findByHash(hash): Promise<CredentialOwner | undefined> {
      const credential = await guarded(() => credentials.findOne({ hash }).lean<CredentialDocument>().exec());
      if (!credential) return undefined;
      const named = { _id: credential.connection, account: credential.account };
      const [account, connection] = await guarded(() =>
        Promise.all([
          accounts
            .findOne({ _id: credential.account, ...SERVED })
            .lean<AccountDocument>()
            .exec(),
          connections.findOne(named).lean<ConnectionDocument>().exec(),
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
      // Does not wait for the journal: losing this time in a crash does no harm.
      const options = { writeConcern: { w: 1 } } as const;
      await guarded(() =>
        Promise.all([
          credentials.updateOne({ _id: credential.id }, { $max: { lastUsed: at } }, options).exec(),
          connections.updateOne({ _id: credential.connection }, { $max: { lastCall: at } }, options).exec(),
        ]),
      );
    },
  };
}

function toCredential({ _id, bootstrap: _bootstrap, workbench: _workbench, ...rest }: CredentialDocument): Credential {
  return { id: _id, ...rest };
}
