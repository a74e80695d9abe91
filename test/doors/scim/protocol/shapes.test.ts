// The forms in which clients send lists and nothing at all: Entra ID wraps texts, Okta unwraps objects, others send a list as its only
// element. And removals that name nothing, which remove nothing.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import type { Attribute } from '../../../../src/directory/schema/schema.ts';
import { applyGroupPatch, applyUserPatch, parsePatch } from '../../../../src/doors/scim/protocol/patch/patch.ts';
import { normaliseResource, takeMembers } from '../../../../src/doors/scim/protocol/values/resource.ts';
import { ENTERPRISE, GROUP, MOBIETRAIN_USER, patchBody, USER } from '../../../support/scim.ts';
import { GROUP_SCHEMA, groupView, plain, refusal, USER_SCHEMA, userView } from './fixture.ts';

type Json = Record<string, unknown>;

const LISTS: Attribute[] = [USER_SCHEMA.core, ...USER_SCHEMA.extensions]
  .flatMap((part) => [...part.attributes.values()])
  .filter(({ multiValued, mutability, key }) => multiValued && mutability !== 'readOnly' && key !== 'schemas');

/** The value of an attribute in the directory's attributes, as plain JSON. */
function heldAt(attributes: unknown, { key }: Attribute): unknown {
  return key.split('.').reduce((value, name) => (value as Json | undefined)?.[name], plain(attributes) as unknown);
}
/** Attributes with a value at the key of an attribute. */
function holding({ key }: Attribute, value: unknown): Json {
  return key.split('.').reduceRight((inner: unknown, name) => ({ [name]: inner }), value) as Json;
}
const patch = (before: Json, ...operations: unknown[]) =>
  applyUserPatch(userView(before), parsePatch(patchBody(...operations), USER_SCHEMA));
const elementOf = (attribute: Attribute, text: string): unknown => {
  if (attribute.type !== 'complex') return text;
  return { [attribute.sub.has('value') ? 'value' : 'formatted']: text };
};

test('there are lists of both kinds', () => {
  assert.deepEqual(
    LISTS.filter(({ type }) => type !== 'complex').map(({ name }) => name),
    ['enrollmentProfiles', 'organizations'],
  );
  assert.ok(LISTS.length > 10);
});

