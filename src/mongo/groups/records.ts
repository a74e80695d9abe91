// Reads groups in MongoDB. Members are links on users; writes.ts changes them.

import type { StoredGroup } from '../../directory/model.ts';
import { QueryNotSupported } from '../../directory/ports.ts';
import { type Page, type Query, readWhole } from '../../directory/query/query.ts';
import type { ResourceSchema } from '../../directory/schema/schema.ts';
import { createLookupBatcher } from '../client/batcher.ts';
import type { Collections } from '../collections.ts';
import { translateFilter } from '../query/filter.ts';
import { type PageParts, type PageSource, readPage } from '../query/pages.ts';
import { serverField } from '../schemas/directory/users.ts';
import { groupAttributeOverrides, groupField, nameLookupCondition } from './filter.ts';

/** Creates the group reads of the directory's records port. They throw what the driver throws. */
export function createGroupRecords(collections: Collections, schema: ResourceSchema, pages: PageParts) {
  const { groups } = collections;
  const byId = createLookupBatcher<StoredGroup>(
    (account, ids) =>
      groups.find({ account, _id: { $in: ids } }, { projection: { changes: 0 }, hint: 'account_id' }).toArray(),
    (group) => group._id,
  );
  const source: PageSource<StoredGroup> = {
    collection: groups,
    ...pages,
    indexedSort(sort) {
      if (sort.attribute.key === 'displayName') return 'nameFold';
      const field = serverField(sort.attribute);
      return field === 'created' ? '_id' : field;
    },
    sortPath(sort) {
      const path = groupField(sort.attribute);
      if (path === undefined) throw new QueryNotSupported(sort.attribute.path, 'can not be sorted by');
      return { path, multiValued: false };
    },
  };

  return {
    group: byId,
    async groups(account: string, query: Query, connection: string): Promise<Page<StoredGroup>> {
      const condition =
        (await nameLookupCondition(groups, account, query.filter)) ??
        (query.filter &&
          (await translateFilter(query.filter, groupAttributeOverrides({ account, connection }, collections, schema))));
      return readWhole(await readPage(source, account, condition, query.sort, query.page));
    },
    async groupsById(account: string, ids: string[]): Promise<StoredGroup[]> {
      const found = await Promise.all(ids.map((id) => byId(account, id)));
      return found.filter((group) => group !== undefined);
    },
    groupsByExternalId: (account: string, externalIds: string[]): Promise<StoredGroup[]> =>
      groups.find({ account, 'identities.value': { $in: externalIds } }, { projection: { changes: 0 } }).toArray(),
    groupsByTypeAndName: (
      account: string,
      identities: { typeFold: string; nameFold: string }[],
    ): Promise<StoredGroup[]> =>
      groups
        .find(
          { $or: identities.map(({ typeFold, nameFold }) => ({ account, typeFold, nameFold, holdsName: true })) },
          { projection: { changes: 0 } },
        )
        .toArray(),
  };
}
