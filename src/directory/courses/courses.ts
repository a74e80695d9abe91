// Owns the rules of courses: what one must state, which of them a learner can play, and which of those are new to the learner.

import { type Fault, fault, isNonEmpty, type Outcome, refused } from '../faults.ts';
import { newResourceId } from '../ids.ts';
import type { Caller, Precondition } from '../model.ts';
import { meets } from '../precondition.ts';
import type { References } from '../reference-data/references.ts';
import { isHttpsUrl, languageTag } from '../schema/formats.ts';
import { isBlank } from '../schema/texts.ts';

/** A course that an account publishes to user groups. */
export interface Course {
  id: string;
  account: string;
  version: number;
  created: Date;
  modified: Date;
  title: string;
  /** A language tag, such as `nl-BE`; absent if the course suits everybody. */
  language?: string;
  /** An https URL. */
  link: string;
  publishedFrom: Date;
  /** The course ends at this moment; absent if it does not end. */
  publishedTo?: Date;
  /** Ids of user groups; none for the default group, which is everybody. */
  groups: string[];
  /** Since when the course is new to those who have it: it was published, or published to further groups. */
  newSince: Date;
}

/** The values of a new or changed course; null clears a value. Groups are ids or names. */
export interface CourseDraft {
  title?: string;
  language?: string | null;
  link?: string;
  publishedFrom?: Date;
  publishedTo?: Date | null;
  groups?: readonly string[];
}

/** A learner, as far as courses are concerned. */
export interface CourseLearner {
  account: string;
  id: string;
  /** Ids of the user's groups. */
  groups: readonly string[];
}

/** A page of courses by id, which is the order of creation. */
interface CoursePage {
  courses: Course[];
  /** The id behind which the next page begins. */
  next?: string;
}

/** A page of the courses that a learner can play: at most `limit` behind a place in the list. */
interface PlayablePage {
  limit: number;
  after?: { newSince: Date; id: string };
}

/** The port to stored courses. Every method throws StoreUnavailable. */
export interface CourseRecords {
  course(account: string, id: string): Promise<Course | undefined>;
  list(account: string, page: { limit: number; after?: string }): Promise<CoursePage>;
  insert(course: Course): Promise<void>;
  /** Replaces a course unless it was changed meanwhile; false if it was, or was deleted. */
  replace(course: Course, ifVersion: number): Promise<boolean>;
  remove(account: string, id: string): Promise<boolean>;
  /** The courses that are published at a moment to one of these groups or to everybody, the newest first. */
  playable(account: string, groups: readonly string[], at: Date, page: PlayablePage): Promise<Course[]>;
  /** How many of them are new since a moment, or at all. */
  countNew(account: string, groups: readonly string[], at: Date, since: Date | undefined): Promise<number>;
  /** When the learner last looked at the list of courses; undefined if never. */
  lastLook(account: string, user: string): Promise<Date | undefined>;
  look(account: string, user: string, at: Date): Promise<void>;
}

const TITLE_MAX = 255;
const LINK_MAX = 2048;
/** Courses can be published to this many groups; who needs more publishes to everybody. */
const GROUPS_MAX = 100;

/** A change that others overtake is planned again this often. */
const ATTEMPTS_MAX = 5;

/** The operations on courses. Faults are values; only StoreUnavailable is thrown. */
export interface Courses {
  list(caller: Caller, page: { limit: number; after?: string }): Promise<CoursePage>;
  course(caller: Caller, id: string): Promise<Course | undefined>;
  /** Faults: required, tooLong, invalidValue, notFound, ambiguousIdentity, tooMany. */
  create(caller: Caller, draft: CourseDraft): Promise<Outcome<Course>>;
  /** Faults: those of `create`, preconditionFailed, busy. */
  change(caller: Caller, id: string, precondition: Precondition, draft: CourseDraft): Promise<Outcome<Course>>;
  /** Faults: notFound. */
  remove(caller: Caller, id: string): Promise<Outcome<undefined>>;
  /** The courses that a learner can play now, the newest first. Who reads the first page has then looked at the list. */
  look(learner: CourseLearner, page: PlayablePage): Promise<Course[]>;
  /** How many playable courses are new since the learner last looked. */
  countNew(learner: CourseLearner): Promise<number>;
}

interface CoursesDependencies {
  records: CourseRecords;
  references: Pick<References, 'groupId'>;
  now: () => Date;
}

