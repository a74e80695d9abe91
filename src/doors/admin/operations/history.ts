// History over the admin API: requests about a person and changes of their user in one list, and the audit trail of an account.

import { z } from 'zod';
import { type Actor, within } from '../../../directory/administration/permissions.ts';
import { fault } from '../../../directory/faults.ts';
import type {
  FindSubjects,
  HistoryEntry,
  HistoryPosition,
  HistoryReader,
  HistorySubjects,
} from '../../../directory/history.ts';
import type { FindHistoryNames, HistoryNames } from '../../../directory/history-names.ts';
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

const historyPage = pageOf(historySchema, 'History').extend({
  keptFrom: dateTime.meta({ description: 'Requests before this time are not kept any more' }),
});
const changePage = pageOf(changeSchema, 'Change');

const historyQuery = pageQuery.extend({
  reads: z.enum(['true', 'false']).default('false').meta({ description: 'If true, with requests that only read' }),
});

/** What the operations on histories need. */
interface HistoryOperationsOptions {
  history: HistoryReader;
  historyNames: FindHistoryNames;
  /** For how many days events are kept. */
  eventRetentionDays: number;
  now: () => Date;
  findSubjects: FindSubjects;
  lookup: Pick<Lookup, 'user'>;
}

/** The operations on histories. */
export function historyOperations(options: HistoryOperationsOptions): Operation[] {
  return [readUserHistory(options), searchHistory(options), listChanges(options)];
}

function readUserHistory(options: HistoryOperationsOptions): Operation {
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
      const view = await options.lookup.user(caller, params.user);
      if (!view || !within(session.actor, view)) return faultProblem([fault('notFound', 'User', { id: params.user })]);
      return historyAnswer(options, request, { ids: [params.user], hashes: [] });
    },
  });
}

function searchHistory(options: HistoryOperationsOptions): Operation {
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
      return historyAnswer(options, request, await options.findSubjects(request.caller, request.query.search));
    },
  });
}

function listChanges({ history, historyNames }: HistoryOperationsOptions): Operation {
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
      const names = await historyNames(caller.account, page.records);
      return json(200, { items: page.records.map((change) => renderChange(change, names)), ...next });
    },
  });
}

type HistoryRequest = Pick<
  AdminRequest<unknown, z.output<typeof historyQuery>, unknown>,
  'caller' | 'session' | 'query' | 'after' | 'nextCursor'
>;

async function historyAnswer(
  { history, historyNames, eventRetentionDays, now }: HistoryOperationsOptions,
  { caller, session, query: { limit, reads }, after, nextCursor }: HistoryRequest,
  subjects: HistorySubjects,
): Promise<AdminAnswer> {
  const page = await history.list(caller.account.id, subjects, {
    limit,
    reads: reads === 'true',
    ...(after ? { before: positionOf(after) } : {}),
  });
  const next = page.next ? { next: nextCursor(cursorOf(page.next)) } : {};
  const changes = page.entries.flatMap((entry) => ('change' in entry ? [entry.change] : []));
  const names = await historyNames(caller.account, changes);
  const keptFrom = new Date(now().getTime() - eventRetentionDays * DAY_MS).toISOString();
  return json(200, { items: page.entries.map((entry) => renderEntry(entry, names, session.actor)), keptFrom, ...next });
}

const DAY_MS = 86_400_000;

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

function renderEntry(entry: HistoryEntry, names: HistoryNames, reader: Actor) {
  const at = entry.at.toISOString();
  if ('change' in entry) return { at, change: renderChange(entry.change, names) };
  return { at, request: renderEvent(entry.event, names.ofConnection(entry.event.connection), reader) };
}
