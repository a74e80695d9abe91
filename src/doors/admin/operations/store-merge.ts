// The merge of two stores over the admin API: what it would do, and its steps.

import { z } from 'zod';
import type { StoreMerge } from '../../../directory/administration/store-merge.ts';
import { pageQuery, withId } from '../api/common-schemas.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { detailOf, faultProblem } from '../api/problem.ts';
import { renderStore, storeParams, storeSchema } from './stores.ts';

const mergeParams = storeParams.extend({ into: withId('store that stays') });
const count = () => z.number().int();

const previewSchema = z
  .object({
    from: storeSchema,
    into: storeSchema,
    users: count().meta({ description: 'Users who would move' }),
  })
  .meta({ id: 'StoreMergePreview' });

const mergeSchema = z
  .object({
    into: storeSchema,
    moved: count().meta({ description: 'Users whom this request moved, at most 200' }),
    done: z.boolean().meta({ description: 'Whether the merge is over, and the store removed' }),
    next: z
      .string()
      .optional()
      .meta({ description: 'The cursor with which to send the request again; absent after the last user' }),
    stayed: count().meta({ description: 'Users whom this request could not move; the next one skips them' }),
    refused: z
      .array(z.object({ user: z.string(), userName: z.string(), detail: z.string() }))
      .meta({ description: 'Who could not be moved, and why, at most 20' }),
  })
  .meta({ id: 'StoreMerge' });

export interface StoreMergeOptions {
  storeMerge: StoreMerge;
}

/** The operations of the merge of stores. */
export function storeMergeOperations({ storeMerge }: StoreMergeOptions): Operation[] {
  return [
    operation({
      id: 'previewStoreMerge',
      tag: 'Stores',
      method: 'GET',
      path: '/accounts/{account}/stores/{store}/merge/{into}',
      summary: 'Preview the merge of a store into another one',
      permission: 'stores.edit',
      params: mergeParams,
      answers: { 200: { description: 'Who would move', schema: previewSchema } },
      async handle({ caller, params }) {
        const preview = await storeMerge.preview(caller, params.store, params.into);
        if (!preview.ok) return faultProblem(preview.faults);
        const { from, into, users } = preview.value;
        return json(200, { from: renderStore(from), into: renderStore(into), users });
      },
    }),
    operation({
      id: 'mergeStore',
      tag: 'Stores',
      method: 'POST',
      path: '/accounts/{account}/stores/{store}/merge/{into}',
      summary: 'Move at most 200 users of a store to another one; a store without users is removed',
      description:
        'Repeat it with `next` as the cursor, until it is done or nobody follows: then those are left who could not be moved.',
      permission: 'stores.edit',
      params: mergeParams,
      query: pageQuery.pick({ cursor: true }),
      answers: { 200: { description: 'What moved', schema: mergeSchema } },
      async handle({ caller, params, after, nextCursor }) {
        const merged = await storeMerge.step(caller, params.store, params.into, after);
        if (!merged.ok) return faultProblem(merged.faults);
        const { into, moved, done, next, stayed, reasons } = merged.value;
        const refused = reasons.map(({ id, userName, faults }) => ({ user: id, userName, detail: detailOf(faults) }));
        const cursor = next ? { next: nextCursor(next) } : {};
        return {
          ...json(200, { into: renderStore(into), moved, done, ...cursor, stayed, refused }),
          subject: { type: 'Store', id: params.store },
        };
      },
    }),
  ];
}
