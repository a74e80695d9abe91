// The mappings that the set-up page offers: every attribute of the schemas has a row, names are those of the schemas, and expressions
// are read as Entra ID stores them.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { loadCatalogue } from '../../../src/app/catalogue.ts';
import { loadClientMappings } from '../../../src/app/setup.ts';
import {
  attributeAt,
  entraExpression,
  entraSchema,
  fullName,
  oktaRows,
  sourceOf,
} from '../../../src/doors/setup/mapping.ts';

const catalogue = loadCatalogue();
const mappings = loadClientMappings();

/** What clients don't map: read-only values, lists with parts (Entra ID and Okta can't), and what no directory has. */
const NOT_MAPPED = /^mobietrain\.(?:status|missing|stores|userGroups)$/;

describe('the client mappings', () => {
  test('have a row for each attribute of the extensions, and no others', () => {
    const rows = new Set(mappings.User.map(({ attribute }) => attribute));
    for (const key of catalogue.user.byKey.keys())
      if (/^(?:mobietrain|enterprise)\.[^.]+$/.test(key) && !NOT_MAPPED.test(key))
        assert.ok(rows.has(key), `${key} has no row`);
    for (const { attribute } of mappings.User)
      assert.ok(attributeAt(attribute, catalogue.user), `${attribute} is unknown`);
    assert.equal(rows.size, mappings.User.length);
  });

  test('name attributes as clients do', () => {
    assert.equal(
      fullName('mobietrain.storeRefId', catalogue.user),
      'urn:ietf:params:scim:schemas:extension:mobietrain:2.0:User:storeRefId',
    );
    assert.equal(
      fullName('enterprise.manager', catalogue.user),
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager',
    );
    assert.equal(fullName('emails[type eq "work"].value', catalogue.user), 'emails[type eq "work"].value');
    for (const row of oktaRows(mappings, catalogue)) {
      assert.match(row.variableName, /^mobietrain[A-Z]\w+$/);
      assert.equal(row.externalNamespace, 'urn:ietf:params:scim:schemas:extension:mobietrain:2.0:User');
    }
  });

  test('make a calling code of a country', () => {
    const row = mappings.User.find(({ attribute }) => attribute === 'mobietrain.storeCountry');
    assert.ok(row);
    const expression = entraExpression(row) ?? '';
    assert.ok(expression.startsWith('Switch([usageLocation], "", "BE", "32", "NL", "31", '), expression);
    assert.equal(expression.includes('undefined'), false);
  });
});

describe('the JSON for Entra ID', () => {
  test('has expressions with their parts', () => {
    const attribute = { expression: '[IsSoftDeleted]', name: 'IsSoftDeleted', type: 'Attribute', parameters: [] };
    const text = (name: string) => ({ expression: `"${name}"`, name, type: 'Constant', parameters: [] });
    assert.deepEqual(sourceOf('Switch([IsSoftDeleted], , "False", "True", "True", "False")'), {
      expression: 'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
      name: 'Switch',
      type: 'Function',
      parameters: [
        { key: 'source', value: attribute },
        { key: 'defaultValue', value: text('') },
        { key: 'key1', value: text('False') },
        { key: 'value1', value: text('True') },
        { key: 'key2', value: text('True') },
        { key: 'value2', value: text('False') },
      ],
    });
  });

  for (const matching of ['userName', 'externalId'] as const)
    test(`matches by ${matching} alone, and defines what it maps`, () => {
      const [rule] = entraSchema(mappings, catalogue, matching).synchronizationRules;
      const [users, groups] = rule?.objectMappings ?? [];
      const matched = users?.attributeMappings.filter(({ matchingPriority }) => matchingPriority === 1);
      assert.deepEqual(
        matched?.map(({ targetAttributeName }) => targetAttributeName),
        [matching],
      );
      assert.equal(
        groups?.attributeMappings.find(({ matchingPriority }) => matchingPriority === 1)?.targetAttributeName,
        'displayName',
      );
      const [directory] = entraSchema(mappings, catalogue, matching).directories;
      const defined = new Set(directory?.objects[0]?.attributes.map(({ name }) => name));
      for (const { targetAttributeName } of users?.attributeMappings ?? []) assert.ok(defined.has(targetAttributeName));
      const external = users?.attributeMappings.find(({ targetAttributeName }) => targetAttributeName === 'externalId');
      assert.equal(external?.source.expression, '[objectId]');
    });
});
