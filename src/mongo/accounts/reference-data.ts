// Reference data of accounts in MongoDB: one collection, unique by account, kind and folded code.

import type { ClientSession, MongoClient } from 'mongodb';
import type { Model } from 'mongoose';
import {
  type DescribeReference,
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
import { type Collections, collectionsOf, modelsOf } from '../collections.ts';
import { beginsWith } from '../query/pages.ts';
import type { ReferenceDocument } from '../schemas/directory/reference-data.ts';
import { createOrgUnitPages } from './org-units.ts';

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
    async orgUnitsFound(account, query) {
      const page = await pageOf(account, query);
      return { ...page, resources: page.resources.map(toItem) };
    },
    ...createReferenceWrites(items, client, collectionsOf(db)),
  };
}

/** The writes, each in a transaction with its change record: they are rare, so records need no relay. */
function createReferenceWrites(
  items: Model<ReferenceDocument>,
  client: MongoClient,
  { audit }: Pick<Collections, 'audit'>,
): Pick<ReferenceRecords, 'insert' | 'rename' | 'remove'> {
  async function describe(
    { record, resource }: ReturnType<DescribeReference>,
    subject: string,
    session: ClientSession,
  ) {
    const { id, ...rest } = record;
    await audit.insertOne({ _id: `${id}:${subject}`, resource, subject, ...rest }, { session });
  }

  async function hasParent({ account, kind }: ReferenceDocument, parentFold: string, session: ClientSession) {
    // Writes to the parent, so that its removal and this addition conflict and never both commit.
    const parent = { account, kind, codeFold: parentFold };
    const { matchedCount } = await items.updateOne(parent, { $inc: { childrenAdded: 1 } }, { session }).exec();
    return matchedCount > 0;
  }

  return {
    async insert({ id, ...item }, describes, parent) {
      const document = { _id: id, ...item, codeFold: foldText(item.code) };
      const work = async (session: ClientSession) => {
        const isBelow = parent === undefined || (await hasParent(document, foldText(parent), session));
        if (!isBelow) return 'noParent' as const;
        await items.insertOne(document, { session });
        await describe(describes(undefined, { id, ...item }), id, session);
        return 'inserted' as const;
      };
      try {
        return await guarded(() => inTransaction(client, createRetryBudget(), work));
      } catch (error) {
        if (isDuplicate(error)) return 'taken';
        throw error;
      }
    },
    async rename(item, name, at, describes) {
      const renamed = await guarded(() =>
        inTransaction<ReferenceItem | undefined>(client, createRetryBudget(), async (session) => {
          const after = await renameItem(items, item, { name, at }, session);
          if (after) await describe(describes(item, after), item.id, session);
          return after;
        }),
      );
      return renamed === 'busy' ? undefined : renamed;
    },
    async remove(account, kind, id, { below, ifVersion }, describes) {
      const item = { _id: id, account, kind, ...(ifVersion === undefined ? {} : atVersion(ifVersion)) };
      return guarded(() =>
        inTransaction<'removed' | 'notFound' | 'hasBelow'>(client, createRetryBudget(), async (session) => {
          const removed = await items.findOneAndDelete(item, { session }).lean<ReferenceDocument>().exec();
          if (!removed) return 'notFound';
          if (below !== undefined) await mustBeChildless(items, removed, below, session);
          await describe(describes(toItem(removed), undefined), id, session);
          return 'removed';
        }),
      );
    },
  };
}

/** Aborts the transaction if an entry of its kind begins with its code and `separator`. */
async function mustBeChildless(
  items: Model<ReferenceDocument>,
  { account, kind, codeFold }: ReferenceDocument,
  separator: string,
  session: ClientSession,
): Promise<void> {
  const below = { account, kind, codeFold: beginsWith(codeFold + separator) };
  if (await items.exists(below).session(session).exec()) throw new Abort('hasBelow' as const);
}

async function renameItem(
  items: Model<ReferenceDocument>,
  { id, account, kind, ...item }: ReferenceItem,
  { name, at }: { name: string | null; at: Date },
  session: ClientSession,
): Promise<ReferenceItem | undefined> {
  const version = versionOf(item);
  const set = { modified: at, version: version + 1, ...(name === null ? {} : { name }) };
  const change = { $set: set, ...(name === null ? { $unset: { name: 1 as const } } : {}) };
  const options = { returnDocument: 'after', runValidators: true, session } as const;
  const renamed = items.findOneAndUpdate({ _id: id, account, kind, ...atVersion(version) }, change, options);
  const document = await renamed.lean<ReferenceDocument>().exec();
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
