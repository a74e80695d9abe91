// PATCH of groups: members fold into what changes, in the dialects of Entra ID and Okta (RFC 7644 §3.5.2).

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { applyGroupPatch, parsePatch } from '../../../../src/doors/scim/protocol/patch/patch.ts';
import { MOBIETRAIN_GROUP, patchBody } from '../../../support/scim.ts';
import { GROUP_SCHEMA, groupView, plain, refusal } from './fixture.ts';

const patch = (...operations: unknown[]) =>
  applyGroupPatch(groupView(), parsePatch(patchBody(...operations), GROUP_SCHEMA));
const add = (value: unknown) => ({ op: 'Add', path: 'members', value });
const remove = (path: string, value?: unknown) => ({ op: 'remove', path, ...(value !== undefined && { value }) });
const replace = (value: unknown) => ({ op: 'replace', path: 'members', value });
const delta = (plus: string[], minus: string[] = []) => ({ kind: 'delta', add: plus, remove: minus });
const all = (...members: string[]) => ({ kind: 'all', members });

describe('members', () => {
  const cases: [string, unknown[], unknown][] = [
    ['Entra add', [add([{ $ref: null, value: 'a' }])], delta(['a'])],
    ['add of one object', [add({ value: 'a' })], delta(['a'])],
    ['bare ids', [add(['a', 'b'])], delta(['a', 'b'])],
    ['duplicates are one', [add([{ value: 'a' }, { Value: 'a' }]), add([{ value: 'a' }])], delta(['a'])],
    ['Entra remove by value', [remove('members', [{ value: 'a' }, { $ref: null, value: 'b' }])], delta([], ['a', 'b'])],
    ['remove by bare ids', [remove('members', ['a'])], delta([], ['a'])],
    ['remove by filter', [remove('members[value eq "a"]')], delta([], ['a'])],
    [
      'remove by several',
      [remove('MEMBERS[value eq "a" or (value eq "b" or value eq "c")]')],
      delta([], ['a', 'b', 'c']),
    ],
    ['remove all', [remove('members')], all()],
    ['remove none', [remove('members', [])], { kind: 'none' }],
    ['Okta: out and in', [remove('members[value eq "a"]'), add([{ value: 'b', display: 'B' }])], delta(['b'], ['a'])],
    ['later wins: out, in', [remove('members[value eq "a"]'), add([{ value: 'a' }])], delta(['a'])],
    ['later wins: in, out', [add([{ value: 'a' }]), remove('members[value eq "a"]')], delta([], ['a'])],
    ['replace', [replace([{ value: 'a', display: 'A' }, { value: 'b' }])], all('a', 'b')],
    ['replace by nothing', [replace([])], all()],
    ['replace by null', [replace(null)], all()],
    [
      'replace, then add and remove',
      [replace([{ value: 'a' }]), add([{ value: 'b' }]), remove('members[value eq "a"]')],
      all('b'),
    ],
    ['remove all, then add', [remove('members'), add([{ value: 'a' }])], all('a')],
    ['add, then replace', [add([{ value: 'a' }]), replace([{ value: 'b' }])], all('b')],
    ['add nothing', [add([]), add(null)], { kind: 'none' }],
    ['without a path', [{ op: 'add', value: { members: [{ value: 'a' }] } }], delta(['a'])],
    [
      'replace without a path',
      [{ op: 'replace', value: { displayName: 'Shops', Members: [{ value: 'a' }] } }],
      all('a'),
    ],
    [
      'removing a group as a member is accepted',
      [remove('members', [{ value: 'g', type: 'Group' }])],
      delta([], ['g']),
    ],
    ['none', [], { kind: 'none' }],
  ];
  for (const [name, operations, members] of cases)
    test(name, () => assert.deepEqual(plain(patch(...operations).members), members));

  const refused: [string, unknown, RegExp][] = [
    ['another filter', remove('members[display eq "x"]'), /^invalidFilter/],
    ['value sw', remove('members[value sw "x"]'), /^invalidFilter/],
    ['and', remove('members[value eq "x" and value eq "y"]'), /^invalidFilter/],
    ['not', remove('members[not (value eq "x")]'), /^invalidFilter/],
    ['value pr', remove('members[value pr]'), /^invalidFilter/],
    ['null', remove('members[value eq null]'), /^invalidFilter/],
    ['changed in place', { op: 'replace', path: 'members[value eq "x"].type', value: 'User' }, /^mutability/],
    ['readOnly display', { op: 'replace', path: 'members[value eq "x"].display', value: 'X' }, /^mutability/],
    ['replaced in place', { op: 'replace', path: 'members[value eq "x"]', value: { value: 'y' } }, /^mutability/],
    ['sub-attribute of all', remove('members.value'), /^mutability/],
    ['without value', add([{ display: 'x' }]), /^invalidValue: members\[0\] has no value/],
    ['empty value', add([{ value: '' }]), /^invalidValue/],
    ['number', add([{ value: 5 }]), /^invalidValue/],
    ['operator object', add([{ value: { $ne: null } }]), /^invalidValue/],
    ['group by type', add([{ value: 'g', type: 'Group' }]), /a group can't be a member of a group/],
    ['group by reference', add([{ value: 'g', $ref: 'https://x/scim/v2/Groups/g' }]), /a group can't be a member/],
    ['a later operation fails', { op: 'add', path: 'nonsense', value: 1 }, /^invalidPath/],
  ];
  for (const [name, operation, reason] of refused)
    test(`refused: ${name}`, () =>
      assert.match(
        refusal(() => patch(add(['a']), operation)),
        reason,
      ));

  test('50,000 members fold in a moment', () => {
    const members = Array.from({ length: 50_000 }, (_, index) => ({ value: `0193a5a0-0000-7000-8000-${index}` }));
    const start = Date.now();
    const revision = patch(add(members), replace(members));
    assert.ok(revision.members.kind === 'all' && revision.members.members.length === 50_000);
    assert.ok(Date.now() - start < 2_000);
  });
});

describe('other attributes of a group', () => {
  test('Okta rename with its own id, beside members', () => {
    const revision = patch({ op: 'replace', value: { id: 'g-1', displayName: 'New' } }, add(['a']));
    assert.deepEqual(plain(revision.attributes), { displayName: 'New' });
    assert.deepEqual([[...revision.stated], revision.mode], [['displayName'], 'patch']);
  });
  test('extension', () => {
    const revision = patch({ op: 'Replace', path: `${MOBIETRAIN_GROUP}:groupType`, value: 'district' });
    assert.deepEqual(plain(revision.attributes), { displayName: 'Shops', mobietrain: { groupType: 'district' } });
  });
  test('another id, and the name removed, are refused', () => {
    assert.match(
      refusal(() => patch({ op: 'replace', value: { id: 'g-2' } })),
      /^mutability/,
    );
    assert.match(
      refusal(() => patch({ op: 'remove', path: 'displayName' })),
      /^mutability/,
    );
  });
});

test('folding equals applying one after the other', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const operation = fc.oneof(
    fc.record({ verb: fc.constantFrom('add', 'remove', 'replace'), ids: fc.array(id, { maxLength: 3 }) }),
    fc.record({ verb: fc.constant('clear'), ids: fc.constant<string[]>([]) }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(id), fc.array(operation, { maxLength: 6 }), (before, operations) => {
      let expected = new Set<string>(before);
      for (const { verb, ids } of operations) {
        if (verb === 'add') for (const one of ids) expected.add(one);
        else if (verb === 'remove') for (const one of ids) expected.delete(one);
        else expected = new Set(ids);
      }
      const { members } = patch(
        ...operations.map(({ verb, ids }) =>
          verb === 'clear' ? remove('members') : { op: verb, path: 'members', value: ids },
        ),
      );
      const after = new Set(members.kind === 'all' ? members.members : before);
      if (members.kind === 'delta') {
        for (const one of members.remove) after.delete(one);
        for (const one of members.add) after.add(one);
      }
      assert.deepEqual([...after].sort(), [...expected].sort());
    }),
  );
});
