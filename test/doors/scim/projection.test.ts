// What an answer holds and how it looks: RFC 7644 §3.9 (projection), RFC 7643 §2.2 (returned), §3 (resources).

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { loadSchemaCatalogue } from '../../../src/directory/schema/catalogue.ts';
import {
  type Attributes,
  compileResourceSchema,
  emptyAttributes,
  type SchemaDocument,
} from '../../../src/directory/schema/schema.ts';
import { defaultProjection, parseProjection } from '../../../src/doors/scim/protocol/names/projection.ts';
import { createRenderer } from '../../../src/doors/scim/protocol/renderer.ts';
import { ScimError } from '../../../src/doors/scim/protocol/scim-error.ts';
import { ENTERPRISE, GROUP, MOBIETRAIN_GROUP, MOBIETRAIN_USER, USER } from '../../support/scim.ts';

const ID = '0193a5a0-0000-7000-8000-000000000001';
const OTHER = '0193a5a0-0000-7000-8000-0000000000ff';

const baseUrl = 'https://scim.example.com/scim/v2';
const catalogue = loadSchemaCatalogue('scim-schemas');
const users = createRenderer({ schema: catalogue.user, baseUrl });
const groups = createRenderer({ schema: catalogue.group, baseUrl });
const created = new Date('2026-01-02T03:04:05.678Z');
const modified = new Date('2026-11-12T13:14:15.016Z');

/** A copy without prototypes, as the directory hands values out. */
function bare(value: unknown): Attributes {
  const copy = (from: unknown): unknown => {
    if (Array.isArray(from)) return from.map(copy);
    if (typeof from !== 'object' || from === null) return from;
    return Object.assign(emptyAttributes(), Object.fromEntries(Object.entries(from).map(([k, v]) => [k, copy(v)])));
  };
  return copy(value) as Attributes;
}

const full = () => ({
  externalId: 'E-1',
  userName: 'Ada@Example.com',
  name: { givenName: 'Ada', familyName: ' Lovelace ' },
  active: true,
  emails: [
    { value: 'ada@example.com', type: 'work', primary: true },
    { value: 'ada@home.example', type: 'home' },
  ],
  groups: [{ value: OTHER, display: 'Sales', type: 'direct' }],
  enterprise: { department: 'Sales', manager: { value: OTHER, displayName: 'Grace' } },
  mobietrain: {
    companyId: '7',
    stores: [{ value: 'S1', display: 'One', country: '32' }],
    enrollmentProfiles: ['a', 'b'],
    status: 'incomplete',
    missing: ['title'],
  },
});

function rendered(attributes: unknown, query: Parameters<typeof parseProjection>[0] = {}): Record<string, unknown> {
  const view = { id: ID, version: 3, created, modified, attributes: bare(attributes), manager: OTHER };
  const projection = parseProjection(query, catalogue.user);
  return JSON.parse(JSON.stringify(users.render(view, projection)));
}

const meta = {
  resourceType: 'User',
  created: '2026-01-02T03:04:05.678Z',
  lastModified: '2026-11-12T13:14:15.016Z',
  location: `${baseUrl}/Users/${ID}`,
  version: 'W/"3"',
};
const groupRef = `${baseUrl}/Groups/${OTHER}`;
const userRef = `${baseUrl}/Users/${OTHER}`;
const schemas = [USER, ENTERPRISE, MOBIETRAIN_USER];

describe('without parameters', () => {
  test('a user with everything', () => {
    const { enterprise, mobietrain, ...core } = full();
    const { status: _status, missing: _missing, ...shown } = mobietrain;
    assert.deepEqual(rendered(full()), {
      schemas,
      id: ID,
      ...core,
      groups: [{ value: OTHER, display: 'Sales', type: 'direct', $ref: groupRef }],
      [ENTERPRISE]: { ...enterprise, manager: { value: OTHER, displayName: 'Grace', $ref: userRef } },
      [MOBIETRAIN_USER]: shown,
      meta,
    });
  });

  test('schemas and id come first, meta last', () => {
    const names = Object.keys(rendered(full()));
    assert.deepEqual(names.slice(0, 3), ['schemas', 'id', 'externalId']);
    assert.equal(names.at(-1), 'meta');
  });

  test('an extension without data is neither listed nor there, its status notwithstanding', () => {
    const user = rendered({ userName: 'a', mobietrain: { status: 'active' } });
    assert.deepEqual(user, { schemas: [USER], id: ID, userName: 'a', meta });
  });

  test('a password that strays into a view is not shown, an undeclared name neither', () => {
    assert.deepEqual(rendered({ userName: 'a', password: 'secret', extra: 1 }), {
      schemas: [USER],
      id: ID,
      userName: 'a',
      meta,
    });
  });

  for (const value of ['boss@example.com', ID, OTHER.toUpperCase()]) {
    test(`a manager that is not resolved gets no address: ${value}`, () => {
      const user = rendered({ enterprise: { manager: { value } } });
      assert.deepEqual(user[ENTERPRISE], { manager: { value } });
    });
  }

  test('the view is not touched', () => {
    const view = { id: ID, version: 3, created, modified, attributes: bare(full()) };
    const before = JSON.stringify(view);
    users.render(view, defaultProjection(catalogue.user));
    users.render(view, parseProjection({ attributes: 'emails.type,groups.$ref' }, catalogue.user));
    assert.equal(JSON.stringify(view), before);
  });
});

