// Courses in MongoDB.

import type { Db, Filter } from 'mongodb';
import type { Course, CourseRecords } from '../../directory/courses/courses.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { CourseDocument } from '../schemas/directory/courses.ts';

const EVERYBODY = '*';

/** Creates the courses of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createCourseRecords(db: Db): CourseRecords {
  const { courses, courseLooks } = collectionsOf(db);
  return {
    async course(account, id) {
      const document = await guarded(() => courses.findOne({ _id: id, account }, { hint: 'account_id' }));
      return document ? toCourse(document) : undefined;
    },
    async list(account, { limit, after }) {
      const beyond = after === undefined ? {} : { _id: { $gt: after } };
      const page = courses
        .find({ account, ...beyond }, { hint: 'account_id' })
        .sort({ _id: 1 })
        .limit(limit + 1);
      const found = (await guarded(() => page.toArray())).map(toCourse);
      const next = found.length > limit ? found[limit - 1]?.id : undefined;
      return { courses: found.slice(0, limit), ...(next === undefined ? {} : { next }) };
    },
    async insert(course) {
      await guarded(() => courses.insertOne(toDocument(course)));
    },
    async replace(course, ifVersion) {
      const { _id, ...document } = toDocument(course);
      const condition = { _id, account: course.account, version: ifVersion };
      const { matchedCount } = await guarded(() => courses.replaceOne(condition, document));
      return matchedCount > 0;
    },
    async remove(account, id) {
      const { deletedCount } = await guarded(() => courses.deleteOne({ _id: id, account }));
      return deletedCount > 0;
    },
    async playable(account, groups, at, { limit, after }) {
      const playable = playableAt(account, groups, at);
      // The bounds of the index come from the first condition; the second one leaves out what came before in the same millisecond.
      const behind = after && {
        newSince: { $lte: earlier(at, after.newSince) },
        $nor: [{ newSince: after.newSince, _id: { $gte: after.id } }],
      };
      const newest = courses
        .find({ ...playable, ...behind })
        .sort({ newSince: -1, _id: -1 })
        .limit(limit);
      return (await guarded(() => newest.toArray())).map(toCourse);
    },
    countNew: (account, groups, at, since) =>
      guarded(() => courses.countDocuments(playableAt(account, groups, at, since))),
    async lastLook(account, user) {
      const look = await guarded(() => courseLooks.findOne({ _id: user, account }));
      return look?.at;
    },
    async look(account, user, at) {
      await guarded(() => courseLooks.updateOne({ _id: user, account }, { $max: { at } }, { upsert: true }));
    },
  };
}

/** A course is never new before it is published, so the range of `newSince` is also that of `publishedFrom`. */
function playableAt(account: string, groups: readonly string[], at: Date, since?: Date): Filter<CourseDocument> {
  return {
    account,
    groups: { $in: [...groups, EVERYBODY] },
    newSince: { $lte: at, ...(since ? { $gt: since } : {}) },
    $or: [{ publishedTo: { $exists: false } }, { publishedTo: { $gt: at } }],
  };
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}

function toDocument({ id, groups, ...course }: Course): CourseDocument {
  return { _id: id, ...course, groups: groups.length === 0 ? [EVERYBODY] : groups };
}

function toCourse({ _id, groups, ...course }: CourseDocument): Course {
  return { id: _id, ...course, groups: groups.filter((group) => group !== EVERYBODY) };
}
