// Random keys that all instances of the server share, created by the first one that needs them.

import { randomBytes } from 'node:crypto';
import { Binary, type Db } from 'mongodb';
import { collectionsOf } from '../collections.ts';
import { guarded } from './mongo-errors.ts';

const KEY_BYTES = 32;

/** Returns the key with this name: 32 random bytes, the same in every process that uses the database. @throws StoreUnavailable */
export async function sharedKey(db: Db, name: string): Promise<Uint8Array> {
  const { keys } = collectionsOf(db);
  const found = await guarded(() => keys.findOne({ _id: name }));
  if (found) return found.key.buffer;
  const document = await guarded(() =>
    keys.findOneAndUpdate(
      { _id: name },
      { $setOnInsert: { key: new Binary(randomBytes(KEY_BYTES)) } },
      { upsert: true, returnDocument: 'after' },
    ),
  );
  if (!document) throw new Error('an upsert returned no key');
  return document.key.buffer;
}
