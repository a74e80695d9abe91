// Courses over the admin API: an account publishes them to its user groups.

import { z } from 'zod';
import type { Course, CourseDraft, Courses } from '../../../directory/courses/courses.ts';
import { fault } from '../../../directory/faults.ts';
import { entityTag } from '../../entity-tags.ts';
import { accountParams, dateTime, pageOf, pageQuery, withId } from '../api/common-schemas.ts';
import { json, noContent, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

const text = () => z.string().max(8192);
const language = text().meta({ description: 'A language tag, such as nl-BE; absent if the course suits everybody' });
const link = text().meta({ description: 'An https URL' });
const groups = (of: string) =>
  z.array(text()).meta({ description: `${of} of user groups; none publishes to everybody` });

const courseSchema = z
  .object({
    id: z.string(),
    version: z.number().int(),
    created: dateTime,
    modified: dateTime,
    title: z.string(),
    language: language.optional(),
    link,
    publishedFrom: dateTime,
    publishedTo: dateTime.optional().meta({ description: 'The course ends at this moment' }),
    groups: groups('Ids'),
  })
  .meta({ id: 'Course' });
const values = {
  language: language.nullable().optional(),
  publishedFrom: dateTime.optional().meta({ description: 'By default now' }),
  publishedTo: dateTime.nullable().optional(),
  groups: groups('Ids or names').optional(),
};
const courseDraft = z.strictObject({ title: text(), link, ...values }).meta({ id: 'CourseDraft' });
const courseChange = z
  .strictObject({ title: text().optional(), link: link.optional(), ...values })
  .meta({ id: 'CourseChange' });
const courseParams = accountParams.extend({ course: withId('course') });
const answers = { 200: { description: 'The course', schema: courseSchema } };

interface CourseOperationsOptions {
  courses: Courses;
}

/** The operations on courses. */
export function courseOperations(options: CourseOperationsOptions): Operation[] {
  return [
    listCourses(options),
    createCourse(options),
    readCourse(options),
    changeCourse(options),
    deleteCourse(options),
  ];
}

function listCourses({ courses }: CourseOperationsOptions): Operation {
  return operation({
    id: 'listCourses',
    tag: 'Courses',
    method: 'GET',
    path: '/accounts/{account}/courses',
    summary: 'List courses in order of creation',
    permission: 'courses.read',
    params: accountParams,
    query: pageQuery,
    answers: { 200: { description: 'A page of courses', schema: pageOf(courseSchema, 'Course') } },
    async handle({ caller, query: { limit }, after, nextCursor }) {
      const page = await courses.list(caller, { limit, ...(after ? { after: after.id } : {}) });
      const next = page.next === undefined ? {} : { next: nextCursor({ key: null, id: page.next }) };
      return json(200, { items: page.courses.map(renderCourse), ...next });
    },
  });
}

function createCourse({ courses }: CourseOperationsOptions): Operation {
  return operation({
    id: 'createCourse',
    tag: 'Courses',
    method: 'POST',
    path: '/accounts/{account}/courses',
    summary: 'Create a course',
    permission: 'courses.edit',
    params: accountParams,
    body: courseDraft,
    idempotent: true,
    answers: { 201: { description: 'The new course', schema: courseSchema } },
    async handle({ caller, body }) {
      const created = await courses.create(caller, draftOf(body));
      return created.ok ? courseAnswer(201, created.value) : faultProblem(created.faults);
    },
  });
}

function readCourse({ courses }: CourseOperationsOptions): Operation {
  return operation({
    id: 'readCourse',
    tag: 'Courses',
    method: 'GET',
    path: '/accounts/{account}/courses/{course}',
    summary: 'Retrieve a course',
    permission: 'courses.read',
    params: courseParams,
    answers,
    async handle({ caller, params }) {
      const course = await courses.course(caller, params.course);
      return course ? courseAnswer(200, course) : faultProblem([fault('notFound', 'Course', { id: params.course })]);
    },
  });
}

function changeCourse({ courses }: CourseOperationsOptions): Operation {
  return operation({
    id: 'changeCourse',
    tag: 'Courses',
    method: 'PATCH',
    path: '/accounts/{account}/courses/{course}',
    summary: 'Update a course; a further group or another date makes it new again',
    permission: 'courses.edit',
    params: courseParams,
    body: courseChange,
    conditional: true,
    answers,
    async handle({ caller, params, precondition, body }) {
      const changed = await courses.change(caller, params.course, precondition, draftOf(body));
      return changed.ok ? courseAnswer(200, changed.value) : faultProblem(changed.faults);
    },
  });
}

function deleteCourse({ courses }: CourseOperationsOptions): Operation {
  return operation({
    id: 'deleteCourse',
    tag: 'Courses',
    method: 'DELETE',
    path: '/accounts/{account}/courses/{course}',
    summary: 'Delete a course',
    permission: 'courses.edit',
    params: courseParams,
    answers: { 204: { description: 'Deleted' } },
    async handle({ caller, params }) {
      const deleted = await courses.remove(caller, params.course);
      return deleted.ok ? noContent() : faultProblem(deleted.faults);
    },
  });
}

function draftOf({
  publishedFrom,
  publishedTo,
  title,
  link: address,
  language: tag,
  groups: named,
}: z.output<typeof courseChange>): CourseDraft {
  return {
    ...(title === undefined ? {} : { title }),
    ...(address === undefined ? {} : { link: address }),
    ...(tag === undefined ? {} : { language: tag || null }),
    ...(publishedFrom === undefined ? {} : { publishedFrom: new Date(publishedFrom) }),
    ...(publishedTo === undefined ? {} : { publishedTo: publishedTo === null ? null : new Date(publishedTo) }),
    ...(named === undefined ? {} : { groups: named }),
  };
}

function renderCourse(course: Course) {
  const { id, version, created, modified, title, language: tag, link: address, publishedFrom, publishedTo } = course;
  return {
    id,
    version,
    created: created.toISOString(),
    modified: modified.toISOString(),
    title,
    ...(tag === undefined ? {} : { language: tag }),
    link: address,
    publishedFrom: publishedFrom.toISOString(),
    ...(publishedTo === undefined ? {} : { publishedTo: publishedTo.toISOString() }),
    groups: course.groups,
  };
}

function courseAnswer(status: number, course: Course): AdminAnswer {
  return json(status, renderCourse(course), { ETag: entityTag(course.version) });
}
