// PATCH of users that is applied: RFC 7644 §3.5.2, both dialects of Entra ID and of Okta.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { applyUserPatch, parsePatch } from '../../../../src/doors/scim/protocol/patch/patch.ts';
import { ENTERPRISE, MOBIETRAIN_USER, patchBody, USER } from '../../../support/scim.ts';
import { plain, USER_SCHEMA, userView } from './fixture.ts';

type Json = Record<string, unknown>;
const patch = (current: Json, ...operations: unknown[]) =>
  applyUserPatch(userView(current), parsePatch(patchBody(...operations), USER_SCHEMA));
const add = (path: string | undefined, value: unknown) => ({ op: 'Add', ...(path && { path }), value });
const replace = (path: string | undefined, value: unknown) => ({ op: 'Replace', ...(path && { path }), value });
const remove = (path: string, value?: unknown) => ({ op: 'Remove', path, ...(value !== undefined && { value }) });

const WORK = { value: 'w', type: 'work', primary: true };
const HOME = { value: 'h', type: 'home' };
const STORES = [
  { value: 'S1', display: 'One', country: '32', primary: true },
  { value: 'S2', display: 'Two', country: '33' },
];

/** Name, before, operations, after (without userName), stated. */
const CASES: [string, Json, unknown[], Json, string[]?][] = [
  // Singular attributes
  ['replace', { title: 'a' }, [replace('title', 'b')], { title: 'b' }, ['title']],
  ['add over a value replaces it', { title: 'a' }, [add('TITLE', 'b')], { title: 'b' }],
  ['byte for byte', {}, [add('title', ' B\u0301 ')], { title: ' B\u0301 ' }],
  ['remove', { title: 'a' }, [remove('title')], {}, ['title']],
  ['remove what is not there', {}, [remove('title')], {}, ['title']],
  ['null unassigns', { nickName: 'a' }, [replace('nickName', null)], {}, ['nickName']],
  ['"" unassigns', { nickName: 'a' }, [replace('nickName', '')], {}],
  ['boolean as text', { active: true }, [replace('active', 'False')], { active: false }, ['active']],
  ['boolean', { active: false }, [{ op: 'replace', path: 'active', value: true }], { active: true }],
  [
    'sub-attribute by dot',
    { name: { familyName: 'f' } },
    [replace('name.givenName', 'g')],
    { name: { familyName: 'f', givenName: 'g' } },
    ['name'],
  ],
  ['sub-attribute makes its parent', {}, [add('name.givenName', 'g')], { name: { givenName: 'g' } }],
  ['the last sub-attribute takes its parent along', { name: { givenName: 'g' } }, [remove('name.givenName')], {}],
  [
    'complex merges, null clears',
    { name: { givenName: 'g', familyName: 'f' } },
    [replace('name', { GivenName: 'h', familyName: null })],
    { name: { givenName: 'h' } },
  ],
  ['complex null', { name: { givenName: 'g' } }, [replace('name', null)], {}],
  ['core URN', {}, [replace(`${USER}:name.givenName`, 'g')], { name: { givenName: 'g' } }],
  // Extensions
  [
    'URN path',
    {},
    [add(`${ENTERPRISE}:department`, 'd')],
    { enterprise: { department: 'd' } },
    ['enterprise.department'],
  ],
  ['manager as id', {}, [add(`${ENTERPRISE}:manager`, 'm')], { enterprise: { manager: { value: 'm' } } }],
  [
    'manager as object',
    { enterprise: { manager: { value: 'm' } } },
    [replace(`${ENTERPRISE}:Manager`, { Value: 'n', $ref: 'x' })],
    { enterprise: { manager: { value: 'n' } } },
  ],
  [
    'manager in a list',
    {},
    [replace(`${ENTERPRISE}:manager`, [{ value: 'n' }])],
    { enterprise: { manager: { value: 'n' } } },
  ],
  [
    'manager.value makes its parent',
    {},
    [replace(`${ENTERPRISE}:manager.value`, 'n')],
    { enterprise: { manager: { value: 'n' } } },
  ],
  [
    'manager replaced by ""',
    { enterprise: { manager: { value: 'm', displayName: 'M' } } },
    [replace(`${ENTERPRISE}:manager`, '')],
    {},
  ],
  [
    'manager value removed, its name goes along',
    { enterprise: { manager: { value: 'm', displayName: 'M' } } },
    [remove(`${ENTERPRISE}:manager.value`)],
    {},
  ],
  [
    'manager removed',
    { enterprise: { manager: { value: 'm' }, department: 'd' } },
    [remove(`${ENTERPRISE}:manager`)],
    { enterprise: { department: 'd' } },
  ],
  [
    'whole extension merges',
    { enterprise: { department: 'd' } },
    [add(ENTERPRISE, { division: 'v', 'manager.value': 'm', schemas: [ENTERPRISE], unknown: 1 })],
    { enterprise: { department: 'd', division: 'v', manager: { value: 'm' } } },
    ['enterprise.division', 'enterprise.manager'],
  ],
  [
    'whole extension removed; what the server says stays',
    { mobietrain: { companyId: 'c', status: 'complete' } },
    [remove(MOBIETRAIN_USER)],
    { mobietrain: { status: 'complete' } },
  ],
  ['whole extension replaced by null', { enterprise: { department: 'd' } }, [replace(ENTERPRISE, null)], {}],
  // Without a path
  ['Okta deactivates', { active: true }, [replace(undefined, { active: false })], { active: false }, ['active']],
  ['Okta password', {}, [replace(undefined, { password: 'p' })], { password: 'p' }, ['password']],
  [
    'Entra flagged',
    { name: { familyName: 'f' } },
    [
      replace(undefined, {
        displayName: 'D',
        'name.givenName': 'g',
        'NAME.familyName': 'h',
        [`${ENTERPRISE}:employeeNumber`]: 'E',
        [`${ENTERPRISE}:manager`]: 'm',
      }),
    ],
    {
      displayName: 'D',
      name: { givenName: 'g', familyName: 'h' },
      enterprise: { employeeNumber: 'E', manager: { value: 'm' } },
    },
    ['displayName', 'name', 'enterprise.employeeNumber', 'enterprise.manager'],
  ],
  [
    'filter path as a key',
    {},
    [replace(undefined, { 'emails[type eq "work"].value': 'a', title: 't' })],
    { emails: [{ type: 'work', value: 'a' }], title: 't' },
  ],
  [
    'extension under its URN',
    {},
    [add(undefined, { [MOBIETRAIN_USER]: { companyId: 'c', stores: [{ value: 'S1' }] } })],
    { mobietrain: { companyId: 'c', stores: [{ value: 'S1' }] } },
    ['mobietrain.companyId', 'mobietrain.stores'],
  ],
  [
    'own id, schemas, meta, readOnly and unknown names',
    {},
    [
      replace(undefined, {
        id: 'u-1',
        schemas: [USER],
        meta: {},
        groups: [],
        nonsense: 1,
        'meta.created': 'x',
        title: 't',
      }),
    ],
    { title: 't' },
    ['title'],
  ],
  ['schemas by path', {}, [add('schemas', [ENTERPRISE])], {}, []],
  // Multi-valued: whole lists
  ['add appends', { emails: [WORK] }, [add('emails', [HOME])], { emails: [WORK, HOME] }, ['emails']],
  ['add of one object', {}, [add('emails', HOME)], { emails: [HOME] }],
  [
    'add of what is there changes nothing',
    { emails: [WORK, HOME] },
    [add('emails', [{ value: 'H', type: 'Home' }])],
    { emails: [WORK, { value: 'H', type: 'Home' }] },
  ],
  [
    'add merges into the same',
    { emails: [HOME] },
    [add('emails', [{ value: 'h', type: 'home', display: 'd' }])],
    { emails: [{ ...HOME, display: 'd' }] },
  ],
  ['the same twice in one add', {}, [add('emails', [HOME, HOME])], { emails: [HOME] }],
  [
    'the same value of another type is another',
    { emails: [HOME] },
    [add('emails', [{ value: 'h', type: 'work' }])],
    { emails: [HOME, { value: 'h', type: 'work' }] },
  ],
  [
    'addresses without a value are the same when all is',
    { addresses: [{ type: 'work', locality: 'B' }] },
    [add('addresses', [{ locality: 'B', type: 'work' }, { locality: 'C' }])],
    { addresses: [{ type: 'work', locality: 'B' }, { locality: 'C' }] },
  ],
  [
    'a new primary resets the others',
    { emails: [WORK] },
    [add('emails', [{ ...HOME, primary: 'True' }])],
    {
      emails: [
        { ...WORK, primary: false },
        { ...HOME, primary: true },
      ],
    },
  ],
  ['add nothing', { emails: [WORK] }, [add('emails', []), add('emails', null)], { emails: [WORK] }],
  ['replace the list', { emails: [WORK] }, [replace('emails', [HOME])], { emails: [HOME] }],
  ['replace by nothing', { emails: [WORK] }, [replace('emails', [])], {}],
  ['remove the list', { emails: [WORK] }, [remove('emails')], {}],
  ['remove those named', { emails: [WORK, HOME] }, [remove('emails', [{ value: 'H' }])], { emails: [WORK] }],
  [
    'remove names type too',
    { emails: [WORK, { value: 'w', type: 'home' }] },
    [remove('emails', [{ value: 'w', type: 'home' }])],
    { emails: [WORK] },
  ],
  ['remove by bare values', { emails: [WORK, HOME] }, [remove('emails', ['h', 'x'])], { emails: [WORK] }],
  ['remove an empty list removes nothing', { emails: [WORK] }, [remove('emails', [])], { emails: [WORK] }],
  [
    'remove an address by what it says',
    { addresses: [{ type: 'work', locality: 'B' }, { locality: 'C' }] },
    [remove('addresses', [{ locality: 'b' }])],
    { addresses: [{ locality: 'C' }] },
  ],
  ['Entra roles', {}, [add('roles', [{ value: '{"id":"1"}' }])], { roles: [{ value: '{"id":"1"}' }] }],
  [
    'Entra roles, assertive',
    { roles: [{ value: 'x' }] },
    [replace('roles', [{ primary: false, type: 'T', display: 'L', value: 'L' }])],
    { roles: [{ primary: false, type: 'T', display: 'L', value: 'L' }] },
  ],
  [
    'sub-attribute of all elements',
    { emails: [WORK, HOME] },
    [replace('emails.display', 'd')],
    {
      emails: [
        { ...WORK, display: 'd' },
        { ...HOME, display: 'd' },
      ],
    },
  ],
  ['sub-attribute of an empty list', {}, [add('emails.value', 'a')], { emails: [{ value: 'a' }] }],
  [
    'sub-attribute removed from all',
    { emails: [{ ...HOME, display: 'd' }] },
    [remove('emails.display')],
    { emails: [HOME] },
  ],
  // Multi-valued: filters
  [
    'value of the element',
    { emails: [WORK, HOME] },
    [replace('emails[type eq "WORK"].value', 'x')],
    { emails: [{ ...WORK, value: 'x' }, HOME] },
  ],
  [
    'made from the filter',
    { emails: [WORK] },
    [add('emails[type eq "other"].value', 'o')],
    { emails: [WORK, { type: 'other', value: 'o' }] },
  ],
  [
    'replace makes it too',
    {},
    [replace('emails[type eq "work"].value', 'o')],
    { emails: [{ type: 'work', value: 'o' }] },
  ],
  [
    'several operations build one',
    {},
    [add('addresses[type eq "work"].streetAddress', 's'), add('addresses[type eq "work"].locality', 'l')],
    { addresses: [{ type: 'work', streetAddress: 's', locality: 'l' }] },
    ['addresses'],
  ],
  [
    'role by primary',
    {},
    [add('roles[primary eq "True"].value', 'r'), add('roles[primary eq "True"].display', 'R')],
    { roles: [{ primary: true, value: 'r', display: 'R' }] },
  ],
  [
    'made as primary resets',
    { emails: [WORK] },
    [add('emails[type eq "x" and primary eq true].value', 'o')],
    {
      emails: [
        { ...WORK, primary: false },
        { type: 'x', primary: true, value: 'o' },
      ],
    },
  ],
  [
    'primary by filter resets',
    { emails: [WORK, HOME] },
    [replace('emails[type eq "home"].primary', 'True')],
    {
      emails: [
        { ...WORK, primary: false },
        { ...HOME, primary: true },
      ],
    },
  ],
  [
    'not primary is false',
    { emails: [WORK, HOME] },
    [replace('emails[primary eq false].value', 'x')],
    { emails: [WORK, { ...HOME, value: 'x' }] },
  ],
  [
    'element merged',
    { emails: [WORK] },
    [add('emails[type eq "work"]', { display: 'd' })],
    { emails: [{ ...WORK, display: 'd' }] },
  ],
  [
    'element replaced keeps what picked it',
    { emails: [{ ...WORK, display: 'd' }] },
    [replace('emails[type eq "work"]', { value: 'x' })],
    { emails: [{ type: 'work', value: 'x' }] },
  ],
  [
    'element made',
    {},
    [replace('emails[type eq "work"]', [{ value: 'x' }])],
    { emails: [{ type: 'work', value: 'x' }] },
  ],
  ['element replaced by null', { emails: [WORK, HOME] }, [replace('emails[type eq "work"]', null)], { emails: [HOME] }],
  [
    'element removed',
    { emails: [WORK, HOME] },
    [remove('emails[type eq "work" and value co "w"]')],
    { emails: [HOME] },
  ],
  [
    'remove that matches nothing',
    { emails: [WORK] },
    [remove('emails[type eq "none"]'), remove('phoneNumbers[type eq "x"].value')],
    { emails: [WORK] },
  ],
  [
    'an emptied element goes',
    { emails: [WORK, HOME] },
    [replace('emails[type eq "work"].value', '')],
    { emails: [HOME] },
  ],
  [
    'emptied and filled again stays itself',
    { emails: [WORK] },
    [remove('emails[type eq "work"].value'), add('emails[type eq "work"].value', 'n')],
    { emails: [{ ...WORK, value: 'n' }] },
  ],
  ['emptying what is not there', {}, [replace('emails[type eq "work"].value', null)], {}],
  [
    'not, or, pr',
    { emails: [WORK, HOME, { value: 'z' }] },
    [remove('emails[not (type eq "work" or type eq "home")]')],
    { emails: [WORK, HOME] },
  ],
  [
    'texts in lists',
    { mobietrain: { enrollmentProfiles: ['a', 'b'] } },
    [
      add(`${MOBIETRAIN_USER}:enrollmentProfiles`, ['B', 'c']),
      remove(`${MOBIETRAIN_USER}:enrollmentProfiles[value eq "a"]`),
    ],
    { mobietrain: { enrollmentProfiles: ['b', 'c'] } },
  ],
  ['one text', {}, [add(`${MOBIETRAIN_USER}:enrollmentProfiles`, 'a')], { mobietrain: { enrollmentProfiles: ['a'] } }],
  [
    'texts removed by name',
    { mobietrain: { enrollmentProfiles: ['a', 'b'] } },
    [remove(`${MOBIETRAIN_USER}:enrollmentProfiles`, ['B'])],
    { mobietrain: { enrollmentProfiles: ['a'] } },
  ],
  [
    'a text replaced',
    { mobietrain: { enrollmentProfiles: ['a', 'b'] } },
    [replace(`${MOBIETRAIN_USER}:enrollmentProfiles[value eq "a"]`, 'c')],
    { mobietrain: { enrollmentProfiles: ['c', 'b'] } },
  ],
  // Links
  [
    'a store is its ref id, whatever else it says',
    { mobietrain: { stores: STORES } },
    [add(`${MOBIETRAIN_USER}:stores`, [{ value: 'S2', display: 'Zwei' }, { value: 's2' }])],
    { mobietrain: { stores: [STORES[0], { value: 'S2', display: 'Zwei', country: '33' }, { value: 's2' }] } },
    ['mobietrain.stores'],
  ],
  [
    'a store renamed',
    { mobietrain: { stores: STORES } },
    [replace(`${MOBIETRAIN_USER}:stores[value eq "S2"].display`, 'Zwei')],
    { mobietrain: { stores: [STORES[0], { value: 'S2', display: 'Zwei', country: '33' }] } },
  ],
  [
    'a group without an id is its name and type',
    { mobietrain: { userGroups: [{ display: 'Sales', type: 'D' }] } },
    [add(`${MOBIETRAIN_USER}:userGroups`, [{ display: 'sales', type: 'd', primary: true }, { display: 'Sales' }])],
    { mobietrain: { userGroups: [{ display: 'sales', type: 'd', primary: true }, { display: 'Sales' }] } },
  ],
  // The message
  ['empty Operations', { title: 'a' }, [], { title: 'a' }, []],
  ['in order', { title: 'a' }, [replace('title', 'b'), remove('title'), add('title', 'c')], { title: 'c' }],
  ['names of the message in any case', {}, [{ OP: 'ADD', Path: 'title', VALUE: 't' }], { title: 't' }],
  [
    '$ref follows from the value',
    { enterprise: { manager: { value: 'm' } } },
    [replace(`${ENTERPRISE}:manager.$ref`, 'x')],
    { enterprise: { manager: { value: 'm' } } },
    [],
  ],
];

