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

const withoutFilter = (attribute: string) => attribute.replace(/\[[^\]]*\]\.value$/, '');
/** `emails.value` is provisioned with `emails`, and `name` with its parts. */
function partsOf(key: string): string[] {
  const parts = key.split('.');
  const wholes = parts.map((_, index) => parts.slice(0, index + 1).join('.'));
  return key === 'name' ? ['name.givenName'] : wholes;
}

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

  for (const client of ['entra', 'okta'] as const)
    test(`for ${client} have each attribute that can be provisioned, or say why not`, () => {
      const mapped = new Set(
        mappings.User.flatMap((row) => (row[client] === null ? [] : [withoutFilter(row.attribute)])),
      );
      const reasons = [...mappings.leftOut[client], ...mappings.leftOut.both];
      const leftOut = new Set(reasons.map(({ attribute }) => withoutFilter(attribute)));
      for (const { why } of reasons) assert.match(why, /^[A-Z].*\.$/);
      assert.equal(leftOut.size, reasons.length, 'each has one reason');
      const isNamed = (key: string) => mapped.has(key) || leftOut.has(key);
      for (const [key, { mutability }] of catalogue.user.byKey)
        if (mutability !== 'readOnly') assert.ok(partsOf(key).some(isNamed), `${client}: ${key}`);
      for (const attribute of leftOut) {
        assert.ok(catalogue.user.byKey.has(attribute), attribute);
        assert.equal(mapped.has(attribute), false, `${attribute} is mapped and left out`);
      }
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
      const [rule] = entraSchema(mappings, catalogue, { matching, externalId: 'objectId' }).synchronizationRules;
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
      const [directory] = entraSchema(mappings, catalogue, { matching, externalId: 'objectId' }).directories;
      const defined = new Set(directory?.objects[0]?.attributes.map(({ name }) => name));
      for (const { targetAttributeName } of users?.attributeMappings ?? []) assert.ok(defined.has(targetAttributeName));
      const external = users?.attributeMappings.find(({ targetAttributeName }) => targetAttributeName === 'externalId');
      assert.equal(external?.source.expression, '[objectId]');
    });

  test('makes externalId of employeeId if that is chosen, and names the store', () => {
    const [rule] = entraSchema(mappings, catalogue, {
      matching: 'externalId',
      externalId: 'employeeId',
    }).synchronizationRules;
    const [users, groups] = rule?.objectMappings ?? [];
    const sourceOfTarget = (mapping: typeof users, suffix: string) =>
      mapping?.attributeMappings.find(({ targetAttributeName }) => targetAttributeName.endsWith(suffix))?.source
        .expression;
    assert.equal(sourceOfTarget(users, 'externalId'), '[employeeId]');
    assert.equal(sourceOfTarget(groups, 'externalId'), '[objectId]');
    assert.equal(sourceOfTarget(users, ':storeName'), '[physicalDeliveryOfficeName]');
  });
});
