// The collections of the directory and every index they have. Each begins with the account, except where a job looks
// over all accounts.

import type { Collection, Db, IndexDescription } from 'mongodb';
import type { StoredGroup, StoredStore, StoredUser } from '../directory/model.ts';
import type { Tombstone } from '../directory/records.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { comparedAt } from '../directory/schema/fold.ts';
import type { Attribute } from '../directory/schema/schema.ts';
import { accountIndexes } from './accounts/accounts.ts';
import { administratorIndexes } from './accounts/administrators.ts';
import { referenceIndexes } from './accounts/reference-data.ts';
import { UNIQUE } from './client/unique-indexes.ts';
import { simulationIndexes } from './runs/simulations.ts';

/** Active users of an account, counted only where its contract has a limit. */
export interface ActiveCount {
  _id: string;
  active: number;
}

export interface Collections {
  users: Collection<StoredUser>;
  groups: Collection<StoredGroup>;
  stores: Collection<StoredStore>;
  tombstones: Collection<Tombstone>;
  activeCounts: Collection<ActiveCount>;
}

export function collectionsOf(db: Db): Collections {
  return {
    users: db.collection<StoredUser>('users'),
    groups: db.collection<StoredGroup>('groups'),
    stores: db.collection<StoredStore>('stores'),
    tombstones: db.collection<Tombstone>('tombstones'),
    activeCounts: db.collection<ActiveCount>('activeCounts'),
  };
}

/** Where an attribute that the server keeps itself is stored; undefined for one that stands in `data`. */
export function ownField(attribute: Attribute): string | undefined {
  switch (attribute.key) {
    case 'id':
      return '_id';
    case 'meta.created':
      return 'created';
    case 'meta.lastModified':
      return 'modified';
    default:
      return undefined;
  }
}

function userIndexes(catalogue: SchemaCatalogue): IndexDescription[] {
  const present = (path: string) => ({ partialFilterExpression: { [path]: { $exists: true } } });
  const isFound = ({ key }: Attribute) =>
    ['userName', 'externalId'].includes(key) || catalogue.user.marked.some((attribute) => attribute.key === key);
  const matching = catalogue.matching.User.filter((attribute) => !isFound(attribute));
  return [
    { key: { account: 1, _id: 1 }, name: 'account_id' },
    { key: { account: 1, 'fold.userName': 1 }, name: UNIQUE.userName, unique: true },
    {
      key: { account: 1, 'data.externalId': 1 },
      name: UNIQUE.userExternalId,
      unique: true,
      ...present('data.externalId'),
    },
    ...matching.map((attribute): IndexDescription => {
      const path = ownField(attribute) ?? comparedAt(attribute);
      return { key: { account: 1, [path]: 1, _id: 1 }, name: `account_${attribute.key}` };
    }),
    { key: { account: 1, 'groups.to': 1, _id: 1 }, name: 'account_groups', ...present('groups.to') },
    { key: { account: 1, terms: 1, _id: 1 }, name: 'account_terms' },
    { key: { 'changes.at': 1 }, name: 'changes', ...present('changes.at') },
  ];
}

/** An index over the documents that have a value there. */
function named(path: string): Pick<IndexDescription, 'partialFilterExpression'> {
  return { partialFilterExpression: { [path]: { $exists: true } } };
}

const GROUP_INDEXES: IndexDescription[] = [
  { key: { account: 1, _id: 1 }, name: 'account_id' },
  { key: { account: 1, nameFold: 1, _id: 1 }, name: 'account_name' },
  {
    key: { account: 1, typeFold: 1, nameFold: 1 },
    name: UNIQUE.groupTypeName,
    unique: true,
    partialFilterExpression: { holdsName: true },
  },
  {
    key: { account: 1, nameFold: 1 },
    name: UNIQUE.groupName,
    unique: true,
    partialFilterExpression: { claimed: true },
  },
  {
    key: { account: 1, 'identities.value': 1 },
    name: UNIQUE.groupExternalId,
    unique: true,
    partialFilterExpression: { 'identities.value': { $exists: true } },
  },
  { key: { account: 1, externalId: 1, _id: 1 }, name: 'account_shownId', ...named('externalId') },
  { key: { account: 1, adminNameFold: 1, _id: 1 }, name: 'account_adminName', ...named('adminNameFold') },
  { key: { account: 1, modified: 1, _id: 1 }, name: 'account_modified' },
  { key: { 'changes.at': 1 }, name: 'changes', partialFilterExpression: { 'changes.at': { $exists: true } } },
];

const STORE_INDEXES: IndexDescription[] = [
  { key: { account: 1, _id: 1 }, name: 'account_id' },
  { key: { account: 1, refId: 1 }, name: UNIQUE.storeRefId, unique: true },
  { key: { account: 1, nameFold: 1, _id: 1 }, name: 'account_name' },
  { key: { account: 1, adminNameFold: 1, _id: 1 }, name: 'account_adminName', ...named('adminNameFold') },
  { key: { 'changes.at': 1 }, name: 'changes', partialFilterExpression: { 'changes.at': { $exists: true } } },
];

const TOMBSTONE_INDEXES: IndexDescription[] = [
  { key: { account: 1, deleted: 1 }, name: 'account_deleted' },
  { key: { pending: 1 }, name: 'pending', partialFilterExpression: { pending: true } },
  { key: { 'changes.at': 1 }, name: 'changes', partialFilterExpression: { 'changes.at': { $exists: true } } },
];

const AUDIT_INDEXES: IndexDescription[] = [
  { key: { account: 1, at: 1 }, name: 'account_at' },
  { key: { account: 1, subject: 1, at: 1 }, name: 'account_subject' },
];

/**
 * Makes every index that is not there yet; one that is there costs nothing.
 * @param db of a client without a socket timeout: building an index over many users takes its time
 */
export async function ensureIndexes(db: Db, catalogue: SchemaCatalogue): Promise<void> {
  const wanted: { collection: string; indexes: IndexDescription[] }[] = [
    { collection: 'users', indexes: userIndexes(catalogue) },
    { collection: 'groups', indexes: GROUP_INDEXES },
    { collection: 'stores', indexes: STORE_INDEXES },
    { collection: 'tombstones', indexes: TOMBSTONE_INDEXES },
    { collection: 'audit', indexes: AUDIT_INDEXES },
    ...accountIndexes,
    ...administratorIndexes,
    ...referenceIndexes,
    ...simulationIndexes,
  ];
  for (const { collection, indexes } of wanted) {
    await db.collection(collection).createIndexes(indexes);
  }
  await makeIdentitiesMultikey(db);
}

/**
 * An index becomes multikey with the first list that is stored. If the transactions of many users at once store the first IDs of
 * groups, mongod 6.0 stalls for seconds while it changes its catalogue; a document that comes and goes here is the first instead.
 */
async function makeIdentitiesMultikey(db: Db): Promise<void> {
  const groups = db.collection<{ _id: string }>('groups');
  const identities = [{ value: 'first' }, { value: 'second' }];
  await groups.updateOne({ _id: 'multikey' }, { $set: { account: '', identities } }, { upsert: true });
  await groups.deleteOne({ _id: 'multikey' });
}
