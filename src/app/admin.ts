// Wires up the admin door: administrators and their sign-in, its operations as an Express router, and its OpenAPI document.

import { type Administrators, createAdministrators } from '../auth/administrators.ts';
import type { Authenticator } from '../auth/authenticate.ts';
import { createOidcSignIn, type OidcSignIn } from '../auth/oidc.ts';
import type { Tell } from '../auth/passwords/links.ts';
import type { ClientStore } from '../auth/provider/provider-store.ts';
import type { Config } from '../config.ts';
import type { Erasure } from '../directory/erasure/erasure.ts';
import { newResourceId } from '../directory/ids.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { ADMIN_BASE, createAdminApi } from '../doors/admin/api/api.ts';
import type { ImportDesk } from '../doors/admin/operations/imports/desk.ts';
import { adminRouter } from '../doors/admin/router.ts';
import type { FindSignedIn } from '../doors/admin/sign-in/authenticate.ts';
import { exampleMail } from '../doors/learners/mails.ts';
import { createPageCursors } from '../doors/page-cursors.ts';
import { SETUP_BASE } from '../doors/setup/door.ts';
import type { Page } from '../http/app.ts';
import { createClientAddress } from '../http/client-address.ts';
import type { EventRecorder } from '../http/events/recorder.ts';
import type { Observe } from '../http/pipeline.ts';
import type { Places } from '../http/places.ts';
import type { Log } from '../log.ts';
import { createOutbox, type Outbox } from '../mail/outbox.ts';
import { type Accounts, createAccounts } from '../mongo/accounts/accounts.ts';
import { createAdministratorStore } from '../mongo/accounts/administrators.ts';
import { createIdempotencyStore } from '../mongo/accounts/idempotency.ts';
import { createSignInLimits } from '../mongo/accounts/sign-in-limits.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import type { RunWithDeadline } from '../mongo/client/deadline.ts';
import { sharedKey } from '../mongo/client/shared-keys.ts';
import { createEventReader } from '../mongo/events.ts';
import { createMailDesk } from '../mongo/mail-desk.ts';
import { createOutboxStore } from '../mongo/outbox.ts';
import { createUserStandings } from '../mongo/users/standings.ts';
import { composeCourses } from './courses.ts';
import { composeCrewPlanner } from './crewplanner.ts';
import type { Directory } from './directory.ts';
import { composeHealth } from './health.ts';
import { composeHistory } from './history.ts';
import type { InvitationDesk } from './invitations.ts';
import { composeMails } from './mails.ts';
import { cursorKey } from './scim.ts';
import { composeSetupLinks } from './setup.ts';

/** The path of the page on which a password is set by a link. */
const PASSWORD_PAGE = '/set-password';
/** The path of the page with the mails that are only shown. */
const MAIL_PAGE = '/mail';

/** What the admin door is made from. */
export interface AdminParts {
  config: Config;
  log: Log;
  mongo: Mongo;
  accounts: Accounts;
  catalogue: SchemaCatalogue;
  directory: Directory;
  erasure: Erasure;
  invited: InvitationDesk;
  authenticator: Authenticator;
  places: Places;
  deadline: RunWithDeadline;
  observe: Observe;
  recorder: EventRecorder;
  /** The URL under which clients reach this server, without a trailing slash. */
  publicUrl: string;
  imports: ImportDesk | undefined;
  clients: ClientStore;
  learnerOf: FindSignedIn;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
}

/** Opens the administrators of a database. */
export async function openAdministrators(
  config: Config,
  mongo: Mongo,
  publicUrl: string = config.publicUrl,
): Promise<Administrators> {
  const { client, connection, db } = mongo;
  const { accountById } = createAccounts(connection);
  return createAdministrators({
    store: createAdministratorStore(mongo),
    standing: { accountById, userStanding: createUserStandings(db) },
    limits: createSignInLimits(client, db.databaseName),
    csrfKey: await sharedKey(db, 'csrf'),
    sessionLifetimeMinutes: config.sessionLifetimeMinutes,
    tell: createTell(createOutbox(createOutboxStore(db, () => new Date()))),
    passwordPage: publicUrl + PASSWORD_PAGE,
  });
}

/** Mails to administrators go to the outbox; those of System Administrators belong to no account. */
function createTell(outbox: Outbox): Tell {
  return async ({ to, subject, text }) => {
    await outbox.enqueue({ id: newResourceId(), account: to.account ?? 'system', to: to.email, subject, text });
  };
}

/** Creates the router of the admin door, its OpenAPI document as JSON, and its pages. */
export async function composeAdmin(parts: AdminParts) {
  const { config, log, mongo, accounts, directory, authenticator, places, deadline, recorder, observe, publicUrl } =
    parts;
  const { db } = mongo;
  const administrators = await openAdministrators(config, mongo, publicUrl);
  const api = createAdminApi({
    publicUrl,
    ...directory,
    erasure: parts.erasure,
    ...parts.invited,
    mails: createMailDesk(db),
    mailTemplates: composeMails(db).templates,
    exampleMail,
    ...composeHealth(db, accounts, directory),
    setupLinks: composeSetupLinks(db, accounts),
    setupUrl: publicUrl + SETUP_BASE,
    userSchema: parts.catalogue.user,
    accounts,
    administrators,
    oidc: openOidc(parts),
    events: createEventReader(db),
    eventRetentionDays: config.eventRetentionDays,
    ...composeHistory(db, directory, accounts),
    ...composeCourses(db, directory),
    linkSecrets: composeCrewPlanner(db, accounts, directory.provision).linkSecrets,
    idempotency: createIdempotencyStore(db, () => new Date()),
    cursors: createPageCursors(await cursorKey(db), config.cursorLifetimeSeconds),
    imports: parts.imports,
    clients: parts.clients,
    scimOwner: async (authorization) => {
      const found = await authenticator.authenticate(authorization);
      return found.ok ? found.caller : undefined;
    },
    learnerOf: parts.learnerOf,
    forgetCredential: (id) => authenticator.forget(id),
    bodyBytesMax: config.bodyBytesMax,
    stopping: parts.stopping,
    report: (error) => log.error('A request failed', { error }),
  });
  const pages = [
    pageAt(PASSWORD_PAGE, api.passwordPage),
    ...(config.mailPreview ? [pageAt(MAIL_PAGE, api.mailPage)] : []),
  ];
  const clientAddress = createClientAddress(config.trustedProxies);
  const router = adminRouter({
    door: api.door,
    authenticate: api.authenticate,
    places,
    deadline,
    recorder,
    observe,
    log,
    clientAddress,
  });
  return { administrators, router, openapi: api.openapi, pages };
}

function pageAt(path: string, { html: text, policy }: { html: string; policy: string }): Page {
  return { path, mediaType: 'text/html; charset=utf-8', text, policy };
}

function openOidc({ config, log, mongo, publicUrl }: AdminParts): OidcSignIn | undefined {
  const { oidcIssuer, oidcClientId, oidcClientSecret } = config;
  if (oidcIssuer === undefined || oidcClientId === undefined || oidcClientSecret === undefined) return undefined;
  return createOidcSignIn({
    issuer: oidcIssuer,
    clientId: oidcClientId,
    clientSecret: oidcClientSecret,
    redirectUrl: `${publicUrl}${ADMIN_BASE}/session/oidc/callback`,
    store: createAdministratorStore(mongo),
    report: (message, error) => log.warn(message, { error }),
  });
}
