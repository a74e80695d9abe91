// Events over the admin API: the redacted record of requests and changes, of an account or of one user, newest first.

import { z } from 'zod';
import { type Actor, may, within } from '../../../directory/administration/permissions.ts';
import { type EventReader, type RecordedEvent, readableBody, readableFaults } from '../../../directory/event.ts';
import { fault } from '../../../directory/faults.ts';
import type { FindHistoryNames } from '../../../directory/history-names.ts';
import { DOORS } from '../../../directory/model.ts';
import type { Lookup } from '../../../directory/ports.ts';
import { outcomeOf } from '../../../directory/request-outcome.ts';
import { accountParams, cutPage, dateTime, pageOf, pageQuery, withId } from '../api/common-schemas.ts';
import { type AdminRequest, json, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../api/problem.ts';

/** Who made a request or a change. */
export const actorSchema = z
  .object({ kind: z.string(), id: z.string(), name: z.string().optional() })
  .meta({ id: 'RequestActor', description: 'An administrator, a token, the command line or a job' });

export const eventSchema = z
  .object({
    id: z.string(),
    at: dateTime,
    door: z.string(),
    connection: z.string().optional(),
    connectionName: z.string().optional().meta({ description: 'Absent if the connection is gone' }),
    credential: z.string().optional(),
    actor: actorSchema.optional(),
    request: z.string(),
    method: z.string(),
    isRead: z.boolean().optional(),
    outcome: z.enum(['accepted', 'refused', 'failed']).meta({
      description:
        'refused: answered with a status from 400 to 498, but for the 404 of a read or deletion of one resource, which is an answer; failed: a server error, or given up by the client (499)',
    }),
    path: z.string(),
    status: z.number().int(),
    durationMs: z.number(),
    faults: z
      .array(
        z.object({
          code: z.string(),
          error: z.string().optional().meta({
            description: 'The code of the door, such as USER_EMAIL_REQUIRED of a batch, as its rows have it',
          }),
          detail: z.string().meta({
            description:
              'A sentence. It quotes values of the request for those who may read the events of the account; for others, and instead of what is not kept, it has …',
          }),
        }),
      )
      .optional(),
    subject: z.object({ type: z.string(), id: z.string(), name: z.string().optional() }).optional(),
    userAgent: z.string().optional(),
    requestBody: z.string().optional().meta({ description: 'JSON text, redacted' }),
    responseBody: z.string().optional().meta({ description: 'JSON text, redacted' }),
  })
  .meta({ id: 'Event' });
const eventPage = pageOf(eventSchema, 'Event');

const userQuery = pageQuery.extend({
  door: z.enum(DOORS).optional(),
  failed: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'If true, only requests that were refused or failed' }),
});

const query = userQuery.extend({
  connection: withId('connection')
    .optional()
    .meta({ description: 'The id of a connection, whose requests alone are listed' }),
});

interface EventOperationsOptions {
  events: EventReader;
  historyNames: FindHistoryNames;
  lookup: Lookup;
}

/** The operations on events. */
export function eventOperations(options: EventOperationsOptions): Operation[] {
  return [listEvents(options), listUserEvents(options)];
}

function listEvents(options: EventOperationsOptions): Operation {
  return operation({
    id: 'listEvents',
    tag: 'Events',
    method: 'GET',
    path: '/accounts/{account}/events',
    summary: 'List the events of an account, newest first',
    permission: 'events.read',
    params: accountParams,
    query,
    answers: { 200: { description: 'A page of events', schema: eventPage } },
    handle: (request) => eventPageAnswer(options, request, undefined),
  });
}

function listUserEvents(options: EventOperationsOptions): Operation {
  return operation({
    id: 'listUserEvents',
    tag: 'Events',
    method: 'GET',
    path: '/accounts/{account}/users/{user}/events',
    summary: 'List the events of a user, newest first',
    permission: 'users.events',
    params: accountParams.extend({ user: withId('user') }),
    query: userQuery,
    answers: { 200: { description: 'A page of events', schema: eventPage } },
    async handle(request) {
      const { caller, session, params } = request;
      const view = await options.lookup.user(caller, params.user);
      if (!view || !within(session.actor, view)) return faultProblem([fault('notFound', 'User', { id: params.user })]);
      return eventPageAnswer(options, request, params.user);
    },
  });
}

type EventListRequest = Pick<
  AdminRequest<unknown, z.output<typeof query>, unknown>,
  'caller' | 'session' | 'query' | 'after' | 'nextCursor'
>;

async function eventPageAnswer(
  { events, historyNames }: EventOperationsOptions,
  { caller, session, query: { limit, door, connection, failed }, after, nextCursor }: EventListRequest,
  subject: string | undefined,
): Promise<AdminAnswer> {
  const reading = events.list(caller.account.id, {
    limit: limit + 1,
    ...(after ? { before: after.id } : {}),
    ...(door === undefined ? {} : { door }),
    ...(connection === undefined ? {} : { connection }),
    ...(failed === 'true' ? { failed: true } : {}),
    ...(subject === undefined ? {} : { subject }),
  });
  const [found, names] = await Promise.all([reading, historyNames(caller.account, [])]);
  if (connection !== undefined && names.ofConnection(connection) === undefined)
    return faultProblem([fault('notFound', 'Connection', { id: connection })]);
  const page = cutPage(found, limit, (last) => ({ key: null, id: last._id }), nextCursor);
  return json(200, {
    ...page,
    items: page.items.map((event) => renderEvent(event, names.ofConnection(event.connection), session.actor)),
  });
}

/**
 * An event as it is returned, with its personal values in the bodies. What its faults quote may be of anyone in the account, so it is
 * shown to those who may read the events of all.
 */
export function renderEvent(event: RecordedEvent, connectionName: string | undefined, reader: Pick<Actor, 'role'>) {
  const {
    _id,
    at,
    account: _account,
    about: _about,
    actor,
    foundNothing,
    faults,
    subject,
    values,
    requestBody,
    responseBody,
    ...rest
  } = event;
  return {
    id: _id,
    at: at.toISOString(),
    ...rest,
    ...(connectionName === undefined ? {} : { connectionName }),
    outcome: outcomeOf({ status: rest.status, foundNothing }),
    ...(faults ? { faults: readableFaults(faults, may(reader, 'events.read') ? values : undefined) } : {}),
    ...(actor ? { actor: shownActor(actor) } : {}),
    ...(subject ? { subject } : {}),
    ...(requestBody === undefined ? {} : { requestBody: readableBody(requestBody, values) }),
    ...(responseBody === undefined ? {} : { responseBody: readableBody(responseBody, values) }),
  };
}

function shownActor({ hash: _hash, ...actor }: NonNullable<RecordedEvent['actor']>) {
  return actor;
}
