// What the protocol tests share: the real schemas, a filter as text, and refusals as one comparable line.

import assert from 'node:assert/strict';
import type { GroupView, UserView } from '../../../../src/directory/model.ts';
import type { Filter } from '../../../../src/directory/query/query.ts';
import { loadSchemaCatalogue } from '../../../../src/directory/schema/catalogue.ts';
import { type Attributes, emptyAttributes } from '../../../../src/directory/schema/schema.ts';
import { ScimError } from '../../../../src/doors/scim/protocol/scim-error.ts';

const catalogue = loadSchemaCatalogue('scim-schemas');
export const USER_SCHEMA = catalogue.user;
export const GROUP_SCHEMA = catalogue.group;

/** A filter as a short text, so that a table can hold what is expected. */
export function show(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.terms.map(show).join(` ${filter.kind} `)})`;
    case 'not':
      return `!${show(filter.term)}`;
    case 'present':
      return `${filter.attribute.key} pr`;
    case 'compare': {
      const value = filter.value instanceof Date ? filter.value.toISOString() : JSON.stringify(filter.value);
      return `${filter.attribute.key} ${filter.operator} ${value}`;
    }
    case 'element':
      return `${filter.attribute.key}[${show(filter.filter)}]`;
  }
}

/** Runs what must be refused with a 400 and gives `scimType: detail`. */
export function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    assert.equal(error.status, 400);
    return `${error.scimType}: ${error.detail}`;
  }
  return assert.fail('was not refused');
}

/** A value as plain JSON, prototypes and all, for deepEqual. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** JSON text to attributes without prototypes, as the directory hands them out. */
function attributes(value: Record<string, unknown>): Attributes {
  const bare = (from: unknown): unknown => {
    if (Array.isArray(from)) return from.map(bare);
    if (typeof from !== 'object' || from === null) return from;
    const copy = emptyAttributes() as Record<string, unknown>;
    for (const [name, inner] of Object.entries(from)) copy[name] = bare(inner);
    return copy;
  };
  return bare(value) as Attributes;
}

const STAMPS = { version: 1, created: new Date(0), modified: new Date(0) };

export function userView(value: Record<string, unknown>): UserView {
  return { id: 'u-1', ...STAMPS, attributes: attributes({ userName: 'ann', ...value }) };
}

export function groupView(value: Record<string, unknown> = {}): GroupView {
  const own = { claimed: true, derived: false };
  return { id: 'g-1', ...STAMPS, ...own, attributes: attributes({ displayName: 'Shops', ...value }) };
}

const OBJECT_KEYS = Object.keys;
const PROTOTYPE_NAMES = Object.getOwnPropertyNames(Object.prototype).sort().join();

/** Fails if client text reached Object.prototype or Object itself. */
export function assertNothingPolluted(): void {
  assert.equal(Object.getOwnPropertyNames(Object.prototype).sort().join(), PROTOTYPE_NAMES);
  assert.equal(Object.keys, OBJECT_KEYS);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
}
