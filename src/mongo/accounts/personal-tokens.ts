// Personal tokens of administrators in MongoDB.

import type { AdministratorStore, PersonalToken } from '../../auth/administrator-store.ts';
import type { Mongo } from '../client/connection.ts';
import { guarded } from '../client/mongo-errors.ts';
import { modelsOf } from '../collections.ts';
import type { TokenDocument } from '../schemas/accounts/personal-tokens.ts';

const TOKENS_MAX = 1000;

/** The part of an administrator store for personal tokens. Every method throws StoreUnavailable if the database is unavailable. */
export function createPersonalTokens(
  connection: Mongo['connection'],
): Pick<AdministratorStore, 'insertToken' | 'token' | 'tokensOf' | 'removeToken' | 'touchToken'> {
  const { personalTokens: tokens } = modelsOf(connection);
  return {
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
  };
}

function toToken({ _id, ...token }: TokenDocument): PersonalToken {
  return { id: _id, ...token };
}
