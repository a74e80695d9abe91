// Pages of org units by filters, for SCIM.

import { type Page, type Query, readWhole } from '../../directory/query/query.ts';
import type { ResourceSchema } from '../../directory/schema/schema.ts';
import type { Mongo } from '../client/connection.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import { createQueryCosts } from '../query/cost.ts';
import { fieldConditions, type StoredFields, sortedField } from '../query/fields.ts';
import {
  type AttributeOverrides,
  type Condition,
  comparison,
  EVERYTHING,
  NOTHING,
  translateFilter,
} from '../query/filter.ts';
import { type PageSource, readPage } from '../query/pages.ts';
import { createTotals } from '../query/totals.ts';
import type { ReferenceDocument } from '../schemas/directory/reference-data.ts';

/** An external ID of an org unit is its code. */
const UNIT_FIELDS: StoredFields = { code: 'codeFold', externalId: 'codeFold', displayName: 'name' };
const UNIT_SORTS: StoredFields = {
  ...UNIT_FIELDS,
  id: '_id',
  'meta.created': 'created',
  'meta.lastModified': 'modified',
};

/** Pages of org units. They are in the order of their codes, as the index has them: what is above comes before what is below. */
export function createOrgUnitPages(db: Mongo['db'], schema: ResourceSchema, now: () => Date) {
  const { referenceData } = collectionsOf(db);
  const code = schema.byKey.get('code');
  if (!code) throw new Error('scim-schemas: org units have no code');
  const byCode = { attribute: code, descending: false };
  const conditions = unitConditions(schema);
  const source: PageSource<ReferenceDocument> = {
    collection: referenceData,
    totals: createTotals(referenceData, now),
    costs: createQueryCosts(db.client.options.socketTimeoutMS),
    indexed: new Set(['_id', 'codeFold']),
    indexedSort: ({ attribute: { key } }) => (UNIT_FIELDS[key] === 'codeFold' ? 'codeFold' : undefined),
    uniqueSort: 'codeFold',
    sortPath: ({ attribute }) => ({ path: sortedField(attribute, UNIT_SORTS), multiValued: false }),
  };
  return (account: string, { filter, sort = byCode, page }: Query): Promise<Page<ReferenceDocument>> =>
    guarded(async () => {
      const found = filter ? await translateFilter(filter, conditions) : { codeFold: { $gte: '' } };
      const condition = { $and: [{ kind: 'orgUnit' }, found] };
      return readWhole(await readPage(source, account, condition, sort, page));
    });
}

/** The conditions for the attributes of org units. One that has never changed has no time of a change stored. */
function unitConditions(schema: ResourceSchema): AttributeOverrides {
  const stored = fieldConditions(schema, UNIT_FIELDS);
  return {
    ...stored,
    async compare(term) {
      const { attribute, operator, value } = term;
      if (attribute.key === 'meta.version') return versionCondition(await stored.compare(term));
      if (attribute.key !== 'meta.lastModified') return stored.compare(term);
      if (value === null) return operator === 'ne' ? EVERYTHING : NOTHING;
      const unchanged = { modified: null, ...comparison('created', operator, value) };
      return { $or: [comparison('modified', operator, value), unchanged] };
    },
  };
}

/** An entry without a stored version has the version 1. */
function versionCondition(condition: Condition | undefined): Condition | undefined {
  const { $eq, $ne } = (condition?.version ?? {}) as { $eq?: unknown; $ne?: unknown };
  if ($eq === 1) return { version: { $in: [1, null] } };
  return $ne === 1 ? { version: { $nin: [1, null] } } : condition;
}
