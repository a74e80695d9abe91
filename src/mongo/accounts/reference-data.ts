// Reference data of accounts in MongoDB: one collection, unique by account, kind and folded code.

import type { ClientSession } from 'mongodb';
import type { Model } from 'mongoose';
import {
  ORG_UNIT_SEPARATOR,
  type ReferenceItem,
  type ReferenceRecords,
  versionOf,
} from '../../directory/reference-data/reference-data.ts';
import { createRetryBudget } from '../../directory/retry-budget.ts';
import { foldText } from '../../directory/schema/fold.ts';
import type { ResourceSchema } from '../../directory/schema/schema.ts';
import type { Mongo } from '../client/connection.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { Abort, inTransaction } from '../client/transaction.ts';
import { modelsOf } from '../collections.ts';
import { beginsWith } from '../query/pages.ts';
import type { ReferenceDocument } from '../schemas/directory/reference-data.ts';
import { createOrgUnitPages } from './org-units.ts';

type Identity = Pick<ReferenceDocument, '_id' | 'account' | 'kind'>;
type Versioned = Partial<ReturnType<typeof atVersion>>;

/** The condition of a version: an entry that has never changed has none stored. */
function atVersion(version: number) {
  return { version: version === 1 ? { $in: [1, null] } : version };
}

/**
 * Creates the reference data records of a database. Every method throws StoreUnavailable if the database is unavailable.
 * @param unitSchema the schema of org units
 */
export function createReferenceRecords(
  { connection, client, db }: Pick<Mongo, 'connection' | 'client' | 'db'>,
  unitSchema: ResourceSchema,
  now: () => Date,
): ReferenceRecords {
  const { referenceData: items } = modelsOf(connection);
  const pageOf = createOrgUnitPages(db, unitSchema, now);

  async function insertBelow(document: ReferenceDocument, parentFold: string, session: ClientSession) {
    const { account, kind } = document;
    // Writes to the parent, so that its removal and this addition conflict and never both commit.
    const parent = { account, kind, codeFold: parentFold };
    const { matchedCount } = await items.updateOne(parent, { $inc: { childrenAdded: 1 } }, { session }).exec();
    if (matchedCount === 0) return 'noParent' as const;
    await items.insertOne(document, { session });
    return 'inserted' as const;
  }

  return {
    async list(account, kind, { limit, ...range }) {
      const page = items
        .find(listed(account, kind, range))
        .sort({ codeFold: 1 })
        .limit(limit);
      return (await guarded(() => page.lean<ReferenceDocument[]>().exec())).map(toItem);
    },
    find: (account, kind, text) => findItem(items, account, kind, text),
    async known(account, kind, codes) {
      const codeFold = { $in: [...new Set(codes.map(foldText))] };
      const found = await guarded(() => items.find({ account, kind, codeFold }).lean<ReferenceDocument[]>().exec());
      return new Map(found.map((item) => [item.codeFold, item.code]));
    },
    async insert({ id, ...item }, parent) {
      const document = { _id: id, ...item, codeFold: foldText(item.code) };
      try {
        if (parent !== undefined) {
          const work = (session: ClientSession) => insertBelow(document, foldText(parent), session);
          return await guarded(() => inTransaction(client, createRetryBudget(), work));
        }
        await guarded(() => items.insertOne(document));
        return 'inserted';
      } catch (error) {
        if (isDuplicate(error)) return 'taken';
        throw error;
      }
    },
    async orgUnitsFound(account, query) {
      const page = await pageOf(account, query);
      return { ...page, resources: page.resources.map(toItem) };
    },
    rename: (item, name, at) => renameItem(items, item, name, at),
    async remove(account, kind, id, { below, ifVersion }) {
      const item = { _id: id, account, kind, ...(ifVersion === undefined ? {} : atVersion(ifVersion)) };
      if (below !== undefined) {
        return guarded(() =>
          inTransaction<'removed' | 'notFound' | 'hasBelow'>(client, createRetryBudget(), (session) =>
            removeChildless(items, item, below, session),
          ),
        );
      }
      const { deletedCount } = await guarded(() => items.deleteOne(item).exec());
      return deletedCount > 0 ? 'removed' : 'notFound';
    },
  };
}

/** Removes an entry if none of its kind begins with its code and `separator`. */
async function removeChildless(
  items: Model<ReferenceDocument>,
  item: Identity & Versioned,
  separator: string,
  session: ClientSession,
) {
  const { account, kind } = item;
  const removed = await items.findOneAndDelete(item, { session }).lean<ReferenceDocument>().exec();
  if (!removed) return 'notFound' as const;
  const below = { account, kind, codeFold: beginsWith(removed.codeFold + separator) };
  if (await items.exists(below).session(session).exec()) throw new Abort('hasBelow' as const);
  return 'removed' as const;
}

async function renameItem(
  items: Model<ReferenceDocument>,
  { id, account, kind, ...item }: ReferenceItem,
  name: string | null,
  at: Date,
): Promise<ReferenceItem | undefined> {
  const version = versionOf(item);
  const set = { modified: at, version: version + 1, ...(name === null ? {} : { name }) };
  const change = { $set: set, ...(name === null ? { $unset: { name: 1 as const } } : {}) };
  const options = { returnDocument: 'after', runValidators: true } as const;
  const renamed = items.findOneAndUpdate({ _id: id, account, kind, ...atVersion(version) }, change, options);
  const document = await guarded(() => renamed.lean<ReferenceDocument>().exec());
  return document ? toItem(document) : undefined;
}

async function findItem(
  items: Model<ReferenceDocument>,
  account: string,
  kind: ReferenceItem['kind'],
  text: string,
): Promise<ReferenceItem | undefined> {
  const ofKind = { account, kind };
  const query = {
    $or: [
      { _id: text, ...ofKind },
      { ...ofKind, codeFold: foldText(text) },
    ],
  };
  const found = await guarded(() => items.find(query).limit(2).lean<ReferenceDocument[]>().exec());
  const meant = found.find(({ _id }) => _id === text) ?? found[0];
  return meant && toItem(meant);
}

/** The condition of a list. An org unit and those below it are two ranges of the index. */
function listed(
  account: string,
  kind: ReferenceItem['kind'],
  { prefix, after, within }: Omit<Parameters<ReferenceRecords['list']>[2], 'limit'>,
) {
  const begins = prefix === undefined ? {} : beginsWith(foldText(prefix));
  const beyond = after === undefined ? {} : { $gt: foldText(after) };
  const range = [{ codeFold: { $gte: '', ...begins } }, { codeFold: { $gte: '', ...beyond } }];
  if (within === undefined) return { account, kind, $and: range };
  return { $or: unitAndBelow(foldText(within)).map((codeFold) => ({ account, kind, $and: [...range, { codeFold }] })) };
}

/** The conditions on the folded code of an org unit and of those below it; no code is ''. */
function unitAndBelow(fold: string) {
  return fold === '' ? [{ $lt: '' }] : [{ $eq: fold }, beginsWith(fold + ORG_UNIT_SEPARATOR)];
}

function toItem({
  _id,
  codeFold: _codeFold,
  childrenAdded: _childrenAdded,
  ...item
}: ReferenceDocument): ReferenceItem {
  return { id: _id, ...item };
}