describe('attributes', () => {
  const emails = full().emails;
  const cases: [asked: string | string[], expected: Record<string, unknown>][] = [
    ['userName', { userName: 'Ada@Example.com' }],
    ['USERNAME', { userName: 'Ada@Example.com' }],
    [' userName , active ', { userName: 'Ada@Example.com', active: true }],
    [['userName', 'active'], { userName: 'Ada@Example.com', active: true }],
    [['userName,active', 'externalId'], { userName: 'Ada@Example.com', active: true, externalId: 'E-1' }],
    ['name.givenName', { name: { givenName: 'Ada' } }],
    ['name.givenName,NAME.FAMILYNAME', { name: full().name }],
    ['name.givenName,name', { name: full().name }],
    ['name,name.givenName', { name: full().name }],
    ['name.honorificPrefix', {}],
    ['emails.value', { emails: [{ value: 'ada@example.com' }, { value: 'ada@home.example' }] }],
    ['emails.primary', { emails: [{ primary: true }] }],
    ['emails', { emails }],
    [`${USER}:userName`, { userName: 'Ada@Example.com' }],
    [`${USER.toUpperCase()}:name.givenName`, { name: { givenName: 'Ada' } }],
    [`${ENTERPRISE}:department`, { [ENTERPRISE]: { department: 'Sales' } }],
    [`${ENTERPRISE}:manager.value`, { [ENTERPRISE]: { manager: { value: OTHER } } }],
    [`${ENTERPRISE}:manager.$ref`, { [ENTERPRISE]: { manager: { $ref: userRef } } }],
    [
      ENTERPRISE.toLowerCase(),
      { [ENTERPRISE]: { department: 'Sales', manager: { value: OTHER, displayName: 'Grace', $ref: userRef } } },
    ],
    [`${MOBIETRAIN_USER}:stores.country`, { [MOBIETRAIN_USER]: { stores: [{ country: '32' }] } }],
    [`${MOBIETRAIN_USER}:enrollmentProfiles`, { [MOBIETRAIN_USER]: { enrollmentProfiles: ['a', 'b'] } }],
    [`${MOBIETRAIN_USER}:status`, { [MOBIETRAIN_USER]: { status: 'incomplete' } }],
    [`${MOBIETRAIN_USER}:missing,userName`, { userName: 'Ada@Example.com', [MOBIETRAIN_USER]: { missing: ['title'] } }],
    [
      MOBIETRAIN_USER,
      { [MOBIETRAIN_USER]: { companyId: '7', stores: full().mobietrain.stores, enrollmentProfiles: ['a', 'b'] } },
    ],
    ['groups.$ref', { groups: [{ $ref: groupRef }] }],
    ['meta', { meta }],
    ['meta.location', { meta: { location: meta.location } }],
    ['id', {}],
    ['schemas', {}],
    ['password', {}],
    ['unknown', {}],
    ['department', {}],
    ['enterprise.department', {}],
    ['name.unknown', {}],
    ['userName.value', {}],
    ['__proto__', {}],
    ['__proto__.x,constructor.keys,name.__proto__', {}],
    ['urn:unknown:x', {}],
    ['urn:acme:1.0', {}],
  ];
  for (const [asked, expected] of cases) {
    test(JSON.stringify(asked), () => {
      assert.deepEqual(rendered(full(), { attributes: asked }), { schemas, id: ID, ...expected });
    });
  }
  for (const empty of ['', ' , ,', [], ['']]) {
    test(`nothing named (${JSON.stringify(empty)}) is the default`, () => {
      assert.deepEqual(rendered(full(), { attributes: empty }), rendered(full()));
      assert.deepEqual(rendered(full(), { excludedAttributes: empty }), rendered(full()));
    });
  }
});