/** Creates the operations on courses. */
export function createCourses({ records, references, now }: CoursesDependencies): Courses {
  /** The ids of the groups that a draft names. */
  async function groupsOf(caller: Caller, named: readonly string[]): Promise<{ ids: string[]; faults: Fault[] }> {
    if (named.length > GROUPS_MAX) return { ids: [], faults: [fault('tooMany', 'groups', { max: GROUPS_MAX })] };
    const found = await Promise.all(named.map((text) => references.groupId(caller, text)));
    return {
      ids: [...new Set(found.flatMap((one) => (one.ok ? [one.id] : [])))],
      faults: found.flatMap((one) => (one.ok ? [] : [one.fault])),
    };
  }

  async function planned(caller: Caller, current: Course | undefined, draft: CourseDraft): Promise<Outcome<Course>> {
    const groups = draft.groups && (await groupsOf(caller, draft.groups));
    const course = merged(current ?? emptyCourse(caller, now()), draft, groups?.ids);
    const faults = [...(groups?.faults ?? []), ...faultsOf(course)];
    if (isNonEmpty(faults)) return { ok: false, faults };
    const value = { ...course, newSince: newSinceOf(current, course, now()) };
    return { ok: true, value, effect: current ? 'updated' : 'created' };
  }

  return {
    list: ({ account }, page) => records.list(account.id, page),
    course: ({ account }, id) => records.course(account.id, id),
    async create(caller, draft) {
      const outcome = await planned(caller, undefined, draft);
      if (outcome.ok) await records.insert(outcome.value);
      return outcome;
    },
    async change(caller, id, precondition, draft) {
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
        const current = await records.course(caller.account.id, id);
        if (!current) return refused(fault('notFound', 'Course', { id }));
        if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
        const outcome = await planned(caller, current, draft);
        if (!outcome.ok) return outcome;
        const after = { ...outcome.value, version: current.version + 1, modified: now() };
        if (await records.replace(after, current.version)) return { ...outcome, value: after };
      }
      return refused(fault('busy'));
    },
    async remove({ account }, id) {
      const isRemoved = await records.remove(account.id, id);
      return isRemoved
        ? { ok: true, value: undefined, effect: 'deleted' }
        : refused(fault('notFound', 'Course', { id }));
    },
    async look({ account, id, groups }, page) {
      const at = now();
      const playable = await records.playable(account, groups, at, page);
      if (!page.after) await records.look(account, id, at);
      return playable;
    },
    async countNew({ account, id, groups }) {
      return records.countNew(account, groups, now(), await records.lastLook(account, id));
    },
  };
}

function emptyCourse({ account }: Caller, at: Date): Course {
  const id = newResourceId();
  const times = { created: at, modified: at, publishedFrom: at, newSince: at };
  return { id, account: account.id, version: 1, ...times, title: '', link: '', groups: [] };
}

function merged(course: Course, draft: CourseDraft, groups: string[] | undefined): Course {
  const { language = course.language, publishedTo = course.publishedTo } = draft;
  const { language: _language, publishedTo: _publishedTo, ...rest } = course;
  return {
    ...rest,
    title: draft.title?.trim() ?? course.title,
    link: draft.link?.trim() ?? course.link,
    publishedFrom: draft.publishedFrom ?? course.publishedFrom,
    groups: groups ?? course.groups,
    ...(language ? { language } : {}),
    ...(publishedTo ? { publishedTo } : {}),
  };
}

function faultsOf({ title, link, language, publishedFrom, publishedTo }: Course): Fault[] {
  const faults: Fault[] = [];
  if (isBlank(title)) faults.push(fault('required', 'title'));
  if (title.length > TITLE_MAX) faults.push(fault('tooLong', 'title', { max: TITLE_MAX }));
  if (link === '') faults.push(fault('required', 'link'));
  else if (link.length > LINK_MAX) faults.push(fault('tooLong', 'link', { max: LINK_MAX }));
  else if (!isHttpsUrl(link)) faults.push(fault('invalidValue', 'link', { rule: 'must be an https URL' }));
  if (language !== undefined && languageTag(language) === undefined)
    faults.push(fault('invalidValue', 'language', { value: language, rule: 'must be a language tag, such as nl-BE' }));
  if (publishedTo !== undefined && publishedTo <= publishedFrom)
    faults.push(fault('invalidValue', 'publishedTo', { rule: 'must be after publishedFrom' }));
  return faults;
}

/** A further group or another date is news; another title or link is not. */
function newSinceOf(before: Course | undefined, after: Course, at: Date): Date {
  const isNews =
    !before ||
    before.publishedFrom.getTime() !== after.publishedFrom.getTime() ||
    (after.groups.length === 0 && before.groups.length > 0) ||
    after.groups.some((group) => before.groups.length > 0 && !before.groups.includes(group));
  if (!isNews) return before.newSince;
  return new Date(Math.max(at.getTime(), after.publishedFrom.getTime()));
}
