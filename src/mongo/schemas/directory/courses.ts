// The collections `courses` and `courseLooks`: the courses of accounts, and when each learner last looked at them.

import type { Course } from '../../../directory/courses/courses.ts';
import { declareCollection } from '../declaration.ts';

/** A course as it is stored. `groups` is `['*']` if it is published to everybody, so that one index serves both. */
export interface CourseDocument extends Omit<Course, 'id'> {
  _id: string;
}

/** When a learner last looked; `_id` is the id of the user. */
export interface CourseLook {
  _id: string;
  account: string;
  at: Date;
}

const LOOK_DAYS = 730;

export const courses = declareCollection<CourseDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    version: { type: Number, required: true },
    created: { type: Date, required: true },
    modified: { type: Date, required: true },
    title: { type: String, required: true },
    language: { type: String },
    link: { type: String, required: true },
    publishedFrom: { type: Date, required: true },
    publishedTo: { type: Date },
    groups: { type: [String], required: true },
    newSince: { type: Date, required: true },
  },
  indexes: [
    { key: { account: 1, _id: 1 }, name: 'account_id' },
    { key: { account: 1, groups: 1, newSince: 1, _id: 1 }, name: 'account_groups_newest' },
  ],
  formerIndexes: ['account_groups'],
});

export const courseLooks = declareCollection<CourseLook>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    at: { type: Date, required: true },
  },
  // Of a learner who has not looked for two years, everything is new.
  indexes: [{ key: { at: 1 }, name: 'at', expireAfterSeconds: LOOK_DAYS * 86_400 }],
});
