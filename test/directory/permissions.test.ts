// The table of roles and its document; scope as a condition and scope of one user are the same rule.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from '@jest/globals';
import {
  type Actor,
  describePermissions,
  mayGive,
  ROLES,
  scopeOf,
  within,
} from '../../src/directory/administration/permissions.ts';
import { loadSchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import type { Attributes } from '../../src/directory/schema/schema.ts';
import { packageFolder } from '../support/package-folder.ts';

const schema = loadSchemaCatalogue(packageFolder('scim-schemas')).user;

test('docs/roles.md holds the table as it is in the code (npm run docs:roles)', () => {
  const document = readFileSync(packageFolder('docs', 'roles.md'), 'utf8');
  assert.ok(document.includes(describePermissions()));
});

const unit = (organizationalUnit: string | undefined): { attributes: Attributes } => ({
  attributes: organizationalUnit === undefined ? {} : { mobietrain: { organizationalUnit } },
});

describe('within an org unit', () => {
  const actor: Actor = { id: 'a', role: 'orgUnitAssistant', account: 'x', orgUnit: 'Retail/Benelux' };
  for (const [path, expected] of [
    ['Retail/Benelux', true],
    ['retail/benelux', true],
    ['Retail/Benelux/Gent', true],
    ['Retail/Benelux2', false],
    ['Retail', false],
    ['', false],
    [undefined, false],
  ] as const) {
    test(`${path ?? 'no unit'}: ${expected}`, () => assert.equal(within(actor, unit(path)), expected));
  }
  test('nobody who has no unit', () => {
    assert.equal(within({ id: 'a', role: 'orgUnitAssistant', account: 'x' }, unit('Retail')), false);
  });
});

describe('within their stores and reports', () => {
  const actor: Actor = { id: 'a', role: 'superior', account: 'x', user: 'u1', stores: ['s1', 's2'] };
  const user = (stores: string[], manager?: string): { attributes: Attributes } => ({
    attributes: {
      mobietrain: { stores: stores.map((value) => ({ value })) },
      ...(manager === undefined ? {} : { enterprise: { manager: { value: manager } } }),
    },
  });
  for (const [words, who, expected] of [
    ['of one of the stores', user(['s9', 's2']), true],
    ['of another store', user(['s9']), false],
    ['a direct report', user([], 'u1'), true],
    ["somebody else's report", user(['S1'], 'u2'), false],
  ] as const) {
    test(`${words}: ${expected}`, () => assert.equal(within(actor, who), expected));
  }
});

test('the condition of each scope', () => {
  const of = (actor: Partial<Actor> & Pick<Actor, 'role'>) => JSON.stringify(scopeOf({ id: 'a', ...actor }, schema));
  assert.equal(scopeOf({ id: 'a', role: 'customerAdministrator' }, schema), undefined);
  assert.equal(scopeOf({ id: 'a', role: 'systemAdministrator' }, schema), undefined);
  assert.match(of({ role: 'orgUnitAdministrator', orgUnit: 'N' }), /"eq","value":"N".*"sw","value":"N\/"/);
  for (const role of ['learner', 'orgUnitAssistant', 'superior'] as const)
    assert.match(of({ role }), /"key":"id".*"operator":"eq","value":""/);
});

test('only above accounts is the highest role given, and only by who makes administrators', () => {
  const gives = ROLES.filter((role) => mayGive({ id: 'a', role }, 'systemAdministrator'));
  assert.deepEqual(gives, ['systemAdministrator']);
  assert.deepEqual(
    ROLES.filter((role) => mayGive({ id: 'a', role }, 'learner')),
    ['customerAdministrator', 'systemAdministrator'],
  );
});
