// Wires up the operations of the admin API for the command line: the same checks, rules and events, without HTTP and without a sign-in.

import type { Administrator } from '../auth/administrator-store.ts';
import type { Erasure } from '../directory/erasure/erasure.ts';
import { newResourceId } from '../directory/ids.ts';
import type { Caller } from '../directory/model.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { ADMIN_BASE } from '../doors/admin/api/api.ts';
import { createAdminDoor } from '../doors/admin/api/door.ts';
import type { Method } from '../doors/admin/api/operation.ts';
import { createOperationTable } from '../doors/admin/api/routes.ts';
import { type AttributeDesk, attributeOperations } from '../doors/admin/operations/attributes.ts';
import { catalogueOperations } from '../doors/admin/operations/catalogues.ts';
import { connectionHealthOperations } from '../doors/admin/operations/connection-health.ts';
import { erasureOperations } from '../doors/admin/operations/erasure.ts';
import { eventOperations } from '../doors/admin/operations/events.ts';
import { groupMergeOperations } from '../doors/admin/operations/group-merge.ts';
import { groupOperations } from '../doors/admin/operations/groups.ts';
import { invitationOperations } from '../doors/admin/operations/invitations.ts';
import { storeOperations } from '../doors/admin/operations/stores.ts';
import { userOperations } from '../doors/admin/operations/users/operations.ts';
import type { DoorResponse } from '../doors/contract.ts';
import { createPageCursors } from '../doors/page-cursors.ts';
import type { EventRecorder } from '../http/events/recorder.ts';
import { createIdempotencyStore } from '../mongo/accounts/idempotency.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createEventReader } from '../mongo/events.ts';
import type { Directory } from './directory.ts';
import type { composeHealth } from './health.ts';
import type { composeHistory } from './history.ts';
import type { InvitationDesk } from './invitations.ts';
import { cursorKey } from './scim.ts';

/** An operation to carry out. */
export interface AdminCall {
  method: Method;
  /** Below the account, such as `/users/ID/block`; every part that comes from outside is encoded. */
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
}

/** Carries out an operation in the caller's account and records it as an event. Refusals are responses; it never rejects. */
export type CommandDesk = (caller: Caller, call: AdminCall) => Promise<DoorResponse>;

/** What the desk is made from. */
export interface CommandDeskParts extends ReturnType<typeof composeHistory>, ReturnType<typeof composeHealth> {
  mongo: Pick<Mongo, 'db'>;
  catalogue: SchemaCatalogue;
  directory: Directory;
  erasure: Erasure;
  invited: InvitationDesk;
  accounts: AttributeDesk;
  recorder: Pick<EventRecorder, 'record'>;
  bodyBytesMax: number;
  report: (error: unknown) => void;
}

/** A person who can open the database may do everything. */
const OPERATOR: Administrator = {
  id: 'command-line',
  email: '',
  name: 'command line',
  role: 'systemAdministrator',
  disabled: false,
  created: new Date(0),
};

/** The operations that commands carry out. */
function operationsOf({ directory, invited, ...parts }: CommandDeskParts) {
  const events = createEventReader(parts.mongo.db);
  const options = { ...directory, directory, ...parts, ...invited, schema: parts.catalogue.user, events };
  return createOperationTable([
    ...userOperations(options),
    ...erasureOperations(options),
    ...invitationOperations(options),
    ...groupOperations(options),
    ...groupMergeOperations(options),
    ...storeOperations(options),
    ...catalogueOperations(options),
    ...attributeOperations(options),
    ...eventOperations(options),
    ...connectionHealthOperations(options),
  ]);
}

/** Creates the desk of the command line. */
export async function composeCommandDesk(parts: CommandDeskParts): Promise<CommandDesk> {
  const { mongo, recorder, bodyBytesMax, report } = parts;
  const { db } = mongo;
  const door = createAdminDoor({
    operations: operationsOf(parts),
    idempotency: createIdempotencyStore(db, () => new Date()),
    cursors: createPageCursors(await cursorKey(db), 60),
    bodyBytesMax,
    report,
  });

  return async (operator, { method, path: below, query = {}, body }) => {
    const at = new Date();
    // Of its own, because a change record is named after its request.
    const caller = { ...operator, requestId: newResourceId() };
    const path = `/accounts/${encodeURIComponent(caller.account.slug)}${below}`;
    const asked = new URLSearchParams(query).toString();
    const match = door.match(method, path);
    const response = match.ok
      ? await match.route.handle({
          method,
          path,
          query: asked,
          ifMatch: undefined,
          ifNoneMatch: undefined,
          headers: {},
          remoteAddress: '',
          body,
          caller,
          session: { actor: OPERATOR, administrator: OPERATOR, account: caller.account },
        })
      : match.response;
    // A list is one event, however many pages are read.
    if (query.cursor !== undefined) return response;
    const { status, reasons, subject, isConfidential } = response;
    const isKept = !isConfidential;
    recorder.record({
      at,
      door: caller.door,
      requestId: caller.requestId,
      method,
      url: `${ADMIN_BASE}${path}${asked === '' ? '' : `?${asked}`}`,
      userAgent: undefined,
      address: '',
      caller,
      refused: undefined,
      status,
      durationMs: Date.now() - at.getTime(),
      requestBody: isKept ? body : undefined,
      requestBytes: 0,
      responseBody: isKept ? response.body : undefined,
      reasons,
      subject,
      listed: undefined,
    });
    return response;
  };
}
