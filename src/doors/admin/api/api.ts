// Assembles the admin API: its operations, their router, authentication and the OpenAPI document.

import type { Administrators } from '../../../auth/administrators.ts';
import type { ConnectionDesk } from '../../../auth/connections.ts';
import type { LinkSecrets } from '../../../auth/link-secrets.ts';
import type { OidcSignIn } from '../../../auth/oidc.ts';
import type { ClientStore } from '../../../auth/provider/provider-store.ts';
import type { Administration } from '../../../directory/administration/administration.ts';
import type { Courses } from '../../../directory/courses/courses.ts';
import type { Erasure } from '../../../directory/erasure/erasure.ts';
import type { EventReader } from '../../../directory/event.ts';
import type { FindSubjects, HistoryReader } from '../../../directory/history.ts';
import type { FindHistoryNames } from '../../../directory/history-names.ts';
import type { Account } from '../../../directory/model.ts';
import type { Lookup, Provision } from '../../../directory/ports.ts';
import type { ReferenceData } from '../../../directory/reference-data/reference-data.ts';
import type { References } from '../../../directory/reference-data/references.ts';
import type { SchemasOf } from '../../../directory/schema/account-attributes.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import type { ReadUserSources } from '../../../directory/users/sources.ts';
import type { PageCursors } from '../../page-cursors.ts';
import { type AccountDesk, accountOperations } from '../operations/accounts.ts';
import { administratorOperations } from '../operations/administrators.ts';
import { type AttributeDesk, attributeOperations } from '../operations/attributes.ts';
import { catalogueOperations } from '../operations/catalogues.ts';
import { clientOperations } from '../operations/clients.ts';
import { type ConnectionHealthOptions, connectionHealthOperations } from '../operations/connection-health.ts';
import { streamOperations } from '../operations/connection-stream.ts';
import { connectionOperations } from '../operations/connections.ts';
import { courseOperations } from '../operations/courses.ts';
import { erasureOperations } from '../operations/erasure.ts';
import { eventOperations } from '../operations/events.ts';
import { type GroupMergeOptions, groupMergeOperations } from '../operations/group-merge.ts';
import { groupOperations } from '../operations/groups.ts';
import { historyOperations } from '../operations/history.ts';
import type { ImportDesk } from '../operations/imports/desk.ts';
import { importOperations } from '../operations/imports/operations.ts';
import { type InvitationOperationsOptions, invitationOperations } from '../operations/invitations.ts';
import { type FindLearner, learnerOperations, type ReadLearner } from '../operations/learners.ts';
import { linkSecretOperations } from '../operations/link-secrets.ts';
import { type MailOperationsOptions, mailOperations } from '../operations/mails.ts';
import { remedyOperations } from '../operations/remedies.ts';
import { type SetupLinkOperationsOptions, setupLinkOperations } from '../operations/setup-links.ts';
import { type StoreMergeOptions, storeMergeOperations } from '../operations/store-merge.ts';
import { storeOperations } from '../operations/stores.ts';
import { userOperations } from '../operations/users/operations.ts';
import { type AdminAuthenticationOptions, createAdminAuthentication } from '../sign-in/authenticate.ts';
import { createSessionCookies } from '../sign-in/cookies.ts';
import { credentialOperations } from '../sign-in/credentials.ts';
import { createMailPage } from '../sign-in/mail-page.ts';
import { createPasswordPage } from '../sign-in/password-page.ts';
import { sessionOperations } from '../sign-in/sessions.ts';
import { createStillMay } from '../sign-in/still-may.ts';
import { createAdminDoor } from './door.ts';
import type { IdempotencyStore } from './idempotency.ts';
import { createOpenApiDocument } from './openapi.ts';
import { createOperationTable } from './routes.ts';

/** The path of the admin API below the public URL. */
export const ADMIN_BASE = '/api/v1';

