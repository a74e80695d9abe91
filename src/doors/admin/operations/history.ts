// History over the admin API: requests about a person and changes of their user in one list, and the audit trail of an account.

import { z } from 'zod';
import { within } from '../../../directory/administration/permissions.ts';
import { fault } from '../../../directory/faults.ts';
import type {
  FindSubjects,
  HistoryEntry,
  HistoryPosition,
  HistoryReader,
  HistorySubjects,
} from '../../../directory/history.ts';
import type { Lookup } from '../../../directory/ports.ts';
import type { CursorPosition } from '../../../directory/query/query.ts';
import { accountParams, dateTime, pageOf, pageQuery, withId } from '../api/common-schemas.ts';
import { type AdminRequest, json, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';
import { changeSchema, renderChange } from './changes.ts';
import { eventSchema, renderEvent } from './events.ts';

const historySchema = z
  .object({
    at: dateTime,
    request: eventSchema.optional().meta({ description: 'A request about the person' }),
    change: changeSchema.optional().meta({ description: 'A change of the user' }),
  })
  .meta({ id: 'HistoryEntry', description: 'A request or a change' });

const historyPage = pageOf(historySchema, 'History');
const changePage = pageOf(changeSchema, 'Change');

const historyQuery = pageQuery.extend({
  reads: z.enum(['true', 'false']).default('false').meta({ description: 'If true, with requests that only read' }),
});

/** What the operations on histories need. */
interface HistoryOperationsOptions {
  history: HistoryReader;
  findSubjects: FindSubjects;
  lookup: Pick<Lookup, 'user'>;
}

/** The operations on histories. */
export function historyOperations(options: HistoryOperationsOptions): Operation[] {
  return [readUserHistory(options), searchHistory(options), listChanges(options)];
}

function readUserHistory({ history, lookup }: HistoryOperationsOptions): Operation {
  return operation({
    id: 'readUserHistory',
    tag: 'Events',
    method: 'GET',
    path: '/accounts/{account}/users/{user}/history',
    summary: 'Retrieve the history of a user: requests and changes, newest first',
    permission: 'users.events',
    params: accountParams.extend({ user: withId('user') }),
    query: historyQuery,
    answers: { 200: { description: 'A page of the history', schema: historyPage } },
    async handle(request) {
      const { caller, session, params } = request;
      const view = await lookup.user(caller, params.user);
      if (!view || !within(session.actor, view)) return faultProblem([fault('notFound', 'User', { id: params.user })]);
      return historyAnswer(history, request, { ids: [params.user], hashes: [] });
    },
  });
}

function searchHistory({ history, findSubjects }: HistoryOperationsOptions): Operation {
  return operation({
    id: 'searchHistory',
    tag: 'Events',
    method: 'GET',
    path: '/accounts/{account}/history',
    summary: 'Search for the history of a person, also of one who was refused or deleted',
    description: 'Finds requests and changes by a current or former login name, External ID or e-mail, or by an id.',
    permission: 'events.read',
    params: accountParams,
    query: historyQuery.extend({
      search: z.string().min(1).max(255).meta({ description: 'A login name, External ID, e-mail or id, as a whole' }),
    }),
    answers: { 200: { description: 'A page of the history', schema: historyPage } },
    async handle(request) {
      return historyAnswer(history, request, await findSubjects(request.caller, request.query.search));
    },
  });
}

function listChanges({ history }: HistoryOperationsOptions): Operation {
  return operation({
    id: 'listChanges',
    tag: 'Events',
    method: 'GET',
    path: '/accounts/{account}/audit',
    summary: 'List the changes in an account, newest first',
    description:
      'Who changed which user, group, store or org unit (or role, organization, enrollment profile), by which request. A change appears here some seconds after it was made.',
    permission: 'events.read',
    params: accountParams,
    query: pageQuery,
    answers: { 200: { description: 'A page of changes', schema: changePage } },
    async handle({ caller, query: { limit }, after, nextCursor }) {
      const before = after ? positionOf(after).change : undefined;
      const page = await history.audit(caller.account.id, { limit, ...(before ? { before } : {}) });
      const next = page.next ? { next: nextCursor(cursorOf({ change: page.next })) } : {};
      return json(200, { items: page.records.map(renderChange), ...next });
    },
  });
}

type HistoryRequest = Pick<
  AdminRequest<unknown, z.output<typeof historyQuery>, unknown>,
  'caller' | 'query' | 'after' | 'nextCursor'
>;

async function historyAnswer(
  history: HistoryReader,
  { caller, query: { limit, reads }, after, nextCursor }: HistoryRequest,
  subjects: HistorySubjects,
): Promise<AdminAnswer> {
  const page = await history.list(caller.account.id, subjects, {
    limit,
    reads: reads === 'true',
    ...(after ? { before: positionOf(after) } : {}),
  });
  const next = page.next ? { next: nextCursor(cursorOf(page.next)) } : {};
  return json(200, { items: page.entries.map(renderEntry), ...next });
}

/** A position as the key (the time of the last change) and the id (of the last event) of a cursor. */
function cursorOf({ event = '', change }: HistoryPosition): CursorPosition {
  return { key: change ? change.toISOString() : null, id: event };
}

function positionOf({ key, id }: CursorPosition): HistoryPosition {
  return {
    ...(id === '' ? {} : { event: id }),
    ...(typeof key === 'string' ? { change: new Date(key) } : {}),
  };
}

function renderEntry(entry: HistoryEntry) {
  const at = entry.at.toISOString();
  return 'event' in entry ? { at, request: renderEvent(entry.event) } : { at, change: renderChange(entry.change) };
}
