// PATCH of users that is refused: the keywords of RFC 7644 §3.5.2 and §3.12, hostile operations, and a fuzz of both.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { applyUserPatch, parsePatch } from '../../../../src/doors/scim/protocol/patch/patch.ts';
import { ScimError } from '../../../../src/doors/scim/protocol/scim-error.ts';
import { assertNothingPolluted, CORE, ENT, MT, PATCH_OP, patchOp, plain, refusal, USER, userView } from './fixture.ts';

type Json = Record<string, unknown>;
const patch = (current: Json, ...operations: unknown[]) =>
  applyUserPatch(userView(current), parsePatch(patchOp(...operations), USER));
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
    ['another schema', { schemas: [CORE], Operations: [] }, /^invalidSyntax: schemas/],
    ['no Operations', { schemas: [PATCH_OP] }, /^invalidSyntax: Operations must be an array/],
    ['Operations as object', { schemas: [PATCH_OP], Operations: { op: 'add' } }, /^invalidSyntax: Operations/],
    ['operation as text', patchOp('add'), /^invalidSyntax: Operations\[0\] must be an object/],
    ['op unknown', patchOp({ op: 'move', path: 'title' }), /^invalidSyntax: Operations\[0\]\.op/],
    ['op missing', patchOp({ path: 'title', value: 'x' }), /^invalidSyntax: .*op/],
    ['too many', patchOp(...Array(1_001).fill(add('title', 'x'))), /more than 1000/],
    ['add without value', patchOp({ op: 'add', path: 'title' }), /^invalidValue: Operations\[0\] has no value/],
    ['no path, no object', patchOp({ op: 'add', value: 'x' }), /^invalidValue: .*must be an object/],
    ['remove without path', patchOp({ op: 'remove' }), /^noTarget/],
    ['remove the core schema', patchOp(remove(CORE)), /^noTarget/],
    ['path as number', patchOp({ op: 'add', path: 1, value: 'x' }), /^invalidPath/],
    ['unknown path', patchOp(add('nonsense', 'x')), /^invalidPath: .*nonsense/],
    ['unknown dotted key', patchOp(replace(undefined, { 'name.nonsense': 'x' })), /^invalidPath/],
    ['unknown URN key', patchOp(replace(undefined, { [`${ENT}:nonsense`]: 'x' })), /^invalidPath/],
    ['bad filter', patchOp(add('emails[type eq work].value', 'x')), /^invalidFilter/],
    ['readOnly id', patchOp(replace('id', 'x')), /^mutability: id/],
    ['readOnly groups', patchOp(add('groups', [{ value: 'g' }])), /^mutability: groups/],
    ['readOnly meta', patchOp(replace('meta.created', 'x')), /^mutability: meta/],
    ['readOnly in an extension', patchOp(replace(`${MT}:status`, 'complete')), /^mutability/],
    ['readOnly sub-attribute', patchOp(replace(`${ENT}:manager.displayName`, 'x')), /^mutability: .*displayName/],
    ['another id', patchOp(replace(undefined, { id: 'u-2' })), /^mutability: id/],
    ['required removed', patchOp(remove('userName')), /^mutability: userName/],
    ['required emptied', patchOp(replace('userName', '')), /^invalidValue: userName/],
    ['wrong type', patchOp(replace('title', 5)), /^invalidValue: title must be a string/],
    ['operator object', patchOp(replace('userName', { $ne: 1 })), /^invalidValue: userName/],
    [
      'wrong type in an element',
      patchOp(replace('emails[type eq "work"].value', {})),
      /^invalidValue: emails\[type eq "work"\]\.value must be a string/,
    ],
    ['text as element', patchOp(add('emails', ['x'])), /^invalidValue: emails\[0\]/],
    ['no seed', patchOp(replace('emails[value co "x"].display', 'x')), /^noTarget/],
    ['no seed in or', patchOp(add('emails[type eq "a" or type eq "b"].value', 'x')), /^noTarget/],
    [
      'a value that is not there can not be changed',
      patchOp(replace('emails[value eq "old"].value', 'new')),
      /^noTarget/,
    ],
    ['a text that is not there', patchOp(replace(`${MT}:enrollmentProfiles[value eq "q"]`, 'x')), /^noTarget/],
    ['a key twice', patchOp(replace(undefined, { title: 'a', TITLE: 'b' })), /^invalidSyntax/],
    [
      'a place twice',
      patchOp(replace(undefined, { 'name.givenName': 'a', [`${CORE}:name.GivenName`]: 'b' })),
      /^invalidSyntax/,
    ],
    ['extension as text', patchOp(replace(ENT, 'x')), /^invalidValue/],
    [
      'list too long',
      patchOp(
        ...Array.from({ length: 11 }, (_, op) =>
          add(
            'emails',
            Array.from({ length: 100 }, (_, i) => ({ value: `${op}.${i}` })),
          ),
        ),
      ),
      /more than 1000 elements/,
    ],
    ['__proto__ as path', patchOp(add('__proto__.polluted', 'x')), /^invalidPath/],
    ['__proto__ in a filter', patchOp(add('emails[__proto__.x eq "y"].value', 'x')), /^invalidFilter/],
    ['constructor under a URN', patchOp(replace(undefined, { [`${CORE}:constructor.keys`]: 'x' })), /^invalidPath/],
  ];
  for (const [name, body, reason] of cases)
    test(name, () => {
      assert.match(
        refusal(() => applyUserPatch(userView({}), parsePatch(body, USER))),
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
    `${ENT}:manager`,
    ENT,
    MT,
    `${MT}:stores`,
    `${MT}:stores[value eq "x"].display`,
    `${MT}:enrollmentProfiles`,
    `${MT}:enrollmentProfiles[value sw "x"]`,
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
        MT,
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
        const { attributes } = applyUserPatch(current, parsePatch(patchOp(...operations), USER));
        const primaries = ((attributes['emails'] ?? []) as Json[]).filter((element) => element['primary'] === true);
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