export interface AdminApiOptions
  extends Pick<InvitationOperationsOptions, 'invitations' | 'invitationReader' | 'deliveries' | 'plannedMail' | 'now'>,
    MailOperationsOptions,
    SetupLinkOperationsOptions,
    ConnectionHealthOptions,
    GroupMergeOptions,
    StoreMergeOptions {
  /** The public URL of this server, without a trailing slash. */
  publicUrl: string;
  provision: Provision;
  lookup: Lookup;
  administration: Administration;
  erasure: Erasure;
  referenceData: ReferenceData;
  references: References;
  userSchema: ResourceSchema;
  schemasOf: SchemasOf;
  accounts: AccountDesk & AttributeDesk & ConnectionDesk & { accountById(id: string): Promise<Account | undefined> };
  administrators: Administrators;
  oidc: OidcSignIn | undefined;
  events: EventReader;
  history: HistoryReader;
  historyNames: FindHistoryNames;
  /** For how many days events are kept. */
  eventRetentionDays: number;
  findSubjects: FindSubjects;
  userSources: ReadUserSources;
  courses: Courses;
  findLearner: FindLearner;
  readLearner: ReadLearner;
  linkSecrets: LinkSecrets;
  idempotency: IdempotencyStore;
  cursors: PageCursors;
  /** Imports and exports; without it the API has none. */
  imports: ImportDesk | undefined;
  /** The applications that sign learners in. */
  clients: ClientStore;
  scimOwner: AdminAuthenticationOptions['scimOwner'];
  learnerOf: AdminAuthenticationOptions['learnerOf'];
  /** Drops a revoked credential from this process's cache. */
  forgetCredential: (credentialId: string) => void;
  bodyBytesMax: number;
  /** Aborted when the server stops: streams end. */
  stopping: AbortSignal;
  report: (error: unknown) => void;
}

/** Creates the admin API. */
export function createAdminApi(options: AdminApiOptions) {
  const { publicUrl, accounts, administrators, lookup, referenceData, userSchema } = options;
  const cookies = createSessionCookies(publicUrl.startsWith('https:'));
  const operations = [
    ...sessionOperations({
      administrators,
      oidc: options.oidc,
      cookies,
      slugOf: async (account) => (await accounts.accountById(account))?.slug,
      accountIdOf: async (slug) => (await accounts.findAccount(slug))?.id ?? '',
      home: `${publicUrl}/`,
    }),
    ...accountOperations({ accounts, schema: userSchema }),
    ...attributeOperations(options),
    ...credentialOperations({ administrators }),
    ...administratorOperations({ administrators, lookup, referenceData, cookies }),
    ...userOperations({ ...options, schema: userSchema }),
    ...invitationOperations({ ...options, schema: userSchema }),
    ...mailOperations(options),
    ...erasureOperations(options),
    ...groupOperations(options),
    ...groupMergeOperations(options),
    ...storeMergeOperations(options),
    ...storeOperations(options),
    ...catalogueOperations(options),
    ...courseOperations(options),
    ...learnerOperations(options),
    ...linkSecretOperations(options),
    ...connectionOperations({ connections: accounts, forget: options.forgetCredential }),
    ...streamOperations({
      events: options.events,
      connections: accounts,
      stillMay: createStillMay({ administrators, cookies, accountById: (id) => accounts.accountById(id) }),
      stopping: options.stopping,
    }),
    ...connectionHealthOperations(options),
    ...setupLinkOperations(options),
    ...clientOperations({ clients: options.clients, now: () => new Date() }),
    ...eventOperations(options),
    ...historyOperations(options),
    ...remedyOperations(),
    ...(options.imports ? importOperations(options.imports) : []),
  ];
  const document = createOpenApiDocument(operations, publicUrl + ADMIN_BASE);
  return {
    door: createAdminDoor({ ...options, operations: createOperationTable(operations) }),
    authenticate: createAdminAuthentication({
      administrators,
      cookies,
      lookup,
      accountBySlug: (slug) => accounts.findAccount(slug),
      scimOwner: options.scimOwner,
      learnerOf: options.learnerOf,
      publicOrigin: new URL(publicUrl).origin,
    }),
    openapi: JSON.stringify(document),
    passwordPage: createPasswordPage(new URL(publicUrl + ADMIN_BASE).pathname),
    mailPage: createMailPage(new URL(publicUrl + ADMIN_BASE).pathname),
  };
}
