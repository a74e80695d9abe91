// A directory over a real, empty database, and callers of accounts in it.

import { randomUUID } from 'node:crypto';
import { createDirectory, type Directory } from '../../src/app/directory.ts';
import type { LinkChange } from '../../src/directory/links/changes.ts';
import { LINK_LIST_KEYS } from '../../src/directory/links/kinds.ts';
import type { Account, Caller, UserRevision, UserView } from '../../src/directory/model.ts';
import type { Provision } from '../../src/directory/ports.ts';
import { copyAttributes, setAt } from '../../src/directory/schema/attributes.ts';
import { loadSchemaCatalogue, type SchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import { type Attributes, emptyAttributes } from '../../src/directory/schema/schema.ts';
import { takeLinkChanges, takePatchedLinkChanges } from '../../src/doors/scim/protocol/link-changes.ts';
import { connectMongo, prepareDatabase } from '../../src/mongo/client/connection.ts';
import { openTestDatabase } from './mongod.ts';
import { packageFolder } from './package-folder.ts';

export interface TestDirectory extends Directory {
  catalogue: SchemaCatalogue;
  connection: Awaited<ReturnType<typeof openTestDatabase>>['connection'];
  client: Awaited<ReturnType<typeof openTestDatabase>>['client'];
  db: Awaited<ReturnType<typeof openTestDatabase>>['db'];
  /** The URI of the database, for other processes. */
  uri: string;
  /** A caller of an account: another connection of the same account where only the connection differs. */
  caller(account?: Partial<Account>, connection?: string): Caller;
  close(): Promise<void>;
}

export async function openTestDirectory(): Promise<TestDirectory> {
  const database = await openTestDatabase();
  const directory = await openDirectoryOf(database.uri, database.name);
  return {
    ...directory,
    async close() {
      await directory.close();
      await database.close();
    },
  };
}

/** A directory over the database that another process opened. */
export async function openDirectoryOf(uri: string, name: string): Promise<TestDirectory> {
  const catalogue = loadSchemaCatalogue(packageFolder('scim-schemas'));
  await prepareDatabase(uri, name, catalogue);
  const mongo = await connectMongo(uri, { database: name, poolSizeMax: 20, timeoutMs: 10_000 });
  const onError = (error: unknown): void => console.error(error);
  const directory = createDirectory({
    ...mongo,
    catalogue,
    now: () => new Date(),
    onError: () => onError,
  });
  return {
    ...directory,
    provision: takingLinks(directory.provision),
    bulk() {
      const entries = directory.bulk();
      return { ...entries, provision: takingLinks(entries.provision) };
    },
    simulate() {
      const simulation = directory.simulate();
      return { ...simulation, provision: takingLinks(simulation.provision) };
    },
    catalogue,
    connection: mongo.connection,
    client: mongo.client,
    db: mongo.db,
    uri,
    caller(account = {}, connection = 'con_a') {
      const id = account.id ?? 'acc_test';
      return {
        account: { id, slug: id, name: id, requiredData: 'report', derivedGroups: [], ...account },
        connection: { id: connection, account: id, name: connection, kind: 'other' },
        credentialId: 'cred_test',
        door: 'scim',
        requestId: randomUUID(),
      };
    },
    async close() {
      await directory.stop();
      await mongo.close();
    },
  };
}

/** Takes drafts with stores and user groups among the attributes, as SCIM bodies have them. */
function takingLinks(provision: Provision): Provision {
  return {
    ...provision,
    createUser(caller, draft, links = [], invites) {
      const { revision } = replacing(draft)();
      return provision.createUser(caller, revision.attributes, [...(revision.links ?? []), ...links], invites);
    },
  };
}

/** A revision that states these attributes, as a PATCH does that replaces each of them. */
export function patching(changes: Attributes): (current: UserView) => { ok: true; revision: UserRevision } {
  return () => {
    const attributes = emptyAttributes();
    for (const [key, value] of Object.entries(changes)) setAt(attributes, key, value);
    const stated = new Set(Object.keys(changes));
    const lists = new Map(
      [...LINK_LIST_KEYS]
        .filter((key) => stated.has(key))
        .map((key) => [key, { added: new Set<never>(), removed: [], isRewritten: true }]),
    );
    const links = takePatchedLinkChanges({ attributes, stated, lists });
    return { ok: true, revision: { mode: 'patch', attributes, stated, links } };
  };
}

/** A revision that is a whole resource, as a PUT sends it. */
export function replacing(resource: Attributes): () => { ok: true; revision: UserRevision & { links: LinkChange[] } } {
  const stated = new Set(Object.keys(resource));
  const attributes = copyAttributes(resource);
  for (const part of ['enterprise', 'mobietrain']) {
    const values = resource[part] as Attributes | undefined;
    for (const name of Object.keys(values ?? {})) stated.add(`${part}.${name}`);
    if (values) attributes[part] = copyAttributes(values);
  }
  const links = takeLinkChanges({ attributes, stated });
  return () => ({ ok: true, revision: { mode: 'replace', attributes, stated, links } });
}