describe('operations that are applied', () => {
  for (const [name, before, operations, after, stated] of CASES) {
    test(name, () => {
      const current = userView(before);
      const untouched = plain(current);
      const parsed = parsePatch(patchBody(...operations), USER_SCHEMA);
      const revision = applyUserPatch(current, parsed);
      assert.deepEqual(plain(revision.attributes), { userName: 'ann', ...after });
      assert.deepEqual(plain(current), untouched, 'the current view is not changed');
      assert.deepEqual(plain(applyUserPatch(current, parsed)), plain(revision), 'the same again from the same view');
      if (stated) assert.deepEqual([...revision.stated].sort(), [...stated].sort());
    });
  }
  test('views that the server writes stay', () => {
    const view = { groups: [{ value: 'g' }], mobietrain: { missing: ['x'] } };
    assert.deepEqual(plain(patch(view, replace('title', 't')).attributes), { userName: 'ann', ...view, title: 't' });
  });
});

describe('elements that a remove takes out', () => {
  const before = { mobietrain: { stores: STORES, userGroups: [{ value: 'g' }] } };
  const values = (list: unknown) => (list as Json[]).map((element) => element.value);
  const cases: [string, unknown[], unknown[], unknown[]][] = [
    ['by filter', [remove(`${MOBIETRAIN_USER}:stores[value eq "S1"]`)], ['S1'], []],
    ['by value', [remove(`${MOBIETRAIN_USER}:stores`, [{ value: 'S2', display: 'other' }])], ['S2'], []],
    ['the list', [remove(`${MOBIETRAIN_USER}:stores`)], ['S1', 'S2'], []],
    ['the extension', [remove(MOBIETRAIN_USER)], ['S1', 'S2'], ['g']],
    [
      'a replace that leaves out is none',
      [replace(`${MOBIETRAIN_USER}:stores`, [{ value: 'S1' }]), replace(`${MOBIETRAIN_USER}:userGroups`, null)],
      [],
      [],
    ],
    [
      'as it was before that operation',
      [
        replace(`${MOBIETRAIN_USER}:stores[value eq "S1"].value`, 'S9'),
        remove(`${MOBIETRAIN_USER}:stores[value eq "S9"]`),
      ],
      ['S9'],
      [],
    ],
  ];
  for (const [name, operations, stores, groups] of cases)
    test(name, () => {
      const { lists } = patch(before, ...operations);
      const removed = (list: string) => values(lists.get(`mobietrain.${list}`)?.removed ?? []);
      assert.deepEqual([removed('stores'), removed('userGroups')], [stores, groups]);
    });
});
