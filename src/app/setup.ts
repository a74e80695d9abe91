// Wires up set-up links and the pages they lead to.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSetupLinks, type SetupLinks } from '../auth/setup-links.ts';
import { packageRoot } from '../config.ts';
import { createSetupDoor } from '../doors/setup/door.ts';
import type { ClientMappings } from '../doors/setup/mapping.ts';
import { setupRouter } from '../doors/setup/router.ts';
import { createClientAddress } from '../http/client-address.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import { createSetupLinkStore } from '../mongo/accounts/setup-links.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createEventReader } from '../mongo/events.ts';
import type { Directory } from './directory.ts';
import type { LearnerParts } from './learners.ts';
import { SCIM_BASE } from './scim.ts';

/** Creates the operations on set-up links. */
export function composeSetupLinks(db: Mongo['db'], accounts: Accounts): SetupLinks {
  return createSetupLinks({
    store: createSetupLinkStore(db),
    connections: accounts,
    accountById: accounts.accountById,
    now: () => new Date(),
  });
}

/** The attributes as clients map them. */
export function loadClientMappings(): ClientMappings {
  return JSON.parse(readFileSync(join(packageRoot, 'assets', 'client-mappings.json'), 'utf8')) as ClientMappings;
}

type SetupParts = Omit<LearnerParts, 'directory'> & { directory: Pick<Directory, 'schemasOf'> };

/** Creates the router of set-up pages. */
export function composeSetup(parts: SetupParts) {
  const { config, mongo, accounts, directory, publicUrl, places, deadline, recorder, observe, log } = parts;
  const pages = createSetupDoor({
    links: composeSetupLinks(mongo.db, accounts),
    events: createEventReader(mongo.db),
    schemasOf: directory.schemasOf,
    mappings: loadClientMappings(),
    publicUrl,
    scimUrl: publicUrl + SCIM_BASE,
  });
  const clientAddress = createClientAddress(config.trustedProxies);
  return setupRouter({ ...pages, places, deadline, recorder, observe, log, clientAddress });
}
