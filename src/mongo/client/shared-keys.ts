// Keys that all instances of the server share, made by the first one that needs them.

import { randomBytes } from 'node:crypto';
import type { Binary, Db } from 'mongodb';
import { guarded } from './mongo-errors.ts';

interface KeyDocument {
  _id: string;
  key: Binary;
}

const KEY_BYTES = 32;

/** The key of this name: 32 random bytes, the same for everyone who uses the database. @throws StoreUnavailable */
export async function sharedKey(db: Db, name: string): Promise<Uint8Array> {
  const keys = db.collection<KeyDocument>('keys', { writeConcern: { w: 'majority', journal: true } });
  const found = await guarded(() => keys.findOne({ _id: name }));
  if (found) return found.key.buffer;
  const document = await guarded(() =>
    keys.findOneAndUpdate(
      { _id: name },
      { $setOnInsert: { key: randomBytes(KEY_BYTES) as unknown as Binary } },
      { upsert: true, returnDocument: 'after' },
    ),
  );
  if (!document) throw new Error('an upsert returned no key');
  return document.key.buffer;
}
