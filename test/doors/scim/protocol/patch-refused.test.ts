// PATCH of users that is refused: the keywords of RFC 7644 §3.5.2 and §3.12, hostile operations, and a fuzz of both.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { applyUserPatch, parsePatch } from '../../../../src/doors/scim/protocol/patch/patch.ts';
import { ScimError } from '../../../../src/doors/scim/protocol/scim-error.ts';
import { ENTERPRISE, MOBIETRAIN_USER, PATCH, patchBody, USER } from '../../../support/scim.ts';
import { assertNothingPolluted, plain, refusal, USER_SCHEMA, userView } from './fixture.ts';

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

describe('operations that are refused', () => {
  const cases: [string, unknown, RegExp][] = [
    ['no object', 1, /^invalidSyntax/],
    ['no schemas', { Operations: [] }, /^invalidSyntax: schemas/],
    ['another schema', { schemas: [USER], Operations: [] }, /^invalidSyntax: schemas/],
    ['no Operations', { schemas: [PATCH] }, /^invalidSyntax: Operations must be an array/],
    ['Operations as object', { schemas: [PATCH], Operations: { op: 'add' } }, /^invalidSyntax: Operations/],
    ['operation as text', patchBody('add'), /^invalidSyntax: Operations\[0\] must be an object/],
    ['op unknown', patchBody({ op: 'move', path: 'title' }), /^invalidSyntax: Operations\[0\]\.op/],
    ['op missing', patchBody({ path: 'title', value: 'x' }), /^invalidSyntax: .*op/],
    ['too many', patchBody(...Array(1_001).fill(add('title', 'x'))), /more than 1000/],
    ['add without value', patchBody({ op: 'add', path: 'title' }), /^invalidValue: Operations\[0\] has no value/],
    ['no path, no object', patchBody({ op: 'add', value: 'x' }), /^invalidValue: .*must be an object/],
    ['remove without path', patchBody({ op: 'remove' }), /^noTarget/],
    ['remove the core schema', patchBody(remove(USER)), /^noTarget/],
    ['path as number', patchBody({ op: 'add', path: 1, value: 'x' }), /^invalidPath/],
    ['unknown path', patchBody(add('nonsense', 'x')), /^invalidPath: .*nonsense/],
    ['unknown dotted key', patchBody(replace(undefined, { 'name.nonsense': 'x' })), /^invalidPath/],
    ['unknown URN key', patchBody(replace(undefined, { [`${ENTERPRISE}:nonsense`]: 'x' })), /^invalidPath/],
    ['bad filter', patchBody(add('emails[type eq work].value', 'x')), /^invalidFilter/],
    ['readOnly id', patchBody(replace('id', 'x')), /^mutability: id/],
    ['readOnly groups', patchBody(add('groups', [{ value: 'g' }])), /^mutability: groups/],
    ['readOnly meta', patchBody(replace('meta.created', 'x')), /^mutability: meta/],
    ['readOnly in an extension', patchBody(replace(`${MOBIETRAIN_USER}:status`, 'complete')), /^mutability/],
    [
      'readOnly sub-attribute',
      patchBody(replace(`${ENTERPRISE}:manager.displayName`, 'x')),
      /^mutability: .*displayName/,
    ],
    ['another id', patchBody(replace(undefined, { id: 'u-2' })), /^mutability: id/],
    ['required removed', patchBody(remove('userName')), /^mutability: userName/],
    ['required emptied', patchBody(replace('userName', '')), /^invalidValue: userName/],
    ['wrong type', patchBody(replace('title', 5)), /^invalidValue: title must be a string/],
    ['operator object', patchBody(replace('userName', { $ne: 1 })), /^invalidValue: userName/],
    [
      'wrong type in an element',
      patchBody(replace('emails[type eq "work"].value', { a: 1 })),
      /^invalidValue: emails\[type eq "work"\]\.value must be a string/,
    ],
    ['number as element', patchBody(add('emails', [1])), /^invalidValue: emails\[0\]/],
    ['no seed', patchBody(replace('emails[value co "x"].display', 'x')), /^noTarget/],
    ['no seed in or', patchBody(add('emails[type eq "a" or type eq "b"].value', 'x')), /^noTarget/],
    [
      'a value that is not there can not be changed',
      patchBody(replace('emails[value eq "old"].value', 'new')),
      /^noTarget/,
    ],
    [
      'a text that is not there',
      patchBody(replace(`${MOBIETRAIN_USER}:enrollmentProfiles[value eq "q"]`, 'x')),
      /^noTarget/,
    ],
    ['a key twice', patchBody(replace(undefined, { title: 'a', TITLE: 'b' })), /^invalidSyntax/],
    [
      'a place twice',
      patchBody(replace(undefined, { 'name.givenName': 'a', [`${USER}:name.GivenName`]: 'b' })),
      /^invalidSyntax/,
    ],
    ['extension as text', patchBody(replace(ENTERPRISE, 'x')), /^invalidValue/],
    [
      'list too long',
      patchBody(
        ...Array.from({ length: 11 }, (_, op) =>
          add(
            'emails',
            Array.from({ length: 100 }, (_, i) => ({ value: `${op}.${i}` })),
          ),
        ),
      ),
      /more than 1000 elements/,
    ],
    ['__proto__ as path', patchBody(add('__proto__.polluted', 'x')), /^invalidPath/],
    ['__proto__ in a filter', patchBody(add('emails[__proto__.x eq "y"].value', 'x')), /^invalidFilter/],
    ['constructor under a URN', patchBody(replace(undefined, { [`${USER}:constructor.keys`]: 'x' })), /^invalidPath/],
  ];
  for (const [name, body, reason] of cases)
    test(name, () => {
      assert.match(
        refusal(() => applyUserPatch(userView({}), parsePatch(body, USER_SCHEMA))),
        reason,
      );
      assertNothingPolluted();
    });

  test('what costs too much is refused soon', () => {
    const emails = Array.from({ length: 1_000 }, (_, i) => ({ value: `${i}@example.com`, type: 'work' }));
    const terms = Array(100).fill('value co "zzz"').join(' or ');
    const start = Date.now();
    const got = refusal(() => patch({ emails }, ...Array(1_000).fill(remove(`emails[${terms}]`))));
    assert.match(got, /^tooMany/);
    assert.ok(Date.now() - start < 3_000);
  });

  test('plain unknown and prototype keys of a value are ignored', () => {
    const value = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"x":1},"toString":"x","title":"t","name":{"__proto__":{"polluted":1},"givenName":"g"}}',
    ) as unknown;
    assert.deepEqual(plain(patch({}, replace(undefined, value)).attributes), {
      userName: 'ann',
      title: 't',
      name: { givenName: 'g' },
    });
    assertNothingPolluted();
  });
});

