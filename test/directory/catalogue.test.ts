// The files of scim-schemas/ as the server reads them: what they say, and how a wrong one is refused (RFC 7643 §6, §7).

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';
import { loadSchemaCatalogue, type SchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import { ENTERPRISE, MOBIETRAIN_USER } from '../support/scim.ts';

const FOLDER = 'scim-schemas';

/** Loads a copy of the schema files in which the text of one file was changed. */
function loadChanged(file: string, change: (text: string) => string): SchemaCatalogue {
  const folder = mkdtempSync(join(tmpdir(), 'scim-schemas-'));
  try {
    cpSync(FOLDER, folder, { recursive: true });
    const path = join(folder, file);
    const before = readFileSync(path, 'utf8');
    const after = change(before);
    assert.notEqual(after, before, 'the change must change something');
    writeFileSync(path, after);
    return loadSchemaCatalogue(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function changedJson(change: (content: Record<string, unknown>) => void): (text: string) => string {
  return (text) => {
    const content: Record<string, unknown> = JSON.parse(text);
    change(content);
    return JSON.stringify(content);
  };
}

describe('what the files say', () => {
  const catalogue = loadSchemaCatalogue(FOLDER);

  const cases: [key: string, expected: Record<string, unknown>][] = [
    ['userName', { path: 'userName', required: true, caseExact: false }],
    ['externalId', { path: 'externalId', caseExact: true }],
    ['password', { returned: 'never', mutability: 'writeOnly' }],
    ['groups', { mutability: 'readOnly', multiValued: true, type: 'complex' }],
    ['x509Certificates.value', { type: 'binary', caseExact: true }],
    ['enterprise.manager.value', { path: `${ENTERPRISE}:manager.value` }],
    ['enterprise.manager.displayName', { mutability: 'readOnly' }],
    ['mobietrain.stores.value', { path: `${MOBIETRAIN_USER}:stores.value`, caseExact: true }],
    ['mobietrain.storeRefId', { multiValued: false, caseExact: true }],
    ['mobietrain.userGroups.value', { caseExact: true }],
    ['mobietrain.enrollmentProfiles', { type: 'string', multiValued: true }],
    ['mobietrain.organizations', { type: 'string', multiValued: true }],
    ['mobietrain.status', { mutability: 'readOnly', returned: 'request', multiValued: false }],
    ['mobietrain.missing', { mutability: 'readOnly', returned: 'request', multiValued: true }],
  ];
  for (const [key, expected] of cases) {
    test(`User ${key}`, () => {
      const attribute = catalogue.user.byKey.get(key);
      assert.ok(attribute);
      assert.deepEqual({ ...attribute, ...expected }, { ...attribute });
    });
  }

  test('Group has its members, its name and its type', () => {
    for (const key of ['displayName', 'members.value', 'members.$ref', 'members.type', 'members.display'])
      assert.ok(catalogue.group.byKey.has(key), key);
    assert.ok(catalogue.group.byKey.has('mobietrain.groupType'));
    assert.equal(catalogue.group.byKey.get('displayName')?.required, true);
  });

  test('every attribute of the MobieTrain user is there, and no other', () => {
    const mobietrain = catalogue.user.extensions.find((part) => part.key === 'mobietrain');
    const names = [...(mobietrain?.attributes.values() ?? [])].map((attribute) => attribute.name);
    const flat = ['storeRefId', 'storeName', 'storeCountry', 'userGroupId', 'userGroupName', 'userGroupType'];
    const custom = ['customField01', 'customField02', 'customField03'];
    const rest = [
      'organizationalUnit',
      'organizationalRole',
      'enrollmentProfiles',
      'organizations',
      'country',
      'endDate',
    ];
    const all = ['companyId', 'stores', 'userGroups', ...flat, ...custom, ...rest, 'status', 'missing'];
    assert.deepEqual(names.sort(), all.sort());
  });

  test('calling codes are announced once each, and the same for both ways to write a store', () => {
    const document = catalogue.documents.find((entry) => entry.id === MOBIETRAIN_USER);
    const stores = document?.attributes.find((attribute) => attribute.name === 'stores');
    const listed = stores?.subAttributes?.find((attribute) => attribute.name === 'country')?.canonicalValues ?? [];
    const flat = document?.attributes.find((attribute) => attribute.name === 'storeCountry')?.canonicalValues ?? [];
    assert.deepEqual(flat, listed);
    assert.equal(new Set(listed).size, listed.length);
    for (const code of ['1', '32', '31', '33', '44', '352', '971']) assert.ok(listed.includes(code), code);
    for (const code of ['0', '210', '800', '999', '+32', 'BE']) assert.ok(!listed.includes(code), code);
  });

  test('documents are listed in the order of use, core before extensions', () => {
    const names = catalogue.documents.map((document) => document.name);
    assert.deepEqual(names, [
      'User',
      'EnterpriseUser',
      'MobieTrainUser',
      'Group',
      'MobieTrainGroup',
      'Store',
      'OrgUnit',
    ]);
  });

  test('matching attributes and personal data are resolved to attributes', () => {
    const keys = catalogue.matching.User.map((attribute) => attribute.key);
    for (const key of ['userName', 'externalId', 'emails.value', 'enterprise.employeeNumber', 'meta.lastModified'])
      assert.ok(keys.includes(key), key);
    assert.ok(catalogue.matching.Group.some((attribute) => attribute.key === 'displayName'));
    const classOf = (key: string) => catalogue.personalData.User.find((entry) => entry.attribute.key === key)?.class;
    assert.equal(classOf('password'), 'secret');
    assert.equal(classOf('externalId'), 'masked');
    assert.equal(classOf('mobietrain.companyId'), 'personal');
    assert.equal(classOf('title'), undefined);
  });
});

describe('a change to a file changes the outcome', () => {
  test('a new attribute', () => {
    const { user } = loadChanged('mobietrain-user.json', (text) => text.replaceAll('organizationalRole', 'function'));
    assert.equal(user.byKey.has('mobietrain.organizationalRole'), false);
    assert.equal(user.byKey.get('mobietrain.function')?.path, `${MOBIETRAIN_USER}:function`);
  });

  test('a characteristic', () => {
    const { user } = loadChanged('user.json', (text) => text.replace('"required": true', '"required": false'));
    assert.equal(user.byKey.get('userName')?.required, false);
  });

  test('an endpoint', () => {
    const { user } = loadChanged('resource-types.json', (text) => text.replace('/Users', '/People'));
    assert.equal(user.endpoint, '/People');
  });

  test('an attribute to match on', () => {
    const { matching } = loadChanged('matching.json', (text) => text.replace('emails.value', 'phoneNumbers.value'));
    assert.ok(matching.User.some((attribute) => attribute.key === 'phoneNumbers.value'));
  });
});

describe('a wrong file is refused, and named with its field', () => {
  const cases: [what: string, file: string, change: (text: string) => string, expected: RegExp][] = [
    ['no JSON', 'user.json', () => '{', /user\.json: is not JSON/],
    ['empty', 'group.json', () => '{}', /group\.json: id: .*attributes: /],
    ['an unknown type', 'user.json', (t) => t.replace('"string"', '"text"'), /user\.json: attributes\[0\]\.type: /],
    [
      'an unknown type of a sub-attribute',
      'group.json',
      (t) => t.replace('"reference"', '"link"'),
      /group\.json: attributes\[1\]\.subAttributes\[1\]\.type: /,
    ],
    ['null', 'group.json', (t) => t.replace('"none"', 'null'), /group\.json: attributes\[\d\].*uniqueness: /],
    [
      'a characteristic left out',
      'mobietrain-group.json',
      (t) => t.replace('"caseExact": false,', ''),
      /mobietrain-group\.json: attributes\[0\]\.caseExact: /,
    ],
    [
      'a misspelt key',
      'user.json',
      (t) => t.replace('"mutability"', '"mutable"'),
      /user\.json: attributes\[0\]\.?.*mutab/,
    ],
    [
      'an invalid name',
      'user.json',
      (t) => t.replace('"nickName"', '"__proto__"'),
      /user\.json: attributes\[3\]\.name: /,
    ],
    ['a name twice', 'user.json', (t) => t.replace('"nickName"', '"TITLE"'), /user\.json: attributes: two attributes/],
    ['a common attribute', 'user.json', (t) => t.replace('"nickName"', '"meta"'), /User defines meta/],
    [
      'complex without sub-attributes',
      'group.json',
      changedJson((c) => {
        delete (c.attributes as Record<string, unknown>[])[1]?.subAttributes;
      }),
      /group\.json: attributes\[1\]\.subAttributes: /,
    ],
    [
      'a reference to nothing',
      'user.json',
      changedJson((c) => {
        const attributes = c.attributes as Record<string, unknown>[];
        delete attributes.find((attribute) => attribute.name === 'profileUrl')?.referenceTypes;
      }),
      /user\.json: attributes\[4\]\.referenceTypes: /,
    ],
    ['a URN twice', 'group.json', (t) => t.replace('core:2.0:Group', 'core:2.0:User'), /user\.json: id: another file/],
    ['a schema nobody names', 'mobietrain-group.json', (t) => t.replace(':2.0:Group', ':2.0:Team'), /no file defines/],
    ['no resource type Group', 'resource-types.json', (t) => t.replaceAll('"Group"', '"User"'), /must be there once/],
    ['an unknown path to match on', 'matching.json', (t) => t.replace('emails.value', 'emails.of'), /emails\.of/],
    [
      'an unknown class',
      'personal-data.json',
      (t) => t.replace('"masked"', '"hidden"'),
      /personal-data\.json: User\[1\]\.class/,
    ],
  ];
  for (const [what, file, change, expected] of cases) {
    test(what, () => assert.throws(() => loadChanged(file, change), { message: expected }));
  }

  test('a folder that is not there', () => {
    assert.throws(
      () => loadSchemaCatalogue(join(FOLDER, 'absent')),
      /scim-schemas\/resource-types\.json: cannot be read/,
    );
  });
});
