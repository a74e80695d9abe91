// Conditions within an account, in the form for which MongoDB can use an index.

import type { Condition } from './filter.ts';

/**
 * A condition within an account. `$or` is hoisted to the root and every branch repeats the account and all other conditions; otherwise
 * MongoDB cannot use one index per branch, nor an index that contains only resources with the attribute.
 */
export function scopeToAccount(account: string, condition: Condition | undefined): Condition {
  if (!condition) return { account };
  const operands = operandsOf(condition);
  const disjunction = operands.find((operand) => branchesOf(operand));
  const others = operands.filter((operand) => operand !== disjunction);
  const branches = disjunction ? flatBranches(disjunction) : [];
  if (!disjunction || branches.length * comparisonsIn(others) > REPEATED_MAX)
    return { $and: [{ account }, ...operands] };
  return { $or: branches.map((branch) => ({ $and: [{ account }, branch, ...others] })) };
}

/** The maximum number of comparisons that the branches of `$or` repeat; MongoDB plans each branch separately, which takes time. */
const REPEATED_MAX = 256;

/** The number of comparisons in conditions. */
function comparisonsIn(conditions: readonly Condition[]): number {
  let count = 0;
  for (const condition of conditions) {
    for (const [key, value] of Object.entries(condition)) {
      count += key.startsWith('$') && Array.isArray(value) ? comparisonsIn(value) : 1;
    }
  }
  return count;
}

/** The operands of nested `$and`s, as one list. */
function operandsOf({ $and: operands, ...others }: Condition): Condition[] {
  if (!Array.isArray(operands)) return [others];
  return [...operands.flatMap(operandsOf), ...(Object.keys(others).length > 0 ? [others] : [])];
}

/** The branches of nested `$or`s, as one list. */
function flatBranches(condition: Condition): Condition[] {
  return branchesOf(condition)?.flatMap(flatBranches) ?? [condition];
}

/** The branches of a condition that consists only of `$or`; otherwise undefined. */
function branchesOf({ $or: branches, ...others }: Condition): Condition[] | undefined {
  return Array.isArray(branches) && Object.keys(others).length === 0 ? branches : undefined;
}

/** Adds a condition to a query; to every branch if the query is an `$or`. */
export function narrowed(query: Condition, condition: Condition): Condition {
  const branches = branchesOf(query);
  if (isWhole(query)) return { ...query, ...condition };
  if (!branches) return { $and: [query, condition] };
  return { $or: branches.map((branch) => ({ $and: [branch, condition] })) };
}

/** Whether a query matches everything in an account. */
function isWhole(query: Condition): boolean {
  return Object.keys(query).length === 1 && typeof query.account === 'string';
}

/** Whether a query matches everything in an account, or everything after an id. */
export function isPartOfWhole(query: Condition): boolean {
  return typeof query.account === 'string' && Object.keys(query).every((key) => key === 'account' || key === '_id');
}
