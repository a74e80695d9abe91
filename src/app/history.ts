// Wires up the histories of people.

import { createFindSubjects } from '../directory/history.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createFormerUsers, createHistoryReader } from '../mongo/history.ts';
import type { Directory } from './directory.ts';

/** Creates the reader of histories and the search for people in them. */
export function composeHistory(db: Mongo['db'], directory: Pick<Directory, 'records' | 'identityHash'>) {
  return {
    history: createHistoryReader(db),
    findSubjects: createFindSubjects({ ...directory, formerUsers: createFormerUsers(db) }),
  };
}
