// What errors of the driver mean: the database is away (StoreUnavailable), a unique value is taken, or a bug.

import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import { StoreUnavailable } from '../../directory/faults.ts';

/** Server codes of a node that stops, steps down, has no majority or ran out of time (MongoDB error codes). */
const OUTAGE_CODES = new Set([
  6, 7, 50, 64, 89, 91, 100, 189, 262, 317, 358, 384, 9001, 10107, 11600, 11602, 13435, 13436, 14031, 46841,
]);

/** The system's codes of a connection that is gone; the driver lets them through where it writes at that very moment. */
const SOCKET_CODES: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_SOCKET_CLOSED',
]);

/** Whether an error says that the database can't be reached, has no primary, is full or did not answer in time. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof MongoError)) return error instanceof Error && 'code' in error && SOCKET_CODES.has(error.code);
  if (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoTopologyClosedError ||
    error instanceof MongoClientClosedError ||
    error instanceof MongoOperationTimeoutError
  )
    return true;
  if (/^MongoPool|^MongoWaitQueue/.test(error.name) || error.name === 'PoolClearedOnNetworkError') return true;
  if (typeof error.code === 'number' && OUTAGE_CODES.has(error.code)) return true;
  if (error.hasErrorLabel('RetryableWriteError')) return true;
  // A bulk write hides the kind of what broke it; only what a server refused has a code.
  return error instanceof MongoBulkWriteError && error.code === undefined;
}

/**
 * Runs a database operation.
 * @throws StoreUnavailable where the database is away; whatever else the operation throws as it is.
 */
export async function guarded<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (isOutage(error)) throw new StoreUnavailable(error);
    throw error;
  }
}

/** MongoDB's code of a duplicate key. */
const DUPLICATE_KEY = 11000;

/** Whether a unique index refused a write: the error of an operation, or of one write out of several. */
export function isDuplicate(error: unknown): error is { message?: string; errmsg?: string } {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === DUPLICATE_KEY;
}
