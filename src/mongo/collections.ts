// The registry of collections: the type of their documents and how to access them. Each collection is declared in its own file under
// schemas/; no other code uses the name of a collection.

import { randomUUID } from 'node:crypto';
import { type Collection, type Db, MongoServerError } from 'mongodb';
import type { Connection, Model } from 'mongoose';
import type { RecordedEvent } from '../directory/event.ts';
import type { StoredGroup, StoredStore, StoredUser } from '../directory/model.ts';
import type { Tombstone } from '../directory/records.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { indexedPaths } from './query/cost.ts';
import { type AccountDocument, accounts } from './schemas/accounts/accounts.ts';
import { type AdministratorDocument, administrators } from './schemas/accounts/administrators.ts';
import { type ConnectionDocument, connections } from './schemas/accounts/connections.ts';
import { type CredentialDocument, credentials } from './schemas/accounts/credentials.ts';
import { type IdempotencyDocument, idempotencyKeys } from './schemas/accounts/idempotency-keys.ts';
import { type LearnerAccessDocument, learnerAccess } from './schemas/accounts/learner-access.ts';
import {
  type LinkSecretDocument,
  linkSecrets,
  type UsedLinkToken,
  usedLinkTokens,
} from './schemas/accounts/link-secrets.ts';
import { type MailTemplateDocument, mailTemplates } from './schemas/accounts/mail-templates.ts';
import { type ClientDocument, oidcClients } from './schemas/accounts/oidc-clients.ts';
import { type OidcValueDocument, oidcValues } from './schemas/accounts/oidc-values.ts';
import { type PasswordLinkDocument, passwordLinks } from './schemas/accounts/password-links.ts';
import { type PendingSignInDocument, pendingSignIns } from './schemas/accounts/pending-sign-ins.ts';
import { personalTokens, type TokenDocument } from './schemas/accounts/personal-tokens.ts';
import { type ResetLinkDocument, resetLinks } from './schemas/accounts/reset-links.ts';
import { type SessionDocument, sessions } from './schemas/accounts/sessions.ts';
import { type SetupLinkDocument, setupLinks } from './schemas/accounts/setup-links.ts';
import { keys, type SharedKeyDocument } from './schemas/accounts/shared-keys.ts';
import { type SignInFailures, signInFailures } from './schemas/accounts/sign-in-failures.ts';
import { type SigningKeyDocument, signingKeys } from './schemas/accounts/signing-keys.ts';
import type { CollectionDeclaration } from './schemas/declaration.ts';
import { type ActiveCount, activeCounts } from './schemas/directory/active-counts.ts';
import { type AuditEntry, audit } from './schemas/directory/audit.ts';
import { type CourseDocument, type CourseLook, courseLooks, courses } from './schemas/directory/courses.ts';
import { groups } from './schemas/directory/groups.ts';
import { type ReferenceDocument, referenceData } from './schemas/directory/reference-data.ts';
import { stores } from './schemas/directory/stores.ts';
import { tombstones } from './schemas/directory/tombstones.ts';
import { users } from './schemas/directory/users.ts';
import { type CallCountDocument, callCounts } from './schemas/operation/call-counts.ts';
import { type CensusDocument, censuses } from './schemas/operation/censuses.ts';
import { dailyTurns, type TurnDocument } from './schemas/operation/daily-turns.ts';
import { events } from './schemas/operation/events.ts';
import { type InvitationCountDocument, invitationCounts } from './schemas/operation/invitation-counts.ts';
import { type InvitationDocument, invitations } from './schemas/operation/invitations.ts';
import { type LeaseDocument, leases } from './schemas/operation/leases.ts';
import { type MigrationRecord, migrations } from './schemas/operation/migrations.ts';
import { type MailDocument, outbox } from './schemas/operation/outbox.ts';
import { type RefusedDocument, refusedRequests } from './schemas/operation/refused-requests.ts';
import { type FilePiece, runFiles } from './schemas/operation/run-files.ts';
import { type RowDocument, runRows } from './schemas/operation/run-rows.ts';
import { type RunDocument, runs } from './schemas/operation/runs.ts';
import { type SimulatedDocument, simulations } from './schemas/operation/simulations.ts';

/** The document type of each collection. */
interface Documents {
  users: StoredUser;
  groups: StoredGroup;
  stores: StoredStore;
  tombstones: Tombstone;
  activeCounts: ActiveCount;
  audit: AuditEntry;
  referenceData: ReferenceDocument;
  mailTemplates: MailTemplateDocument;
  setupLinks: SetupLinkDocument;
  courses: CourseDocument;
  courseLooks: CourseLook;
  accounts: AccountDocument;
  connections: ConnectionDocument;
  credentials: CredentialDocument;
  administrators: AdministratorDocument;
  sessions: SessionDocument;
  personalTokens: TokenDocument;
  pendingSignIns: PendingSignInDocument;
  passwordLinks: PasswordLinkDocument;
  linkSecrets: LinkSecretDocument;
  usedLinkTokens: UsedLinkToken;
  signInFailures: SignInFailures;
  learnerAccess: LearnerAccessDocument;
  resetLinks: ResetLinkDocument;
  oidcClients: ClientDocument;
  oidcValues: OidcValueDocument;
  signingKeys: SigningKeyDocument;
  idempotencyKeys: IdempotencyDocument;
  keys: SharedKeyDocument;
  events: RecordedEvent;
  refusedRequests: RefusedDocument;
  callCounts: CallCountDocument;
  censuses: CensusDocument;
  runs: RunDocument;
  runRows: RowDocument;
  runFiles: FilePiece;
  simulations: SimulatedDocument;
  invitations: InvitationDocument;
  invitationCounts: InvitationCountDocument;
  outbox: MailDocument;
  leases: LeaseDocument;
  dailyTurns: TurnDocument;
  migrations: MigrationRecord;
}

