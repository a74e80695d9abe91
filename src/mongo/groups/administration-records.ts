// Finds groups and stores by a prefix of their name, for administrators.

import type { Collection, Db } from 'mongodb';
import type { AdministrationRecords, NameQuery } from '../../directory/administration/administration.ts';
import { type Page, readWhole } from '../../directory/query/query.ts';
import { foldText } from '../../directory/schema/fold.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import { createQueryCosts, type QueryCosts } from '../query/cost.ts';
import type { Condition } from '../query/filter.ts';
import { beginsWith, type PageSource, readPage } from '../query/pages.ts';
import { createTotals } from '../query/totals.ts';

const INDEXED: ReadonlySet<string> = new Set(['_id', 'nameFold', 'adminNameFold', 'refId', 'typeFold']);

/** Creates the reads of groups and stores for administrators. Every method throws StoreUnavailable if the database is unavailable. */
export function createAdministrationRecords(db: Db, now: () => Date): AdministrationRecords {
  const collections = collectionsOf(db);
  const costs = createQueryCosts(db.client.options.socketTimeoutMS);
  const groups = sourceOf(collections.groups, costs, now);
  const stores = sourceOf(collections.stores, costs, now);
  return {
    groupsNamed: (account, query) => page(groups, account, query, ['nameFold', 'adminNameFold']),
    storesNamed: (account, query) => page(stores, account, query, ['nameFold', 'adminNameFold', 'refId']),
  };
}

function sourceOf<T extends { _id: string; account: string }>(
  collection: Collection<T>,
  costs: QueryCosts,
  now: () => Date,
): PageSource<T> {
  return {
    collection,
    totals: createTotals(collection, now),
    costs,
    indexed: INDEXED,
    indexedSort: () => '_id',
    sortPath: () => ({ path: '_id', multiValued: false }),
  };
}

function page<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  account: string,
  { search, type, after, count }: NameQuery,
  fields: string[],
): Promise<Page<T>> {
  const ofType: Condition = type === undefined ? {} : { typeFold: foldText(type) };
  const text = search?.trim() ?? '';
  // Ref ids compare exactly, names ignoring case.
  const prefixOf = (field: string) => beginsWith(field === 'refId' ? text : foldText(text));
  const named = text === '' ? undefined : { $or: fields.map((field) => ({ [field]: prefixOf(field), ...ofType })) };
  const condition = named ?? (type === undefined ? undefined : ofType);
  const wanted = { kind: 'cursor' as const, count, ...(after ? { after } : {}) };
  return guarded(async () => readWhole(await readPage(source, account, condition, undefined, wanted)));
}