test('whatever comes, a PATCH is applied or refused', () => {
  const path = fc.constantFrom(
    'title',
    'name',
    'name.givenName',
    'emails',
    'emails.value',
    'emails[type eq "work"]',
    'emails[type eq "work"].value',
    'emails[not (value pr)].display',
    'emails[primary eq true].primary',
    `${ENTERPRISE}:manager`,
    ENTERPRISE,
    MOBIETRAIN_USER,
    `${MOBIETRAIN_USER}:stores`,
    `${MOBIETRAIN_USER}:stores[value eq "x"].display`,
    `${MOBIETRAIN_USER}:enrollmentProfiles`,
    `${MOBIETRAIN_USER}:enrollmentProfiles[value sw "x"]`,
    '__proto__',
    'constructor.keys',
    'userName',
    'id',
    '',
    'addresses[type eq "work" and primary eq true].locality',
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(null, '', 'x', 'True', 1, true, {}, []),
      tie('object'),
      fc.array(tie('any'), { maxLength: 3 }),
    ),
    object: fc.dictionary(
      fc.constantFrom(
        'value',
        'type',
        'primary',
        'display',
        'emails',
        'title',
        '__proto__',
        'name.givenName',
        MOBIETRAIN_USER,
        'stores',
        'Value',
        'id',
      ),
      tie('any'),
      { maxKeys: 4 },
    ),
  })).any;
  const operation = fc.record({ op: fc.constantFrom('add', 'Replace', 'remove'), path, value });
  const before = {
    emails: [WORK, HOME],
    name: { givenName: 'g' },
    mobietrain: { stores: STORES, enrollmentProfiles: ['x'] },
  };
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 6 }), (operations) => {
      const current = userView(before);
      const untouched = plain(current);
      try {
        const { attributes } = applyUserPatch(current, parsePatch(patchBody(...operations), USER_SCHEMA));
        const primaries = ((attributes.emails ?? []) as Json[]).filter((element) => element.primary === true);
        assert.ok(primaries.length <= 1, 'one primary at most');
      } catch (error) {
        assert.ok(error instanceof ScimError, String(error));
      }
      assert.deepEqual(plain(current), untouched);
    }),
    { numRuns: 3_000 },
  );
  assertNothingPolluted();
});
