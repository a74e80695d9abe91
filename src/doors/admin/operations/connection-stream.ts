// The live stream of a connection over the admin API: its requests as they are recorded, as Server-Sent Events.
// @see WHATWG HTML §9.2 Server-sent events

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { ConnectionDesk } from '../../../auth/connections.ts';
import type { Actor } from '../../../directory/administration/permissions.ts';
import type { EventFilter, EventReader } from '../../../directory/event.ts';
import { fault, StoreUnavailable } from '../../../directory/faults.ts';
import { type FollowedStep, followEvents } from '../../../directory/followed-events.ts';
import { isResourceId } from '../../../directory/ids.ts';
import type { Account } from '../../../directory/model.ts';
import { accountParams, withId } from '../api/common-schemas.ts';
import { type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';
import { renderEvent } from './events.ts';

export const STREAM_OUTCOMES = ['accepted', 'refused'] as const;
export const STREAM_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'ROW'] as const;
export const STREAM_STATUSES = ['2xx', '3xx', '4xx', '5xx'] as const;

/** Silence after which something is sent, so that nobody on the way takes the connection for dead. */
const HEARTBEAT_MS = 15_000;
/** How often it is checked whether the reader may still see this. */
const RECHECK_MS = 5_000;
/** After this time the reader must connect again; as long as a response may take (`http/send.ts`). */
const STREAM_MS_MAX = 55 * 60_000;
/** How long a reader waits before it connects again. */
const RECONNECT_MS = 2_000;

const PERMISSION = 'connections.watch';

const query = z.object({
  outcome: z
    .enum(STREAM_OUTCOMES)
    .optional()
    .meta({ description: 'Only requests that were accepted, or that were refused or failed' }),
  method: z.enum(STREAM_METHODS).optional().meta({ description: 'Only requests with this method; ROW: rows of files' }),
  status: z.enum(STREAM_STATUSES).optional().meta({ description: 'Only requests with a status of this class' }),
  after: z
    .string()
    .refine(isResourceId, 'must be the id of an event')
    .optional()
    .meta({ description: 'Begin behind the event with this id; the header Last-Event-ID takes precedence' }),
});

/** Why a stream ended. */
type End = 'unauthorized' | 'stopping' | 'renew';

export interface StreamOperationsOptions {
  events: Pick<EventReader, 'span'>;
  connections: Pick<ConnectionDesk, 'listConnections'>;
  /** Whether the sender of these headers may still use a permission in the account. @throws StoreUnavailable */
  stillMay: (headers: IncomingHttpHeaders, permission: typeof PERMISSION, account: Account) => Promise<boolean>;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
}

/** The operation that streams. */
export function streamOperations({ events, connections, stillMay, stopping }: StreamOperationsOptions): Operation[] {
  return [
    operation({
      id: 'watchConnection',
      tag: 'Connections',
      method: 'GET',
      path: '/accounts/{account}/connections/{connection}/stream',
      summary: 'Follow the requests of a connection as they come in (Server-Sent Events)',
      description:
        'Each message `request` has an Event as its data, two to three seconds after it was recorded. Reconnect with Last-Event-ID to continue ' +
        'without a gap. A message `end` says why the server ends the stream: `unauthorized`, `stopping` or `renew`.',
      permission: PERMISSION,
      params: accountParams.extend({ connection: withId('connection') }),
      query,
      answers: { 200: { description: 'The stream', mediaType: 'text/event-stream' } },
      async handle({ caller: { account }, session, params, query: { after, ...wanted }, headers }) {
        const last = headers['last-event-id']?.toString();
        if (last !== undefined && !isResourceId(last))
          return faultProblem([fault('invalidValue', 'Last-Event-ID', { rule: 'must be the id of an event' })]);
        const { connection } = params;
        const known = (await connections.listConnections(account)).find(({ id }) => id === connection);
        if (!known) return faultProblem([fault('notFound', 'Connection', { id: connection })]);
        const filter = filterOf(wanted);
        const followed = { account: account.id, connection, filter, after: last ?? after, signal: stopping };
        const mayRead = () => stillMay(headers, PERMISSION, account);
        return {
          status: 200,
          // Proxies such as nginx pass each message on at once.
          headers: { 'X-Accel-Buffering': 'no' },
          mediaType: 'text/event-stream; charset=utf-8',
          stream: messages(followEvents(events, followed), {
            connectionName: known.name,
            reader: session.actor,
            mayRead,
          }),
          isLive: true,
        };
      },
    }),
  ];
}

/** The filter of a query. */
export function filterOf({
  outcome,
  method,
  status,
}: Pick<z.output<typeof query>, 'outcome' | 'method' | 'status'>): EventFilter {
  return { outcome, method, ...(status === undefined ? {} : { statusClass: Number(status[0]) }) };
}

/** The messages of a stream; an empty piece for each step without any. */
async function* messages(
  steps: AsyncIterable<FollowedStep>,
  { connectionName, reader, mayRead }: { connectionName: string; reader: Actor; mayRead: () => Promise<boolean> },
): AsyncGenerator<string, void, undefined> {
  const endsAt = Date.now() + STREAM_MS_MAX;
  let checkAt = Date.now() + RECHECK_MS;
  let heartbeatAt = 0;
  let position = '';
  yield `retry: ${RECONNECT_MS}\n\n`;
  for await (const step of steps) {
    if (Date.now() >= checkAt) {
      const allowed = await isAllowed(mayRead);
      if (allowed === undefined) return;
      if (!allowed) return yield end('unauthorized');
      checkAt = Date.now() + RECHECK_MS;
    }
    for (const event of step.events) {
      // An event that was stored late comes behind newer ones, to which the reader must not return.
      if (event._id > position) position = event._id;
      yield message(position, renderEvent(event, connectionName, reader));
    }
    position = step.position;
    if (Date.now() >= endsAt) return yield end('renew');
    const isSilent = step.events.length === 0;
    if (isSilent && Date.now() < heartbeatAt) {
      yield '';
      continue;
    }
    // Without data, the position is all that the reader takes of it.
    if (isSilent) yield `: \nid: ${position}\n\n`;
    heartbeatAt = Date.now() + HEARTBEAT_MS;
  }
  yield end('stopping');
}

/** undefined if the database does not say; the reader then connects again. */
async function isAllowed(mayRead: () => Promise<boolean>): Promise<boolean | undefined> {
  try {
    return await mayRead();
  } catch (error) {
    if (error instanceof StoreUnavailable) return undefined;
    throw error;
  }
}

function message(id: string, event: ReturnType<typeof renderEvent>): string {
  return `id: ${id}\nevent: request\ndata: ${JSON.stringify(event)}\n\n`;
}

function end(reason: End): string {
  return `event: end\ndata: ${JSON.stringify({ reason })}\n\n`;
}
