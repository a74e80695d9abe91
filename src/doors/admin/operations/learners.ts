// What partners ask about a learner, with the token of a connection, and what an application asks for the learner who is signed in, with
// an access token: the courses, and how many of them are new.

import { z } from 'zod';
import type { Course, CourseLearner, Courses } from '../../../directory/courses/courses.ts';
import { fault } from '../../../directory/faults.ts';
import { entityTag, isUnmodified } from '../../entity-tags.ts';
import { dateTime, pageOf, pageQuery } from '../api/common-schemas.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

const badgeSchema = z
  .object({ newCourses: z.number().int().meta({ description: 'Playable courses since the learner last looked' }) })
  .meta({ id: 'Badge' });

/** Finds the learner with an External ID; undefined if the account has none. @throws StoreUnavailable */
export type FindLearner = (
  account: string,
  externalId: string,
) => Promise<(CourseLearner & { isAdmitted: boolean }) | undefined>;

/** Finds a learner by the id of the user, likewise. */
export type ReadLearner = (account: string, id: string) => Promise<CourseLearner | undefined>;

interface LearnerOperationsOptions {
  courses: Courses;
  findLearner: FindLearner;
  readLearner: ReadLearner;
}

const ownCourseSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    language: z
      .string()
      .optional()
      .meta({ description: 'A language tag, such as nl-BE; absent if it suits everybody' }),
    link: z.string().meta({ description: 'An https URL' }),
    publishedFrom: dateTime,
    publishedTo: dateTime.optional().meta({ description: 'The course ends at this moment' }),
    newSince: dateTime.meta({ description: 'It is new to a learner who has not looked at the list since' }),
  })
  .meta({ id: 'OwnCourse' });

/** The operations on learners. */
export function learnerOperations(options: LearnerOperationsOptions): Operation[] {
  return [readBadge(options), listOwnCourses(options), readOwnBadge(options)];
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
      return badgeAnswer(newCourses, headers['if-none-match'], 'private, max-age=30');
    },
  });
}

function badgeAnswer(newCourses: number, ifNoneMatch: string | undefined, caching: string): AdminAnswer {
  const ETag = entityTag(newCourses);
  if (isUnmodified(ifNoneMatch, ETag)) return { status: 304, headers: { ETag } };
  return json(200, { newCourses }, { ETag, 'Cache-Control': caching });
}

function readOwnBadge({ courses, readLearner }: LearnerOperationsOptions): Operation {
  return operation({
    id: 'readOwnBadge',
    tag: 'Courses',
    method: 'GET',
    path: '/me/badge',
    summary: 'Retrieve how many courses are new to the learner who is signed in',
    permission: 'learner',
    answers: {
      200: { description: 'The number of new courses', schema: badgeSchema },
      304: { description: 'The number is still the one of If-None-Match' },
    },
    async handle({ caller, headers }) {
      const learner = await readLearner(caller.account.id, caller.by?.id ?? '');
      if (!learner) return faultProblem([fault('notFound', 'Learner')]);
      const answer = badgeAnswer(await courses.countNew(learner), headers['if-none-match'], 'private, no-cache');
      return { ...answer, subject: { type: 'User', id: learner.id } };
    },
  });
}

function listOwnCourses({ courses, readLearner }: LearnerOperationsOptions): Operation {
  return operation({
    id: 'listOwnCourses',
    tag: 'Courses',
    method: 'GET',
    path: '/me/courses',
    summary: 'List the courses that the learner who is signed in can play, the newest first',
    description:
      'For applications. Needs the access token that the application got at the sign-in, with the scope `openid`. Who reads the first page has looked at the list: no course in it is new any more.',
    permission: 'learner',
    query: pageQuery,
    answers: { 200: { description: 'A page of courses', schema: pageOf(ownCourseSchema, 'OwnCourse') } },
    async handle({ caller, query: { limit }, after, nextCursor }) {
      const learner = await readLearner(caller.account.id, caller.by?.id ?? '');
      if (!learner) return faultProblem([fault('notFound', 'Learner')]);
      const place = after && { newSince: new Date(String(after.key)), id: after.id };
      const found = await courses.look(learner, { limit: limit + 1, ...(place ? { after: place } : {}) });
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      const next = last ? { next: nextCursor({ key: last.newSince.toISOString(), id: last.id }) } : {};
      const answer = json(200, { items: items.map(renderOwn), ...next }, { 'Cache-Control': 'private, no-store' });
      return { ...answer, subject: { type: 'User', id: learner.id } };
    },
  });
}

function renderOwn({ id, title, language, link, publishedFrom, publishedTo, newSince }: Course) {
  return {
    id,
    title,
    ...(language === undefined ? {} : { language }),
    link,
    publishedFrom: publishedFrom.toISOString(),
    ...(publishedTo === undefined ? {} : { publishedTo: publishedTo.toISOString() }),
    newSince: newSince.toISOString(),
  };
}
