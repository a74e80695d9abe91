// Classifies errors of the driver: the database is unreachable (StoreUnavailable), a unique value is taken, or a bug.

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

/** System error codes of a broken connection; the driver passes them on if the connection breaks during a write. */
const SOCKET_CODES: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_SOCKET_CLOSED',
]);

/** Whether an error means that the database is unreachable, has no primary, is full or did not respond in time. */
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
  // The error of a bulk write hides its cause; only a rejection by the server has a code.
  return error instanceof MongoBulkWriteError && error.code === undefined;
}

/** Server codes of a node that stops or is no longer the primary: another node may answer the same read. */
const CHANGE_OF_NODE_CODES = new Set([6, 7, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Whether a read was interrupted and may be sent again: its connection broke, or the primary changed. @see MongoDB, Retryable Reads */
export function isInterruptedRead(error: unknown): boolean {
  if (error instanceof MongoNetworkError) return true;
  return error instanceof MongoError && typeof error.code === 'number' && CHANGE_OF_NODE_CODES.has(error.code);
}

/**
 * Runs a database operation, and turns outages into StoreUnavailable.
 * @throws StoreUnavailable if the database is unreachable; any other error of the operation unchanged
 */
export async function guarded<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (isOutage(error)) throw new StoreUnavailable(error);
    throw error;
  }
}

/** The server's error code for a duplicate key. */
const DUPLICATE_KEY = 11000;

/** Whether a write failed because of a unique index: the error of an operation, or of one write of a bulk write. */
export function isDuplicate(error: unknown): error is { message?: string; errmsg?: string } {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === DUPLICATE_KEY;
}
