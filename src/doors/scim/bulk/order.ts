// Which operations of a Bulk request can run concurrently without a visible difference: each has a different resource, refers
// to no other operation, and takes no unique name that the others may take or release (RFC 7644 §3.7).

import { isJsonObject, type JsonObject } from '../protocol/values/json.ts';
import { referencesIn } from './references.ts';
import type { BulkOperation } from './request.ts';

/** How many operations run at the same time. */
const SIDE_BY_SIDE_MAX = 100;
/** Unique attributes, for which the order of operations matters. */
const UNIQUE_NAMES = ['username', 'externalid'];

/**
 * The index after the operations from `from` on that can run concurrently; `from + 1` if only that one can run.
 */
export function sideBySideUntil(operations: readonly BulkOperation[], from: number): number {
  const taken = new Set<string>();
  const kind = kindOf(operations[from]);
  let at = from;
  while (kind !== undefined && at < operations.length && kindOf(operations[at]) === kind) {
    const names = namesOf(operations[at] as BulkOperation);
    if (!names || names.some((name) => taken.has(name))) break;
    for (const name of names) taken.add(name);
    at += 1;
  }
  return Math.max(at, from + 1);
}

/** New users can run concurrently with new users, and changes of users with changes; everything else runs in order. */
function kindOf(operation: BulkOperation | undefined): string | undefined {
  if (operation?.refusal || operation?.target?.type !== 'User') return undefined;
  const { method, target } = operation;
  return (method === 'POST' || method === 'PATCH') && target.reference === undefined ? method : undefined;
}

/** What an operation needs exclusively; undefined if that is unknown, or if it refers to another operation. */
function namesOf({ method, target, data }: BulkOperation): string[] | undefined {
  if (!isJsonObject(data) || referencesIn(data).size > 0) return undefined;
  if (method === 'POST') return uniqueValues(data);
  return mentionsUnique(data) ? undefined : [`id ${target?.id ?? ''}`];
}

function uniqueValues(data: JsonObject): string[] | undefined {
  const values: string[] = [];
  for (const key of Object.keys(data)) {
    const name = key.slice(key.lastIndexOf(':') + 1).toLowerCase();
    const value = data[key];
    if (!UNIQUE_NAMES.includes(name) || value === null) continue;
    if (typeof value !== 'string') return undefined;
    values.push(`${name} ${value.normalize('NFC').toLowerCase()}`);
  }
  return values;
}

/** Whether a PATCH mentions a unique attribute: as a path, or as a key of a value. */
function mentionsUnique(data: JsonObject): boolean {
  const text = JSON.stringify(data).toLowerCase();
  return UNIQUE_NAMES.some((name) => text.includes(name));
}

/** Does the work for each operation, several at a time, started in order. */
export async function sideBySide(
  operations: readonly BulkOperation[],
  work: (operation: BulkOperation) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let operation = operations[next]; operation !== undefined; operation = operations[next]) {
      next += 1;
      await work(operation);
    }
  };
  await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE_MAX, operations.length) }, worker));
}