/** The name of a collection. */
export type CollectionName = keyof Documents;

/** Every collection as a collection of the driver: queries are sent unchanged, and documents are neither cast nor hydrated. */
export type Collections = { readonly [Name in CollectionName]: Collection<Documents[Name]> };

/** Every collection as a mongoose model, with validation, casts and timestamps: for what administrators configure. */
type Models = { readonly [Name in CollectionName]: Model<Documents[Name]> };

const DECLARATIONS: { readonly [Name in CollectionName]: CollectionDeclaration<Documents[Name]> } = {
  users,
  groups,
  stores,
  tombstones,
  activeCounts,
  audit,
  referenceData,
  setupLinks,
  mailTemplates,
  courses,
  courseLooks,
  accounts,
  connections,
  credentials,
  administrators,
  sessions,
  personalTokens,
  pendingSignIns,
  passwordLinks,
  linkSecrets,
  usedLinkTokens,
  signInFailures,
  learnerAccess,
  resetLinks,
  oidcClients,
  oidcValues,
  signingKeys,
  idempotencyKeys,
  keys,
  events,
  refusedRequests,
  callCounts,
  censuses,
  runs,
  runRows,
  runFiles,
  simulations,
  invitations,
  invitationCounts,
  outbox,
  leases,
  dailyTurns,
  migrations,
};

/** The names of all collections. */
export const COLLECTION_NAMES = Object.keys(DECLARATIONS) as readonly CollectionName[];

/** The collections of a database, each with its declared write concern. */
export function collectionsOf(db: Db): Collections {
  // Model.collection has the type of the driver's collection, but lacks `db` and ignores the schema's write concern.
  const entries = COLLECTION_NAMES.map((name) => {
    const { writeConcern } = DECLARATIONS[name];
    return [name, db.collection(name, { writeConcern })];
  });
  return Object.fromEntries(entries);
}

/** The models of a connection; the first call registers them. */
export function modelsOf(connection: Connection): Models {
  const entries = COLLECTION_NAMES.map((name) => [
    name,
    connection.models[name] ?? connection.model(name, DECLARATIONS[name].schema, name),
  ]);
  return Object.fromEntries(entries);
}

/** The paths by which the indexes of a collection narrow the documents of an account. */
export function indexedPathsOf(name: CollectionName, catalogue: SchemaCatalogue): ReadonlySet<string> {
  return indexedPaths(DECLARATIONS[name].indexes(catalogue));
}

/**
 * Creates missing indexes and drops those of earlier versions. Existing indexes cost nothing.
 * @param db must come from a client without a socket timeout, because building an index over many users takes a long time
 * @param names the collections to prepare; all of them by default
 */
export async function ensureIndexes(
  db: Db,
  catalogue: SchemaCatalogue,
  names: readonly CollectionName[] = COLLECTION_NAMES,
): Promise<void> {
  for (const name of names) {
    const { indexes, formerIndexes } = DECLARATIONS[name];
    const declared = indexes(catalogue);
    if (declared.length > 0) await db.collection(name).createIndexes(declared);
    for (const former of formerIndexes) await dropIndex(db, name, former);
  }
  if (names.includes('groups')) await makeIdentitiesMultikey(db);
}

/**
 * An index becomes multikey with the first list that is stored. If the transactions of many users at once store the first IDs of
 * groups, mongod 6.0 stalls for seconds while it changes its catalogue; a document that comes and goes here is the first instead.
 */
async function makeIdentitiesMultikey(db: Db): Promise<void> {
  const groups = db.collection<{ _id: string; account: string; identities: { value: string }[] }>('groups');
  // Of its own, because servers that start at the same moment all do this.
  const id = randomUUID();
  await groups.insertOne({ _id: id, account: NO_ACCOUNT, identities: [{ value: `${id} 1` }, { value: `${id} 2` }] });
  // Also the document of a start that was killed before this line.
  await groups.deleteMany({ account: NO_ACCOUNT });
}

/** No account has this id. */
const NO_ACCOUNT = '';

const INDEX_NOT_FOUND = 27;

async function dropIndex(db: Db, name: CollectionName, index: string): Promise<void> {
  try {
    await db.collection(name).dropIndex(index);
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== INDEX_NOT_FOUND) throw error;
  }
}

/**
 * Sets how many days after the collection's declared date its documents are deleted. Updates the existing index if the number of
 * days has changed.
 */
export async function setRetention(db: Db, name: CollectionName, days: number): Promise<void> {
  const from = DECLARATIONS[name].retentionFrom;
  if (from === undefined) throw new Error(`${name} declares no date that its retention counts from`);
  const index = { name: 'retention', expireAfterSeconds: days * 86_400 };
  const existing = await db
    .collection(name)
    .indexes()
    .catch(() => []);
  const ttl = existing.find((known) => known.name === index.name);
  if (!ttl) await db.collection(name).createIndex({ [from]: 1 }, index);
  else if (ttl.expireAfterSeconds !== index.expireAfterSeconds) await db.command({ collMod: name, index });
}
