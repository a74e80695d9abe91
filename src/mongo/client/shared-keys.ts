// Random keys that all instances of the server share, created by the first one that needs them.

import { randomBytes } from 'node:crypto';
import { Binary, type Db } from 'mongodb';
import { collectionsOf } from '../collections.ts';
import { guarded } from './mongo-errors.ts';

const KEY_BYTES = 32;

/** One key: 32 random bytes. Every method throws StoreUnavailable if the database is unavailable. */
export interface SharedKey {
  /** The key; undefined if no process has created it. */
  find(): Promise<Uint8Array | undefined>;
  /** The key, the same in every process that uses the database; created if there is none. */
  create(): Promise<Uint8Array>;
  remove(): Promise<void>;
}

/** Returns the key with this name. */
export function openSharedKey(db: Db, name: string): SharedKey {
  const { keys } = collectionsOf(db);
  const find = async () => (await guarded(() => keys.findOne({ _id: name })))?.key.buffer;
  return {
    find,
    async create() {
      const found = await find();
      if (found) return found;
      const document = await guarded(() =>
        keys.findOneAndUpdate(
          { _id: name },
          { $setOnInsert: { key: new Binary(randomBytes(KEY_BYTES)) } },
          { upsert: true, returnDocument: 'after' },
        ),
      );
      if (!document) throw new Error('an upsert returned no key');
      return document.key.buffer;
    },
    async remove() {
      await guarded(() => keys.deleteOne({ _id: name }));
    },
  };
}

/** Returns the key with this name, created if there is none. @throws StoreUnavailable */
export function sharedKey(db: Db, name: string): Promise<Uint8Array> {
  return openSharedKey(db, name).create();
}
