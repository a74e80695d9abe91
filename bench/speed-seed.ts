// Fills the databases of the speed bench: the same documents for the server and for bare, written straight into MongoDB.

import { newResourceId } from '../src/directory/ids.ts';
import type { Caller, Link, StoredGroup } from '../src/directory/model.ts';
import type { SchemaCatalogue } from '../src/directory/schema/catalogue.ts';
import { createAccounts } from '../src/mongo/accounts/accounts.ts';
import { connectMongo, prepareDatabase } from '../src/mongo/client/connection.ts';
import { collectionsOf } from '../src/mongo/collections.ts';
import { createRecords } from '../src/mongo/records.ts';
import { personDocument } from './speed-people.ts';

/** The content of a seeded database. */
export interface Seeded {
  account: string;
  ids: string[];
  /** People in no sized group, who can be added to any group. */
  spares: string[];
  /** The sized groups by their number of members. */
  groups: Map<number, string>;
}

const BATCH = 1000;
const ORDINARY_GROUPS = 200;
const POOL = { poolSizeMax: 4, timeoutMs: 60_000 };

/**
 * Seeds databases with the same content, the first one also with an account: `stored` people, each in two ordinary groups, groups of
 * these sizes, and `spares` further people.
 */
export async function seed(
  uri: string,
  databases: readonly string[],
  catalogue: SchemaCatalogue,
  size: { stored: number; spares: number; groups: number[] },
): Promise<Seeded> {
  const connected = await Promise.all(databases.map((database) => connectMongo(uri, { database, ...POOL })));
  const [first] = connected;
  if (!first) throw new Error('a database is needed');
  for (const database of databases) await prepareDatabase(uri, database, catalogue);
  const made = await createAccounts(first.connection).createAccount({
    name: 'Demo',
    slug: 'demo',
    requiredData: 'enforce',
  });
  if (!made.ok) throw new Error('the account is there already');
  const account = made.value;
  const connection = { id: 'con_seed', account: account.id, name: 'seed', kind: 'other' as const };
  const caller: Caller = { account, connection, credentialId: 'tok_seed', door: 'scim', requestId: 'seed' };
  const records = createRecords(first.client, first.db, catalogue, () => new Date());
  const stores = connected.map(({ db }) => collectionsOf(db));
  const group = (name: string): StoredGroup => ({
    _id: newResourceId(),
    account: account.id,
    version: 1,
    created: new Date(),
    modified: new Date(),
    name,
    nameFold: name.toLowerCase(),
    identities: [],
    holdsName: true,
    type: '',
    typeFold: '',
    claimed: true,
    derived: false,
    changes: [],
  });
  const ordinary = Array.from({ length: ORDINARY_GROUPS }, (_, index) => group(`Team ${index}`));
  const sized = size.groups.map((members) => ({ members, group: group(`Everybody of ${members}`) }));
  for (const { groups } of stores) await groups.insertMany([...ordinary, ...sized.map((one) => one.group)]);
  const link = ({ _id }: StoredGroup): Link => ({ to: _id, origins: ['push:con_seed'] });
  const ids: string[] = [];
  for (let from = 0; from < size.stored + size.spares; from += BATCH) {
    const batch = [];
    for (let number = from; number < Math.min(from + BATCH, size.stored + size.spares); number += 1) {
      const id = newResourceId();
      ids.push(id);
      const teams = [ordinary[number % ORDINARY_GROUPS], ordinary[(number * 7 + 3) % ORDINARY_GROUPS]];
      const links = [...teams, ...sized.filter((one) => number < one.members).map((one) => one.group)];
      const context = { records, schema: catalogue.user, caller, id };
      batch.push(await personDocument(number, links.filter((one) => one !== undefined).map(link), context));
    }
    for (const { users } of stores) await users.insertMany(batch, { ordered: false, writeConcern: { w: 1 } });
  }
  await Promise.all(connected.map((one) => one.close()));
  return {
    account: account.id,
    ids,
    spares: ids.slice(size.stored),
    groups: new Map(sized.map((one) => [one.members, one.group._id])),
  };
}
