// Wires up courses and the learners who have them.

import { type Courses, createCourses } from '../directory/courses/courses.ts';
import { statusOf } from '../directory/users/views.ts';
import type { FindLearner, ReadLearner } from '../doors/admin/operations/learners.ts';
import { createCourseRecords } from '../mongo/accounts/courses.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import type { Directory } from './directory.ts';

/** Creates the operations on courses, and what finds learners. */
export function composeCourses(
  db: Mongo['db'],
  { records, references }: Pick<Directory, 'records' | 'references'>,
): { courses: Courses; findLearner: FindLearner; readLearner: ReadLearner } {
  const find = async (account: string, id: string) => {
    const user = await records.user(account, id);
    if (!user) return undefined;
    const groups = user.groups.flatMap(({ to }) => to ?? []);
    return { account, id: user._id, groups, isAdmitted: statusOf(user) === 'active' };
  };
  return {
    courses: createCourses({ records: createCourseRecords(db), references, now: () => new Date() }),
    async findLearner(account, externalId) {
      const [id] = await records.usersWith(account, 'externalId', externalId, 1);
      return id === undefined ? undefined : find(account, id);
    },
    readLearner: find,
  };
}
