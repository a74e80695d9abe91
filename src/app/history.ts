// Wires up the histories of people, and who put what on a user.

import type { EventReader } from '../directory/event.ts';
import { createFindSubjects } from '../directory/history.ts';
import { createFindHistoryNames } from '../directory/history-names.ts';
import { createUserSources } from '../directory/users/sources.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createEventReader } from '../mongo/events.ts';
import { createFormerUsers, createHistoryReader, createReadNames } from '../mongo/history.ts';
import type { Directory } from './directory.ts';

/** Creates the reader of events alone. */
export function composeEvents(db: Mongo['db']): EventReader {
  return createEventReader(db);
}

/** Creates the reader of histories, the search for people in them, and the reader of the sources of a user. */
export function composeHistory(
  db: Mongo['db'],
  directory: Pick<Directory, 'records' | 'names' | 'identityHash'>,
  { listConnections }: Pick<Accounts, 'listConnections'>,
) {
  const history = createHistoryReader(db);
  return {
    history,
    historyNames: createFindHistoryNames({ readNames: createReadNames(db), connectionsOf: listConnections }),
    findSubjects: createFindSubjects({ ...directory, formerUsers: createFormerUsers(db) }),
    userSources: createUserSources({
      ...directory,
      connectionsOf: listConnections,
      changes: history,
    }),
  };
}
