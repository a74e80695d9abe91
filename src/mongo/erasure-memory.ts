// What the database remembers of people who are not users, or no longer: hashes of identities in tombstones, former values and events.

import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import type { ErasureMemory } from '../directory/erasure/erasure.ts';
import { searchKey } from '../directory/query/search-keys.ts';
import { guarded } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';

/** Creates the memory of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createErasureMemory(db: Db, now: () => Date): ErasureMemory {
  const { tombstones, users, events, audit } = collectionsOf(db);
  return {
    async deletedUsers(account, { ids, hashes }) {
      const deleted = { account, resource: 'User' } as const;
      const options = { projection: { known: 1 } };
      const found = await guarded(() =>
        Promise.all([
          ids.length === 0 ? [] : tombstones.find({ ...deleted, _id: { $in: [...ids] } }, options).toArray(),
          hashes.length === 0 ? [] : tombstones.find({ ...deleted, known: { $in: [...hashes] } }, options).toArray(),
        ]),
      );
      const byId = new Map(found.flat().map(({ _id, known = [] }) => [_id, known]));
      return [...byId].map(([id, known]) => ({ id, known }));
    },

    async formerIdentities(account, hashes) {
      if (hashes.length === 0) return new Map();
      const holders = { account, terms: { $in: hashes.map((hash) => searchKey('former', hash)) } };
      const found = await guarded(() => users.find(holders, { projection: { former: 1 } }).toArray());
      return new Map(
        found.flatMap(({ _id, former = [] }) =>
          hashes.filter((hash) => former.includes(hash)).map((hash): [string, string] => [hash, _id]),
        ),
      );
    },

    async remembered(account, hashes) {
      const known = new Set<string>();
      for (const hash of hashes) {
        const id = { projection: { _id: 1 } };
        const found = await guarded(async () => {
          const event = await events.findOne({ account, about: hash }, id);
          return event ?? (await audit.findOne({ account, named: hash }, id));
        });
        if (found) known.add(hash);
      }
      return known;
    },

    async record({ account, door, connection, credentialId, requestId }, { subjects, named, erased }) {
      const [subject = ''] = subjects;
      const entry = {
        _id: `${requestId}:erase:${randomUUID()}`,
        at: now(),
        account: account.id,
        door,
        connection: connection.id,
        credential: credentialId,
        request: requestId,
        action: 'erase' as const,
        resource: 'User' as const,
        subject,
        ...(subjects.length > 1 ? { subjects: [...subjects] } : {}),
        ...(named.length > 0 ? { named: [...named] } : {}),
        erased: { ...erased },
      };
      await guarded(() => audit.insertOne(entry));
    },

    async forget(account, ids) {
      if (ids.length === 0) return;
      await guarded(() => tombstones.updateMany({ account, _id: { $in: [...ids] } }, { $unset: { known: '' } }));
    },
  };
}
