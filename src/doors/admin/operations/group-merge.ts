// The merge of two user groups over the admin API: what it would do, and its steps.

import { z } from 'zod';
import type { GroupMerge } from '../../../directory/groups/merge.ts';
import { withId } from '../api/common-schemas.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';
import { groupParams, groupSchema, ownPath, renderGroup } from './groups.ts';

const mergeParams = groupParams.extend({ into: withId('group that stays') });
const count = () => z.number().int();

const previewSchema = z
  .object({
    from: groupSchema,
    into: groupSchema,
    members: count().meta({ description: 'Members that move; counted up to 1,000,000' }),
    courses: count().meta({ description: 'Courses that follow' }),
    ids: count().meta({ description: 'IDs of sources that follow' }),
  })
  .meta({ id: 'GroupMergePreview' });

const mergeSchema = z
  .object({
    into: groupSchema,
    moved: count().meta({ description: 'Members that this request moved, at most 1,000' }),
    done: z.boolean().meta({ description: 'Whether the merge is over; otherwise send the same request again' }),
  })
  .meta({ id: 'GroupMerge' });

export interface GroupMergeOptions {
  groupMerge: GroupMerge;
}

/** The operations of the merge of groups. */
export function groupMergeOperations({ groupMerge }: GroupMergeOptions): Operation[] {
  return [
    operation({
      id: 'previewGroupMerge',
      tag: 'Groups',
      method: 'GET',
      path: '/accounts/{account}/groups/{group}/merge/{into}',
      summary: 'Preview the merge of a group into another one',
      permission: 'groups.edit',
      params: mergeParams,
      answers: { 200: { description: 'What would move', schema: previewSchema } },
      async handle({ caller, params }) {
        const preview = await groupMerge.preview(caller, params.group, params.into);
        if (!preview.ok) return faultProblem(preview.faults, ownPath);
        const { value } = preview;
        return json(200, { ...value, from: renderGroup(value.from), into: renderGroup(value.into) });
      },
    }),
    operation({
      id: 'mergeGroup',
      tag: 'Groups',
      method: 'POST',
      path: '/accounts/{account}/groups/{group}/merge/{into}',
      summary: 'Move at most 1,000 members of a group to another group of its type; the emptied group is deleted',
      permission: 'groups.edit',
      params: mergeParams,
      answers: { 200: { description: 'What moved', schema: mergeSchema } },
      async handle({ caller, params }) {
        const merged = await groupMerge.step(caller, params.group, params.into);
        if (!merged.ok) return faultProblem(merged.faults, ownPath);
        const group = renderGroup(merged.value.into);
        return {
          ...json(200, { ...merged.value, into: group }),
          subject: { type: 'Group', id: params.group },
        };
      },
    }),
  ];
}
