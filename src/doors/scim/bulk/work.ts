// The work that one request may do, counted in values: a change of a resource reads, checks and compares all of its values, so many
// changes of large resources in one request would keep other requests waiting.

import type { Attributes } from '../../../directory/schema/schema.ts';
import { ScimError } from '../protocol/scim-error.ts';

/** About a second of work. A thousand changes of users with two hundred values each stay within it. */
const VALUES_MAX = 200_000;

/** The work of one request. */
export interface Work {
  /** Counts the values of a resource that is about to be changed. @throws ScimError 429 if the work is used up */
  spend(attributes: Attributes): void;
  /** @throws ScimError 429 if the work is used up */
  check(): void;
}

/** Creates the budget of one request. */
export function createWork(valuesMax = VALUES_MAX): Work {
  let spent = 0;
  const check = (): void => {
    if (spent < valuesMax) return;
    const detail =
      'This operation was not carried out: the operations before it used up the work that one request may do. Send it again in another request.';
    throw new ScimError(429, undefined, detail);
  };
  return {
    check,
    spend(attributes) {
      check();
      spent += valuesIn(attributes);
    },
  };
}

/** The number of attributes, and of the elements of those that are lists, also inside of extensions. */
function valuesIn(attributes: Attributes): number {
  let count = 0;
  for (const value of Object.values(attributes)) {
    if (Array.isArray(value)) count += value.length;
    else count += typeof value === 'object' && value !== null ? valuesIn(value as Attributes) : 1;
  }
  return count;
}