describe('excludedAttributes', () => {
  const all = () => rendered(full());
  const cases: [excluded: string | string[], change: (expected: Record<string, unknown>) => void][] = [
    ['userName', (e) => delete e.userName],
    ['GROUPS, Meta', (e) => delete e.groups && delete e.meta],
    [['groups', 'meta'], (e) => delete e.groups && delete e.meta],
    ['emails.type', (e) => Object.assign(e, { emails: full().emails.map(({ type: _type, ...rest }) => rest) })],
    ['emails.value,emails.type', (e) => Object.assign(e, { emails: [{ primary: true }] })],
    ['emails.type,emails', (e) => delete e.emails],
    ['emails,emails.type', (e) => delete e.emails],
    ['name.givenName,name.familyName', (e) => delete e.name],
    ['meta.version', (e) => Object.assign(e, { meta: { ...meta, version: undefined } })],
    [ENTERPRISE, (e) => delete e[ENTERPRISE]],
    [`${ENTERPRISE}:manager`, (e) => Object.assign(e, { [ENTERPRISE]: { department: 'Sales' } })],
    [
      `${ENTERPRISE}:manager.$ref,${ENTERPRISE}:department`,
      (e) => Object.assign(e, { [ENTERPRISE]: { manager: { value: OTHER, displayName: 'Grace' } } }),
    ],
    ['id', () => undefined],
    ['schemas', () => undefined],
    [`${MOBIETRAIN_USER}:status`, () => undefined],
    ['unknown,__proto__,constructor', () => undefined],
  ];
  for (const [excluded, change] of cases) {
    test(JSON.stringify(excluded), () => {
      const expected = all();
      change(expected);
      const shown = rendered(full(), { excludedAttributes: excluded });
      assert.deepEqual(shown, JSON.parse(JSON.stringify(expected)));
    });
  }
});

/** Not the name of an attribute (RFC 7644 §3.10): never ignored as an unknown name is. */
const MALFORMED = [
  'emails[type eq "work"]',
  'emails[type eq "work"].value',
  'urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"]',
  'emails.',
  '.value',
  'name..givenName',
  'name.givenName.x',
  'user name',
  '"userName"',
  '["userName"]',
  'userName;title',
  '*',
  '.',
  ':',
  'urn:',
];

describe('refused', () => {
  const many = Array.from({ length: 201 }, (_, index) => `a${index}`);
  const cases: [what: string, query: Parameters<typeof parseProjection>[0]][] = [
    ['both', { attributes: 'userName', excludedAttributes: 'name' }],
    ['201 names in a list', { attributes: many.join(',') }],
    ['201 names in an array', { excludedAttributes: many }],
    ['a million commas', { attributes: ','.repeat(1_000_000) }],
    ...MALFORMED.flatMap((name): [string, Parameters<typeof parseProjection>[0]][] => [
      [`attributes=${name}`, { attributes: `userName,${name}` }],
      [`excludedAttributes=${name}`, { excludedAttributes: [name] }],
    ]),
  ];
  for (const [what, query] of cases) {
    test(what, () => {
      const refusal = { name: 'ScimError', status: 400, scimType: 'invalidValue' };
      assert.throws(() => parseProjection(query, catalogue.user), refusal);
    });
  }
  test('200 names are taken', () => {
    assert.doesNotThrow(() => parseProjection({ attributes: many.slice(1) }, catalogue.user));
  });
});

describe('groups', () => {
  const view = {
    id: ID,
    version: 12,
    created,
    modified,
    attributes: bare({ displayName: 'Sales', externalId: 'g', mobietrain: { groupType: 'Department' } }),
  };

  test('a group', () => {
    const group = JSON.parse(JSON.stringify(groups.render(view, defaultProjection(catalogue.group))));
    assert.deepEqual(group, {
      schemas: [GROUP, MOBIETRAIN_GROUP],
      id: ID,
      displayName: 'Sales',
      externalId: 'g',
      [MOBIETRAIN_GROUP]: { groupType: 'Department' },
      meta: { ...meta, resourceType: 'Group', location: `${baseUrl}/Groups/${ID}`, version: 'W/"12"' },
    });
  });

  const cases: [query: Parameters<typeof parseProjection>[0], expected: string[]][] = [
    [{}, ['value', '$ref', 'type', 'display']],
    [{ attributes: 'members' }, ['value', '$ref', 'type', 'display']],
    [{ attributes: 'members,members.display' }, ['value', '$ref', 'type', 'display']],
    [{ attributes: 'members.value' }, ['value']],
    [{ attributes: 'MEMBERS.$REF' }, ['$ref']],
    [{ excludedAttributes: 'members.display' }, ['value', '$ref', 'type']],
    [{ excludedAttributes: 'members' }, []],
    [{ attributes: 'displayName' }, []],
  ];
  for (const [query, expected] of cases) {
    test(`of members, ${JSON.stringify(query)} asks for ${expected}`, () => {
      const projection = parseProjection(query, catalogue.group);
      const names = ['value', '$ref', 'type', 'display'];
      assert.deepEqual(
        names.filter((name) => projection.includes(`members.${name}`)),
        expected,
      );
      assert.equal(projection.includes('members'), expected.length > 0);
    });
  }
});

