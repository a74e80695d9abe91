// What partners ask about a learner, with the token of a connection: how many courses are new.

import { z } from 'zod';
import type { CourseLearner, Courses } from '../../../directory/courses/courses.ts';
import { fault } from '../../../directory/faults.ts';
import { entityTag, isUnmodified } from '../../entity-tags.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';

const badgeSchema = z
  .object({ newCourses: z.number().int().meta({ description: 'Playable courses since the learner last looked' }) })
  .meta({ id: 'Badge' });

/** Finds the learner with an External ID; undefined if the account has none. @throws StoreUnavailable */
export type FindLearner = (
  account: string,
  externalId: string,
) => Promise<(CourseLearner & { isAdmitted: boolean }) | undefined>;

interface LearnerOperationsOptions {
  courses: Courses;
  findLearner: FindLearner;
}

/** The operations on learners. */
export function learnerOperations(options: LearnerOperationsOptions): Operation[] {
  return [readBadge(options)];
}

function readBadge({ courses, findLearner }: LearnerOperationsOptions): Operation {
  return operation({
    id: 'readBadge',
    tag: 'Courses',
    method: 'GET',
    path: '/learners/{externalId}/badge',
    summary: 'Retrieve how many courses are new to a learner',
    description:
      'For partners such as CrewPlanner, which show a red bullet beside their link to the app. Needs the token of a connection of the account. A learner who may not sign in has no new courses.',
    permission: 'connection',
    params: z.object({
      externalId: z.string().min(1).max(255).meta({ description: 'The External ID of the learner' }),
    }),
    answers: {
      200: { description: 'The number of new courses', schema: badgeSchema },
      304: { description: 'The number is still the one of If-None-Match' },
    },
    async handle({ caller, params, headers }) {
      const learner = await findLearner(caller.account.id, params.externalId);
      if (!learner) return faultProblem([fault('notFound', 'Learner', { value: params.externalId })]);
      const newCourses = learner.isAdmitted ? await courses.countNew(learner) : 0;
      const ETag = entityTag(newCourses);
      if (isUnmodified(headers['if-none-match'], ETag)) return { status: 304, headers: { ETag } };
      return json(200, { newCourses }, { ETag, 'Cache-Control': 'private, max-age=30' });
    },
  });
}
