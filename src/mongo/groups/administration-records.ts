// Finds groups and stores by a prefix of their name, for administrators, and stores by filters, for SCIM.

import type { Collection, Db } from 'mongodb';
import type { AdministrationRecords, NameQuery } from '../../directory/administration/administration.ts';
import type { StoredStore } from '../../directory/model.ts';
import { type Page, type Query, readWhole } from '../../directory/query/query.ts';
import { foldText } from '../../directory/schema/fold.ts';
import type { ResourceSchema } from '../../directory/schema/schema.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import { createQueryCosts, type QueryCosts } from '../query/cost.ts';
import { fieldConditions, type StoredFields, sortedField } from '../query/fields.ts';
import { type AttributeOverrides, type Condition, translateFilter } from '../query/filter.ts';
import { beginsWith, type PageSource, readPage } from '../query/pages.ts';
import { createTotals } from '../query/totals.ts';

const INDEXED: ReadonlySet<string> = new Set(['_id', 'nameFold', 'adminNameFold', 'refId', 'typeFold']);

/** An external ID of a store is its ref id. */
const STORE_FIELDS: StoredFields = {
  refId: 'refId',
  externalId: 'refId',
  displayName: 'nameFold',
  adminName: 'adminNameFold',
  country: 'country',
};
const STORE_SORTS: StoredFields = { ...STORE_FIELDS, 'meta.lastModified': 'modified' };

/**
 * Creates the reads of groups and stores for administrators, and of stores for SCIM. Every method throws StoreUnavailable if the database
 * is unavailable. @param storeSchema the schema of stores
 */
export function createAdministrationRecords(
  db: Db,
  storeSchema: ResourceSchema,
  now: () => Date,
): AdministrationRecords {
  const collections = collectionsOf(db);
  const costs = createQueryCosts(db.client.options.socketTimeoutMS);
  const groups = sourceOf(collections.groups, costs, now);
  const stores = sourceOf(collections.stores, costs, now);
  const byFilter: PageSource<StoredStore> = {
    ...stores,
    uniqueSort: 'refId',
    indexedSort({ attribute: { key } }) {
      // Ids are in the order of creation.
      if (key === 'id' || key === 'meta.created') return '_id';
      return STORE_FIELDS[key] === 'refId' ? 'refId' : undefined;
    },
    sortPath: ({ attribute }) => ({ path: sortedField(attribute, STORE_SORTS), multiValued: false }),
  };
  return {
    groupsNamed: (account, query) => page(groups, account, query, ['nameFold', 'adminNameFold']),
    storesNamed: (account, query) => page(stores, account, query, ['nameFold', 'adminNameFold', 'refId']),
    storesFound: (account, query) => found(byFilter, account, query, fieldConditions(storeSchema, STORE_FIELDS)),
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

function found<T extends { _id: string; account: string }>(
  source: PageSource<T>,
  account: string,
  { filter, sort, page: wanted }: Query,
  conditions: AttributeOverrides,
): Promise<Page<T>> {
  return guarded(async () => {
    const condition = filter && (await translateFilter(filter, conditions));
    return readWhole(await readPage(source, account, condition, sort, wanted));
  });
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
