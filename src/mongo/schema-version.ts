// The fence between versions of the server: the database knows the latest version of the stored form that a server has brought. An earlier
// server does not start on it, and one that is running stops writing within a second or two.

import type { Db } from 'mongodb';
import { type BackgroundLoop, createBackgroundLoop } from '../background-loop.ts';
import { guarded, isDuplicate } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';

/** Raised with every change after which an earlier version must not write. */
const SCHEMA_VERSION = 1;

const ID = 'schema-version';
const LOOK_MS = 1_000;

/** Records that this version uses the database. @throws Error whose message says what to do, if a later one does */
export async function claimSchema(db: Db): Promise<void> {
  const upToThis = { _id: ID, $or: [{ version: { $lte: SCHEMA_VERSION } }, { version: { $exists: false } }] };
  try {
    await collectionsOf(db).migrations.updateOne(upToThis, { $set: { version: SCHEMA_VERSION } }, { upsert: true });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    await refuseLaterSchema(db);
  }
}

/** @throws Error whose message says what to do, if a later version uses the database */
export async function refuseLaterSchema(db: Db): Promise<void> {
  const version = await storedVersion(db);
  if (version <= SCHEMA_VERSION) return;
  throw new Error(
    `A later version of the server uses this database (form ${version}; this version knows ${SCHEMA_VERSION}). ` +
      'Start that version, or restore a backup that was made before the upgrade.',
  );
}

/** Creates the background work that calls `onLater` once, when a later version uses the database. */
export function createSchemaWatch(db: Db, onLater: () => void, onError: (error: unknown) => void): BackgroundLoop {
  let isLater = false;
  return createBackgroundLoop({
    async round() {
      if (isLater || (await storedVersion(db)) <= SCHEMA_VERSION) return false;
      isLater = true;
      onLater();
      return false;
    },
    pauseMs: LOOK_MS,
    onError,
  });
}

async function storedVersion(db: Db): Promise<number> {
  const record = await guarded(() => collectionsOf(db).migrations.findOne({ _id: ID }));
  return record?.version ?? 0;
}