describe.each(LISTS.map((attribute) => [attribute.path, attribute] as const))('%s', (path, attribute) => {
  const main = attribute.sub.has('formatted') ? 'formatted' : 'value';
  const a = elementOf(attribute, 'a');
  const b = elementOf(attribute, 'b');
  const FORMS: [form: string, value: unknown][] = [
    ['wrapped', [{ [main]: 'b' }]],
    ['wrapped, with $ref', [{ $ref: null, [main]: 'b' }]],
    ['bare', ['b']],
    ['one object', { [main]: 'b' }],
    ['one text', 'b'],
    ['among nothing', [null, { [main]: 'b' }, '', {}, { value: null }, { value: '' }]],
  ];
  test.each(FORMS)('%s', (_form, value) => {
    const body = path.startsWith('urn:') ? { [MOBIETRAIN_USER]: { [attribute.name]: value } } : { [path]: value };
    for (const verb of ['create', 'replace'] as const) {
      const { attributes } = normaliseResource({ schemas: [USER], ...body }, USER_SCHEMA, verb);
      assert.deepEqual(heldAt(attributes, attribute), [b], verb);
    }
    const before = holding(attribute, [a]);
    const changed = (op: string, at: Json = { path }) =>
      heldAt(patch(before, { op, ...at, value }).attributes, attribute);
    assert.deepEqual(changed('Add'), [a, b]);
    assert.deepEqual(changed('Replace'), [b]);
    const both = holding(attribute, [a, b]);
    assert.deepEqual(heldAt(patch(both, { op: 'Remove', path, value }).attributes, attribute), [a]);
    const pathless = [body, { [path]: value }].map((whole) =>
      heldAt(patch(before, { op: 'replace', value: whole }).attributes, attribute),
    );
    assert.deepEqual(pathless, [[b], [b]]);
  });
  test.each([
    [''],
    ['  '],
    [null],
    [[]],
    [{}],
    [[{}]],
    [[null]],
    [['']],
    [[{ value: '' }]],
    [[{ value: null }]],
    [{ value: '' }],
  ])('a removal of %j removes nothing, and an add of it adds nothing', (nothing) => {
    const before = holding(attribute, [a, b]);
    for (const op of ['Remove', 'Add']) {
      const { attributes, lists } = patch(before, { op, path, value: nothing });
      assert.deepEqual(heldAt(attributes, attribute), [a, b], op);
      assert.deepEqual(
        [...lists.values()].flatMap(({ removed }) => removed),
        [],
      );
    }
    if (main === 'formatted') return;
    const sub = patch(before, { op: 'remove', path: `${path}.value`, value: nothing });
    assert.deepEqual(heldAt(sub.attributes, attribute), [a, b]);
  });
  test('a removal without a value removes all; what matches nothing, nothing', () => {
    const before = holding(attribute, [a, b]);
    const changed = (operation: Json) => heldAt(patch(before, { op: 'remove', ...operation }).attributes, attribute);
    assert.equal(changed({ path }), undefined);
    assert.deepEqual(changed({ path, value: [{ [main]: 'c' }] }), [a, b]);
    assert.deepEqual(changed({ path: `${path}[${main} eq "c"]` }), [a, b]);
    assert.deepEqual(changed({ path: `${path}[${main} eq ""]` }), [a, b]);
    assert.deepEqual(changed({ path: `${path}[${main} eq "a"]` }), [b]);
    if (main === 'value') assert.deepEqual(changed({ path: `${path}.value`, value: 'a' }), [b]);
  });
  test('what fits no form is refused', () => {
    for (const value of [1, true, [1], [['b']], { $ne: null }, [{ $gt: '' }], [{ [main]: { a: 1 } }]]) {
      const got = refusal(() => patch({}, { op: 'add', path, value }));
      assert.match(got, /^invalidValue/, JSON.stringify(value));
    }
  });
});

describe('members', () => {
  const group = (...operations: unknown[]) =>
    plain(applyGroupPatch(groupView(), parsePatch(patchBody(...operations), GROUP_SCHEMA)).members);
  const body = (members: unknown, verb: 'create' | 'replace') =>
    takeMembers(normaliseResource({ schemas: [GROUP], displayName: 'g', members }, GROUP_SCHEMA, verb));

  test.each([
    [''],
    [' '],
    [null],
    [[]],
    [{}],
    [[{}]],
    [[null]],
    [['']],
    [[{ value: '' }]],
    [[{ value: null, $ref: null }]],
    [{ value: '' }],
  ])('a removal of %j removes nobody', (value) =>
    assert.deepEqual(group({ op: 'Remove', path: 'members', value }), { kind: 'none' }),
  );
  test('a removal without a value removes everybody', () => {
    assert.deepEqual(group({ op: 'Remove', path: 'members' }), { kind: 'all', members: [] });
  });
  test.each([[[{ value: 'a' }]], [{ value: 'a' }], ['a'], [['a']], [[null, { value: 'a' }, {}]]])(
    '%j is one member, in every verb',
    (value) => {
      assert.deepEqual(group({ op: 'Add', path: 'members', value }), { kind: 'delta', add: ['a'], remove: [] });
      assert.deepEqual(group({ op: 'Remove', path: 'members', value }), { kind: 'delta', add: [], remove: ['a'] });
      assert.deepEqual(group({ op: 'Replace', path: 'members', value }), { kind: 'all', members: ['a'] });
      assert.deepEqual(group({ op: 'add', value: { members: value } }), { kind: 'delta', add: ['a'], remove: [] });
      for (const verb of ['create', 'replace'] as const) assert.deepEqual(body(value, verb), ['a']);
    },
  );
  test('a whole list that names nobody is refused and not taken as an empty one', () => {
    for (const value of [[null], [{}], [''], [{ value: '' }], {}, { value: null }]) {
      const label = JSON.stringify(value);
      assert.match(
        refusal(() => group({ op: 'replace', path: 'members', value })),
        /^invalidValue: members/,
        label,
      );
      assert.match(
        refusal(() => body(value, 'replace')),
        /^invalidValue: members/,
        label,
      );
    }
    for (const value of [[], null, '']) {
      assert.deepEqual(group({ op: 'replace', path: 'members', value }), { kind: 'all', members: [] });
    }
  });
});

