// The merge of two stores over the admin API: what it would do, and its steps.

import { z } from 'zod';
import type { StoreMerge } from '../../../directory/administration/store-merge.ts';
import { withId } from '../api/common-schemas.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';
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
    done: z.boolean().meta({ description: 'Whether the merge is over; otherwise send the same request again' }),
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
      permission: 'stores.edit',
      params: mergeParams,
      answers: { 200: { description: 'What moved', schema: mergeSchema } },
      async handle({ caller, params }) {
        const merged = await storeMerge.step(caller, params.store, params.into);
        if (!merged.ok) return faultProblem(merged.faults);
        const { into, moved, done } = merged.value;
        return {
          ...json(200, { into: renderStore(into), moved, done }),
          subject: { type: 'Store', id: params.store },
        };
      },
    }),
  ];
}
