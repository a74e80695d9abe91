// A directory over a real, empty database, and callers of accounts in it.

import { randomUUID } from 'node:crypto';
import { createDirectory, type Directory } from '../../src/app/directory.ts';
import type { Account, Caller, UserRevision, UserView } from '../../src/directory/model.ts';
import { loadSchemaCatalogue, type SchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import type { Attributes } from '../../src/directory/schema/schema.ts';
import { connectMongo, prepareDatabase } from '../../src/mongo/client/connection.ts';
import { openTestDatabase } from './mongod.ts';
import { packageFolder } from './package-folder.ts';

export interface TestDirectory extends Directory {
  catalogue: SchemaCatalogue;
  connection: Awaited<ReturnType<typeof openTestDatabase>>['connection'];
  db: Awaited<ReturnType<typeof openTestDatabase>>['db'];
  /** Where the database is, for other processes. */
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
    onError,
  });
  return {
    ...directory,
    catalogue,
    connection: mongo.connection,
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

/** A revision that states these attributes on top of the current view, as a PATCH does. */
export function patching(changes: Attributes): (current: UserView) => { ok: true; revision: UserRevision } {
  return (current) => {
    const attributes: Attributes = { ...current.attributes };
    const stated = new Set<string>();
    for (const [key, value] of Object.entries(changes)) {
      const [part, name] = key.includes('.') ? key.split('.') : [undefined, key];
      if (part === undefined) attributes[name as string] = value;
      else attributes[part] = { ...(attributes[part] as Attributes), [name as string]: value };
      stated.add(key);
    }
    return { ok: true, revision: { mode: 'patch', attributes, stated } };
  };
}

/** A revision that is a whole resource, as a PUT sends it. */
export function replacing(attributes: Attributes): () => { ok: true; revision: UserRevision } {
  const stated = new Set(Object.keys(attributes));
  for (const part of ['enterprise', 'mobietrain']) {
    for (const name of Object.keys((attributes[part] as Attributes | undefined) ?? {})) stated.add(`${part}.${name}`);
  }
  return () => ({ ok: true, revision: { mode: 'replace', attributes, stated } });
}
