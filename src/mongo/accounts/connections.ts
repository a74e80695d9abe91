// Connections of accounts as MongoDB keeps them: unique by account and folded name.

import type { Connection as Database } from 'mongoose';
import { connectionName, guessKind } from '../../directory/accounts/accounts.ts';
import type { Account, Connection } from '../../directory/model.ts';
import { foldText } from '../../directory/schema/fold.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { modelsOf } from '../collections.ts';
import type { ConnectionDocument } from '../schemas/accounts/connections.ts';
import { shortId } from './short-id.ts';

const CONNECTIONS_MAX = 1000;

/** A connection, and when it was last used. */
export interface ConnectionSummary extends Connection {
  lastCall?: Date;
}

export type Connections = ReturnType<typeof createConnections>;

/** The connections of a database. Every method throws StoreUnavailable if the database is away. */
export function createConnections(database: Database) {
  const { connections } = modelsOf(database);
  return {
    /** The connections of an account, by name; 1,000 at most. */
    listConnections: async (account: Account): Promise<ConnectionSummary[]> => {
      const all = connections.find({ account: account.id }).sort({ nameFold: 1 }).limit(CONNECTIONS_MAX);
      const documents = await guarded(() => all.lean<ConnectionDocument[]>().exec());
      return documents.map((document) => ({
        ...toConnection(document),
        ...(document.lastCall ? { lastCall: document.lastCall } : {}),
      }));
    },

    /** The account's connection of this name, in any case. */
    findConnection: async (account: Account, name: string): Promise<Connection | undefined> => {
      const named = connections.findOne({ account: account.id, nameFold: foldText(name.trim()) });
      const document = await guarded(() => named.lean<ConnectionDocument>().exec());
      return document ? toConnection(document) : undefined;
    },

    /** The account's connection of this name, made if there is none; its kind is guessed from the name. */
    ensureConnection: async (account: Account, text: string): Promise<Connection> => {
      const name = connectionName(text);
      const identity = { account: account.id, nameFold: foldText(name) };
      const made = { $setOnInsert: { _id: shortId('con_'), name, kind: guessKind(name) } };
      const upsert = () =>
        guarded(() =>
          connections
            .findOneAndUpdate(identity, made, { upsert: true, returnDocument: 'after', runValidators: true })
            .lean<ConnectionDocument>()
            .exec(),
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

/** A connection as the directory knows it. */
export function toConnection({ _id, account, name, kind }: ConnectionDocument): Connection {
  return { id: _id, account, name, kind };
}
