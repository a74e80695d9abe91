// Reference data of accounts in MongoDB: one collection, unique by account, kind and folded code.

import { randomUUID } from 'node:crypto';
import type { Db, IndexDescription } from 'mongodb';
import { fault, type Outcome, refused } from '../../directory/faults.ts';
import {
  ORG_UNIT_SEPARATOR,
  parentOrgUnit,
  REFERENCE_CODE_CHARS_MAX,
  type ReferenceData,
  type ReferenceItem,
  type ReferenceKind,
} from '../../directory/reference-data/reference-data.ts';
import { foldText } from '../../directory/schema/fold.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { beginsWith } from '../query/pages.ts';

interface ReferenceDocument extends Omit<ReferenceItem, 'id'> {
  _id: string;
  codeFold: string;
}

export const referenceIndexes: { collection: string; indexes: IndexDescription[] }[] = [
  { collection: 'referenceData', indexes: [{ key: { account: 1, kind: 1, codeFold: 1 }, unique: true }] },
];

/** Every method throws StoreUnavailable where the database is away. */
export function createReferenceData(db: Db, now: () => Date): ReferenceData {
  const items = db.collection<ReferenceDocument>('referenceData');

  async function known(account: string, kind: ReferenceKind, codes: string[]): Promise<Map<string, string>> {
    const folded = [...new Set(codes.map(foldText))];
    const found = await items.find({ account, kind, codeFold: { $in: folded } }).toArray();
    return new Map(found.map((item) => [item.codeFold, item.code]));
  }

  async function add(
    account: string,
    kind: ReferenceKind,
    { code, name }: { code: string; name?: string },
  ): Promise<Outcome<ReferenceItem>> {
    if (code.trim() === '') return refused(fault('required', 'code'));
    if (code.length > REFERENCE_CODE_CHARS_MAX)
      return refused(fault('tooLong', 'code', { max: REFERENCE_CODE_CHARS_MAX }));
    const parent = kind === 'orgUnit' ? parentOrgUnit(code) : undefined;
    if (parent !== undefined && !(await known(account, kind, [parent])).has(foldText(parent))) {
      return refused(fault('unknownReference', 'code', { kind, value: parent }));
    }
    const item: ReferenceDocument = {
      _id: randomUUID(),
      account,
      kind,
      code,
      codeFold: foldText(code),
      ...(name === undefined ? {} : { name }),
      created: now(),
    };
    try {
      await items.insertOne(item);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      return refused(fault('uniqueness', 'code', { value: code }));
    }
    return { ok: true, value: itemOf(item), effect: 'created' };
  }

  async function remove(account: string, kind: ReferenceKind, id: string): Promise<Outcome<undefined>> {
    const item = await items.findOne({ _id: id, account, kind });
    if (!item) return refused(fault('notFound', kind, { id }));
    if (kind === 'orgUnit') {
      const below = await items.findOne({ account, kind, codeFold: beginsWith(item.codeFold + ORG_UNIT_SEPARATOR) });
      if (below) return refused(fault('invalidValue', 'code', { rule: 'has org units below it' }));
    }
    await items.deleteOne({ _id: id, account, kind });
    return { ok: true, value: undefined, effect: 'deleted' };
  }

  return {
    async list(account, kind, { prefix, after, limit }) {
      const range = { ...(prefix === undefined ? {} : beginsWith(foldText(prefix))) };
      const beyond = after === undefined ? {} : { $gt: foldText(after) };
      const found = await guarded(() =>
        items
          .find({ account, kind, $and: [{ codeFold: { $gte: '', ...range } }, { codeFold: { $gte: '', ...beyond } }] })
          .sort({ codeFold: 1 })
          .limit(limit)
          .toArray(),
      );
      return found.map(itemOf);
    },
    known: (account, kind, codes) => guarded(() => known(account, kind, codes)),
    add: (account, kind, item) => guarded(() => add(account, kind, item)),
    remove: (account, kind, id) => guarded(() => remove(account, kind, id)),
  };
}

function itemOf({ _id, codeFold: _codeFold, ...item }: ReferenceDocument): ReferenceItem {
  return { id: _id, ...item };
}