describe('nothing as the value of one attribute', () => {
  const BEFORE = { active: true, title: 'a', name: { givenName: 'g' }, phoneNumbers: [{ type: 'work', value: '1' }] };
  const NOTHING = ['', ' \u200b', null, {}, [], [{}], [null], [{ $ref: null, value: '' }]];
  const changed = (op: string, path: string, value: unknown) => plain(patch(BEFORE, { op, path, value }).attributes);
  test.each(NOTHING.map((value) => [value]))('%j', (value) => {
    const same = { userName: 'ann', ...BEFORE };
    const { title: _title, ...untitled } = same;
    const { phoneNumbers: _phones, ...phoneless } = same;
    const work = 'phoneNumbers[type eq "work"].value';
    for (const path of ['active', 'title', 'name.givenName', work, `${ENTERPRISE}:department`, 'nickName']) {
      assert.deepEqual(changed('Add', path, value), same, `add ${path}`);
    }
    assert.deepEqual(changed('Replace', 'active', value), same, 'a flag stays');
    assert.deepEqual(changed('Replace', 'title', value), untitled, 'an optional text is cleared');
    assert.deepEqual(changed('Replace', work, value), phoneless);
    assert.match(
      refusal(() => changed('Replace', 'userName', value)),
      /^invalidValue: userName/,
    );
    assert.deepEqual(plain(patch(BEFORE, { op: 'replace', value: { active: value } }).attributes), same);
    for (const verb of ['create', 'replace'] as const) {
      const read = normaliseResource({ schemas: [USER], active: value, title: value }, USER_SCHEMA, verb);
      assert.deepEqual(plain(read.attributes), {});
    }
  });
  test('an add of nothing within a value deletes nothing, either', () => {
    const op = 'add';
    const same = { userName: 'ann', ...BEFORE };
    assert.deepEqual(changed(op, 'name', { givenName: null, familyName: 'f' }), {
      ...same,
      name: { givenName: 'g', familyName: 'f' },
    });
    assert.deepEqual(changed(op, 'phoneNumbers[type eq "work"]', { value: null }), same);
    assert.deepEqual(changed(op, 'phoneNumbers[type eq "work"]', null), same);
    assert.deepEqual(changed(op, ENTERPRISE, null), same);
    const before = { enterprise: { department: 'd' } };
    for (const value of [null, '', {}, []]) {
      const removed = patch(before, { op: 'remove', path: ENTERPRISE, value }).attributes;
      assert.deepEqual(plain(removed), { userName: 'ann', ...before }, JSON.stringify(value));
    }
    assert.deepEqual(plain(patch(before, { op: 'remove', path: ENTERPRISE }).attributes), { userName: 'ann' });
  });
  test('Entra wraps single values, too', () => {
    const wrapped = (value: unknown) => [{ $ref: null, value }];
    assert.equal(patch(BEFORE, { op: 'Replace', path: 'active', value: wrapped('False') }).attributes.active, false);
    assert.equal(patch(BEFORE, { op: 'Replace', path: 'title', value: wrapped('b') }).attributes.title, 'b');
    assert.match(
      refusal(() => patch(BEFORE, { op: 'Replace', path: 'title', value: ['b'] })),
      /^invalidValue/,
    );
  });
});
