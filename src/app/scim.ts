// Wires up the SCIM door: its limits, its tokens and the directory, as an Express router.

import { type Authenticator, challenge } from '../auth/authenticate.ts';
import type { Config } from '../config.ts';
import type { Authenticate } from '../doors/contract.ts';
import type { ScimLimits } from '../doors/scim/limits.ts';
import { scimRouter } from '../doors/scim/router.ts';
import { createClientAddress } from '../http/client-address.ts';
import type { EventRecorder } from '../http/events/recorder.ts';
import type { Observe } from '../http/pipeline.ts';
import type { Places } from '../http/places.ts';
import type { Log } from '../log.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import type { RunWithDeadline } from '../mongo/client/deadline.ts';
import { sharedKey } from '../mongo/client/shared-keys.ts';
import { createUnconfirmedRequests } from '../mongo/unconfirmed-requests.ts';
import type { Directory } from './directory.ts';

/** The path of the SCIM door below the public URL. */
export const SCIM_BASE = '/scim/v2';

/** The path of the documentation page below the public URL. */
export const DOCS_PATH = '/docs';

/** What the SCIM door is made from. */
export interface ScimParts {
  config: Config;
  log: Log;
  db: Mongo['db'];
  directory: Pick<Directory, 'provision' | 'lookup' | 'administration' | 'referenceData' | 'schemasOf'>;
  authenticator: Authenticator;
  places: Places;
  deadline: RunWithDeadline;
  observe: Observe;
  recorder: EventRecorder;
  publicUrl: string;
}

/** Creates the router of the SCIM door. */
export async function composeScim(parts: ScimParts): Promise<ReturnType<typeof scimRouter>> {
  const { config, log, db, directory, authenticator, places, deadline, recorder, observe, publicUrl } = parts;
  return scimRouter({
    provision: directory.provision,
    lookup: directory.lookup,
    stores: directory.administration,
    orgUnits: directory.referenceData,
    schemasOf: directory.schemasOf,
    baseUrl: publicUrl + SCIM_BASE,
    documentationUri: publicUrl + DOCS_PATH,
    cursorKey: await cursorKey(db),
    unconfirmed: createUnconfirmedRequests(db, () => new Date()),
    deadline,
    limits: limitsOf(config),
    authenticate: byBearerToken(authenticator),
    places,
    recorder,
    observe,
    clientAddress: createClientAddress(config.trustedProxies),
    log,
  });
}

/** The key that signs page cursors, the same in every instance. */
export function cursorKey(db: Mongo['db']): Promise<Uint8Array> {
  return sharedKey(db, 'cursor');
}

/** Creates authentication by the bearer tokens of connections. */
export function byBearerToken(authenticator: Authenticator): Authenticate {
  return async ({ headers }) => {
    const found = await authenticator.authenticate(headers.authorization);
    if (found.ok) return { ...found, session: undefined };
    const { ok: _ok, ...refused } = found;
    return { ok: false, challenge: challenge(found.reason), refused };
  };
}

/** The limits of the SCIM door in a configuration. */
export function limitsOf(config: Config): ScimLimits {
  return {
    bodyBytesMax: config.bodyBytesMax,
    bulkPayloadBytesMax: config.bulkBodyBytesMax,
    bulkOperationsMax: config.bulkOperationsMax,
    filterResultsMax: config.pageSizeMax,
    defaultPageSize: config.pageSizeDefault,
    maxPageSize: config.pageSizeMax,
    cursorLifetimeSeconds: config.cursorLifetimeSeconds,
  };
}
