// Connections of accounts in MongoDB, unique by account and folded name.

import type { Connection as Database } from 'mongoose';
import { type ConnectionChange, connectionName, guessKind } from '../../directory/accounts/accounts.ts';
import type { Account, Connection } from '../../directory/model.ts';
import { foldText } from '../../directory/schema/fold.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { modelsOf } from '../collections.ts';
import type { ConnectionDocument } from '../schemas/accounts/connections.ts';
import { shortId } from './short-id.ts';

const CONNECTIONS_MAX = 1000;

/** A connection with the time of its last call. */
export interface ConnectionSummary extends Connection {
  lastCall?: Date;
}

/** The connections of a database. */
export type Connections = ReturnType<typeof createConnections>;

/** Creates the connections of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createConnections(database: Database) {
  const { connections } = modelsOf(database);
  return {
    /** The connections of an account by name, at most 1,000. */
    listConnections: async (account: Account): Promise<ConnectionSummary[]> => {
      const all = connections.find({ account: account.id }).sort({ nameFold: 1 }).limit(CONNECTIONS_MAX);
      const documents = await guarded(() => all.lean<ConnectionDocument[]>().exec());
      return documents.map((document) => ({
        ...toConnection(document),
        ...(document.lastCall ? { lastCall: document.lastCall } : {}),
      }));
    },

    /** The account's connection with this name, ignoring case; undefined if there is none. */
    findConnection: async (account: Account, name: string): Promise<Connection | undefined> => {
      const named = connections.findOne({ account: account.id, nameFold: foldText(name.trim()) });
      const document = await guarded(() => named.lean<ConnectionDocument>().exec());
      return document ? toConnection(document) : undefined;
    },

    /** The account's connection with this name; created if there is none, with the kind that its name suggests, or for tests. */
    ensureConnection: async (account: Account, text: string, use?: 'sandbox'): Promise<Connection> => {
      const name = connectionName(text);
      const identity = { account: account.id, nameFold: foldText(name) };
      const sandbox = use === 'sandbox' ? { sandbox: true as const } : {};
      const creation = { $setOnInsert: { _id: shortId('con_'), name, kind: guessKind(name), ...sandbox } };
      const upsert = () =>
        guarded(() =>
          connections
            .findOneAndUpdate(identity, creation, { upsert: true, returnDocument: 'after', runValidators: true })
            .lean<ConnectionDocument>()
            .exec(),
        );
      // If two processes insert at once, the unique index rejects the second, which then finds the first one's document.
      const document = await upsert().catch((error: unknown) => {
        if (isDuplicate(error)) return upsert();
        throw error;
      });
      if (!document) throw new Error('an upsert returned no connection');
      return toConnection(document);
    },

    /** Changes the settings of a connection; null sets the default. undefined if the account has no connection with this id. */
    setConnection: async (
      account: Account,
      id: string,
      { unknownAttributes, kind, writesStoresAndUnits }: ConnectionChange,
    ): Promise<Connection | undefined> => {
      const set = {
        ...(unknownAttributes == null ? {} : { unknownAttributes }),
        ...(kind === undefined ? {} : { kind }),
        ...(writesStoresAndUnits === undefined ? {} : { writesStoresAndUnits }),
      };
      const change = {
        ...(Object.keys(set).length > 0 ? { $set: set } : {}),
        ...(unknownAttributes === null ? { $unset: { unknownAttributes: 1 as const } } : {}),
      };
      const options = { returnDocument: 'after', runValidators: true } as const;
      const changed = connections.findOneAndUpdate({ _id: id, account: account.id }, change, options);
      const document = await guarded(() => changed.lean<ConnectionDocument>().exec());
      return document ? toConnection(document) : undefined;
    },
  };
}

/** Converts a stored connection to the directory's model. */
export function toConnection({ _id, writesStoresAndUnits, sandbox, ...document }: ConnectionDocument): Connection {
  const { account, name, kind, unknownAttributes } = document;
  return {
    id: _id,
    account,
    name,
    kind,
    ...(unknownAttributes === undefined ? {} : { unknownAttributes }),
    ...(writesStoresAndUnits ? { writesStoresAndUnits } : {}),
    ...(sandbox ? { sandbox } : {}),
  };
}
