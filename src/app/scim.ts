// Wires up the SCIM door: its limits, its tokens and the directory, as an Express router.

import { type Authenticator, challenge } from '../auth/authenticate.ts';
import type { Config } from '../config.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import type { Authenticate } from '../doors/contract.ts';
import type { ScimLimits } from '../doors/scim/limits.ts';
import { scimRouter } from '../doors/scim/router.ts';
import type { Admission } from '../http/admission.ts';
import { createClientAddress } from '../http/client-address.ts';
import type { EventRecorder } from '../http/event-recorder.ts';
import type { Log } from '../log.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { sharedKey } from '../mongo/client/shared-keys.ts';
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
  catalogue: SchemaCatalogue;
  directory: Pick<Directory, 'provision' | 'lookup'>;
  authenticator: Authenticator;
  admission: Admission;
  recorder: EventRecorder;
  publicUrl: string;
}

/** Creates the router of the SCIM door. */
export async function composeScim(parts: ScimParts): Promise<ReturnType<typeof scimRouter>> {
  const { config, log, db, catalogue, directory, authenticator, admission, recorder, publicUrl } = parts;
  return scimRouter({
    provision: directory.provision,
    lookup: directory.lookup,
    catalogue,
    baseUrl: publicUrl + SCIM_BASE,
    documentationUri: publicUrl + DOCS_PATH,
    cursorKey: await cursorKey(db),
    limits: limitsOf(config),
    authenticate: byBearerToken(authenticator),
    admission,
    recorder,
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