describe('includes', () => {
  const cases: [query: Parameters<typeof parseProjection>[0], key: string, expected: boolean][] = [
    [{}, 'groups', true],
    [{}, 'groups.display', true],
    [{}, 'password', false],
    [{}, 'mobietrain', true],
    [{}, 'mobietrain.status', false],
    [{}, 'nothing', false],
    [{}, 'constructor', false],
    [{ attributes: 'userName' }, 'groups', false],
    [{ attributes: 'userName' }, 'mobietrain', false],
    [{ attributes: 'userName' }, 'id', true],
    [{ attributes: 'groups.value' }, 'groups', true],
    [{ attributes: 'groups.value' }, 'groups.display', false],
    [{ attributes: `${MOBIETRAIN_USER}:status` }, 'mobietrain.status', true],
    [{ attributes: `${MOBIETRAIN_USER}:status` }, 'mobietrain.stores', false],
    [{ attributes: `${ENTERPRISE}:manager.value` }, 'enterprise.manager.displayName', false],
    [{ excludedAttributes: 'groups' }, 'groups', false],
    [{ excludedAttributes: 'groups' }, 'groups.value', false],
    [{ excludedAttributes: 'groups.display' }, 'groups', true],
    [{ excludedAttributes: ENTERPRISE }, 'enterprise', false],
  ];
  for (const [query, key, expected] of cases) {
    test(`${JSON.stringify(query)} ${key}: ${expected}`, () => {
      assert.equal(parseProjection(query, catalogue.user).includes(key), expected);
    });
  }
});

test('a schema file decides: always, never and request of sub-attributes too, and a $ref that is dropped', () => {
  const characteristics = { multiValued: false, description: 'x', required: false, mutability: 'readWrite' } as const;
  const text = { ...characteristics, type: 'string', returned: 'default' } as const;
  const document: SchemaDocument = {
    id: 'urn:ietf:params:scim:schemas:core:2.0:Thing',
    name: 'Thing',
    description: 'x',
    attributes: [
      { ...text, name: 'label', returned: 'always' },
      {
        ...characteristics,
        name: 'groups',
        type: 'complex',
        returned: 'default',
        subAttributes: [
          { ...text, name: 'value' },
          { ...text, name: 'kind', returned: 'always' },
          { ...text, name: 'secret', returned: 'never' },
          { ...text, name: 'note', returned: 'request' },
        ],
      },
    ],
  };
  const type = { id: 'Thing', name: 'Thing', endpoint: '/Things', description: 'x', schemaExtensions: [] };
  const schema = compileResourceSchema({ ...type, schema: document.id }, new Map([[document.id, document]]));
  const things = createRenderer({ schema, baseUrl });
  const attributes = bare({ label: 'l', groups: { value: OTHER, kind: 'k', secret: 's', note: 'n' } });
  const shown = (query: Parameters<typeof parseProjection>[0]) => {
    const thing = things.render({ id: ID, version: 1, created, modified, attributes }, parseProjection(query, schema));
    const { schemas: _schemas, id: _id, meta: _meta, ...rest } = thing;
    return rest;
  };
  assert.deepEqual(shown({}), { label: 'l', groups: { value: OTHER, kind: 'k' } });
  assert.deepEqual(shown({ attributes: 'groups' }), { label: 'l', groups: { value: OTHER, kind: 'k' } });
  assert.deepEqual(shown({ attributes: 'groups.value' }), { label: 'l', groups: { value: OTHER, kind: 'k' } });
  assert.deepEqual(shown({ attributes: 'groups.note' }), { label: 'l', groups: { kind: 'k', note: 'n' } });
  assert.deepEqual(shown({ attributes: 'groups,groups.note' }).groups, { value: OTHER, kind: 'k', note: 'n' });
  assert.deepEqual(shown({ attributes: 'groups.secret' }), { label: 'l' });
  assert.deepEqual(shown({ excludedAttributes: 'label,groups.kind,groups.value' }), {
    label: 'l',
    groups: { kind: 'k' },
  });
});

test('no text makes it fail otherwise than with a ScimError, and nothing is polluted', () => {
  const piece = fc.constantFrom(
    'userName',
    'name',
    '.',
    ':',
    ',',
    USER,
    MOBIETRAIN_USER,
    '__proto__',
    'constructor',
    ' ',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  );
  const query = fc.record({ attributes: text, excludedAttributes: text }, { requiredKeys: [] });
  fc.assert(
    fc.property(query, (given) => {
      try {
        const shown = rendered(full(), given);
        assert.equal(shown.id, ID);
      } catch (error) {
        assert.ok(error instanceof ScimError);
      }
      assert.deepEqual(Object.keys(Object.prototype), []);
    }),
    { numRuns: 500 },
  );
});
